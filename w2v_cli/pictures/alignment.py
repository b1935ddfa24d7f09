"""Turning one space of vectors onto another: orthogonal Procrustes. Arrays in, arrays out."""

import numpy as np

from w2v_cli.equations import Array


def same_width(first: Array, second: Array) -> tuple[Array, Array]:
    """Fill up the narrower of (n, D) and (m, E) with columns of zeros."""
    width = max(first.shape[1], second.shape[1])
    filled = [np.pad(rows, ((0, 0), (0, width - rows.shape[1]))) for rows in (first, second)]
    return filled[0], filled[1]


def find_rotation(first: Array, second: Array) -> tuple[Array, float]:
    """Find the rotation R (D, D), mirror images allowed, of orthogonal Procrustes, and a scale s.

    R makes `second @ R` as close to `first` as can be, in the sum of squares; both have shape
    (n, D), row for row the same words. s makes both equally large; 1 where one of them is zero.
    """
    left, _, right = np.linalg.svd(second.T @ first)
    sizes = np.linalg.norm(first), np.linalg.norm(second)
    return left @ right, float(sizes[0] / sizes[1]) if min(sizes) > 0 else 1.0
