"""The names of groups: beside their words where there is room, else in a legend."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from w2v_cli.equations import Array
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

_CORE = 12  # words
_SCATTERED = 0.3  # of the picture's diagonal: words this far apart have no common place
_REACH = 2.5  # a name farther from its words, in its own height, would mislead


def name_groups(
    axes: Axes, marks: Marks, labels: WordLabels, style: Style, families: list[str]
) -> Array:
    """Write each group's name; return the boxes (m, 4) in pixels that words must keep clear of.

    A name looks for a place that no word needs, away from the dots of other groups; then for one
    beside these; then for one that covers no dot. Names of scattered groups, and those without a
    place, go to a legend.
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
    needed = _needed(labels)
    boxes = np.zeros((0, 4))
    middles = np.full((len(names), 2), np.nan)
    for group in groups:
        if _spread(cores[group]) > _SCATTERED * _spread(frame):
            continue
        others = _grown(labels.dot_boxes[marks.grouping.labels != group], sizes[group, 1])
        for taken in ((needed, others), (needed,), (labels.dot_boxes,)):
            middles[group] = _place(cores[group], sizes[group], frame, np.vstack([*taken, boxes]))
            if not np.isnan(middles[group, 0]):
                half = sizes[group] / 2
                box = np.concatenate([middles[group] - half, middles[group] + half])
                boxes = np.vstack([boxes, box])
                break
    placement = Placement(middles, np.zeros(len(names), dtype=np.bool_))
    move(axes, texts, placement)
    rest = np.flatnonzero(~placement.placed).tolist()
    legend = [_legend(axes, rest, names, style, families)] if rest else []
    return np.vstack([boxes, *legend])


def _needed(labels: WordLabels) -> Array:
    """Boxes of the dots and of the words, as they would stand without names."""
    return np.vstack([labels.dot_boxes, labels.boxes(labels.place())])


def _spread(box: Array) -> float:
    return float(np.linalg.norm(box[2:] - box[:2]))


def _grown(boxes: Array, margin: float) -> Array:
    """Boxes with a margin on each side."""
    return boxes + margin * np.array([-1.0, -1.0, 1.0, 1.0])


def _place(core: Array, size: Array, frame: Array, taken: Array) -> Array:
    """Middle of a name beside the box of its words, shape (2,); NaN where there is no room."""
    middle, half = (core[:2] + core[2:]) / 2, (core[2:] - core[:2]) / 2
    found = place_labels(middle[None], half[None], size[None], frame, taken, _REACH)
    place: Array = found.middles[0]
    return place


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
