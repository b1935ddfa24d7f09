"""The cosines of a few words as a coloured table, words that belong together side by side."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from w2v_cli.pictures.canvas import Picture, new_picture, our_settings, root_figure, write_title
from w2v_cli.pictures.fonts import families_for
from w2v_cli.pictures.marks import shorten
from w2v_cli.pictures.projection import unit_length
from w2v_cli.pictures.style import STYLES, Size, Style, mix

_MOST_WITH_NUMBERS = 25


@our_settings()
def draw_heatmap(
    words: Sequence[str],
    vectors: NDArray[np.float64],
    *,
    title: str = "",
    style: str = "light",
    size: Size | None = None,
    dpi: int | None = None,
) -> Picture:
    """Draw the cosine of each pair of words, ordered by a tree of their closeness.

    Args:
        words: n words.
        vectors: their vectors, shape (n, D).
        title: written above the picture.
        style: a name of `STYLES`.
        size: width and height in inches; None: by the number of words.
        dpi: dots per inch; None: the style's.
    """
    look = STYLES[style]
    unit = unit_length(np.asarray(vectors, dtype=np.float64))
    order, tree = order_by_closeness(unit)
    cosines = (unit @ unit.T)[np.ix_(order, order)]
    names = [shorten(words[i]) for i in order]
    side = (2.2 + 0.36 * len(names)) * look.font_size / 9.5
    figure = new_picture(look, size or (side + 1.4, side + 0.6), dpi)
    figure.set_layout_engine("constrained")
    families, notes = families_for(words)
    figure.notes += notes
    upper, axes = figure.subplots(2, 1, height_ratios=[1, 7], sharex=False)
    _draw_tree(upper, tree, look)
    write_title(upper, title, look)
    _draw_table(axes, cosines, names, families, look)
    return figure


def order_by_closeness(
    unit: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Order rows (n, D) of length one so that close ones are neighbours.

    Returns:
        The order (n,), and the tree of scipy's `linkage`, (n - 1, 4).
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    distances = np.clip(1 - unit @ unit.T, 0, 2)
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), "average", optimal_ordering=True)
    return np.asarray(leaves_list(tree), dtype=np.int64), np.asarray(tree, dtype=np.float64)


def _draw_tree(axes: Axes, tree: NDArray[np.float64], style: Style) -> None:
    """Draw the tree above the table, its leaves over the columns."""
    from scipy.cluster.hierarchy import dendrogram

    drawn = dendrogram(tree, no_plot=True)
    for x, y in zip(drawn["icoord"], drawn["dcoord"], strict=True):
        columns = (np.asarray(x) - 5) / 10  # scipy puts leaves at 5, 15, 25, …
        axes.plot(columns, y, color=style.faint, linewidth=0.9)
    axes.set_xlim(-0.5, len(tree) + 0.5)
    axes.set_ylim(bottom=0)
    axes.set_axis_off()


def _draw_table(
    axes: Axes,
    cosines: NDArray[np.float64],
    names: list[str],
    families: list[str],
    style: Style,
) -> None:
    """Draw the cosines (n, n) with the words at both sides, and a scale of the colours."""
    image = axes.imshow(cosines, cmap="PuOr_r", vmin=-1, vmax=1, aspect="auto")
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set(fontfamily=families, color=style.ink, fontsize=style.font_size, parse_math=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if len(names) <= _MOST_WITH_NUMBERS:
        _write_numbers(axes, cosines, style)
    bar = root_figure(axes).colorbar(image, ax=axes, label="cosine", shrink=0.6, pad=0.02)
    bar.ax.tick_params(colors=style.faint, labelsize=0.8 * style.font_size)
    bar.ax.yaxis.label.set(color=style.faint, fontsize=0.9 * style.font_size)
    bar.outline.set_visible(False)


def _write_numbers(axes: Axes, cosines: NDArray[np.float64], style: Style) -> None:
    """Write each cosine into its cell, except on the diagonal."""
    for i, j in np.argwhere(~np.eye(len(cosines), dtype=bool)).tolist():
        dark = abs(cosines[i, j]) > 0.6
        number = f"{cosines[i, j]:.2f}".replace("0.", ".", 1)
        color = "#ffffff" if dark else mix("#000000", "#ffffff", 0.25)
        size = 0.68 * style.font_size
        axes.text(j, i, number, ha="center", va="center", color=color, fontsize=size)
