"""Interactive pages, each one HTML file that needs no network: a map of words, and word2vec itself.

Files, in reading order:

* `page_data.py`: what a page shows, checked, and its neighbours
* `page_file.py`: one HTML file made of template, style, scripts and data
* `explanation.py`: the page in which word2vec trains; its parts are in `explain/`
"""
