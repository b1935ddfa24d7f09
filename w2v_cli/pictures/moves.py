"""Words that moved: an arrow from slice to slice, among the words that are nearest in each."""

import io
import re
from collections.abc import Sequence
from dataclasses import fields
from html import escape

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from w2v_cli.equations import Array
from w2v_cli.errors import DataError
from w2v_cli.meaning.result import Change
from w2v_cli.pictures.canvas import (
    Picture,
    caption,
    new_picture,
    our_settings,
    split_axes,
)
from w2v_cli.pictures.fonts import families_for
from w2v_cli.pictures.marks import Marks, write_words
from w2v_cli.pictures.projection import project, unit_length
from w2v_cli.pictures.scatter import choose_view
from w2v_cli.pictures.style import STYLES, Size, Style, mix
from w2v_cli.pictures.words import Grouping

#: Words drawn unless others are named, and neighbours of each in each slice.
MOST_WORDS, N_NEAR = 6, 3
#: Half the width of the band of chance, in its spreads.
_BAND = 2.0


class MeaningChange(Change):
    """What `w2v_cli.change` returns: a measured change of meaning that can draw itself."""

    @classmethod
    def of(cls, found: Change) -> "MeaningChange":
        """Return the same with pictures."""
        return cls(*(getattr(found, field.name) for field in fields(found)))

    def plot(self, words: Sequence[str] | None = None, **options: object) -> Picture:
        """Draw words; see `draw_change`."""
        return draw_change(self, words, **options)  # type: ignore[arg-type]


@our_settings()
def draw_change(
    change: Change,
    words: Sequence[str] | None = None,
    *,
    title: str = "",
    style: str = "light",
    size: Size | None = None,
    dpi: int | None = None,
) -> Picture:
    """Draw the way of some words from slice to slice, and the words nearest to them in each.

    With more than two slices, a second part shows the cosine of each word with itself in the first
    slice, and the band that chance gives.

    Args:
        change: what was measured.
        words: tested words; None: the first flagged ones.
        title: written above the picture.
        style: a name of `STYLES`.
        size: width and height in inches.
        dpi: dots per inch; None: the style's.

    Raises DataError for a word that was not tested, and where none is flagged or named.
    """
    chosen = list(words) if words is not None else change.flagged[:MOST_WORDS]
    if not chosen:
        raise DataError("no word differs by more than chance, so there is none to draw; name words")
    places = np.array([change.place_of(word) for word in chosen])
    look, several = STYLES[style], len(change.slices) > 2
    scale = look.font_size / 9.5
    wide = (12.5 if several else 8) * scale
    figure = new_picture(look, size or look.size or (wide, 6.5 * scale), dpi)
    names = [title or f"{change.slices[0]} → {change.slices[-1]}"]
    if several:
        names.append("cosine with the first slice, and the band of chance")
    axes = split_axes(figure, look, names)
    figure.notes += _draw_ways(axes[0], change, chosen, places, look)
    if several:
        _draw_curves(axes[1], change, chosen, places, look)
    return figure


def _draw_ways(
    axes: Axes, change: Change, words: list[str], places: NDArray[np.int64], style: Style
) -> list[str]:
    """Draw neighbours as grey dots, words as coloured ones with arrows; return notes."""
    space, n, n_slices = change.space, len(words), len(change.slices)
    nearest = space.nearest(change.places[places], N_NEAR)
    near = list(dict.fromkeys(w for each in nearest for part in each for w in part))
    ids = {word: i for i, word in enumerate(space.words)}
    ways = unit_length(space.vectors[change.places[places]].reshape(n * n_slices, -1).astype(float))
    others = space.reference[[ids[word] for word in near]].astype(float)
    points = project(np.concatenate([ways, others]), "pca").points
    box = axes.get_window_extent()
    view = choose_view(points, box.width / box.height, keep_all=True)
    axes.set(xlim=(view.low[0], view.high[0]), ylim=(view.low[1], view.high[1]))
    stops = points[: n * n_slices].reshape(n, n_slices, 2)
    area = style.dots[1] / 2
    for i in range(n):
        color = style.palette[i % len(style.palette)]
        axes.scatter(stops[i, :, 0], stops[i, :, 1], s=area, color=color, zorder=4)
        for start, end in zip(stops[i], stops[i][1:], strict=False):
            axes.annotate(
                "",
                xy=(float(end[0]), float(end[1])),
                xytext=(float(start[0]), float(start[1])),
                arrowprops={
                    "arrowstyle": "-|>",
                    "color": color,
                    "linewidth": 0.16 * style.font_size,
                    "mutation_scale": 1.3 * style.font_size,
                    "shrinkA": 0,
                    "shrinkB": 0.4 * style.font_size,
                },
            )
    grey = points[n * n_slices :]
    axes.scatter(grey[:, 0], grey[:, 1], s=style.dots[0], color=style.ungrouped, zorder=3)
    ends = stops[:, [0, -1]].reshape(-1, 2)
    named = [f"{word} ({s})" for word in words for s in (change.slices[0], change.slices[-1])]
    shown = np.concatenate([ends, grey])
    labels = np.concatenate([np.repeat(np.arange(n), 2), np.full(len(near), -1)])
    notes = _label(axes, [*named, *near], shown, Grouping(tuple(words), labels), stops, style)
    caption(
        axes,
        f"Each arrow leads from a word's contexts in {change.slices[0]} to those in"
        f" {change.slices[-1]}; grey: the words nearest to it in a slice, where they stand in all"
        " of them together. Principal components of the unit vectors.",
        style,
    )
    return notes


