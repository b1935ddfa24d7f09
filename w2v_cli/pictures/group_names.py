"""The names of groups: beside their words where there is room, else in a legend."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from w2v_cli.pictures.canvas import measure, root_figure
from w2v_cli.pictures.labels import Placement, place_labels
from w2v_cli.pictures.marks import (
    Marks,
    frame_box,
    group_color,
    marker_of,
    move,
    shorten,
    text_sizes,
    write,
)
from w2v_cli.pictures.style import Style, mix
from w2v_cli.pictures.word_labels import WordLabels

Array = NDArray[np.float64]
_CORE = 12  # words
_SCATTERED = 0.3  # of the picture's diagonal: words this far apart have no common place
_REACH = 2.5  # a name farther from its words, in its own height, would mislead


def name_groups(
    axes: Axes, marks: Marks, labels: WordLabels, style: Style, families: list[str]
) -> Array:
    """Write each group's name; return the boxes (m, 4) in pixels that words must keep clear of.

    A name first looks for a place that no word needs, then for one that covers no dot. Names
    of scattered groups, and those without a place, go to a legend.
    """
    names = marks.grouping.names
    if not names:
        return np.zeros((0, 4))
    groups = range(len(names))
    colors = [mix(group_color(group, style), style.ink, 0.25) for group in groups]
    texts = write(axes, names, colors, 1.3 * style.font_size, families, weight="bold")
    sizes = text_sizes(axes, texts, gap=0.4 * style.font_size)
    cores = np.stack([_core(labels, marks.grouping.members(group)) for group in groups])
    frame = frame_box(axes)
    placement = _place(cores, sizes, frame, _needed(labels))
    scattered = _spread(cores) > _SCATTERED * np.linalg.norm(frame[2:] - frame[:2])
    placement.middles[scattered] = np.nan
    stuck = ~placement.placed & ~scattered
    if stuck.any():
        boxes = np.vstack([labels.dot_boxes, _boxes(placement, sizes)])
        placement.middles[stuck] = _place(cores[stuck], sizes[stuck], frame, boxes).middles
    move(axes, texts, placement)
    rest = np.flatnonzero(~placement.placed).tolist()
    legend = [_legend(axes, rest, names, style, families)] if rest else []
    return np.vstack([_boxes(placement, sizes), *legend])


def _needed(labels: WordLabels) -> Array:
    """Boxes of the dots and of the words, as they would stand without names."""
    return np.vstack([labels.dot_boxes, labels.boxes(labels.place())])


def _spread(cores: Array) -> Array:
    return np.asarray(np.linalg.norm(cores[:, 2:] - cores[:, :2], axis=1), dtype=np.float64)


def _place(cores: Array, sizes: Array, frame: Array, taken: Array) -> Placement:
    middles, halves = (cores[:, :2] + cores[:, 2:]) / 2, (cores[:, 2:] - cores[:, :2]) / 2
    return place_labels(middles, halves, sizes, frame, taken, _REACH)


def _boxes(placement: Placement, sizes: Array) -> Array:
    corners = [placement.middles - sizes / 2, placement.middles + sizes / 2]
    boxes: Array = np.hstack(corners)[placement.placed]
    return boxes


def _core(labels: WordLabels, members: NDArray[np.int64]) -> Array:
    """Box (x0, y0, x1, y1) of a group where it is densest: the dozen words closest together."""
    dots = labels.dots[members]
    distance = np.sort(np.linalg.norm(dots[:, None] - dots[None], axis=2), axis=1)
    n = min(len(dots), _CORE, max(2, -(-len(dots) // 3)))
    middle = dots[distance[:, n - 1].argmin()]
    near = np.argsort(np.linalg.norm(dots - middle, axis=1), kind="stable")[:n]
    boxes = labels.dot_boxes[members[near]]
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _legend(
    axes: Axes, groups: list[int], names: Sequence[str], style: Style, families: list[str]
) -> Array:
    """Add a legend for groups whose names have no room beside their words; return its box."""
    handles = [
        Line2D(
            *([], []),
            linestyle="",
            marker=marker_of(group, style),
            color=group_color(group, style),
            label=shorten(names[group]),
        )
        for group in groups
    ]
    legend = axes.legend(
        handles=handles,
        loc="best",
        prop={"size": style.font_size, "family": families},
        labelcolor=style.ink,
        facecolor=style.background,
        edgecolor=mix(style.faint, style.background, 0.5),
    )
    legend.set_zorder(6)
    box = legend.get_window_extent(measure(root_figure(axes)))
    return np.array([box.x0, box.y0, box.x1, box.y1])
