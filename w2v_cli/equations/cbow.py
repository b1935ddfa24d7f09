"""CBOW, the continuous bag of words: the words around a centre word predict it.

Mikolov et al. 2013, "Efficient Estimation of Word Representations in Vector Space". The
words swap roles compared with skip-gram, the matrices do not: words that predict have their
vectors in V, predicted words in U. So here the *outside* words are read from V and the *centre*
word from U.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from w2v_cli.equations.primitives import Array, LossAndGradients, softmax
from w2v_cli.equations.skip_gram import PairLoss, outside_positions


def cbow(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    """``J = J(h, w_t, U)`` with ``h = Σ_{−m≤j≤m, j≠0} v_{w_{t+j}}``, the sum of CS224n.

    One pair for the whole window: the sum h replaces ``v_c`` of skip-gram, and the centre word
    ``w_t`` replaces the outside word. So

    * ``∂J/∂U`` is the pair's own ``∂J/∂U`` at h;
    * ``∂J/∂h`` is the pair's ``∂J/∂v_c`` at h. Each position of the window adds its vector to
      h with factor 1, so each gets all of ``∂J/∂h``: ``∂J/∂v_w = n_w ∂J/∂h`` for a word that
      occurs ``n_w`` times in the window, and 0 for any other word.

    An empty window makes no prediction: J and the gradients are 0.

    Args:
        words: word ids of one document.
        t: position of the centre word.
        radius: number of words on each side, written m on paper.
        V: centre vectors by rows, ``(n_words, dim)``: here those of the words that predict.
        U: outside vectors by rows, ``(n_words, dim)``: here those of the word predicted.
        pair_loss: ``(h, w_t, U)`` to the loss and gradients of one pair.

    Returns:
        loss, ``grad_center`` ``(n_words, dim)`` (of V) with rows for the words of the window,
        ``grad_outside`` ``(n_words, dim)`` (of U).
    """
    return _predict_the_center(words, t, radius, V, U, pair_loss, mean=False)


def cbow_mean(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    """Predict the centre word from the mean ``h = (1/n) Σ_{j≠0} v_{w_{t+j}}``, as word2vec does.

    n is the number of positions in the window, fewer at the ends of the document. The chain rule
    brings the factor 1/n into the gradient: ``∂J/∂v_w = (n_w / n) ∂J/∂h``. (word2vec.c omits
    it and adds all of ``∂J/∂h``: a step n times as long, which is not the gradient.)

    Arguments and results are those of :func:`cbow`.
    """
    return _predict_the_center(words, t, radius, V, U, pair_loss, mean=True)


def _predict_the_center(
    words: Sequence[int],
    t: int,
    radius: int,
    V: Array,
    U: Array,
    pair_loss: PairLoss,
    mean: bool,
) -> LossAndGradients:
    positions = outside_positions(t, radius, len(words))
    grad_center = np.zeros_like(V)
    if not positions:
        return LossAndGradients(0.0, grad_center, np.zeros_like(U))
    share = 1 / len(positions) if mean else 1.0  # ∂h/∂v of one position
    h = np.zeros_like(V[0])
    for position in positions:
        h += share * V[words[position]]
    loss, grad_h, grad_outside = pair_loss(h, words[t], U)
    for position in positions:
        grad_center[words[position]] += share * grad_h
    return LossAndGradients(loss, grad_center, grad_outside)


# CBOW with a hidden layer, in batches: the form of Coursera's "Natural Language Processing with
# Probabilistic Models", week 4. Examples are columns: `x` (n_words, m) holds the mean of the
# one-hot vectors of each context, `y` (n_words, m) the one-hot centre words.


class BatchScores(NamedTuple):
    """Scores `z` ``(n_words, m)`` and hidden values `h` ``(dim, m)``."""

    scores: Array
    hidden: Array


class BatchGradients(NamedTuple):
    """Gradients of W1 ``(dim, n_words)``, W2 ``(n_words, dim)``, b1 and b2, in their shapes."""

    W1: Array
    W2: Array
    b1: Array
    b2: Array


def softmax_columns(z: Array) -> Array:
    """Softmax of each column, ``(n_words, m)``."""
    return softmax(np.asarray(z).T).T


def batch_scores(x: Array, W1: Array, W2: Array, b1: Array, b2: Array) -> BatchScores:
    """``h = ReLU(W1 x + b1)``, ``z = W2 h + b2``, for each column of x.

    Without ReLU and biases, ``h`` is the mean of CBOW: the columns of W1 are the vectors v_w,
    the rows of W2 the vectors u_w.
    """
    h = np.maximum(0.0, W1 @ x + b1)
    return BatchScores(W2 @ h + b2, h)


def batch_loss(y: Array, y_hat: Array, m: int) -> float:
    """``J = −(1/m) Σ y log ŷ``: the mean of the cross-entropies of m columns."""
    return float(-(y * np.log(y_hat)).sum() / m)


def batch_gradients(
    x: Array,
    y_hat: Array,
    y: Array,
    h: Array,
    W1: Array,
    W2: Array,
    b1: Array,
    b2: Array,
    m: int,
) -> BatchGradients:
    """Gradients of the mean loss, by the chain rule through both layers.

    * ``∂J/∂z = (ŷ − y)/m``, so ``∂J/∂W2 = (1/m)(ŷ − y) hᵀ`` and ``∂J/∂b2`` is the row sum;
    * ``∂J/∂h = W2ᵀ(ŷ − y)/m``. ReLU has slope 1 where its argument is above 0, and 0 below: with
      ``δ = W2ᵀ(ŷ − y)`` where ``W1 x + b1 > 0``, else 0, ``∂J/∂W1 = (1/m) δ xᵀ`` and ``∂J/∂b1``
      is the row sum of ``δ/m``.

    ``W1 x + b1 > 0`` where ``h > 0``.
    """
    error = (y_hat - y) / m
    delta = np.where(h > 0, W2.T @ error, 0.0)
    return BatchGradients(
        delta @ x.T,
        error @ h.T,
        delta.sum(axis=1, keepdims=True),
        error.sum(axis=1, keepdims=True),
    )
