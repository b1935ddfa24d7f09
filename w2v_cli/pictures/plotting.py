"""Pictures of word vectors. The only file that imports matplotlib."""

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from w2v_cli.pictures.projection import Projection

#: The words of the CS224n picture.
CS224N_WORDS = tuple(
    "great cool brilliant wonderful well amazing worth sweet enjoyable boring bad dumb annoying"
    " female male queen king man woman rain snow hail coffee tea".split()
)
FORMATS = ("png", "svg", "pdf")
_DPI = 150
#: Where a label may stand relative to its point: (x, y) in label sizes, the first free one wins.
_PLACES = (
    (0.0, 0.9),
    (0.0, -0.9),
    (0.62, 0.0),
    (-0.62, 0.0),
    (0.55, 0.8),
    (-0.55, 0.8),
    (0.55, -0.8),
    (-0.55, -0.8),
    (0.0, 2.0),
    (0.0, -2.0),
    (1.2, 0.8),
    (-1.2, 0.8),
    (1.2, -0.8),
    (-1.2, -0.8),
    (0.0, 3.1),
    (0.0, -3.1),
)


def draw_words(
    file: str | Path | IO[bytes],
    words: Sequence[str],
    projection: Projection,
    title: str = "",
    file_format: str = "png",
) -> None:
    """Draw words at their points, shape (n, 2), with labels moved apart, and save the picture.

    file_format: png, svg or pdf. The picture has no date in it: same input, same picture.
    """
    import warnings

    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    side = float(np.clip(5 + 0.5 * np.sqrt(len(words)), 7, 16))
    with (
        warnings.catch_warnings(),
        mpl.rc_context({"svg.hashsalt": "w2v", "svg.fonttype": "none", "pdf.fonttype": 42}),
    ):
        # A script that the font lacks gives boxes; in an SVG the reader's own fonts are used.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure = Figure(figsize=(side * 1.25, side), dpi=_DPI, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        x, y = projection.points.T
        axes.scatter(x, y, s=16, color="#1f5f8b", zorder=3, linewidths=0)
        axes.margins(0.08)
        axes.set_xlabel(f"first principal axis ({projection.explained[0]:.0%} of the variance)")
        axes.set_ylabel(f"second principal axis ({projection.explained[1]:.0%} of the variance)")
        axes.set_title(title, loc="left", fontsize=11)
        axes.grid(color="#e6e6e6", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        figure.draw_without_rendering()
        _place_labels(axes, words, projection.points)
        metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(file_format, {})
        figure.savefig(file, format=file_format, metadata=metadata)


def draw_costs(file: str | Path | IO[bytes], costs: Sequence[Any], file_format: str) -> None:
    """Draw seconds an epoch over the number of words, a line for each way to train.

    costs: have `line`, `n_words` and `seconds`. Both axes are logarithmic: O(V) is a slope.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "w2v", "svg.fonttype": "none", "pdf.fonttype": 42}):
        figure = Figure(figsize=(8, 5.5), dpi=_DPI, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        for line in dict.fromkeys(cost.line for cost in costs):
            points = [(cost.n_words, cost.seconds) for cost in costs if cost.line == line]
            axes.loglog(*zip(*points, strict=True), marker="o", label=line)
        sizes = sorted({cost.n_words for cost in costs})
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.minorticks_off()
        axes.set_xlabel("distinct words V")
        axes.set_ylabel("seconds an epoch of a million words")
        axes.legend(frameon=False)
        axes.grid(color="#e6e6e6", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(file_format, {})
        figure.savefig(file, format=file_format, metadata=metadata)


def _place_labels(axes: Any, words: Sequence[str], points: NDArray[np.float64]) -> None:
    """Put each label at the first place round its point where it covers nothing.

    Greedy and quick: labels in crowded regions first. A label that finds no free place takes the
    least covered one; a thin line joins labels that stand far from their points.
    """
    texts = [axes.text(0, 0, word.replace("$", r"\$"), fontsize=9, zorder=4) for word in words]
    renderer = axes.figure.canvas.get_renderer()
    sizes = np.array([[e.width, e.height] for e in (t.get_window_extent(renderer) for t in texts)])
    dots = axes.transData.transform(points)
    radius = 4.0 * _DPI / 100
    boxes = np.concatenate([dots - radius, dots + radius], axis=1)
    distance = np.linalg.norm(dots[:, None] - dots[None], axis=2)
    crowding = np.sort(distance, axis=1)[:, : min(6, len(words))].sum(axis=1)
    to_data = axes.transData.inverted()
    for i in np.argsort(crowding, kind="stable"):
        best, cost_of_best = None, np.inf
        for rank, place in enumerate(_PLACES):
            middle = dots[i] + np.array(place) * (sizes[i] + 2 * radius)
            box = np.concatenate([middle - sizes[i] / 2 - 1, middle + sizes[i] / 2 + 1])
            cost = _overlap(box, boxes) + _outside(box, axes.bbox) + 0.01 * rank
            if cost < cost_of_best:
                best, cost_of_best = (rank, middle, box), cost
        assert best is not None
        rank, middle, box = best
        boxes = np.vstack([boxes, box])
        texts[i].set(position=to_data.transform(middle), ha="center", va="center")
        if rank >= 8:
            (x0, y0), (x1, y1) = points[i], to_data.transform(middle)
            axes.plot([x0, x1], [y0, y1], color="#a0a0a0", linewidth=0.6, zorder=2)


def _overlap(box: NDArray[np.float64], boxes: NDArray[np.float64]) -> float:
    """Area (pixels²) that a box (x0, y0, x1, y1) shares with others, shape (n, 4)."""
    width = np.minimum(box[2], boxes[:, 2]) - np.maximum(box[0], boxes[:, 0])
    height = np.minimum(box[3], boxes[:, 3]) - np.maximum(box[1], boxes[:, 1])
    return float((np.maximum(width, 0) * np.maximum(height, 0)).sum())


def _outside(box: NDArray[np.float64], frame: Any) -> float:
    """Penalty (pixels, squared) for a label that leaves the frame of the axes."""
    over = np.maximum(
        [frame.x0 - box[0], frame.y0 - box[1], box[2] - frame.x1, box[3] - frame.y1], 0
    )
    return float((over**2).sum())
