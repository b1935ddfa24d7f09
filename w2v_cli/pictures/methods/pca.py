"""Principal component analysis by singular value decomposition."""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


def project(rows: NDArray[np.float64], seed: int = 1) -> tuple[Points, NDArray[np.float64]]:
    """Return the rows (n, D) on their first two principal axes, and these axes' variance shares.

    Mean removed, then singular value decomposition, as the CS224n picture does it. With n or D
    of 1 the missing axis is zero. seed: not used; nothing is random here.
    """
    centred = rows - rows.mean(axis=0)
    _, singular, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:2]
    points = np.zeros((len(centred), 2))
    points[:, : len(axes)] = centred @ axes.T
    variance = singular**2
    explained = np.zeros(2)
    # Rounding leaves a little variance in rows that are all the same.
    if variance.sum() > 1e-24 * max(1.0, float((rows**2).sum())):
        explained[: len(axes)] = (variance / variance.sum())[:2]
    else:
        points[:] = 0
    return points, explained
