"""The engines: what trains word vectors, and what they share.

Files, in reading order:

* `base.py`: what every engine offers to the trainer and to the checks
* `settings.py`: models, losses and settings of a training; what an engine says about itself
* `catalog.py`: the list of engines, and how one is built
* `reference/`: plain NumPy, the readable reference
* `sampled/`: negative sampling, compiled; the default
* `exact/`: all pairs at once, over their counts; also on a GPU
* `spectral/`: the counts of all pairs factorised
* `predictions.py`: windows as predictions, in skip-gram and CBOW
* `centers.py`: centre vectors as means of rows: subwords
* `held_out.py`: the loss on documents that are not trained on
"""
