"""What part of the plane a picture shows: one far word must not squeeze all the others."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_FENCE = 3.0  # interquartile ranges beyond the quartiles: Tukey's "far out"
_MARGIN = 0.08


@dataclass(frozen=True)
class View:
    """The part of the plane that is shown.

    low, high: corners, shape (2,). far: bool (n,), the words outside of it.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    far: NDArray[np.bool_]

    def clip(self, points: NDArray[np.float64], inset: float = 0.0) -> NDArray[np.float64]:
        """Move far points, shape (n, 2), to the edge; inset: share of the width to stay inside."""
        gap = inset * (self.high - self.low)
        clipped: NDArray[np.float64] = np.clip(points, self.low + gap, self.high - gap)
        return clipped


def choose_view(points: NDArray[np.float64], aspect: float, keep_all: bool = False) -> View:
    """Choose limits that show the words, with the same scale on both axes.

    A word beyond Tukey's outer fence is far. At most one word in twenty may be far, and at least
    one; more of them are a cluster and stay.

    Args:
        points: shape (n, 2).
        aspect: width over height of the paper.
        keep_all: let no word be far.
    """
    far = np.zeros(len(points), dtype=np.bool_)
    if not keep_all and len(points) >= 5:
        low, high = np.percentile(points, [25, 75], axis=0)
        reach = _FENCE * (high - low)
        # An axis on which half of the words agree has no fence.
        outside = ((points < low - reach) | (points > high + reach)) & (reach > 0)
        far = outside.any(axis=1)
        if far.sum() > max(1, len(points) // 20):
            far[:] = False
    low, high = points[~far].min(axis=0), points[~far].max(axis=0)
    middle, span = (low + high) / 2, (high - low) * (1 + 2 * _MARGIN)
    height = max(span[1], span[0] / aspect)
    if height == 0:
        height = 1.0
    half = np.array([height * aspect, height]) / 2
    return View(middle - half, middle + half, far)


def natural_aspect(points: NDArray[np.float64]) -> float:
    """Return the width over height that suits the points, between upright and wide paper."""
    view = choose_view(points, aspect=1.25)
    span = np.ptp(points[~view.far], axis=0)
    return float(np.clip(span[0] / span[1], 0.85, 1.6)) if span[1] > 0 else 1.6
