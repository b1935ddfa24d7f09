"""Naive softmax: predict the outside word among all words of the vocabulary.

Mikolov et al. 2013, "Efficient Estimation of Word Representations in Vector Space";
notation of Stanford CS224n, assignment 2.
"""

import numpy as np

from w2v_cli.equations.primitives import (
    Array,
    LossAndGradients,
    cross_entropy_gradient,
    log_softmax,
    one_hot,
)


def naive_softmax(v_c: Array, o: int, U: Array) -> LossAndGradients:
    """``J = −log ŷ_o`` with ``ŷ = softmax(U v_c)``.

    With scores ``x = U v_c`` and ``δ = ∂J/∂x = ŷ − y`` (see ``cross_entropy_gradient``), the
    chain rule over ``x_w = u_w · v_c`` gives both gradients:

    * ``∂J/∂v_c = Σ_w δ_w u_w = Uᵀ(ŷ − y) = Σ_w ŷ_w u_w − u_o``:
      the expected outside vector minus the one seen.
    * ``∂J/∂u_w = δ_w v_c = (ŷ_w − y_w) v_c``: for the true word ``(ŷ_o − 1) v_c``, for every
      other word ``ŷ_w v_c``. All rows at once: ``∂J/∂U = (ŷ − y) v_cᵀ``.

    Both are 0 if ``ŷ = y``. All ``n_words`` rows of U have a gradient.

    Args:
        v_c: centre vector, ``(dim,)``.
        o: id of the outside word.
        U: outside vectors by rows, ``(n_words, dim)``.

    Returns:
        loss, ``grad_center`` ``(dim,)``, ``grad_outside`` ``(n_words, dim)``.
    """
    scores = U @ v_c
    loss = -log_softmax(scores)[o]
    delta = cross_entropy_gradient(one_hot(o, len(U)), scores)  # ŷ − y
    grad_center = U.T @ delta
    grad_outside = delta[:, None] * v_c[None, :]
    return LossAndGradients(float(loss), grad_center, grad_outside)


def naive_softmax_columns(v_c: Array, o: int, U: Array) -> LossAndGradients:
    """The same loss with one *column* of U per word: the layout of most handouts.

    ``ŷ = softmax(Uᵀ v_c)``, ``∂J/∂v_c = U(ŷ − y)``, ``∂J/∂U = v_c (ŷ − y)ᵀ``.

    Args:
        v_c: centre vector, ``(dim,)``.
        o: id of the outside word.
        U: outside vectors by columns, ``(dim, n_words)``.

    Returns:
        loss, ``grad_center`` ``(dim,)``, ``grad_outside`` ``(dim, n_words)``.
    """
    scores = U.T @ v_c
    loss = -log_softmax(scores)[o]
    delta = cross_entropy_gradient(one_hot(o, U.shape[1]), scores)  # ŷ − y
    return LossAndGradients(float(loss), U @ delta, v_c[:, None] * delta[None, :])


# The same gradients one by one, as functions of y and ŷ: the answers of the written assignment.


def center_gradient(y: Array, y_hat: Array, U: Array) -> Array:
    """``∂J/∂v_c = Uᵀ(ŷ − y)``, ``(dim,)``, for U by rows; ``U(ŷ − y)`` for U by columns."""
    return np.asarray(U.T @ (y_hat - y))


def target_gradient(y_hat: Array, v_c: Array, o: int) -> Array:
    """``∂J/∂u_o = (ŷ_o − 1) v_c``, ``(dim,)``: the outside word."""
    return np.asarray((y_hat[o] - 1) * v_c)


def other_gradient(y_hat: Array, v_c: Array, w: int) -> Array:
    """``∂J/∂u_w = ŷ_w v_c``, ``(dim,)``, for any word w ≠ o."""
    return np.asarray(y_hat[w] * v_c)


def outside_gradients(y: Array, y_hat: Array, v_c: Array) -> Array:
    """``∂J/∂U = (ŷ − y) v_cᵀ``, ``(n_words, dim)``: all rows at once; by columns its transpose."""
    return np.outer(y_hat - y, v_c)
