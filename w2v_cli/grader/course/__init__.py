"""The course in a box: `w2v gradcheck --starter DIR`.

One file of code is the solution; the starter is that file without the function bodies. Each
question has a file with its answer. The texts contain no numbers of answers: these are computed
when the folder is written, so a new seed gives a new worksheet with a matching key.

Files, in reading order:

* `worked_example.py`: the vectors that all questions use, and the numbers of the key
* `box.py`: fills the texts in `templates/`, makes the notebook, writes the folder
"""
