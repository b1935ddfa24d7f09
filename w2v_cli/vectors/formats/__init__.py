"""Files of vectors: a catalogue of formats, and what reads and writes each.

Files, in reading order:

* `catalog.py`: the formats by name: what each can hold, and where its code is; without NumPy
* `vector_files.py`: reads and writes any of them; recognises a file by its content
* `packed.py`: opens packed files and pipes like plain files
* `streams.py`: what all formats share: marks, how to read and write, rows of numbers
* `word2vec_text.py`: text of word2vec, fastText and GloVe
* `word2vec_binary.py`: the binary format of word2vec
* `fasttext_bin.py`: fastText's model with its n-grams
* `array_files.py`: named arrays: safetensors, a Hugging Face folder, `.npz`
* `model2vec.py`: a folder that embeds sentences
* `projector.py`: a folder for the TensorBoard projector
* `parquet.py`: a Parquet table
"""
