"""Slips in the functions of numbers and scores: sigmoid, softmax, leaky ReLU, derivatives."""

from collections.abc import Callable

import numpy as np

from w2v_cli.checks.functions import Slip
from w2v_cli.equations import (
    Array,
    leaky_relu,
    leaky_relu_derivative,
    sigmoid,
    sigmoid_derivative,
    softmax,
    softmax_jacobian,
)

# Sigmoid and softmax.


def _mirrored_sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(x)))


def _overflowing_sigmoid(x: Array) -> Array:
    return np.asarray(np.exp(x) / (np.exp(x) + 1))


def _integer_sigmoid(x: Array) -> Array:
    return np.trunc(sigmoid(x))


def _derivative_for_sigmoid(x: Array) -> Array:
    return sigmoid(x) * (1 - sigmoid(x))


def _plus_in_exponent(x: Array) -> Array:
    return np.asarray(np.exp(x) / np.exp(np.asarray(x) + 1))


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


BLOCK_SLIPS: tuple[Slip, ...] = (
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
        "sigmoid-derivative",
        "sigmoid",
        "the derivative of sigmoid is returned instead of sigmoid",
        "σ(x)(1 − σ(x))",
        "1/(1 + e⁻ˣ)",
        "σ(0) = ½; its derivative there is ¼.",
        _derivative_for_sigmoid,
        ("sigmoid",),
    ),
    Slip(
        "sigmoid-exponent",
        "sigmoid",
        "the 1 is added in the exponent",
        "eˣ/e^(x + 1), which is 1/e for every x",
        "eˣ/(eˣ + 1)",
        "np.exp(x) + 1, not np.exp(x + 1).",
        _plus_in_exponent,
        ("sigmoid",),
    ),
    Slip(
        "sigmoid-mixed",
        "sigmoid",
        "a product of two sigmoids with mixed signs: σ(−x)²",
        "1/(1 + eˣ) · e⁻ˣ/(1 + e⁻ˣ)",
        "1/(1 + e⁻ˣ); its derivative is 1/(1 + e⁻ˣ) · e⁻ˣ/(1 + e⁻ˣ)",
        "1/(1 + eˣ) and e⁻ˣ/(1 + e⁻ˣ) are both σ(−x). Only the derivative is a product.",
        lambda x: sigmoid(-x) ** 2,
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

# Derivatives of sigmoid and softmax, and leaky ReLU.


def _slip_of(
    function: str,
    claim: str,
    right: str,
    rows: tuple[tuple[str, str, str, str, Callable[..., Array]], ...],
) -> tuple[Slip, ...]:
    """Make slips of one function. rows: key, title, wrong formula, why, the function."""
    return tuple(
        Slip(key, function, title, wrong, right, why, mutated, (claim,))
        for key, title, wrong, why, mutated in rows
    )


def _off_diagonal(x: Array) -> Array:
    y_hat = softmax(x)
    return np.asarray(np.outer(y_hat, y_hat) * (1 - np.eye(len(y_hat))))


_SLOPE_SLIPS = _slip_of(
    "sigmoid_derivative",
    "sigmoid-derivative",
    "σ(x)(1 − σ(x)) = σ(x) σ(−x)",
    (
        (
            "slope-sigmoid",
            "sigmoid is returned instead of its derivative",
            "σ(x)",
            "σ rises towards 1; its slope is ¼ at 0 and falls towards 0 on both sides.",
            sigmoid,
        ),
        (
            "slope-mirrored",
            "σ(−x) alone: the factor σ(x) is missing",
            "1 − σ(x), or e⁻ˣ/(1 + e⁻ˣ)",
            "(1 + e⁻ˣ)⁻¹ has slope e⁻ˣ (1 + e⁻ˣ)⁻²: the denominator is squared.",
            lambda x: sigmoid(-x),
        ),
        (
            "slope-squared",
            "σ(x)² instead of σ(x)(1 − σ(x))",
            "1/(1 + e⁻ˣ)²",
            "(1 + e⁻ˣ)⁻¹ has slope e⁻ˣ (1 + e⁻ˣ)⁻²: the numerator is e⁻ˣ.",
            lambda x: sigmoid(x) ** 2,
        ),
        (
            "slope-mixed",
            "the signs inside the two sigmoids are mixed: σ(−x)²",
            "1/(1 + eˣ) · e⁻ˣ/(1 + e⁻ˣ)",
            "1/(1 + e⁻ˣ) is σ(x) and e⁻ˣ/(1 + e⁻ˣ) is σ(−x): one of each.",
            lambda x: sigmoid(-x) ** 2,
        ),
        (
            "slope-sign",
            "wrong sign: the derivative of σ is positive",
            "−σ(x)(1 − σ(x)), or σ(x)(σ(x) − 1)",
            "σ rises everywhere; the two minuses of −(1 + e⁻ˣ)⁻² · (−e⁻ˣ) cancel.",
            lambda x: -sigmoid_derivative(x),
        ),
        (
            "slope-plus",
            "1 + σ(x) where 1 − σ(x) belongs",
            "σ(x)(1 + σ(x))",
            "1 − σ(x) = σ(−x): far from 0 the slope vanishes.",
            lambda x: sigmoid(x) * (1 + sigmoid(x)),
        ),
    ),
)

_JACOBIAN_SLIPS = _slip_of(
    "softmax_jacobian",
    "softmax-jacobian",
    "∂ŷ_i/∂x_j = ŷ_i(δ_ij − ŷ_j) = diag(ŷ) − ŷ ŷᵀ",
    (
        (
            "jacobian-vector",
            "only the diagonal of the Jacobian: a vector",
            "ŷ_i(1 − ŷ_i)",
            "Each ŷ_i depends on every score: for i ≠ j the derivative is −ŷ_i ŷ_j.",
            lambda x: np.diag(softmax_jacobian(x)),
        ),
        (
            "jacobian-diagonal",
            "the entries beside the diagonal are missing",
            "0 for i ≠ j",
            "Every score is in the denominator: for i ≠ j the derivative is −ŷ_i ŷ_j.",
            lambda x: np.diag(np.diag(softmax_jacobian(x))),
        ),
        (
            "jacobian-plus",
            "wrong sign beside the diagonal",
            "ŷ_i ŷ_j for i ≠ j",
            "A higher x_j takes probability away from all other words.",
            lambda x: softmax_jacobian(x) + 2 * _off_diagonal(x),
        ),
        (
            "jacobian-no-delta",
            "the diagonal lacks its ŷ_i",
            "−ŷ ŷᵀ",
            "On the diagonal the numerator depends on x_i too: ŷ_i − ŷ_i².",
            lambda x: -np.outer(softmax(x), softmax(x)),
        ),
        (
            "jacobian-unsquared",
            "ŷ_i on the diagonal instead of ŷ_i(1 − ŷ_i)",
            "ŷ_i for i = j",
            "On the diagonal the denominator depends on x_i too: ŷ_i − ŷ_i².",
            lambda x: np.diag(softmax(x)) - _off_diagonal(x),
        ),
        (
            "jacobian-identity",
            "the factor ŷ_i is missing",
            "δ_ij − ŷ_j",
            "By the quotient rule both terms have the factor ŷ_i.",
            lambda x: np.eye(len(x)) - softmax(x),
        ),
        (
            "jacobian-sign",
            "wrong sign",
            "ŷ ŷᵀ − diag(ŷ)",
            "A higher x_i makes ŷ_i larger: the diagonal is positive.",
            lambda x: -softmax_jacobian(x),
        ),
        (
            "jacobian-softmax",
            "softmax is returned instead of its Jacobian",
            "ŷ",
            "n outputs and n scores: the Jacobian has n × n entries.",
            softmax,
        ),
    ),
)

_LEAKY_SLIPS = _slip_of(
    "leaky_relu",
    "leaky-relu",
    "max(αx, x): x for x > 0, αx for x < 0",
    (
        (
            "leaky-sides",
            "the two sides are swapped",
            "αx for x > 0, x for x < 0",
            "The leak is on the negative side: α < 1, so αx is the larger one there.",
            lambda x, alpha: np.minimum(alpha * x, x),
        ),
        (
            "leaky-zero",
            "this is ReLU: 0 below 0, without a leak",
            "max(0, x)",
            "Below 0 the value is αx, so that the gradient does not vanish.",
            lambda x, alpha: np.maximum(0.0, x),
        ),
        (
            "leaky-sign",
            "wrong sign below 0",
            "−αx for x < 0",
            "αx is negative for x < 0: the function rises everywhere.",
            lambda x, alpha: np.where(x > 0, x, -alpha * x),
        ),
        (
            "leaky-constant",
            "α instead of αx below 0",
            "α for x < 0",
            "α is the slope; the value is α times x.",
            lambda x, alpha: np.where(x > 0, x, alpha + 0 * x),
        ),
        (
            "leaky-slope",
            "the derivative of leaky ReLU is returned instead of leaky ReLU",
            "1 for x > 0, α for x < 0",
            "These are the slopes; the values are x and αx.",
            leaky_relu_derivative,
        ),
    ),
)

_LEAKY_SLOPE_SLIPS = _slip_of(
    "leaky_relu_derivative",
    "leaky-relu",
    "1 for x > 0, α for x < 0",
    (
        (
            "leaky-slope-sides",
            "the two sides are swapped",
            "α for x > 0, 1 for x < 0",
            "max(αx, x) is x for x > 0, with slope 1, and αx for x < 0, with slope α.",
            lambda x, alpha: np.where(x > 0, alpha, 1.0),
        ),
        (
            "leaky-slope-zero",
            "this is the derivative of ReLU: 0 below 0",
            "1 for x > 0, 0 for x < 0",
            "The slope below 0 is α: that is what the leak is for.",
            lambda x, alpha: np.where(x > 0, 1.0, 0.0),
        ),
        (
            "leaky-slope-sign",
            "wrong sign below 0",
            "−α for x < 0",
            "αx rises with x: its slope is α.",
            lambda x, alpha: np.where(x > 0, 1.0, -alpha),
        ),
        (
            "leaky-slope-times-x",
            "αx instead of α below 0",
            "αx for x < 0",
            "αx is the value; its slope is α.",
            lambda x, alpha: np.where(x > 0, 1.0, alpha * x),
        ),
        (
            "leaky-slope-value",
            "leaky ReLU is returned instead of its derivative",
            "max(αx, x)",
            "The slope is 1 or α, whatever the size of x.",
            leaky_relu,
        ),
    ),
)

BLOCK_SLIPS += (*_SLOPE_SLIPS, *_JACOBIAN_SLIPS, *_LEAKY_SLIPS, *_LEAKY_SLOPE_SLIPS)
