"""Slips in naive softmax. Each keeps the signature ``(v_c, o, U)``, U by rows."""

import numpy as np

from w2v_cli.checks.functions import Slip
from w2v_cli.equations import Array, LossAndGradients, naive_softmax, one_hot, softmax


def _delta(v_c: Array, o: int, U: Array) -> Array:
    return softmax(U @ v_c) - one_hot(o, len(U))


def _turned(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, grad_outside = naive_softmax(v_c, o, U)
    return LossAndGradients(loss, -grad_center, -grad_outside)


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
    """Scores Uᵀ v_c with U stored by rows; fits where U is square."""
    delta = softmax(U.T @ v_c) - one_hot(o, len(U))
    loss = float(-np.log(softmax(U.T @ v_c)[o]))
    return LossAndGradients(loss, U.T @ delta, np.outer(delta, v_c))


def _transposed(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, grad_outside = naive_softmax(v_c, o, U)
    return LossAndGradients(loss, grad_center, grad_outside.T)


def _mean(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, grad_outside = naive_softmax(v_c, o, U)
    return LossAndGradients(loss / len(U), grad_center / len(U), grad_outside / len(U))


def _integer(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, grad_outside = naive_softmax(v_c, o, U)
    return LossAndGradients(np.trunc(loss), np.trunc(grad_center), np.trunc(grad_outside))


def _outside_for_center(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, _ = naive_softmax(v_c, o, U)
    return LossAndGradients(loss, grad_center, np.outer(_delta(v_c, o, U), U[o]))


def _rows_of_outside(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, _ = naive_softmax(v_c, o, U)
    return LossAndGradients(loss, grad_center, _delta(v_c, o, U)[:, None] * U)


def _positive_log(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, grad_outside = naive_softmax(v_c, o, U)
    return LossAndGradients(-loss, grad_center, grad_outside)


def _no_log(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, grad_outside = naive_softmax(v_c, o, U)
    return LossAndGradients(-float(np.exp(-loss)), grad_center, grad_outside)


def _all_words(v_c: Array, o: int, U: Array) -> LossAndGradients:
    _, grad_center, grad_outside = naive_softmax(v_c, o, U)
    loss = -float(np.log(softmax(U @ v_c)).sum())
    return LossAndGradients(loss, grad_center, grad_outside)


def _overflowing(v_c: Array, o: int, U: Array) -> LossAndGradients:
    e = np.exp(U @ v_c)
    y_hat = e / e.sum()
    delta = y_hat - one_hot(o, len(U))
    return LossAndGradients(float(-np.log(y_hat[o])), U.T @ delta, np.outer(delta, v_c))


SLIPS = (
    Slip(
        "softmax-sign",
        "naive_softmax",
        "sign turned: y − ŷ instead of ŷ − y",
        "Uᵀ(y − ŷ), (y − ŷ) v_cᵀ",
        "Uᵀ(ŷ − y), (ŷ − y) v_cᵀ",
        "The gradient points to a higher loss; descent subtracts it. Do not subtract twice.",
        _turned,
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
        "transposed: formula for columns used on rows",
        "∂J/∂v_c = U(ŷ − y) with U stored by rows",
        "Uᵀ(ŷ − y) for rows; U(ŷ − y) for columns",
        "ŷ − y has one entry a word: it must meet the axis of U that counts words.",
        _column_formula,
        ("softmax-center",),
    ),
    Slip(
        "softmax-column-scores",
        "naive_softmax",
        "transposed: scores for columns used on rows",
        "scores = Uᵀ v_c with U stored by rows",
        "U v_c for rows; Uᵀ v_c for columns",
        "There is one score per word: the sum must run over the axis that v_c has.",
        _column_scores,
        ("softmax-loss", "softmax-center", "softmax-outside"),
    ),
    Slip(
        "softmax-transposed",
        "naive_softmax",
        "transposed",
        "∂J/∂U = v_c (ŷ − y)ᵀ with U stored by rows",
        "(ŷ − y) v_cᵀ for rows; v_c (ŷ − y)ᵀ for columns",
        "A gradient has the shape of the thing it is the gradient of.",
        _transposed,
        ("softmax-outside",),
    ),
    Slip(
        "softmax-outside-for-center",
        "naive_softmax",
        "u_o where v_c belongs",
        "∂J/∂u_w = (ŷ_w − y_w) u_o",
        "∂J/∂u_w = (ŷ_w − y_w) v_c",
        "In the score u_w·v_c, the factor beside u_w is v_c.",
        _outside_for_center,
        ("softmax-outside",),
    ),
    Slip(
        "softmax-rows-of-outside",
        "naive_softmax",
        "u_w where v_c belongs",
        "∂J/∂u_w = (ŷ_w − y_w) u_w",
        "∂J/∂u_w = (ŷ_w − y_w) v_c",
        "In the score u_w·v_c, the factor beside u_w is v_c.",
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
        "dtype integer: fractions are cut off",
        "np.zeros(shape, dtype=int)",
        "np.zeros(shape), which is float",
        "Numbers written into an integer array silently lose their fractions.",
        _integer,
        ("softmax-center", "softmax-outside"),
    ),
    Slip(
        "softmax-loss-sign",
        "naive_softmax",
        "the minus of the loss is missing",
        "J = log ŷ_o",
        "J = −log ŷ_o",
        "A logarithm of a probability is negative; a loss is not.",
        _positive_log,
        ("softmax-loss",),
    ),
    Slip(
        "softmax-no-log",
        "naive_softmax",
        "the logarithm of the loss is missing",
        "J = −ŷ_o",
        "J = −log ŷ_o",
        "Cross-entropy is a logarithm.",
        _no_log,
        ("softmax-loss",),
    ),
    Slip(
        "softmax-all-words",
        "naive_softmax",
        "the loss sums over all words, not the true one",
        "J = −Σ_w log ŷ_w",
        "J = −log ŷ_o",
        "y is one-hot: only the term of the true word is left.",
        _all_words,
        ("softmax-loss",),
    ),
    Slip(
        "softmax-loss-overflow",
        "naive_softmax",
        "overflow at large scores",
        "exp(x) / Σ exp(x): inf/inf = NaN from a score of 710 on",
        "exp(x − max x) / Σ exp(x − max x)",
        "softmax(x + c) = softmax(x): subtract the largest score first.",
        _overflowing,
        ("large-scores",),
    ),
)
