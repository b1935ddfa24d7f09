"""The engines, which train word vectors, and what they share.

Files, in reading order:

* `base.py`: what every engine must offer to the trainer (`Engine`) and to the checks
* `settings.py`: models, losses and settings of a training; what an engine says about itself
* `catalog.py`: the list of engines, and how one is built
* `reference/`: plain NumPy, the readable reference
* `sampled/`: negative sampling, compiled; the default
* `exact/`: all pairs at once, over their counts; also on a GPU
* `spectral/`: the counts of all pairs factorised
* `predictions.py`: windows as predictions, in skip-gram and CBOW
* `centers.py`: from rows of parameters to centre vectors; with subwords, their means
* `held_out.py`: the loss on held-out documents
"""
