"""Arrows from word to word, in the plane that shows the pairs' relation."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from w2v_cli.errors import UsageError
from w2v_cli.pictures.canvas import Picture, caption, new_picture, our_settings, plain_axes
from w2v_cli.pictures.fonts import families_for
from w2v_cli.pictures.marks import Marks, write_words
from w2v_cli.pictures.projection import RelationPlane, relation_plane
from w2v_cli.pictures.scatter import choose_view
from w2v_cli.pictures.style import STYLES, Size, Style
from w2v_cli.pictures.words import Grouping

Pair = tuple[str, str]


def parse_pair(text: str) -> Pair:
    """Split "king:queen".

    Raises:
        UsageError: not two words with a colon between them.
    """
    parts = text.split(":")
    if len(parts) != 2 or not all(parts) or parts[0] == parts[1]:
        raise UsageError(f"{text!r}: write two words with a colon between them, as in king:queen")
    return parts[0], parts[1]


@our_settings()
def draw_analogies(
    pairs: Sequence[Pair],
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    *,
    title: str = "",
    style: str = "light",
    size: Size | None = None,
    dpi: int | None = None,
) -> Picture:
    """Draw an arrow for each pair of words.

    Args:
        pairs: n pairs of words.
        starts: the first words' vectors, shape (n, D).
        ends: the second words' vectors, shape (n, D).
        title: written above the picture.
        style: a name of `STYLES`.
        size: width and height in inches.
        dpi: dots per inch; None: the style's.
    """
    look = STYLES[style]
    plane = relation_plane(starts, ends)
    scale = look.font_size / 9.5
    figure = new_picture(look, size or look.size or (7.5 * scale, 6 * scale), dpi)
    axes = plain_axes(figure, look, title)
    caption(axes, _explain(plane), look)
    points = np.concatenate([plane.starts, plane.ends])
    box = axes.get_window_extent()
    view = choose_view(points, box.width / box.height, keep_all=True)
    axes.set(xlim=(view.low[0], view.high[0]), ylim=(view.low[1], view.high[1]))
    for i in range(len(pairs)):
        axes.annotate(
            "",
            xy=(float(plane.ends[i, 0]), float(plane.ends[i, 1])),
            xytext=(float(plane.starts[i, 0]), float(plane.starts[i, 1])),
            arrowprops=_arrow(look, i),
        )
    _write(figure, axes, pairs, points, look)
    return figure


def _arrow(style: Style, i: int) -> dict[str, object]:
    return {
        "arrowstyle": "-|>",
        "color": style.palette[i % len(style.palette)],
        "linewidth": 0.18 * style.font_size,
        "mutation_scale": 1.5 * style.font_size,
        "shrinkA": 0,
        "shrinkB": 0.4 * style.font_size,
    }


def _write(
    figure: Picture,
    axes: Axes,
    pairs: Sequence[Pair],
    points: NDArray[np.float64],
    style: Style,
) -> None:
    n = len(pairs)
    words = [pair[0] for pair in pairs] + [pair[1] for pair in pairs]
    families, notes = families_for(words)
    labels = np.tile(np.arange(n), 2)
    grouping = Grouping(tuple(f"{a} → {b}" for a, b in pairs), labels)
    marks = Marks(words, points, np.full(2 * n, style.dots[1] / 2), grouping)
    for i in range(2 * n):
        axes.plot(
            *points[i],
            marker="o",
            markersize=np.sqrt(style.dots[1] / 2),
            color=style.palette[i % n % len(style.palette)],
            zorder=3,
        )
    # No word may cover an arrow: each arrow is a row of small boxes that labels avoid.
    ends = axes.transData.transform(points).reshape(2, n, 2)
    steps = np.linspace(0, 1, 24)[:, None, None]
    on_arrows = (ends[0] + steps * (ends[1] - ends[0])).reshape(-1, 2)
    written = write_words(axes, marks, points, style, families)
    placement = written.place(np.hstack([on_arrows - 2, on_arrows + 2]))
    written.draw(placement)
    figure.notes += notes


def _explain(plane: RelationPlane) -> str:
    text = "Up: the mean of the differences. Across: where the pairs differ most."
    if plane.agreement is not None:
        text += f" Mean cosine between the differences: {plane.agreement:.2f}."
    return f"{text} The plane shows {plane.shown:.0%} of their squared length."
