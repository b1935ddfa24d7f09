"""How good are the vectors? Rated word pairs and analogies.

Files, in reading order:

* `datasets.py`: files of rated pairs and of analogies
* `intervals.py`: rank correlation, and how sure it and a share of correct answers are
* `scoring.py`: the scores of a set of vectors, and the difference between two
"""
