"""Slips in sigmoid and softmax."""

import numpy as np

from w2v_cli.checks.functions import Slip
from w2v_cli.equations import Array, sigmoid, softmax


def _turned_sigmoid(x: Array) -> Array:
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


SLIPS = (
    Slip(
        "sigmoid-turned",
        "sigmoid",
        "sign turned: σ(−x) instead of σ(x)",
        "1/(1 + eˣ)",
        "1/(1 + e⁻ˣ) = eˣ/(eˣ + 1)",
        "σ must rise from 0 to 1. With eˣ below the line it falls.",
        _turned_sigmoid,
        ("sigmoid",),
    ),
    Slip(
        "sigmoid-overflow",
        "sigmoid",
        "overflow at large scores",
        "eˣ/(eˣ + 1) for every x: inf/inf = NaN from x = 710 on",
        "1/(1 + e⁻ˣ) for x ≥ 0, eˣ/(eˣ + 1) for x < 0",
        "Take exponentials of negative numbers only: they cannot overflow.",
        _overflowing_sigmoid,
        ("large-scores",),
    ),
    Slip(
        "sigmoid-integer",
        "sigmoid",
        "dtype integer: fractions are cut off",
        "an array of integers that the values are written into",
        "a float array",
        "np.zeros_like(x), np.empty_like(x) and x itself have the dtype of x; ask for float.",
        _integer_sigmoid,
        ("sigmoid",),
    ),
    Slip(
        "softmax-overflow",
        "softmax",
        "overflow at large scores",
        "exp(x) / Σ exp(x): inf/inf = NaN from x = 710 on",
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
        "a matrix is normalised as a whole, not row by row",
        "exp(X) / Σ exp(X) over all entries",
        "each row divided by its own sum",
        "Sum with axis=1, keepdims=True.",
        _whole_softmax,
        ("softmax",),
    ),
    Slip(
        "softmax-columns",
        "softmax",
        "transposed: a matrix is normalised by columns, not by rows",
        "np.sum(…, axis=0)",
        "np.sum(…, axis=1, keepdims=True)",
        "Each row is one vector of scores.",
        _column_softmax,
        ("softmax",),
    ),
    Slip(
        "softmax-integer",
        "softmax",
        "dtype integer: fractions are cut off",
        "an array of integers that the values are written into",
        "a float array",
        "np.zeros_like(x), np.empty_like(x) and x itself have the dtype of x; ask for float.",
        _integer_softmax,
        ("softmax",),
    ),
)
