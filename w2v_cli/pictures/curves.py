"""Loss, learning rate and scores of one or several runs over the epochs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from msgspec import UnsetType

from w2v_cli.errors import DataError, visible
from w2v_cli.pictures.canvas import Picture, new_picture, our_settings, write_title
from w2v_cli.pictures.style import STYLES, Size, Style, mix
from w2v_cli.training.run_folder import RunFolder
from w2v_cli.training.trainer import Report, read_metrics

_DASHES = ("-", "--", ":", "-.")


@dataclass(frozen=True)
class Line:
    """One curve. name: what it shows, such as "held-out". x: epochs. y: values."""

    name: str
    x: list[float]
    y: list[float]


@dataclass(frozen=True)
class Curves:
    """A run's curves, by panel: "loss", "learning rate", and one panel per kind of score."""

    run: str
    panels: dict[str, list[Line]]


def read_curves(run_dir: Path) -> Curves:
    """Read a run's `metrics.jsonl`.

    Raises:
        DataError: no metrics there.
        RunError: the metrics are damaged.
    """
    reports = read_metrics(RunFolder(run_dir).metrics)
    epochs = [report for report in reports if report.is_epoch]
    steps = [report for report in reports if not report.is_epoch] or epochs
    if not steps:
        reason = "no metrics.jsonl with reports" if run_dir.exists() else "no such folder"
        raise DataError(f"{run_dir}: {reason}; --curves needs a run folder")
    at = _EpochScale(epochs[-1] if epochs else steps[-1])
    panels = {
        "loss": [
            at.line("training", [(step, step.loss) for step in steps]),
            at.line("held-out", [(epoch, epoch.held_out_loss) for epoch in epochs]),
        ],
        "learning rate": [at.line("", [(step, step.lr) for step in steps])],
        "score": [
            at.line(name, [(epoch, epoch.eval.get(name)) for epoch in epochs if epoch.eval])
            for name in dict.fromkeys(name for epoch in epochs for name in epoch.eval or {})
        ],
    }
    kept = {name: [line for line in lines if line.x] for name, lines in panels.items()}
    return Curves(run_dir.resolve().name, {name: lines for name, lines in kept.items() if lines})


class _EpochScale:
    """Converts progress to epochs: `last` gives the epochs for its share of the training."""

    def __init__(self, last: Report) -> None:
        whole = last.progress > 0 and last.is_epoch
        self._epochs = last.epoch / last.progress if whole else 1.0

    def line(self, name: str, values: Sequence[tuple[Report, float | UnsetType | None]]) -> Line:
        """Return a line of the values that were measured."""
        known = [(report, value) for report, value in values if isinstance(value, float | int)]
        return Line(
            name,
            [report.progress * self._epochs for report, _ in known],
            [float(value) for _, value in known],
        )


@our_settings()
def draw_curves(
    runs: Sequence[Curves],
    *,
    title: str = "",
    style: str = "light",
    size: Size | None = None,
    dpi: int | None = None,
) -> Picture:
    """Draw the runs' curves in panels, one above the other: colours are runs, dashes are lines."""
    look = STYLES[style]
    panels = list(dict.fromkeys(name for curves in runs for name in curves.panels))
    wide = 8.5 * look.font_size / 9.5
    height = (0.7 + 2.1 * len(panels)) * look.font_size / 9.5
    figure = new_picture(look, size or look.size or (wide, height), dpi)
    figure.set_layout_engine("constrained")
    grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, name in zip(grid, panels, strict=True):
        _draw_panel(axes, name, runs, look)
    grid[-1].set_xlabel("epoch", color=look.faint, fontsize=0.9 * look.font_size)
    grid[-1].tick_params(bottom=True, labelbottom=True)
    write_title(grid[0], title, look)
    return figure


def _draw_panel(axes: Axes, name: str, runs: Sequence[Curves], style: Style) -> None:
    several = len(runs) > 1
    for i, curves in enumerate(runs):
        for j, line in enumerate(curves.panels.get(name, ())):
            label = " ".join(part for part in ((curves.run if several else ""), line.name) if part)
            axes.plot(
                *(line.x, line.y),
                label=visible(label) or None,
                color=style.palette[(i if several else j) % len(style.palette)],
                linestyle=_DASHES[j % len(_DASHES)] if several else "-",
                marker="o" if len(line.x) <= 30 else "",
                markersize=0.35 * style.font_size,
                linewidth=0.17 * style.font_size,
            )
    axes.set_facecolor(style.background)
    axes.grid(color=mix(style.faint, style.background, 0.75), linewidth=0.6)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(mix(style.faint, style.background, 0.5))
    axes.tick_params(colors=style.faint, labelsize=0.85 * style.font_size, length=0)
    axes.set_ylabel(name, color=style.ink, fontsize=style.font_size)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(frameon=False, fontsize=0.85 * style.font_size, labelcolor=style.ink)
