"""The interactive page: a map of words in one HTML file that needs no network.

Files, in reading order:

* `page_data.py`: what a page shows, checked, and its neighbours
* `page_file.py`: one HTML file made of template, style, scripts and data
"""
