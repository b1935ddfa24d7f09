"""Slips in the skip-gram window, with the signature ``(words, t, radius, V, U, pair_loss)``."""

from collections.abc import Sequence

import numpy as np

from w2v_cli.equations import Array, LossAndGradients, PairLoss, outside_positions, skip_gram
from w2v_cli.mistakes.base import Slip, combined

_ALL = ("window-loss", "window-center", "window-outside")


def _with_center(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    loss, grad_center, grad_outside = skip_gram(words, t, radius, V, U, pair_loss)
    own = pair_loss(V[words[t]], words[t], U)
    grad_center[words[t]] += own.grad_center
    return LossAndGradients(loss + own.loss, grad_center, grad_outside + own.grad_outside)


def _mean(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    n = max(1, len(outside_positions(t, radius, len(words))))
    window = skip_gram(words, t, radius, V, U, pair_loss)
    return combined(1 / n, window, 0.0, window)


def _over_radius(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    n = 2 * radius
    window = skip_gram(words, t, radius, V, U, pair_loss)
    return combined(1 / n, window, 0.0, window)


def _last_pair(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    loss, grad_center, _ = skip_gram(words, t, radius, V, U, pair_loss)
    last = outside_positions(t, radius, len(words))[-1]
    pair = pair_loss(V[words[t]], words[last], U)
    grad_center[words[t]] = pair.grad_center
    return LossAndGradients(loss, grad_center, pair.grad_outside)


def _outside_rows(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    loss, _, grad_outside = skip_gram(words, t, radius, V, U, pair_loss)
    grad_center = np.zeros_like(V)
    for position in outside_positions(t, radius, len(words)):
        pair = pair_loss(V[words[t]], words[position], U)
        grad_center[words[position]] += pair.grad_center
    return LossAndGradients(loss, grad_center, grad_outside)


def _every_center(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    loss, grad_center, grad_outside = skip_gram(words, t, radius, V, U, pair_loss)
    grad_center = np.zeros_like(V) + grad_center[words[t]]
    return LossAndGradients(loss, grad_center, grad_outside)


def _roles_swapped(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    loss, grad_center, grad_outside = 0.0, np.zeros_like(V), np.zeros_like(U)
    for position in outside_positions(t, radius, len(words)):
        pair = pair_loss(V[words[position]], words[t], U)
        loss += pair.loss
        grad_center[words[position]] += pair.grad_center
        grad_outside += pair.grad_outside
    return LossAndGradients(loss, grad_center, grad_outside)


def _distinct(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    outside = {int(words[i]) for i in outside_positions(t, radius, len(words))}
    chain = [int(words[t]), *sorted(outside)]
    return skip_gram(chain, 0, len(chain), V, U, pair_loss)


def _integer(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    loss, grad_center, grad_outside = skip_gram(words, t, radius, V, U, pair_loss)
    return LossAndGradients(float(np.trunc(loss)), np.trunc(grad_center), np.trunc(grad_outside))


SLIPS = (
    Slip(
        "window-center-word",
        "skip_gram",
        "the centre word counts as its own outside word",
        "Σ_{−m≤j≤m} …",
        "Σ_{−m≤j≤m, j≠0} …",
        "The window excludes its middle.",
        _with_center,
        ("window-loss",),
    ),
    Slip(
        "window-mean",
        "skip_gram",
        "mean for sum: divided by the number of outside words",
        "(1/n) Σ_j …",
        "Σ_j …",
        "The loss of a window is the sum over its pairs.",
        _mean,
        ("window-loss",),
    ),
    Slip(
        "window-over-radius",
        "skip_gram",
        "mean for sum: divided by 2 × the window size",
        "(1/2m) Σ_j …",
        "Σ_j …",
        "The loss of a window is the sum over its pairs.",
        _over_radius,
        ("window-loss",),
    ),
    Slip(
        "window-last-pair",
        "skip_gram",
        "only the last pair is kept: = instead of +=",
        "grad = … inside the loop",
        "grad += …",
        "Gradients of a sum add up.",
        _last_pair,
        ("window-center", "window-outside"),
    ),
    Slip(
        "window-outside-rows",
        "skip_gram",
        "centre gradients put into the outside words' rows",
        "gradCenterVecs[o] += …",
        "gradCenterVecs[c] += …",
        "All pairs of the window share the centre vector v_c; all other rows are 0.",
        _outside_rows,
        ("window-center", "window-other-centers"),
    ),
    Slip(
        "window-every-center",
        "skip_gram",
        "the centre gradient is added to every row",
        "gradCenterVecs += …",
        "gradCenterVecs[c] += …",
        "∂J/∂v_w = 0 for every other word w.",
        _every_center,
        ("window-center", "window-other-centers"),
    ),
    Slip(
        "window-roles-swapped",
        "skip_gram",
        "centre and outside words swapped",
        "outside words predict the centre word",
        "the centre word predicts each outside word",
        "Take v of the centre word and pass the id of the outside word.",
        _roles_swapped,
        ("window-loss",),
    ),
    Slip(
        "window-distinct",
        "skip_gram",
        "repeated outside words counted once",
        "a set of the outside words",
        "one pair for every position",
        "A word that appears twice in the window makes two pairs.",
        _distinct,
        ("window-loss",),
    ),
    Slip(
        "window-integer",
        "skip_gram",
        "dtype integer: fractions are cut off",
        "np.zeros(shape, dtype=int)",
        "np.zeros(shape), which is float",
        "Numbers written into an integer array silently lose their fractions.",
        _integer,
        ("window-loss",),
    ),
)
