"""UMAP by umap-learn, started from the principal axes."""

import warnings

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import MissingExtraError
from w2v_cli.pictures.methods import pca

Points = NDArray[np.float64]


def project(
    rows: NDArray[np.float64], seed: int = 1, n_neighbors: float = 15, min_dist: float = 0.3
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
    start, shares = pca.project(rows)
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
        warnings.simplefilter("ignore")  # about threads and few words; both are meant
        return np.asarray(model.fit_transform(rows), dtype=np.float64), np.zeros(2)
