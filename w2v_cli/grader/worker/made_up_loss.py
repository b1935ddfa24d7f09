"""The pair loss that a user's `skipgram` (or `cbow`) is called with.

It is no loss that any course asks for, so that right results of those stay out of the process
that runs a user's code. A window only sums what it is given; any function of the two vectors
and the word serves.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class PairResult(NamedTuple):
    """A number and two arrays in the shapes of a loss and its gradients."""

    loss: float
    grad_center: Array
    grad_outside: Array


def made_up_loss(v_c: Array, o: int, U: Array) -> PairResult:
    """Return smooth numbers that depend on every argument, differently for every word.

    Args:
        v_c: centre vector, `(dim,)`.
        o: id of the outside word.
        U: outside vectors by rows, `(n_words, dim)`.

    Returns:
        a number, an array `(dim,)`, an array `(n_words, dim)`.
    """
    scores = U @ v_c
    words = np.arange(len(U))
    weights = np.cos(scores + 0.7 * (words - o)) + (words == o)
    loss = float(np.sin(scores).sum() + 2.0 + 0.3 * o + scores[o])
    return PairResult(loss, U.T @ weights + 0.1 * v_c, weights[:, None] * (v_c + 0.2)[None, :])
