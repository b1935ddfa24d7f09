"""The skip-gram window: one centre word predicts each word around it."""

from collections.abc import Callable, Sequence

import numpy as np

from w2v_cli.equations.primitives import Array, LossAndGradients

PairLoss = Callable[[Array, int, Array], LossAndGradients]
"""Loss of one pair: ``(v_c, o, U)`` to its loss and gradients, such as ``naive_softmax``."""


def outside_positions(t: int, radius: int, n_tokens: int) -> list[int]:
    """Positions ``t + j`` with ``−radius ≤ j ≤ radius``, ``j ≠ 0``, inside the document.

    The centre word is not its own outside word, hence ``j ≠ 0``; windows do not cross the ends
    of the document.
    """
    reach = range(-radius, radius + 1)
    return [t + j for j in reach if j != 0 and 0 <= t + j < n_tokens]


def skip_gram(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    """``J = Σ_{−m≤j≤m, j≠0} J(v_c, w_{t+j}, U)`` with ``c = w_t``.

    The gradient of a sum is the sum of the pairs' gradients. J contains no other centre vector:
    ``∂J/∂v_w = 0`` for ``w ≠ c``.

    Args:
        words: word ids of one document.
        t: position of the centre word.
        radius: number of words on each side, written m on paper.
        V: centre vectors by rows, ``(n_words, dim)``.
        U: outside vectors by rows, ``(n_words, dim)``.
        pair_loss: ``(v_c, o, U)`` to the loss and gradients of one pair.

    Returns:
        loss, ``grad_center`` ``(n_words, dim)`` with one nonzero row,
        ``grad_outside`` ``(n_words, dim)``.
    """
    c = words[t]
    loss = 0.0
    grad_center = np.zeros_like(V)
    grad_outside = np.zeros_like(U)
    for position in outside_positions(t, radius, len(words)):
        pair = pair_loss(V[c], words[position], U)
        loss += pair.loss
        grad_center[c] += pair.grad_center
        grad_outside += pair.grad_outside
    return LossAndGradients(loss, grad_center, grad_outside)
