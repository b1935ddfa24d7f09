"""Draw docs/quality.png from the log of frontier.py: scores against seconds.

    python tests/bench/frontier.py picture

A column for each corpus, a row for rated pairs and one for analogies. Rows are means of sets that
have enough questions at every size; RG-65 has four pairs among 300,000 words and is left out.
"""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

INK, FAINT, GRID = "#1c1c1c", "#6f6f6f", "#e4e4e4"
#: Label, colour, marker, and where the numbers of epochs stand.
SERIES = {
    "sampled, negative-sampling": ("sampled, negative sampling", "#0067a5", "o", (-8, 8)),
    "exact, negative-sampling": ("exact, negative sampling", "#c74300", "s", (-5, -15)),
    "exact, naive-softmax": ("exact, naive softmax", "#00a087", "^", (7, -8)),
    "spectral, ppmi": ("spectral", "#7b3fa0", "v", (7, -4)),
    "sampled, blend 1,0.5": ("sampled and spectral, 1 : 0.5", "#b8860b", "P", (-8, 8)),
    "sampled, blend 1,1": ("the same, 1 : 1", "#c2185b", "X", (-8, 8)),
    "gensim, negative-sampling": ("gensim 4.4, negative sampling", "#6f6f6f", "D", (7, -4)),
}
#: The series whose number of epochs is only a limit.
NO_EPOCHS = "spectral, ppmi"
ROWS = {
    "rated word pairs": ("Spearman × 100", ("WS-353", "MTurk-771")),
    "analogies": ("% right", ("semantic", "syntactic")),
}
TITLES = {
    "reviews-0.3m": "300,000 words",
    "reviews-1m": "1 million words",
    "reviews": "11.6 million words",
}

Point = tuple[float, float, float, int, bool]
"""Time, mean score, its standard deviation over seeds, epochs, whether they are the default."""


def points_of(
    lines: Sequence[Mapping[str, Any]],
    kind: str,
    names: Sequence[str],
    default: int | None,
    seconds: float,
) -> Point:
    """Put together the lines of one training that differ by the seed.

    seconds: what it took; on an idle machine, or of CPU time.
    """
    scores = [statistics.mean(line["scores"][kind][name] for name in names) for line in lines]
    spread = statistics.stdev(scores) if len(scores) > 1 else 0.0
    epochs = lines[0]["job"]["epochs"]
    return seconds, statistics.mean(scores), spread, epochs, epochs == default


def draw(curves: Mapping[tuple[str, str, str], Sequence[Point]], path: Path, timed: bool) -> None:
    """Draw the points of (corpus, row, series); timed: on an idle machine."""
    corpora = [name for name in TITLES if any(key[0] == name for key in curves)]
    figure = Figure(figsize=(3.5 * len(corpora) + 0.6, 6.4))
    grid = figure.subplots(len(ROWS), len(corpora), sharex="col", sharey="row", squeeze=False)
    for axes_of_row, row in zip(grid, ROWS, strict=True):
        for axes, corpus in zip(axes_of_row, corpora, strict=True):
            for name in SERIES:
                if points := sorted(curves.get((corpus, row, name), ())):
                    _curve(axes, points, name)
            _frame(axes)
    for axes, corpus in zip(grid[0], corpora, strict=True):
        axes.set_title(TITLES[corpus], color=INK, fontsize=11, pad=10)
    for axes, (row, (unit, names)) in zip(grid[:, 0], ROWS.items(), strict=True):
        label = f"{row}: {unit},\nmean of {' and '.join(names)}"
        axes.set_ylabel(label, color=INK, fontsize=9)
        axes.margins(y=0.14)
    for axes in grid[-1]:
        unit = "seconds" if timed else "CPU seconds"
        axes.set_xlabel(f"{unit} of training, two threads", color=INK, fontsize=9)
        axes.margins(x=0.15)
    handles, labels = {}, []
    for axes in grid.flat:
        handles |= {line.get_label(): line for line in axes.get_lines()}
    labels = [label for label, *_ in SERIES.values() if label in handles]
    figure.legend(
        [handles[label] for label in labels], labels, loc="upper center",
        ncols=-(-len(labels) // 2), frameon=False, fontsize=9, labelcolor=INK,
        bbox_to_anchor=(0.5, 0.995), handlelength=1.6,
    )  # fmt: skip
    figure.text(
        0.995, 0.008,
        "numbers: epochs; filled: the default; bars: ± standard deviation over up to three seeds",
        ha="right", color=FAINT, fontsize=8,
    )  # fmt: skip
    figure.tight_layout(rect=(0, 0.025, 1, 0.92), w_pad=1.5, h_pad=1.5)
    figure.savefig(path, dpi=140)


def _curve(axes: Axes, points: Sequence[Point], name: str) -> None:
    label, color, marker, offset = SERIES[name]
    seconds, scores, spreads, _, _ = zip(*points, strict=True)
    axes.plot(
        seconds, scores, color=color, marker=marker, label=label, linewidth=1.4, markersize=6,
        markerfacecolor="white", markeredgewidth=1.4,
    )  # fmt: skip
    axes.errorbar(seconds, scores, spreads, fmt="none", ecolor=color, elinewidth=1, alpha=0.45)
    for x, y, _, epochs, is_default in points:
        if is_default:
            axes.plot([x], [y], color=color, marker=marker, markersize=8)
        axes.annotate(
            "" if name == NO_EPOCHS else str(epochs), (x, y), xytext=offset,
            textcoords="offset points", color=color, fontsize=8,
        )  # fmt: skip


def _frame(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(colors=FAINT, labelsize=8, which="both", length=3)
