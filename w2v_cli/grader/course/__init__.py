"""The course in a box: `w2v gradcheck --starter DIR`.

One file of code is the solution; the starter is that file without its bodies. One file per
question holds the question and its answer. No number of an answer stands in a text: each is
computed when the folder is written, so a new seed gives a new worksheet with a right key.

Files, in reading order:

* `worked_example.py`: the vectors that all questions use, and the numbers of the key
* `box.py`: fills the texts in `templates/`, makes the notebook, writes the folder
"""
