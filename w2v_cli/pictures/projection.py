"""Word vectors to two dimensions: arrays in, arrays out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Projection:
    """Points in the plane.

    points: shape (n, 2). explained: share of the variance along each axis, shape (2,).
    """

    points: NDArray[np.float64]
    explained: NDArray[np.float64]


def project(vectors: NDArray[Any]) -> Projection:
    """Project vectors, shape (n, D), on their first two principal axes.

    Mean removed, then singular value decomposition, as the CS224n picture does it; the signs are
    fixed (the largest coordinate of each axis is positive), so that the same vectors give the
    same picture everywhere. With n or D of 1 the missing axis is zero.
    """
    centred = np.asarray(vectors, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    _, singular, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:2]
    largest = np.abs(axes).argmax(axis=1)
    axes = axes * np.sign(axes[np.arange(len(axes)), largest])[:, None]
    points = np.zeros((len(centred), 2))
    points[:, : len(axes)] = centred @ axes.T
    variance = singular**2
    explained = np.zeros(2)
    if variance.sum() > 0:
        explained[: len(axes)] = (variance / variance.sum())[:2]
    return Projection(points, explained)
