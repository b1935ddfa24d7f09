"""Counting pairs: from a text to the weighted pair counts X, on one machine or on many.

*For training*, the text is already encoded on one machine. `cooccurrence.open_or_count` opens what
the run counted before, or collects the pairs of the ids into runs, on all threads, and
merges the runs into X.

*For `w2v count`*, nothing is encoded and the text need not fit in memory:

    text → shards → words of each → merged: the vocabulary
                  → pairs of each → merged, plus the transpose → the COUNTS folder

`stages` runs this as a list of `tasks`, each of which writes one file, whole or not at all, named
by what went into it. So threads, Dask workers and a second try after a stop are one thing: whoever
finds the file does not make it again. Both ways give the same bytes.

Files, in reading order:

* `cooccurrence.py`: what X is; collecting pairs of ids on one machine, and keeping X in a run
* `pair_kernels.py`: the compiled loops: weighing pairs, sorting and adding up matrices by rows
* `matrix.py`: the type of X, runs in memory or on disk, and merging them
* `counts_folder.py`: what a COUNTS folder holds, how it is read and written
* `shards.py`: parts of a text that can be counted apart
* `tasks.py`: what is done to a shard, and to the files of other tasks
* `workers.py`: who runs tasks: threads, or Dask workers elsewhere
* `stages.py`: `w2v count` and `w2v count --merge` from the start to the finished folder
"""