def _label(
    axes: Axes, words: list[str], points: Array, grouping: Grouping, stops: Array, style: Style
) -> list[str]:
    """Write the words where they cover no arrow; return notes."""
    families, notes = families_for(words)
    marks = Marks(words, points, np.full(len(words), style.dots[1] / 2), grouping)
    written = write_words(axes, marks, points, style, families)
    # Each arrow is a row of small boxes that labels avoid.
    pixels = axes.transData.transform(stops.reshape(-1, 2)).reshape(stops.shape)
    steps = np.linspace(0, 1, 24)[:, None, None, None]
    along = (pixels[:, :-1] + steps * np.diff(pixels, axis=1)).reshape(-1, 2)
    placement = written.place(np.hstack([along - 2, along + 2]))
    written.draw(placement)
    n_left = int((~placement.placed).sum())
    return [*notes, f"{n_left} words have no room for a label"] if n_left else notes


def _draw_curves(
    axes: Axes, change: Change, words: list[str], places: NDArray[np.int64], style: Style
) -> None:
    """Draw the cosine of each word between the first slice and each other, with chance's band."""
    x = np.arange(1, len(change.slices))
    for i, place in enumerate(places.tolist()):
        color = style.palette[i % len(style.palette)]
        cosine, mean, spread = change.verdict.pairs[place, : len(x)].T  # the pairs (0, x)
        axes.fill_between(
            x,
            mean - _BAND * spread,
            mean + _BAND * spread,
            color=mix(color, style.background, 0.8),
            alpha=0.6,
            linewidth=0,
        )
        axes.plot(x, cosine, color=color, marker="o", markersize=0.4 * style.font_size)
        axes.annotate(
            words[i],
            (x[-1], cosine[-1]),
            xytext=(0.5 * style.font_size, 0),
            textcoords="offset points",
            va="center",
            color=mix(color, style.ink, 0.45),
            fontsize=style.font_size,
            parse_math=False,
        )
    axes.set_xlim(0.7, x[-1] + 0.25 * len(x) + 0.3)
    axes.set_xticks(x, change.slices[1:], rotation=30 if len(x) > 5 else 0)
    axes.yaxis.tick_right()
    axes.set_yticks(np.linspace(-1, 1, 9))
    low = min(0.0, float(np.floor(4 * change.verdict.pairs[places, : len(x), 0].min()) / 4))
    axes.set_ylim(low, 1.02)
    axes.tick_params(colors=style.faint, labelsize=0.85 * style.font_size, length=0)


def change_page(change: Change, picture: Picture, words: Sequence[str]) -> str:
    """Return a page with the picture, the figures of the words, and how they were measured."""
    drawn = io.BytesIO()
    picture.save(drawn, "svg")
    svg = re.sub("<metadata>.*?</metadata>", "", drawn.getvalue().decode(), flags=re.DOTALL)
    header = ["word", *change.slices, "cosine", "by chance", "adjusted p"]
    header += [f"nearest in {name}" for name in change.slices]
    lines = [_row("th", header)]
    for row in change.rows([change.place_of(word) for word in words]):
        chance = f"{row['chance_mean']:.3f} ± {row['chance_sd']:.3f}"
        cells = [row["word"], *(f"{n:,}" for n in row["tokens"].values()), f"{row['cosine']:.3f}"]
        near = (", ".join(each) for each in row["nearest"].values())
        lines.append(_row("td", [*cells, chance, f"{row['adjusted_p']:.4f}", *near]))
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Change of meaning</title>\n'
        "<style>body{font:15px/1.5 sans-serif;max-width:75em;margin:2em auto;padding:0 1em}"
        "svg{max-width:100%;height:auto}table{border-collapse:collapse}"
        "td,th{padding:.2em .7em;text-align:left;border-bottom:1px solid #ddd}</style>\n"
        f"{svg[svg.index('<svg') :]}\n<table>\n{''.join(lines)}</table>\n"
        f"<p>{escape(change.methods_sentence)}</p></html>\n"
    )


def _row(kind: str, cells: Sequence[str]) -> str:
    inner = "".join(f"<{kind}>{escape(cell)}</{kind}>" for cell in cells)
    return f"<tr>{inner}</tr>\n"
