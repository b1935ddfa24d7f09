"""Exact training over pair counts: no sampling, one step over many centre words.

Files, in reading order:

* `offer.py`: what the engine offers: its settings and defaults, and whether it can train
* `engine.py`: what an epoch and a step are; counts the pairs and puts the problem on a device
* `problem.py`: what is trained, and what whoever trains it must do (`Machine`)
* `cpu.py`: the machine for the CPU
* `tiles.py`: a step on the CPU, and what each loss makes of a tile of scores
* `exact_kernels.py`: its compiled loops
* `optimizers.py`: SGD, Adagrad and Adam on the CPU
* `device/`: the machine for a GPU
* `checked.py`: how `w2v gradcheck` checks the engine
"""
