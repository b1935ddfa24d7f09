"""A run: putting it together, training, committing it to its folder, and resuming.

Files, in reading order:

* `trainer.py`: the loop, its learning rate, its reports and events
* `run_folder.py`: the files of a run folder; its lock, `config.toml`
* `preparation.py`: the corpus of a run, read or reopened; counts instead of a text
* `start_vectors.py`: the vectors of `--from`, and a vocabulary that grows
* `second_part.py`: the vectors that a run's own are blended with
* `pace.py`: the number of epochs of a new run
* `assembly.py`: start and resume, which combine all of this
* `run.py`: a run that trains: the loop, with its metrics, checkpoints and vectors
* `saved_state.py`: checkpoints, and the vectors that belong to them
* `hooks.py`: held-out loss, scores, health and snapshots
* `report.py`: the summary of a run on disk
"""
