"""Slips in the CBOW window, with the sum and with the mean.

Arguments are those of `equations.cbow`: `(words, t, radius, V, U, pair_loss)`.
"""

from collections.abc import Callable, Sequence

import numpy as np

from w2v_cli.checks.functions import Slip, WindowLoss, after, combined, cut_off
from w2v_cli.equations import (
    Array,
    LossAndGradients,
    PairLoss,
    cbow,
    cbow_mean,
    outside_positions,
    skip_gram,
)

Words = Sequence[int]


def _around(words: Words, t: int, radius: int) -> list[int]:
    return [int(words[i]) for i in outside_positions(t, radius, len(words))]


def _spread(model: WindowLoss, share: Callable[[list[int], int, int, int], Array]) -> WindowLoss:
    """Make a window that distributes ∂J/∂h over the rows of ∂J/∂V differently.

    share: `(words around, centre word, radius, n_words)` to the share of each row, `(n_words,)`.
    """

    def mutated(
        words: Words, t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
    ) -> LossAndGradients:
        loss, _, grad_outside = model(words, t, radius, V, U, pair_loss)
        around = _around(words, t, radius)
        h = V[around].sum(axis=0) if model is cbow else V[around].mean(axis=0)
        grad_h = pair_loss(h, words[t], U).grad_center
        shares = share(around, int(words[t]), radius, len(V))
        return LossAndGradients(loss, np.outer(shares, grad_h), grad_outside)

    return mutated


def _times(around: list[int], center: int, radius: int, n_words: int) -> Array:
    return np.bincount(around, minlength=n_words).astype(np.float64)


def _once(around: list[int], center: int, radius: int, n_words: int) -> Array:
    return np.minimum(_times(around, center, radius, n_words), 1.0)


def _last(around: list[int], center: int, radius: int, n_words: int) -> Array:
    return np.asarray(np.eye(n_words)[around[-1]])


def _center_row(around: list[int], center: int, radius: int, n_words: int) -> Array:
    return np.asarray(np.eye(n_words)[center])


def _divided(around: list[int], center: int, radius: int, n_words: int) -> Array:
    return _times(around, center, radius, n_words) / len(around)


def _summed_window(change: Callable[[list[int], int], list[int]]) -> WindowLoss:
    """Make a CBOW whose words around are changed by a function of them and the centre word."""

    def mutated(
        words: Words, t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
    ) -> LossAndGradients:
        others = change(_around(words, t, radius), int(words[t]))
        return cbow([int(words[t]), *others], 0, len(others), V, U, pair_loss)

    return mutated


