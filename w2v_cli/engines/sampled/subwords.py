"""Subwords as the compiled functions take them."""

import numpy as np

from w2v_cli.engines.sampled.model import Rows
from w2v_cli.engines.subwords import PlainCenters, SubwordCenters


def rows_of(centers: PlainCenters | SubwordCenters) -> Rows | None:
    """Return the rows of all words, for the compiled functions; None: one row a word.

    The share is 1, as in fastText, not the 1/n of the mean's gradient: see docs/subwords.md.
    """
    if isinstance(centers, PlainCenters):
        return None
    share = np.ones(centers.n_words, np.float32)
    return Rows(centers.start, centers.rows.astype(np.int32), share)
