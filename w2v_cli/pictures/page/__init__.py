"""The page to explore: words on a map, in one HTML file that needs no network.

Files, in reading order:

* `page_data.py`: what a page shows, checked, and its neighbours
* `page_file.py`: one HTML file out of template, style, scripts and data
"""
