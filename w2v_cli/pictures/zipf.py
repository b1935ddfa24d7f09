"""The words of a text on logarithmic scales: counts by rank, and how much text they cover."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from w2v_cli.pictures.canvas import Picture, new_picture
from w2v_cli.pictures.style import MARKERS, STYLES, Style, mix
from w2v_cli.text.vocabulary import coverage_by_min_count, fit_zipf

_MOST_POINTS = 2000
_MARKED = (2, 5, 20, 100)


def draw_zipf(
    counts: NDArray[np.int64], n_tokens: int, *, title: str = "", style: str = "light"
) -> Picture:
    """Draw a vocabulary.

    counts: of distinct words, falling, (V,). n_tokens: words of the whole text.
    """
    look = STYLES[style]
    scale = look.font_size / 9.5
    figure = new_picture(look, look.size or (10 * scale, 4.4 * scale))
    figure.set_layout_engine("constrained")
    left, right = figure.subplots(1, 2)
    ranks = np.unique(np.geomspace(1, len(counts), _MOST_POINTS).round().astype(np.int64))
    _draw_counts(left, ranks, counts, look)
    _draw_coverage(right, ranks, counts, n_tokens, look)
    figure.suptitle(
        title,
        x=0.01,
        ha="left",
        color=look.ink,
        fontsize=1.35 * look.font_size,
        fontweight="bold",
        parse_math=False,
    )
    return figure


def _draw_counts(
    axes: Axes, ranks: NDArray[np.int64], counts: NDArray[np.int64], style: Style
) -> None:
    law = fit_zipf(counts)
    at = ranks.astype(np.float64)
    axes.plot(
        at,
        counts[ranks - 1],
        color=style.palette[0],
        marker="o",
        markersize=0.3 * style.font_size,
        linestyle="",
        label="words",
    )
    label = f"1 / rank^{law.exponent:.2f}, R² {law.r_squared:.3f}"
    axes.plot(at, law.counts(at), color=style.palette[1], linestyle="--", label=label)
    axes.set_yscale("log")
    _finish(axes, "occurrences", style)
    axes.legend(frameon=False, fontsize=0.85 * style.font_size, labelcolor=style.ink)


def _draw_coverage(
    axes: Axes, ranks: NDArray[np.int64], counts: NDArray[np.int64], n_tokens: int, style: Style
) -> None:
    covered = 100 * np.cumsum(counts) / n_tokens
    axes.plot(ranks, covered[ranks - 1], color=style.palette[0], linewidth=0.2 * style.font_size)
    parts = coverage_by_min_count(counts, n_tokens)
    marked = [part for part in parts if part.min_count in _MARKED]
    for i, part in enumerate(marked, 1):
        axes.plot(
            part.n_words,
            100 * part.share,
            color=style.palette[i],
            marker=MARKERS[i],
            markersize=0.8 * style.font_size,
            linestyle="",
            label=f"min_count {part.min_count}: {part.n_words:,} words, {100 * part.share:.1f} %",
        )
    axes.set_ylim(0, 103)
    _finish(axes, "% of the text covered", style)
    if marked:
        axes.legend(
            loc="lower right",
            frameon=False,
            fontsize=0.85 * style.font_size,
            labelcolor=style.ink,
        )


def _finish(axes: Axes, name: str, style: Style) -> None:
    axes.set_xscale("log")
    axes.set_xlabel("rank of the word", color=style.faint, fontsize=0.9 * style.font_size)
    axes.set_ylabel(name, color=style.ink, fontsize=style.font_size)
    axes.set_facecolor(style.background)
    axes.grid(color=mix(style.faint, style.background, 0.75), linewidth=0.6)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(mix(style.faint, style.background, 0.5))
    axes.tick_params(which="both", colors=style.faint, labelsize=0.85 * style.font_size, length=0)
