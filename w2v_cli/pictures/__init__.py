"""Everything that draws: maps of words, relations, curves, animations and interactive pages.

Files, in reading order:

* `style.py`: colours, sizes and formats; without NumPy
* `catalog.py`: the methods of projection by name; without NumPy
* `methods.py`: PCA, t-SNE and UMAP
* `projection.py`: vectors to points in the plane; the plane of a relation
* `clusters.py`: clusters of vectors, and their names
* `words.py`: which words a picture shows, and in which groups
* `canvas.py`: a figure without a window, with its title, caption and axes
* `fonts.py`: fonts for the scripts that the default font lacks
* `labels.py`: where labels go, in pixels
* `marks.py`: dots, words and names of groups, measured and placed
* `scatter.py`: the picture of words
* `side_by_side.py`: two runs, the second aligned to the first
* `arrows.py`: pairs of words as arrows
* `moves.py`: words whose meaning changes: their way among their neighbours
* `heatmap.py`: cosines as a coloured table
* `curves.py`: loss, learning rate and scores of runs
* `film.py`: an animation of the words during training
* `draw.py`: `w2v_cli.plot` and `explore`, from vectors to a picture or page in one call
* `drawable.py`: word vectors with these two as methods; what `w2v_cli.load` returns
* `page/`: the interactive pages
"""
