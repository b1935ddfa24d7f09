"""The only room that draws: words on maps, relations, curves, films and pages.

Files, in reading order:

* `style.py`: colours, sizes and formats; without NumPy
* `catalog.py`: the methods of projection by name; without NumPy
* `methods.py`: PCA, t-SNE and UMAP
* `projection.py`: vectors to points in the plane; the plane of a relation
* `clusters.py`: clusters of vectors, and their names
* `words.py`: which words a picture shows, and in which groups
* `canvas.py`: a figure without a window, and the paper round a picture
* `fonts.py`: fonts for the scripts that the default font lacks
* `labels.py`: where labels stand, in pixels
* `marks.py`: dots, words and names of groups, measured and moved
* `scatter.py`: the picture of words
* `side_by_side.py`: two runs, one turned onto the other
* `arrows.py`: pairs of words as arrows
* `heatmap.py`: cosines as a coloured table
* `curves.py`: how runs went
* `film.py`: words on their way through a training
* `draw.py`: `w2v_cli.plot` and `explore`: from vectors to a picture or page in one call
* `drawable.py`: word vectors with these two as methods; what `w2v_cli.load` returns
* `page/`: the page to explore
"""
