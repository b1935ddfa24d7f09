"""The course in a box: `w2v gradcheck --starter DIR`.

`templates/` the texts, with places for numbers · `example` the vectors that all questions use ·
`answers` the numbers of the key · `figures` how they are written · `fill` puts them into a
text · `notebook` text to .ipynb · `write` the folder.

One file of code is the solution; the starter is that file without its bodies. One file per
question holds the question and its answer. No number of an answer stands in a text: each is
computed when the folder is written, so a new seed gives a new worksheet with a right key.
"""
