"""The picture of words: dots, labels, groups in colour."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from w2v_cli.pictures.canvas import Picture, name_axes, new_picture, our_settings, plain_axes
from w2v_cli.pictures.fonts import families_for
from w2v_cli.pictures.marks import (
    Marks,
    dot_areas,
    group_color,
    marker_of,
    name_groups,
    write_words,
)
from w2v_cli.pictures.projection import Projection
from w2v_cli.pictures.style import STYLES, Size, Style
from w2v_cli.pictures.words import Grouping

# The part of the plane that a picture shows: one far word must not crowd all the others.

_FENCE = 3.0  # interquartile ranges beyond the quartiles: Tukey's "far out"
_MARGIN = 0.08


@dataclass(frozen=True)
class View:
    """The part of the plane that is shown.

    low, high: corners, shape (2,). far: bool (n,), the words outside of it.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    far: NDArray[np.bool_]

    def clip(self, points: NDArray[np.float64], inset: float = 0.0) -> NDArray[np.float64]:
        """Move far points, shape (n, 2), to the edge; inset: from it, share of the width."""
        gap = inset * (self.high - self.low)
        clipped: NDArray[np.float64] = np.clip(points, self.low + gap, self.high - gap)
        return clipped


def choose_view(points: NDArray[np.float64], aspect: float, keep_all: bool = False) -> View:
    """Choose limits that show the words, with the same scale on both axes.

    A word beyond Tukey's outer fence is far. If more than one word in twenty (and more than one
    word) would be far, they are a cluster, and none is.

    Args:
        points: shape (n, 2).
        aspect: width over height of the picture.
        keep_all: let no word be far.
    """
    far = np.zeros(len(points), dtype=np.bool_)
    if not keep_all and len(points) >= 5:
        low, high = np.percentile(points, [25, 75], axis=0)
        reach = _FENCE * (high - low)
        # An axis on which half of the words coincide has no fence.
        outside = ((points < low - reach) | (points > high + reach)) & (reach > 0)
        far = outside.any(axis=1)
        if far.sum() > max(1, len(points) // 20):
            far[:] = False
    low, high = points[~far].min(axis=0), points[~far].max(axis=0)
    middle, span = (low + high) / 2, (high - low) * (1 + 2 * _MARGIN)
    height = max(span[1], span[0] / aspect)
    if height == 0:
        height = 1.0
    half = np.array([height * aspect, height]) / 2
    return View(middle - half, middle + half, far)


def natural_aspect(points: NDArray[np.float64]) -> float:
    """Return the ratio of width to height that suits the points, within limits."""
    view = choose_view(points, aspect=1.25)
    span = np.ptp(points[~view.far], axis=0)
    return float(np.clip(span[0] / span[1], 0.85, 1.6)) if span[1] > 0 else 1.6


# The picture.

_EDGE = 0.015  # share of the width between far words and the frame


@our_settings()
def draw_words(
    words: Sequence[str],
    projection: Projection,
    grouping: Grouping | None = None,
    *,
    counts: NDArray[np.int64] | None = None,
    title: str = "",
    style: str = "light",
    size: Size | None = None,
    dpi: int | None = None,
) -> Picture:
    """Draw words at their points: dots by frequency, colours by group, labels apart.

    Args:
        words: n words, the important ones first: they get the better places for labels.
        projection: their points, shape (n, 2).
        grouping: their groups; None: one colour.
        counts: how often each occurs, shape (n,); None: dots of one size.
        title: written above the picture.
        style: a name of `STYLES`.
        size: width and height in inches; None: by the style and the number of words.
        dpi: dots per inch; None: the style's.
    """
    look = STYLES[style]
    points = projection.points
    inches = size or look.size or _natural_size(points, look)
    figure = new_picture(look, inches, dpi)
    axes = plain_axes(figure, look, title)
    name_axes(axes, projection, look)
    grouping = grouping or Grouping((), np.full(len(words), -1))
    marks = Marks(list(words), points, dot_areas(counts, len(words), look), grouping)
    figure.notes += draw_marks(axes, marks, look)
    return figure


def draw_marks(axes: Axes, marks: Marks, style: Style, view: View | None = None) -> list[str]:
    """Draw dots, group names and labels; return notes about what could not be shown.

    view: the limits; None: by the points.
    """
    box = axes.get_window_extent()
    view = view or choose_view(marks.points, box.width / box.height)
    axes.set(xlim=(view.low[0], view.high[0]), ylim=(view.low[1], view.high[1]))
    shown = view.clip(marks.points, _EDGE)
    _draw_dots(axes, marks, shown, view, style)
    families, notes = families_for([*marks.words, *marks.grouping.names])
    labels = write_words(axes, marks, shown, style, families)
    taken = name_groups(axes, marks, labels, style, families)
    placement = labels.place(taken)
    labels.draw(placement)
    left_out = len(marks.words) - int(placement.placed.sum())
    if left_out:
        notes.append(f"{left_out:,} of {len(marks.words):,} words have no room for a label")
    if view.far.any():
        far = [marks.words[i] for i in np.flatnonzero(view.far)]
        notes.append(f"beyond the frame, at its edge: {' '.join(far)}")
    return notes


def _natural_size(points: NDArray[np.float64], style: Style) -> Size:
    """Return the size in inches: room for the labels, in the shape of the points."""
    height = float(np.clip(3.9 + 0.44 * np.sqrt(len(points)), 5.2, 14)) * style.font_size / 9.5
    return height * natural_aspect(points), height


def _draw_dots(
    axes: Axes, marks: Marks, shown: NDArray[np.float64], view: View, style: Style
) -> None:
    for group in range(-1, len(marks.grouping.names)):
        members = marks.grouping.members(group)
        near, far = members[~view.far[members]], members[view.far[members]]
        color = group_color(group, style)
        axes.scatter(
            shown[near, 0],
            shown[near, 1],
            s=marks.areas[near],
            color=color,
            marker=marker_of(group, style),
            alpha=0.85,
            linewidths=0.5,
            edgecolors=style.background,
            zorder=3,
        )
        for i in far:  # a triangle at the frame, pointing to where the word is
            x, y = marks.points[i] - shown[i]
            axes.plot(
                *shown[i],
                marker=(3, 0, float(np.degrees(np.arctan2(y, x))) - 90),
                markersize=1.2 * np.sqrt(style.dots[1]),
                color=color,
                zorder=3,
            )
