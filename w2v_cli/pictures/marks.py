"""What a picture draws for each word, and how text is measured and moved."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Text
from numpy.typing import NDArray

from w2v_cli.equations import Array
from w2v_cli.pictures.canvas import measure, root_figure
from w2v_cli.pictures.groups import Grouping
from w2v_cli.pictures.labels import Placement
from w2v_cli.pictures.style import MARKERS, Style

_LONGEST = 32  # letters of a label


@dataclass(frozen=True)
class Marks:
    """The words of a picture, as drawn.

    words: n labels. points: (n, 2). areas: of the dots, points², (n,). grouping: their groups.
    """

    words: list[str]
    points: Array
    areas: Array
    grouping: Grouping


def dot_areas(counts: NDArray[np.int64] | None, n: int, style: Style) -> Array:
    """Areas of n dots: by the logarithm of the counts between the smallest and the largest."""
    smallest, largest = (area / max(1.0, n / 300) for area in style.dots)
    if counts is None or counts.max() <= counts.min():
        return np.full(n, (smallest + largest) / 2)
    logs = np.log(np.maximum(counts, 1))
    share = (logs - logs.min()) / max(np.ptp(logs), 1e-12)
    return np.asarray(smallest + share * (largest - smallest), dtype=np.float64)


def dot_halves(axes: Axes, areas: Array) -> Array:
    """Half the width and height of the dots in pixels, shape (n, 2)."""
    halves = np.sqrt(areas) / 2 * root_figure(axes).dpi / 72
    return np.stack([halves, halves], axis=1)


def group_color(group: int, style: Style) -> str:
    """Return a group's colour; after the palette's end the colours start again."""
    return style.palette[group % len(style.palette)] if group >= 0 else style.ungrouped


def marker_of(group: int, style: Style) -> str:
    """Return the shape of a group's dots."""
    return MARKERS[group % len(MARKERS)] if style.shapes and group >= 0 else "o"


def write(
    axes: Axes,
    strings: Sequence[str],
    colors: Sequence[str],
    size: float,
    families: list[str],
    weight: str = "normal",
) -> list[Text]:
    """Add texts, to be moved to their places; formulas ($…$) are plain text."""
    return [
        axes.text(
            *(0, 0),
            shorten(string),
            color=color,
            fontsize=size,
            fontfamily=families,
            fontweight=weight,
            ha="center",
            va="center",
            zorder=5,
            parse_math=False,
        )
        for string, color in zip(strings, colors, strict=True)
    ]


def shorten(word: str) -> str:
    """Keep a label on one line and of bearable length."""
    line = "".join(letter if letter.isprintable() else "·" for letter in word)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def text_sizes(axes: Axes, texts: Sequence[Text], gap: float = 0.0) -> Array:
    """Width and height of texts in pixels, shape (n, 2); gap: added to both, in points."""
    renderer = measure(root_figure(axes))
    extents = [text.get_window_extent(renderer) for text in texts]
    sizes = np.array([[extent.width, extent.height] for extent in extents]).reshape(-1, 2)
    return sizes + gap * root_figure(axes).dpi / 72


def move(axes: Axes, texts: Sequence[Text], placement: Placement) -> None:
    """Put texts where they belong; those without a place are taken off the picture."""
    to_data = axes.transData.inverted()
    for text, middle, placed in zip(texts, placement.middles, placement.placed, strict=True):
        if placed:
            x, y = to_data.transform(middle)
            text.set_position((float(x), float(y)))
        else:
            text.remove()


def frame_box(axes: Axes) -> Array:
    """x0, y0, x1, y1 of the axes in pixels."""
    box = axes.get_window_extent()
    return np.array([box.x0, box.y0, box.x1, box.y1])
