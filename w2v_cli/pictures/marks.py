"""Dots, words and names of groups; how text is measured and placed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text
from numpy.typing import NDArray

from w2v_cli.equations import Array
from w2v_cli.pictures.canvas import measure, root_figure
from w2v_cli.pictures.labels import Placement, place_labels
from w2v_cli.pictures.style import MARKERS, Style, mix
from w2v_cli.pictures.words import Grouping

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
    """Return the areas of n dots, by the logarithm of the counts."""
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
    """Return a group's colour; more groups than colours repeat the palette."""
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
    """Keep a label on one line and reasonably short."""
    line = "".join(letter if letter.isprintable() else "·" for letter in word)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def text_sizes(axes: Axes, texts: Sequence[Text], gap: float = 0.0) -> Array:
    """Width and height of texts in pixels, shape (n, 2); gap: added to both, in points."""
    renderer = measure(root_figure(axes))
    extents = [text.get_window_extent(renderer) for text in texts]
    sizes = np.array([[extent.width, extent.height] for extent in extents]).reshape(-1, 2)
    return sizes + gap * root_figure(axes).dpi / 72


def move(axes: Axes, texts: Sequence[Text], placement: Placement) -> None:
    """Move texts to their places; those without a place are removed."""
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


# The words, each beside its dot.

_MANY = 200  # words; more of them are written smaller
#: How far a label may be from its dot, in label heights, by the number of words: among many words,
#: long lines hide more than they show.
_REACH = ((40, 13.0), (200, 6.0), (800, 4.0))
_REACH_OF_MORE = 2.5


@dataclass(frozen=True)
class WordLabels:
    """Labels that are not placed yet; all arrays in pixels.

    shown: the dots' middles in data units, (n, 2). dots, halves: the dots. sizes: the labels.
    line_width: of the lines to distant labels, in points.
    """

    axes: Axes
    texts: list[Text]
    shown: Array
    dots: Array
    halves: Array
    sizes: Array
    line_width: float

    @property
    def dot_boxes(self) -> Array:
        """x0, y0, x1, y1 of each dot, shape (n, 4)."""
        return np.hstack([self.dots - self.halves, self.dots + self.halves])

    def place(self, taken: Array | None = None) -> Placement:
        """Find places that cover none of the boxes `taken`, shape (m, 4)."""
        frame = frame_box(self.axes)
        reach = _reach(len(self.texts))
        return place_labels(self.dots, self.halves, self.sizes, frame, taken, reach)

    def boxes(self, placement: Placement) -> Array:
        """x0, y0, x1, y1 of the labels that have a place."""
        corners = [placement.middles - self.sizes / 2, placement.middles + self.sizes / 2]
        found: Array = np.hstack(corners)[placement.placed]
        return found

    def draw(self, placement: Placement) -> None:
        """Move the labels to their places; thin lines lead to distant ones."""
        to_data = self.axes.transData.inverted()
        for i in np.flatnonzero(placement.leaders & placement.placed):
            middle, corner = placement.middles[i], self.sizes[i] / 2
            end = np.clip(self.dots[i], middle - corner, middle + corner)
            line = np.stack([self.shown[i], to_data.transform(end)])
            self.axes.plot(
                *line.T,
                color=self.texts[i].get_color(),
                linewidth=self.line_width,
                alpha=0.7,
                zorder=2,
            )
        move(self.axes, self.texts, placement)


def write_words(
    axes: Axes, marks: Marks, shown: Array, style: Style, families: list[str]
) -> WordLabels:
    """Write the words of the dots at `shown` (n, 2); they are not placed yet."""
    size = style.font_size * (1 if len(marks.words) <= _MANY else 0.85)
    colors = [
        mix(group_color(group, style), style.ink, 0.45) for group in marks.grouping.labels.tolist()
    ]
    texts = write(axes, marks.words, colors, size, families)
    sizes = text_sizes(axes, texts, gap=0.15 * size)
    dots = np.asarray(axes.transData.transform(shown), dtype=np.float64)
    halves = dot_halves(axes, marks.areas)
    return WordLabels(axes, texts, shown, dots, halves, sizes, 0.06 * size)


def _reach(n: int) -> float:
    return next((reach for most, reach in _REACH if n <= most), _REACH_OF_MORE)


# The names of groups: beside their words where there is room, else in a legend.

_CORE = 12  # words
_SCATTERED = 0.3  # of the picture's diagonal: such a group has no common place
_NAME_REACH = 2.5  # in its own height; a name farther from its words would mislead


def name_groups(
    axes: Axes, marks: Marks, labels: WordLabels, style: Style, families: list[str]
) -> Array:
    """Write each group's name; return the boxes (m, 4) in pixels that words must not cover.

    A name gets a place that no word needs and that is away from the dots of other groups; failing
    that, one that no word needs; failing that, one that covers no dot. Names of scattered groups,
    and those without a place, go to a legend.
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
    """Boxes of the dots, and of the words as placed without names."""
    return np.vstack([labels.dot_boxes, labels.boxes(labels.place())])


def _spread(box: Array) -> float:
    return float(np.linalg.norm(box[2:] - box[:2]))


def _grown(boxes: Array, margin: float) -> Array:
    """Boxes with a margin on each side."""
    return boxes + margin * np.array([-1.0, -1.0, 1.0, 1.0])


def _place(core: Array, size: Array, frame: Array, taken: Array) -> Array:
    """Middle of a name beside the box of its words, shape (2,); NaN where there is no room."""
    middle, half = (core[:2] + core[2:]) / 2, (core[2:] - core[:2]) / 2
    found = place_labels(middle[None], half[None], size[None], frame, taken, _NAME_REACH)
    place: Array = found.middles[0]
    return place


def _core(labels: WordLabels, members: NDArray[np.int64]) -> Array:
    """Box (x0, y0, x1, y1) of a group's densest part, up to a dozen words."""
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
