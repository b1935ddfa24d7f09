"""Slips in the CBOW window, with the sum and with the mean, and in CBOW in batches.

Arguments of a window are those of `equations.cbow`: `(words, t, radius, V, U, pair_loss)`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from w2v_cli.checks.functions import Slip, WindowLoss, after, combined, cut_off
from w2v_cli.equations import (
    Array,
    BatchGradients,
    BatchScores,
    LossAndGradients,
    PairLoss,
    batch_gradients,
    batch_loss,
    batch_scores,
    cbow,
    cbow_mean,
    outside_positions,
    skip_gram,
    softmax,
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


# CBOW in batches: softmax of columns, forward and backward pass.


_COURSERA = "Coursera's NLP with Probabilistic Models, week 4"


def _with_hidden(error: Callable[..., Array]) -> Callable[..., BatchGradients]:
    """Make a backward pass with another `error(W2ᵀ(ŷ − y), h)` of the hidden values."""

    def mutated(
        x: Array, y_hat: Array, y: Array, h: Array, W1: Array, W2: Array, *more: Any
    ) -> BatchGradients:
        right = batch_gradients(x, y_hat, y, h, W1, W2, *more)
        delta = error(W2.T @ (y_hat - y), h) / more[-1]
        return right._replace(W1=delta @ x.T, b1=delta.sum(axis=1, keepdims=True))

    return mutated


def _with_scores(change: Callable[..., BatchScores]) -> Callable[..., BatchScores]:
    """Make a forward pass from `change(W1 x, W2, b1, b2)`."""
    return lambda x, W1, W2, b1, b2: change(W1 @ x, W2, b1, b2)


def _gradients_times(factor: Callable[[int], float]) -> Callable[..., BatchGradients]:
    def mutated(*given: Any) -> BatchGradients:
        return BatchGradients(*(factor(given[-1]) * g for g in batch_gradients(*given)))

    return mutated


def _unsummed(x: Array, y_hat: Array, y: Array, h: Array, *more: Any) -> BatchGradients:
    W2 = more[1]
    right = batch_gradients(x, y_hat, y, h, *more)
    return right._replace(b1=np.where(h > 0, W2.T @ (y_hat - y), 0.0), b2=y_hat - y)


def _both_sides(y: Array, y_hat: Array, m: int) -> float:
    return batch_loss(y, y_hat, m) + batch_loss(1 - y, 1 - y_hat, m)


_HIDDEN = "∂J/∂W1 = (1/m) δ xᵀ, δ = W2ᵀ(ŷ − y) where W1 x + b1 > 0, else 0"
_MEANS = "(1/m) Σ over the m examples"

BATCH_SLIPS = (
    Slip(
        "batch-softmax-rows",
        "softmax_columns",
        "transposed: normalised by rows instead of by columns",
        "np.sum(…, axis=1), or axis=-1",
        "np.sum(np.exp(z), axis=0)",
        "Each column of z is one example: the words are the rows.",
        softmax,
        ("batch-forward",),
    ),
    Slip(
        "batch-softmax-rows-turned",
        "softmax_columns",
        "transposed: normalised by rows instead of by columns",
        "np.exp(z) / np.sum(np.exp(z), axis=1), for square z",
        "np.sum(np.exp(z), axis=0)",
        "Each column of z is one example: the words are the rows.",
        lambda z: np.exp(z) / np.exp(z).sum(axis=1),
        ("batch-forward",),
    ),
    Slip(
        "batch-softmax-whole",
        "softmax_columns",
        "the batch is normalised as a whole instead of column by column",
        "np.sum(np.exp(z)) over all entries",
        "np.sum(np.exp(z), axis=0)",
        "The probabilities of each example sum to 1.",
        lambda z: softmax(np.ravel(z)).reshape(np.shape(z)),
        ("batch-forward",),
    ),
    Slip(
        "batch-softmax-unnormalised",
        "softmax_columns",
        "not divided by the sum",
        "exp(z)",
        "exp(z) / Σ exp(z)",
        "Probabilities sum to 1.",
        np.exp,
        ("batch-forward",),
    ),
    Slip(
        "batch-no-relu",
        "batch_scores",
        "ReLU is missing",
        "h = W1 x + b1",
        "h = max(0, W1 x + b1)",
        "Apply ReLU before the second layer, and return that h.",
        _with_scores(lambda a, W2, b1, b2: BatchScores(W2 @ (a + b1) + b2, a + b1)),
        ("batch-forward",),
    ),
    Slip(
        "batch-relu-before-bias",
        "batch_scores",
        "ReLU is applied before b1 is added",
        "h = max(0, W1 x) + b1",
        "h = max(0, W1 x + b1)",
        "The bias shifts where the unit switches on.",
        _with_scores(
            lambda a, W2, b1, b2: BatchScores(
                W2 @ (np.maximum(0, a) + b1) + b2, np.maximum(0, a) + b1
            )
        ),
        ("batch-forward",),
    ),
    Slip(
        "batch-relu-of-scores",
        "batch_scores",
        "ReLU is applied to the scores too",
        "z = max(0, W2 h + b2)",
        "z = W2 h + b2",
        "Softmax takes scores of both signs.",
        lambda *given: BatchScores(np.maximum(0, batch_scores(*given)[0]), batch_scores(*given)[1]),
        ("batch-forward",),
    ),
    Slip(
        "batch-no-bias",
        "batch_scores",
        "the biases are missing",
        "h = max(0, W1 x), z = W2 h",
        "h = max(0, W1 x + b1), z = W2 h + b2",
        "Each layer adds its bias to every column.",
        _with_scores(lambda a, W2, b1, b2: BatchScores(W2 @ np.maximum(0, a), np.maximum(0, a))),
        ("batch-forward",),
    ),
    Slip(
        "batch-loss-both-sides",
        "batch_loss",
        "a second term for the words that are not the centre word",
        "−(1/m) Σ [y log ŷ + (1 − y) log(1 − ŷ)]",
        "−(1/m) Σ y log ŷ",
        "That is the loss of independent yes-or-no answers; ŷ − y is the gradient of −Σ y log ŷ.",
        _both_sides,
        ("batch-forward", "batch-backward"),
        key_of=f"{_COURSERA}, in its first editions",
    ),
    Slip(
        "batch-loss-sum",
        "batch_loss",
        "sum for mean: not divided by the batch size",
        "−Σ y log ŷ",
        "−(1/m) Σ y log ŷ",
        "The cost is the mean over the examples.",
        lambda y, y_hat, m: m * batch_loss(y, y_hat, m),
        ("batch-forward",),
    ),
    Slip(
        "batch-loss-sign",
        "batch_loss",
        "the minus of the loss is missing",
        "(1/m) Σ y log ŷ",
        "−(1/m) Σ y log ŷ",
        "A logarithm of a probability is negative; a loss is not.",
        lambda y, y_hat, m: -batch_loss(y, y_hat, m),
        ("batch-forward",),
    ),
    Slip(
        "batch-relu-of-error",
        "batch_gradients",
        "ReLU is applied to the error, where its derivative belongs",
        "l1 = max(0, W2ᵀ(ŷ − y))",
        _HIDDEN,
        "The derivative of ReLU is 0 or 1 and depends on W1 x + b1, not on the error's sign.",
        _with_hidden(lambda error, h: np.maximum(0, error)),
        ("batch-backward",),
        key_of=_COURSERA,
    ),
    Slip(
        "batch-no-mask",
        "batch_gradients",
        "the derivative of ReLU is missing",
        "∂J/∂W1 = (1/m) W2ᵀ(ŷ − y) xᵀ",
        _HIDDEN,
        "Where W1 x + b1 < 0 the unit is off: nothing flows back through it.",
        _with_hidden(lambda error, h: error),
        ("batch-backward",),
    ),
    Slip(
        "batch-times-hidden",
        "batch_gradients",
        "ReLU itself where its derivative belongs",
        "l1 = W2ᵀ(ŷ − y) · max(0, W1 x + b1)",
        _HIDDEN,
        "The slope of ReLU above 0 is 1, whatever the value of h.",
        _with_hidden(lambda error, h: error * h),
        ("batch-backward",),
    ),
    Slip(
        "batch-sign",
        "batch_gradients",
        "wrong sign: y − ŷ instead of ŷ − y",
        "y − ŷ",
        "ŷ − y",
        "The gradient points towards a higher loss. Descent subtracts it: do not negate it here.",
        _gradients_times(lambda m: -1.0),
        ("batch-backward",),
    ),
    Slip(
        "batch-bias-sum",
        "batch_gradients",
        "the gradients of the biases are not divided by the batch size",
        "np.sum(l1, axis=1, keepdims=True), np.sum(ŷ − y, axis=1, keepdims=True)",
        _MEANS,
        "The cost is a mean over the batch, so the gradients of its biases are too.",
        lambda *given: batch_gradients(*given)._replace(
            b1=given[-1] * batch_gradients(*given).b1, b2=given[-1] * batch_gradients(*given).b2
        ),
        ("batch-backward",),
    ),
    Slip(
        "batch-sum",
        "batch_gradients",
        "sum for mean: not divided by the batch size",
        "Σ over the m examples",
        _MEANS,
        "The cost is a mean over the batch, so its gradients are too.",
        _gradients_times(float),
        ("batch-backward",),
    ),
    Slip(
        "batch-bias-unsummed",
        "batch_gradients",
        "the gradients of the biases are not summed over the batch",
        "grad_b1 = l1, grad_b2 = ŷ − y",
        "np.sum(…, axis=1, keepdims=True) / m",
        "A bias is added to every column, so its gradient sums over the columns.",
        _unsummed,
        ("batch-backward",),
    ),
)
