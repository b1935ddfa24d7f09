"""The picture of `w2v bench`: what an epoch costs as the vocabulary grows."""

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Protocol

from w2v_cli.pictures.canvas import new_picture
from w2v_cli.pictures.style import STYLES


class Cost(Protocol):
    """A measured epoch."""

    @property
    def line(self) -> str:
        """The way to train."""

    @property
    def n_words(self) -> int:
        """Distinct words."""

    @property
    def seconds(self) -> float:
        """Time of an epoch."""


def draw_costs(file: str | Path | IO[bytes], costs: Sequence[Cost], file_format: str) -> None:
    """Draw seconds per epoch over the number of words, a line for each way to train.

    Both axes are logarithmic: O(V) is a slope.
    """
    figure = new_picture(STYLES["light"], (8, 5.5))
    figure.set_layout_engine("constrained")
    axes = figure.add_subplot()
    for line in dict.fromkeys(cost.line for cost in costs):
        points = [(cost.n_words, cost.seconds) for cost in costs if cost.line == line]
        axes.loglog(*zip(*points, strict=True), marker="o", label=line)
    sizes = sorted({cost.n_words for cost in costs})
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.minorticks_off()
    axes.set_xlabel("distinct words V")
    axes.set_ylabel("seconds per epoch of a million words")
    axes.legend(frameon=False)
    axes.grid(color="#e6e6e6", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    figure.save(file, file_format)
