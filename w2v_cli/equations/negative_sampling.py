"""Negative sampling: distinguish the outside word from K words drawn as noise.

Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their
Compositionality", equation 4; notation of Stanford CS224n, assignment 2.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from w2v_cli.equations.primitives import Array, LossAndGradients, log_sigmoid, sigmoid

Negatives = Sequence[int] | NDArray[np.integer]


def negative_sampling(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """``J = −log σ(u_o·v_c) − Σ_k log σ(−u_k·v_c)``, the three gradients one by one.

    From ``d/dx log σ(x) = 1 − σ(x)`` and ``1 − σ(−x) = σ(x)``:

    * ``∂J/∂v_c = (σ(u_o·v_c) − 1) u_o + Σ_k σ(u_k·v_c) u_k``
    * ``∂J/∂u_o = (σ(u_o·v_c) − 1) v_c``
    * ``∂J/∂u_k = σ(u_k·v_c) v_c``, once for *each* draw of k: the sum over k runs over draws, so
      a word drawn three times has three equal terms.

    Only ``K + 1`` rows of U have a gradient (fewer if draws repeat), against all ``n_words`` with
    naive softmax: this makes a step cheap.

    The formulas hold for any negatives, the outside word among them too (its row then gets
    both terms); whoever draws the negatives decides whether to leave it out.

    Args:
        v_c: centre vector, ``(dim,)``.
        o: id of the outside word.
        negatives: ids of the K draws, in any order, repetitions kept.
        U: outside vectors by rows, ``(n_words, dim)``.

    Returns:
        loss, ``grad_center`` ``(dim,)``, ``grad_outside`` ``(n_words, dim)``.
    """
    u_o = U[o]
    loss = -log_sigmoid(u_o @ v_c)
    grad_center = (sigmoid(u_o @ v_c) - 1.0) * u_o
    grad_outside = np.zeros_like(U)
    grad_outside[o] += (sigmoid(u_o @ v_c) - 1.0) * v_c
    for k in negatives:
        u_k = U[k]
        loss = loss - log_sigmoid(-u_k @ v_c)
        grad_center = grad_center + sigmoid(u_k @ v_c) * u_k
        grad_outside[k] += sigmoid(u_k @ v_c) * v_c
    return LossAndGradients(float(loss), grad_center, grad_outside)


def negative_sampling_stacked(
    v_c: Array, o: int, negatives: Negatives, U: Array
) -> LossAndGradients:
    """The same loss and gradients from one product; see :func:`negative_sampling`.

    Stack the outside word on the negatives, ``U_s = U[o, k_1, …, k_K]``, with labels
    ``y_s = (1, 0, …, 0)``. Each row is a logistic regression, whose error is the prediction
    minus the label:

    ``g = σ(U_s v_c) − y_s``, ``∂J/∂v_c = U_sᵀ g``, ``∂J/∂U_s = g v_cᵀ``.

    The rows of ``∂J/∂U_s`` are then *added* into their words' rows, so repetitions add up.
    """
    rows = np.concatenate(([o], np.asarray(negatives, dtype=np.int64)))
    U_s = U[rows]
    label = np.zeros(len(rows))
    label[0] = 1.0
    scores = U_s @ v_c
    loss = -log_sigmoid(np.where(label == 1.0, scores, -scores)).sum()
    g = sigmoid(scores) - label
    grad_outside = np.zeros_like(U)
    np.add.at(grad_outside, rows, g[:, None] * v_c[None, :])
    return LossAndGradients(float(loss), U_s.T @ g, grad_outside)
