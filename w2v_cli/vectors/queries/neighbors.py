"""Nearest neighbours by batched matrix products. Arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_BLOCK_SCORES = 2**24  # scores held at a time: 64 MB of float32
_BLOCK_ROWS = 1024
_GROUP = 256  # scores that share one maximum in `top_scores`


def unit_rows(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Divide each row of (V, D) by its length; rows of zeros stay zero.

    Computed in float64, so that numbers near the ends of float32 neither overflow nor vanish.
    """
    unit = np.zeros(matrix.shape, dtype=np.float32)
    for start in range(0, len(matrix), _BLOCK_ROWS):
        block = matrix[start : start + _BLOCK_ROWS].astype(np.float64)
        lengths = np.sqrt(np.einsum("ij,ij->i", block, block))[:, None]
        np.divide(
            block,
            lengths,
            out=unit[start : start + _BLOCK_ROWS],
            where=lengths > 0,
            casting="same_kind",
        )
    return unit


def top_neighbors(
    matrix: NDArray[np.float32],
    queries: NDArray[np.float32],
    n: int,
    exclude: Sequence[Sequence[int]] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find for each query the rows of the matrix with the largest dot products.

    With rows and queries of length one (`unit_rows`) that is the cosine.

    Args:
        matrix: float32 (V, D).
        queries: float32 (Q, D).
        n: rows per query; at most V.
        exclude: for each query, row numbers that may not be answers.

    Returns:
        Row numbers int64 (Q, n) and scores float32 (Q, n), best first, equal scores by
        row number. Excluded rows can only appear at the end, with a score of minus infinity,
        and do so only where fewer than n others are left.
    """
    n = min(n, len(matrix))
    ids = np.empty((len(queries), n), dtype=np.int64)
    scores = np.empty((len(queries), n), dtype=np.float32)
    step = max(1, _BLOCK_SCORES // max(1, len(matrix)))
    for start in range(0, len(queries), step):
        block = queries[start : start + step] @ matrix.T
        for i, row in enumerate(block, start):
            if exclude is not None:
                row[np.asarray(exclude[i], dtype=np.int64)] = -np.inf
            ids[i], scores[i] = top_scores(row, n)
    return ids, scores


def top_scores(
    scores: NDArray[np.float32], n: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the n largest of (V,) scores: (places, scores), best first, equal ones by place.

    The n-th largest score is looked for only in the n groups of 256 with the largest
    maxima (it cannot be elsewhere); then everything that reaches it is kept. Two passes
    at the speed of memory instead of a partition of everything.
    """
    whole = len(scores) // _GROUP * _GROUP
    groups = scores[:whole].reshape(-1, _GROUP)
    candidates = scores
    if 0 < n < len(groups):
        best = np.argpartition(groups.max(axis=1), len(groups) - n)[len(groups) - n :]
        candidates = np.concatenate([groups[best].reshape(-1), scores[whole:]])
    threshold = np.partition(candidates, len(candidates) - n)[len(candidates) - n] if n else np.inf
    places = np.flatnonzero(scores >= threshold)
    order = np.argsort(-scores[places], kind="stable")[:n]
    return places[order], scores[places[order]]
