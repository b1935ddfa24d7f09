"""The words themselves, each beside its dot."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Text

from w2v_cli.equations import Array
from w2v_cli.pictures.labels import Placement, place_labels
from w2v_cli.pictures.marks import (
    Marks,
    dot_halves,
    frame_box,
    group_color,
    move,
    text_sizes,
    write,
)
from w2v_cli.pictures.style import Style, mix

_MANY = 200  # words; more of them are written smaller
#: How far a label may stand from its dot, in label heights, by the number of words: in a crowd
#: long lines hide more than they say.
_REACH = ((40, 13.0), (200, 6.0), (800, 4.0))
_REACH_OF_MORE = 2.5


@dataclass(frozen=True)
class WordLabels:
    """Labels that wait for their places; all arrays in pixels.

    shown: the dots' middles in data units, (n, 2). dots, halves: the dots. sizes: the labels.
    line_width: of the lines to labels that stand apart, in points.
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
        """Look for places that cover none of the boxes `taken`, shape (m, 4)."""
        frame = frame_box(self.axes)
        reach = _reach(len(self.texts))
        return place_labels(self.dots, self.halves, self.sizes, frame, taken, reach)

    def boxes(self, placement: Placement) -> Array:
        """x0, y0, x1, y1 of the labels that have a place."""
        corners = [placement.middles - self.sizes / 2, placement.middles + self.sizes / 2]
        found: Array = np.hstack(corners)[placement.placed]
        return found

    def draw(self, placement: Placement) -> None:
        """Move the labels to their places; thin lines lead to the ones that stand apart."""
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
    """Write the words of dots at `shown` (n, 2), not yet at their places."""
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