def _over_radius(
    words: Words, t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    share = 1 / (2 * radius)
    loss, grad_center, grad_outside = cbow(words, t, radius, share * V, U, pair_loss)
    return LossAndGradients(loss, share * grad_center, grad_outside)


def _outside_predicted(
    words: Words, t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    around = _around(words, t, radius)
    chain = [around[-1], *around]
    return cbow(chain, 0, len(around), V, U, pair_loss)


def _each_alone(
    words: Words, t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    zero = LossAndGradients(0.0, np.zeros_like(V), np.zeros_like(U))
    for word in _around(words, t, radius):
        pair = cbow([int(words[t]), word], 0, 1, V, U, pair_loss)
        zero = combined(1.0, zero, 1.0, pair)
    return zero


def _wrong_matrix(
    words: Words, t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    return cbow(words, t, radius, U, U, pair_loss)


CBOW_SLIPS = (
    Slip(
        "cbow-mean",
        "cbow",
        "mean for sum: the sum is divided by the number of words",
        "h = (1/n) Σ_{j≠0} v_{w_{t+j}}",
        "h = Σ_{j≠0} v_{w_{t+j}}",
        "The course predicts from the sum of the vectors; word2vec takes their mean.",
        cbow_mean,
        ("cbow-loss", "cbow-center", "cbow-outside"),
    ),
    Slip(
        "cbow-mean-of-word2vec",
        "cbow",
        "mean for sum, and its gradient is not divided: word2vec.c's CBOW",
        "h = (1/n) Σ_{j≠0} v_{w_{t+j}} with ∂J/∂v_w = n_w ∂J/∂h",
        "h = Σ_{j≠0} v_{w_{t+j}} with ∂J/∂v_w = n_w ∂J/∂h",
        "The course predicts from the sum of the vectors. This is not the gradient of the mean.",
        _spread(cbow_mean, _times),
        ("cbow-loss", "cbow-center"),
    ),
    Slip(
        "cbow-over-radius",
        "cbow",
        "mean for sum: the sum is divided by 2 × the window size",
        "h = (1/2m) Σ_{j≠0} v_{w_{t+j}}",
        "h = Σ_{j≠0} v_{w_{t+j}}",
        "The course predicts from the sum of the vectors.",
        _over_radius,
        ("cbow-loss",),
    ),
    Slip(
        "cbow-skip-gram",
        "cbow",
        "the centre word predicts: this is skip-gram",
        "Σ_j J(v_c, w_{t+j}, U)",
        "J(h, w_t, U) with h = Σ_{j≠0} v_{w_{t+j}}",
        "In CBOW the words around predict the centre word, all at once.",
        skip_gram,
        ("cbow-loss",),
    ),
    Slip(
        "cbow-each-alone",
        "cbow",
        "each word around predicts on its own",
        "Σ_j J(v_{w_{t+j}}, w_t, U)",
        "J(h, w_t, U) with h = Σ_{j≠0} v_{w_{t+j}}",
        "Add the vectors first and predict once: the loss of a sum is not the sum of losses.",
        _each_alone,
        ("cbow-loss",),
    ),
    Slip(
        "cbow-outside-predicted",
        "cbow",
        "a word around is predicted instead of the centre word",
        "J(h, w_{t+j}, U)",
        "J(h, w_t, U)",
        "The target of CBOW is the centre word.",
        _outside_predicted,
        ("cbow-loss", "cbow-outside"),
    ),
    Slip(
        "cbow-distinct",
        "cbow",
        "repeated words around dropped",
        "a set of the words around",
        "one vector in the sum for every position",
        "A word that occurs twice in the window is added twice.",
        _summed_window(lambda around, center: sorted(set(around))),
        ("cbow-loss",),
    ),
    Slip(
        "cbow-with-center",
        "cbow",
        "the centre word is among the words that predict it",
        "h = Σ_{−m≤j≤m} v_{w_{t+j}}",
        "h = Σ_{−m≤j≤m, j≠0} v_{w_{t+j}}",
        "The window leaves its middle out: a word must not predict itself.",
        _summed_window(lambda around, center: [*around, center]),
        ("cbow-loss",),
    ),
    Slip(
        "cbow-wrong-matrix",
        "cbow",
        "the wrong matrix: outside vectors summed instead of centre vectors",
        "h = Σ_{j≠0} u_{w_{t+j}}",
        "h = Σ_{j≠0} v_{w_{t+j}}",
        "Words that predict use V (inputVectors); the predicted word uses U.",
        _wrong_matrix,
        ("cbow-loss",),
    ),
    Slip(
        "cbow-once",
        "cbow",
        "a word that occurs several times gets its gradient only once",
        "grad[ids] += ∂J/∂h, with a repeated id in ids",
        "grad[id] += ∂J/∂h for every position, or np.add.at",
        "A word that occurs n times in h gets n ∂J/∂h. NumPy's grad[ids] += x adds only once.",
        _spread(cbow, _once),
        ("cbow-center",),
    ),
    Slip(
        "cbow-last",
        "cbow",
        "only one of the words around gets the gradient",
        "grad[last word] = ∂J/∂h",
        "grad[word] += ∂J/∂h for every word around",
        "Every vector in the sum h has the gradient ∂J/∂h.",
        _spread(cbow, _last),
        ("cbow-center",),
    ),
    Slip(
        "cbow-center-row",
        "cbow",
        "the centre word's row gets the gradient",
        "grad[c] += ∂J/∂h",
        "grad[word] += ∂J/∂h for every word around",
        "The loss contains the vectors of the words around, not v_c.",
        _spread(cbow, _center_row),
        ("cbow-center",),
    ),
    Slip(
        "cbow-divided",
        "cbow",
        "the gradient is divided by the number of words although h is a sum",
        "∂J/∂v_w = (n_w/n) ∂J/∂h",
        "∂J/∂v_w = n_w ∂J/∂h",
        "h is a sum: ∂h/∂v_w has no factor 1/n.",
        _spread(cbow, _divided),
        ("cbow-center",),
    ),
    Slip(
        "cbow-integer",
        "cbow",
        "dtype integer: fractions are lost",
        "np.zeros(shape, dtype=int)",
        "np.zeros(shape), which is float",
        "NumPy drops the fractions of numbers written into an integer array.",
        after(cbow, cut_off),
        ("cbow-loss",),
    ),
    Slip(
        "cbow-mean-undivided",
        "cbow_mean",
        "the gradient of the mean is not divided by the number of words",
        "∂J/∂v_w = n_w ∂J/∂h",
        "∂J/∂v_w = (n_w/n) ∂J/∂h",
        "h is a mean: the chain rule brings its factor 1/n into the gradient.",
        _spread(cbow_mean, _times),
        ("cbow-mean-center",),
    ),
    Slip(
        "cbow-mean-sum",
        "cbow_mean",
        "sum for mean: not divided by the number of words",
        "h = Σ_{j≠0} v_{w_{t+j}}",
        "h = (1/n) Σ_{j≠0} v_{w_{t+j}}",
        "The mean keeps scores the same size for windows of any width.",
        cbow,
        ("cbow-mean-loss", "cbow-mean-outside"),
    ),
    Slip(
        "cbow-mean-over-radius",
        "cbow_mean",
        "divided by 2 × the window size, also at the ends of a document",
        "h = (1/2m) Σ_{j≠0} v_{w_{t+j}}",
        "h = (1/n) Σ_{j≠0} v_{w_{t+j}}, n = number of words in the window",
        "At the ends of a document a window has fewer than 2m words.",
        _over_radius,
        ("cbow-mean-loss",),
    ),
)
