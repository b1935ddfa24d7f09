"""Slips in sigmoid, softmax and naive softmax."""

import numpy as np

from w2v_cli.checks.functions import Slip, after, cut_off, sign_flipped, transposed
from w2v_cli.equations import Array, LossAndGradients, naive_softmax, one_hot, sigmoid, softmax

# Sigmoid and softmax.


def _mirrored_sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(x)))


def _overflowing_sigmoid(x: Array) -> Array:
    return np.asarray(np.exp(x) / (np.exp(x) + 1))


def _integer_sigmoid(x: Array) -> Array:
    return np.trunc(sigmoid(x))


def _overflowing_softmax(x: Array) -> Array:
    exponentials = np.exp(x)
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


def _unnormalised_softmax(x: Array) -> Array:
    return np.asarray(np.exp(x - np.max(x, axis=-1, keepdims=True)))


def _whole_softmax(x: Array) -> Array:
    exponentials = np.exp(x - np.max(x))
    return np.asarray(exponentials / exponentials.sum())


def _column_softmax(x: Array) -> Array:
    return softmax(np.asarray(x).T).T


def _integer_softmax(x: Array) -> Array:
    return np.trunc(softmax(x))


BLOCK_SLIPS = (
    Slip(
        "sigmoid-turned",
        "sigmoid",
        "wrong sign: σ(−x) instead of σ(x)",
        "1/(1 + eˣ)",
        "1/(1 + e⁻ˣ) = eˣ/(eˣ + 1)",
        "σ must rise from 0 to 1. With eˣ in the denominator it falls.",
        _mirrored_sigmoid,
        ("sigmoid",),
    ),
    Slip(
        "sigmoid-overflow",
        "sigmoid",
        "overflow at large scores",
        "eˣ/(eˣ + 1) for every x: inf/inf = NaN for x ≥ 710",
        "1/(1 + e⁻ˣ) for x ≥ 0, eˣ/(eˣ + 1) for x < 0",
        "Only take exponentials of negative numbers: they cannot overflow.",
        _overflowing_sigmoid,
        ("large-scores",),
    ),
    Slip(
        "sigmoid-integer",
        "sigmoid",
        "dtype integer: fractions are lost",
        "values written into an array of integers",
        "a float array",
        "np.zeros_like(x) and np.empty_like(x) have the dtype of x; pass dtype=float.",
        _integer_sigmoid,
        ("sigmoid",),
    ),
    Slip(
        "softmax-overflow",
        "softmax",
        "overflow at large scores",
        "exp(x) / Σ exp(x): inf/inf = NaN for x ≥ 710",
        "exp(x − max x) / Σ exp(x − max x)",
        "softmax(x + c) = softmax(x): subtract the largest score first.",
        _overflowing_softmax,
        ("softmax-shift", "large-scores"),
    ),
    Slip(
        "softmax-unnormalised",
        "softmax",
        "not divided by the sum",
        "exp(x − max x)",
        "exp(x − max x) / Σ exp(x − max x)",
        "Probabilities sum to 1.",
        _unnormalised_softmax,
        ("softmax",),
    ),
    Slip(
        "softmax-whole",
        "softmax",
        "a matrix is normalised as a whole instead of row by row",
        "exp(X) / Σ exp(X) over all entries",
        "each row divided by its own sum",
        "Sum with axis=1, keepdims=True.",
        _whole_softmax,
        ("softmax",),
    ),
    Slip(
        "softmax-columns",
        "softmax",
        "transposed: a matrix is normalised by columns instead of by rows",
        "np.sum(…, axis=0)",
        "np.sum(…, axis=1, keepdims=True)",
        "Each row is one vector of scores.",
        _column_softmax,
        ("softmax",),
    ),
    Slip(
        "softmax-integer",
        "softmax",
        "dtype integer: fractions are lost",
        "values written into an array of integers",
        "a float array",
        "np.zeros_like(x) and np.empty_like(x) have the dtype of x; pass dtype=float.",
        _integer_softmax,
        ("softmax",),
    ),
)


# Naive softmax, with the signature `(v_c, o, U)`, U by rows.


def _delta(v_c: Array, o: int, U: Array) -> Array:
    return softmax(U @ v_c) - one_hot(o, len(U))


