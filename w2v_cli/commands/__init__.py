"""The commands, a file for each or for a small family: parse, call, render. No arithmetic here.

Files, in reading order:

* `options.py`: options made from the catalogue of settings; our names for those of other tools
* `terminal.py`: printing: tables, small charts, colours, JSON
* `progress.py`: the line that shows how far a run is, notes on stderr, and the stop signals
* `train.py`: `w2v train`, corpus in, run folder out
* `plot.py`: `w2v plot`, pictures of words, of relations and of runs
* `explain.py`: `w2v explain`, the page in which word2vec trains step by step
* `gradcheck.py`: `w2v gradcheck`, checks w2v's gradients, or grades your own
* `ask.py`: `w2v neighbors`, `analogy`, `similarity`, `odd-one-out` and `vector`
* `embed.py`: `w2v embed`, one vector per line of text
* `evaluate.py`: `w2v evaluate`, scores on rated word pairs and on analogies
* `compare.py`: `w2v compare`, runs or files of vectors side by side
* `change.py`: `w2v change`, words whose meaning differs between texts, against chance
* `export.py`: `w2v export`, vectors in other tools' formats
* `blend.py`: `w2v blend`, several runs or files of vectors made into one
* `info.py`: `w2v info`, what is in a run folder or a file of vectors
* `cache.py`: `w2v cache`, the encoded corpora that are kept for further runs
* `count.py`: `w2v count`, pair counts without the text, and their sums
* `vocab.py`: `w2v vocab` and `w2v phrases`, a look at a corpus before training
"""
