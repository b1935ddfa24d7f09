"""A run: it is put together, trained, committed to its folder, and resumed.

Files, in reading order:

* `trainer.py`: the loop, its learning rate, its reports and events
* `run_folder.py`: which file of a run is where; the lock, `config.toml`
* `preparation.py`: the corpus of a run, read or opened again; counts instead of a text
* `start_vectors.py`: the vectors of `--from`, and a vocabulary that grows
* `pace.py`: how many epochs a new run has
* `assembly.py`: start and resume, which put all of this together
* `run.py`: a run at work: the loop, with metrics, checkpoints and vectors written as it goes
* `saved_state.py`: what is committed: checkpoints, and the vectors that belong to them
* `hooks.py`: held-out loss, scores, health and snapshots
* `report.py`: what a finished or stopped run says about itself
"""
