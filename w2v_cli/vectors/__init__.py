"""Words and their vectors: reading and writing them, and answering questions about them.

Files, in reading order:

* `answers.py`: what answers look like, what questions offer and accept; without NumPy
* `table.py`: words with one vector each, which every format reads and writes
* `lookup.py`: the one place where a word is turned into its vector
* `nearest.py`: nearest rows and analogies, arrays in, arrays out
* `word_vectors.py`: a table that answers questions; vectors of texts; a chosen list of words
* `gensim_names.py`: the same answers under the names of gensim
* `alignment.py`: one space rotated onto another, and how far words moved
* `blending.py`: several tables made into one
* `run_vectors.py`: the vectors of a run, `RUN/vectors.safetensors`
* `formats/`: every format of vectors that can be read or written
* `scores/`: rated word pairs and analogies
"""
