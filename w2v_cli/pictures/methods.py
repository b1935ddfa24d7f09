"""The methods of projection: rows in, points out. `catalog.py` lists them.

t-SNE (openTSNE) and UMAP (umap-learn) start from the principal axes.
"""

import warnings

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import MissingExtraError

Points = NDArray[np.float64]


def pca(rows: NDArray[np.float64]) -> tuple[Points, NDArray[np.float64]]:
    """Project rows (n, D) to their first two principal axes; return points and variance shares.

    Mean removed, then singular value decomposition, as the CS224n picture does it. With n or D
    of 1 the missing axis is zero.
    """
    centred = rows - rows.mean(axis=0)
    _, singular, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:2]
    points = np.zeros((len(centred), 2))
    points[:, : len(axes)] = centred @ axes.T
    variance = singular**2
    explained = np.zeros(2)
    # Equal rows have a little variance from rounding.
    if variance.sum() > 1e-24 * max(1.0, float((rows**2).sum())):
        explained[: len(axes)] = (variance / variance.sum())[:2]
    else:
        points[:] = 0
    return points, explained


_EXACT = 5000  # words; beyond them approximate neighbours are far faster


def tsne(
    rows: NDArray[np.float64], seed: int, perplexity: float
) -> tuple[Points, NDArray[np.float64]]:
    """Return points (n, 2) for rows (n, D), and zeros for shares of variance.

    perplexity: about how many neighbours a word has; lowered where there are few words.

    Raises:
        MissingExtraError: openTSNE is not installed.
    """
    try:
        from openTSNE import TSNE, initialization
    except ImportError:
        raise MissingExtraError("--method tsne", "tsne") from None
    start, shares = pca(rows)
    if len(rows) < 5 or not shares.any():  # too few words to have neighbourhoods
        return start, np.zeros(2)
    model = TSNE(
        perplexity=min(perplexity, (len(rows) - 1) / 3),
        initialization=initialization.rescale(start),
        neighbors="exact" if len(rows) <= _EXACT else "approx",
        metric="euclidean",  # rows of length one: the order of cosines
        random_state=seed,
        n_jobs=1,
    )
    return np.asarray(model.fit(rows), dtype=np.float64), np.zeros(2)


def umap(
    rows: NDArray[np.float64], seed: int, n_neighbors: float, min_dist: float
) -> tuple[Points, NDArray[np.float64]]:
    """Return points (n, 2) for rows (n, D), and zeros for shares of variance.

    n_neighbors: how many neighbours of a word count; lowered where there are few words.
    min_dist: how close together points may lie, 0 to 1.

    Raises:
        MissingExtraError: umap-learn is not installed.
    """
    try:
        from umap import UMAP
    except ImportError:
        raise MissingExtraError("--method umap", "umap") from None
    start, shares = pca(rows)
    if len(rows) < 5 or not shares.any():  # too few words to have neighbourhoods
        return start, np.zeros(2)
    model = UMAP(
        n_neighbors=int(min(n_neighbors, len(rows) - 1)),
        min_dist=min_dist,
        init=10 * start / np.abs(start).max(),
        metric="euclidean",  # rows of length one: the order of cosines
        random_state=seed,
        n_jobs=1,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about threads and few words; both are intended
        return np.asarray(model.fit_transform(rows), dtype=np.float64), np.zeros(2)
