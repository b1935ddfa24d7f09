"""t-SNE by openTSNE, started from the principal axes."""

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import MissingExtraError
from w2v_cli.pictures.methods import pca

_EXACT = 5000  # words; beyond them approximate neighbours are far faster
Points = NDArray[np.float64]


def project(
    rows: NDArray[np.float64], seed: int = 1, perplexity: float = 15
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
    start, shares = pca.project(rows)
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