def _no_center(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, _ = naive_softmax(v_c, o, U)
    y_hat = softmax(U @ v_c)
    return LossAndGradients(loss, grad_center, np.repeat(y_hat[:, None], len(v_c), axis=1))


def _no_center_minus_one_hot(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, _ = naive_softmax(v_c, o, U)
    delta = _delta(v_c, o, U)
    return LossAndGradients(loss, grad_center, np.repeat(delta[:, None], len(v_c), axis=1))


def _no_one_hot(v_c: Array, o: int, U: Array) -> LossAndGradients:
    y_hat = softmax(U @ v_c)
    loss = naive_softmax(v_c, o, U).loss
    return LossAndGradients(loss, U.T @ y_hat, np.outer(y_hat, v_c))


def _column_formula(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, _, grad_outside = naive_softmax(v_c, o, U)
    return LossAndGradients(loss, U @ _delta(v_c, o, U), grad_outside)


def _column_scores(v_c: Array, o: int, U: Array) -> LossAndGradients:
    """Compute the scores Uᵀ v_c with U stored by rows; fits only a square U."""
    delta = softmax(U.T @ v_c) - one_hot(o, len(U))
    loss = float(-np.log(softmax(U.T @ v_c)[o]))
    return LossAndGradients(loss, U.T @ delta, np.outer(delta, v_c))


def _mean(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, grad_outside = naive_softmax(v_c, o, U)
    return LossAndGradients(loss / len(U), grad_center / len(U), grad_outside / len(U))


def _outside_for_center(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, _ = naive_softmax(v_c, o, U)
    return LossAndGradients(loss, grad_center, np.outer(_delta(v_c, o, U), U[o]))


def _rows_of_outside(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, _ = naive_softmax(v_c, o, U)
    return LossAndGradients(loss, grad_center, _delta(v_c, o, U)[:, None] * U)


def _all_words(v_c: Array, o: int, U: Array) -> LossAndGradients:
    _, grad_center, grad_outside = naive_softmax(v_c, o, U)
    loss = -float(np.log(softmax(U @ v_c)).sum())
    return LossAndGradients(loss, grad_center, grad_outside)


def _overflowing(v_c: Array, o: int, U: Array) -> LossAndGradients:
    e = np.exp(U @ v_c)
    y_hat = e / e.sum()
    delta = y_hat - one_hot(o, len(U))
    return LossAndGradients(float(-np.log(y_hat[o])), U.T @ delta, np.outer(delta, v_c))


SOFTMAX_SLIPS = (
    Slip(
        "softmax-sign",
        "naive_softmax",
        "wrong sign: y − ŷ instead of ŷ − y",
        "Uᵀ(y − ŷ), (y − ŷ) v_cᵀ",
        "Uᵀ(ŷ − y), (ŷ − y) v_cᵀ",
        "The gradient points towards a higher loss. Descent subtracts it: do not negate it here.",
        after(naive_softmax, sign_flipped),
        ("softmax-center", "softmax-outside"),
    ),
    Slip(
        "softmax-no-center",
        "naive_softmax",
        "missing centre vector",
        "∂J/∂u_w = ŷ_w",
        "∂J/∂u_w = (ŷ_w − y_w) v_c",
        "By the chain rule, ∂(u_w·v_c)/∂u_w = v_c: a vector, as the gradient of a vector must be.",
        _no_center,
        ("softmax-outside",),
    ),
    Slip(
        "softmax-no-center-2",
        "naive_softmax",
        "missing centre vector",
        "∂J/∂u_w = ŷ_w − y_w",
        "∂J/∂u_w = (ŷ_w − y_w) v_c",
        "By the chain rule, ∂(u_w·v_c)/∂u_w = v_c: a vector, as the gradient of a vector must be.",
        _no_center_minus_one_hot,
        ("softmax-outside",),
    ),
    Slip(
        "softmax-no-one-hot",
        "naive_softmax",
        "the −1 of the true word is missing: ŷ instead of ŷ − y",
        "Uᵀŷ, ŷ v_cᵀ",
        "Uᵀ(ŷ − y), (ŷ − y) v_cᵀ",
        "Subtract 1 from ŷ at the outside word before both products.",
        _no_one_hot,
        ("softmax-center", "softmax-outside"),
    ),
    Slip(
        "softmax-column-formula",
        "naive_softmax",
        "transposed: formula for columns applied to rows",
        "∂J/∂v_c = U(ŷ − y) with U stored by rows",
        "Uᵀ(ŷ − y) for rows; U(ŷ − y) for columns",
        "ŷ − y has one entry per word: multiply it with the axis of U that counts words.",
        _column_formula,
        ("softmax-center",),
    ),
    Slip(
        "softmax-column-scores",
        "naive_softmax",
        "transposed: scores for columns applied to rows",
        "scores = Uᵀ v_c with U stored by rows",
        "U v_c for rows; Uᵀ v_c for columns",
        "There is one score per word: sum over the axis that v_c has.",
        _column_scores,
        ("softmax-loss", "softmax-center", "softmax-outside"),
    ),
    Slip(
        "softmax-transposed",
        "naive_softmax",
        "transposed",
        "∂J/∂U = v_c (ŷ − y)ᵀ with U stored by rows",
        "(ŷ − y) v_cᵀ for rows; v_c (ŷ − y)ᵀ for columns",
        "A gradient has the shape of its variable.",
        after(naive_softmax, transposed),
        ("softmax-outside",),
    ),
    Slip(
        "softmax-outside-for-center",
        "naive_softmax",
        "u_o where v_c belongs",
        "∂J/∂u_w = (ŷ_w − y_w) u_o",
        "∂J/∂u_w = (ŷ_w − y_w) v_c",
        "In the score u_w·v_c, the other factor is v_c.",
        _outside_for_center,
        ("softmax-outside",),
    ),
    Slip(
        "softmax-rows-of-outside",
        "naive_softmax",
        "u_w where v_c belongs",
        "∂J/∂u_w = (ŷ_w − y_w) u_w",
        "∂J/∂u_w = (ŷ_w − y_w) v_c",
        "In the score u_w·v_c, the other factor is v_c.",
        _rows_of_outside,
        ("softmax-outside",),
    ),
    Slip(
        "softmax-mean",
        "naive_softmax",
        "mean for sum: divided by the number of words",
        "mean over the words of the vocabulary",
        "sum over the words of the vocabulary",
        "np.sum, not np.mean.",
        _mean,
        ("softmax-loss", "softmax-center", "softmax-outside"),
    ),
    Slip(
        "softmax-integer-gradient",
        "naive_softmax",
        "dtype integer: fractions are lost",
        "np.zeros(shape, dtype=int)",
        "np.zeros(shape), which is float",
        "NumPy drops the fractions of numbers written into an integer array.",
        after(naive_softmax, cut_off),
        ("softmax-center", "softmax-outside"),
    ),
    Slip(
        "softmax-loss-sign",
        "naive_softmax",
        "the minus of the loss is missing",
        "J = log ŷ_o",
        "J = −log ŷ_o",
        "A logarithm of a probability is negative; a loss is not.",
        after(naive_softmax, lambda x: x._replace(loss=-x.loss)),
        ("softmax-loss",),
    ),
    Slip(
        "softmax-no-log",
        "naive_softmax",
        "the logarithm of the loss is missing",
        "J = −ŷ_o",
        "J = −log ŷ_o",
        "Cross-entropy is a logarithm.",
        after(naive_softmax, lambda x: x._replace(loss=-float(np.exp(-x.loss)))),
        ("softmax-loss",),
    ),
    Slip(
        "softmax-all-words",
        "naive_softmax",
        "the loss sums over all words instead of the true one",
        "J = −Σ_w log ŷ_w",
        "J = −log ŷ_o",
        "y is one-hot: only the true word's term remains.",
        _all_words,
        ("softmax-loss",),
    ),
    Slip(
        "softmax-loss-overflow",
        "naive_softmax",
        "overflow at large scores",
        "exp(x) / Σ exp(x): inf/inf = NaN for scores ≥ 710",
        "exp(x − max x) / Σ exp(x − max x)",
        "softmax(x + c) = softmax(x): subtract the largest score first.",
        _overflowing,
        ("large-scores",),
    ),
)
