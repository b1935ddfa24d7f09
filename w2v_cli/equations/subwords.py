"""Subwords: a word's centre vector is the mean of several rows, some shared with other words.

Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information". A word has
its own row and one for each of its character n-grams; words with similar spelling share rows.

Z holds the rows, ``(n_rows, dim)``: those of the words first, then those of the n-grams. A word is
a list of row numbers; an n-gram that occurs twice in it is listed twice.
"""

from collections.abc import Sequence

import numpy as np

from w2v_cli.equations.primitives import Array, LossAndGradients
from w2v_cli.equations.skip_gram import PairLoss


def subwords(
    rows: Sequence[int], o: int, Z: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    """``J = J(v_c, o, U)`` with ``v_c = (1/n) Σ_{r∈G(c)} z_r``: a pair whose centre has subwords.

    G(c) are the n rows of the centre word. The pair's loss depends only on v_c, so

    * ``∂J/∂U`` is the pair's own at v_c;
    * ``∂v_c/∂z_r = n_r/n`` for a row that occurs n_r times in G(c), so the chain rule gives
      ``∂J/∂z_r = (n_r/n) ∂J/∂v_c``, and 0 for any other row.

    (fastText adds all of ``−lr ∂J/∂v_c`` to every row, a step n times as long as the gradient, so
    that the mean moves as far as a single row would.)

    Args:
        rows: the rows of the centre word, at least one, with repetitions.
        o: id of the outside word.
        Z: rows of words and n-grams, ``(n_rows, dim)``.
        U: outside vectors by rows, ``(n_words, dim)``.
        pair_loss: ``(v_c, o, U)`` to the loss and gradients of one pair.

    Returns:
        loss, ``grad_center`` ``(n_rows, dim)`` (of Z), ``grad_outside`` ``(n_words, dim)``.
    """
    n = len(rows)
    v_c = np.zeros_like(Z[0])
    for r in rows:
        v_c = v_c + Z[r] / n
    loss, grad_v, grad_outside = pair_loss(v_c, o, U)
    grad_rows = np.zeros_like(Z)
    for r in rows:
        grad_rows[r] += grad_v / n
    return LossAndGradients(loss, grad_rows, grad_outside)


def mean_matrix(groups: Sequence[Sequence[int]], n_rows: int) -> Array:
    """S with ``S[c, r] = n_r/n`` for ``G(c) = groups[c]``: all centre vectors are ``V = S Z``.

    Any loss of V is a loss of Z. Since V is linear in Z, the gradient is
    ``∂J/∂Z = Sᵀ ∂J/∂V``.

    Args:
        groups: the rows of each word.
        n_rows: number of rows of Z.

    Returns:
        ``(n_words, n_rows)``; each row sums to 1.
    """
    S = np.zeros((len(groups), n_rows))
    for c, rows in enumerate(groups):
        for r in rows:
            S[c, r] += 1 / len(rows)
    return S
