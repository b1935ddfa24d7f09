"""Claims about softmax, cross-entropy, sigmoid, leaky ReLU and L2 normalisation.

Expected values are computed in the most literal way (`np.exp(x) / np.exp(x).sum()`), which is
safe at unsaturated points and shares no code with the equations.
"""

import numpy as np

from w2v_cli.checks.functions import Functions
from w2v_cli.checks.measure import (
    EXACT,
    SLOPE,
    Claim,
    Point,
    Tally,
    derivative,
    numerical_jacobian,
)
from w2v_cli.equations import Array

LARGE = 10_000.0


def literal_softmax(x: Array) -> Array:
    """Softmax, straight from its definition."""
    e: Array = np.exp(x)
    return np.asarray(e / e.sum())


def _softmax_values(f: Functions, p: Point, tally: Tally) -> None:
    """softmax(x)_i = exp(x_i) / Σ_j exp(x_j), for a vector and for every row of a matrix."""
    tally.equal("softmax(x)", f.softmax(p.scores), literal_softmax(p.scores))
    rows = p.V @ p.U.T
    expected = np.stack([literal_softmax(row) for row in rows])
    tally.equal("softmax(rows)", f.softmax(rows), expected)


def _softmax_shift(f: Functions, p: Point, tally: Tally) -> None:
    """softmax(x + c) = softmax(x)."""
    for c in (-LARGE, -3.7, 0.5, 100.0, LARGE):
        tally.equal(f"softmax(x + ({c:g}))", f.softmax(p.scores + c), literal_softmax(p.scores))


def _softmax_jacobian(f: Functions, p: Point, tally: Tally) -> None:
    """∂ŷ_i/∂x_j = ŷ_i (δ_ij − ŷ_j)."""
    y_hat = literal_softmax(p.scores)
    formula = y_hat[:, None] * (np.eye(len(y_hat)) - y_hat[None, :])
    tally.equal("∂ŷ/∂x", f.softmax_jacobian(p.scores), formula)
    tally.equal("∂ŷ/∂x", f.softmax_jacobian(p.scores), numerical_jacobian(f.softmax, p.scores))


def _one_hot_cross_entropy(f: Functions, p: Point, tally: Tally) -> None:
    """CE(y, ŷ) of a one-hot y is −log ŷ_o."""
    y_hat = literal_softmax(p.scores)
    for o, y in enumerate(np.eye(len(p.U))):
        tally.equal(f"CE for o = {o}", f.cross_entropy(y, y_hat), -np.log(y_hat[o]))


def _score_gradient(f: Functions, p: Point, tally: Tally) -> None:
    """∂CE/∂scores = ŷ − y."""
    for y in np.eye(len(p.U)):
        _score_gradient_at(f, p, y, tally)


def _score_gradient_at(f: Functions, p: Point, y: Array, tally: Tally) -> None:
    got = f.cross_entropy_gradient(y, p.scores)
    tally.equal("ŷ − y", got, literal_softmax(p.scores) - y)
    tally.gradient("∂CE/∂x", got, lambda x: f.cross_entropy(y, f.softmax(x)), p.scores, p.rng)


def _numbers(p: Point) -> Array:
    """Return numbers of both signs, and 0."""
    return np.concatenate((p.V.ravel() * 2.0, [0.0]))


def _sigmoid_values(f: Functions, p: Point, tally: Tally) -> None:
    """σ(x) = eˣ/(eˣ + 1)."""
    x = _numbers(p)
    tally.equal("σ(x)", f.sigmoid(x), np.exp(x) / (np.exp(x) + 1))


def _sigmoid_mirror(f: Functions, p: Point, tally: Tally) -> None:
    """1 − σ(x) = σ(−x)."""
    x = _numbers(p)
    tally.equal("1 − σ(x)", 1 - f.sigmoid(x), f.sigmoid(-x))


def _sigmoid_slope(f: Functions, p: Point, tally: Tally) -> None:
    """σ'(x) = σ(x)(1 − σ(x))."""
    x = _numbers(p)
    tally.equal("σ'(x)", f.sigmoid_derivative(x), f.sigmoid(x) * (1 - f.sigmoid(x)))
    measured = derivative(lambda h: f.sigmoid(x + h))
    tally.equal("σ'(x)", f.sigmoid_derivative(x), measured)


def _sigmoid_jacobian(f: Functions, p: Point, tally: Tally) -> None:
    """∂σ(x)_i/∂x_j = δ_ij σ'(x_i)."""
    measured = numerical_jacobian(f.sigmoid, p.v_c)
    tally.equal("∂σ(x)/∂x", np.diag(f.sigmoid_derivative(p.v_c)), measured)


def _log_sigmoid(f: Functions, p: Point, tally: Tally) -> None:
    """d/dx log σ(x) = 1 − σ(x)."""
    x = _numbers(p)
    tally.equal("log σ(x)", f.log_sigmoid(x), np.log(np.exp(x) / (np.exp(x) + 1)))
    slope = derivative(lambda h: f.log_sigmoid(x + h))
    tally.equal("d/dx log σ(x)", 1 - f.sigmoid(x), slope)


def _leaky_relu(f: Functions, p: Point, tally: Tally) -> None:
    """max(αx, x) has slope α below 0 and 1 above; at 0 the two sides differ."""
    for alpha in (0.0, 0.01, 0.3):
        _leaky_relu_with(f, p.V.ravel(), alpha, tally)  # |x| ≥ 0.5: no step crosses 0


def _leaky_relu_with(f: Functions, x: Array, alpha: float, tally: Tally) -> None:
    tally.equal("max(αx, x)", f.leaky_relu(x, alpha), np.maximum(alpha * x, x))
    measured = derivative(lambda h: f.leaky_relu(x + h, alpha))
    tally.equal("slope", f.leaky_relu_derivative(x, alpha), measured)
    sides = f.leaky_relu(np.array([-1.0, 1.0]), alpha) / np.array([-1.0, 1.0])
    tally.equal("slopes beside 0", sides, [alpha, 1.0])
    undefined = np.isnan(f.leaky_relu_derivative(np.array([0.0]), alpha)[0])
    tally.equal("no slope at 0 (1 = true)", float(undefined), 1.0)


def _l2_same_word(f: Functions, p: Point, tally: Tally) -> None:
    """u and αu (α > 0) become the same unit vector."""
    for alpha in (1e-3, 0.5, 3.0, 1e3):
        unit = f.l2_normalize(alpha * p.U)
        tally.equal(f"normalised {alpha:g}·u", unit, f.l2_normalize(p.U))
        tally.equal("length", np.linalg.norm(unit, axis=-1), np.ones(len(p.U)))
        along = (unit * p.U).sum(axis=-1) / np.linalg.norm(p.U, axis=-1)
        tally.equal("cosine with u", along, np.ones(len(p.U)))


def _l2_classifier(f: Functions, p: Point, tally: Tally) -> None:
    """Sums of raw vectors separate "very bad" from "not bad"; sums of normalised ones do not.

    Let u_very = α u_not. Raw sums differ by (α − 1) u_not, so the classifier with weights
    w = u_not/‖u_not‖ sees a gap of (α − 1)‖u_not‖. Normalised, the two sums are one point.
    """
    u_not, u_bad = p.U[0], p.U[1]
    u_very = 3.0 * u_not
    length = np.linalg.norm(u_not)
    gap = ((u_very + u_bad) - (u_not + u_bad)) @ (u_not / length)
    tally.equal("gap between the raw sums", gap, 2.0 * length)
    normalised = f.l2_normalize(np.stack((u_very, u_not, u_bad)))
    very_bad, not_bad = normalised[0] + normalised[2], normalised[1] + normalised[2]
    tally.equal("normalised “very bad” and “not bad”", very_bad, not_bad)


def _large_scores(f: Functions, p: Point, tally: Tally) -> None:
    """Everything stays finite and right at scores of ±10,000."""
    x = np.array([-LARGE, 0.0, LARGE])
    with np.errstate(all="ignore"):
        tally.equal("σ(±10,000)", f.sigmoid(x), [0.0, 0.5, 1.0])
        tally.equal("log σ(±10,000)", f.log_sigmoid(x), [-LARGE, -np.log(2.0), 0.0])
        tally.equal("softmax(±10,000)", f.softmax(x), [0.0, 0.0, 1.0])
        v_c, U = np.array([1.0]), x[:, None]
        loss, grad_center, grad_outside = f.naive_softmax(v_c, 0, U)
        tally.equal("naive softmax loss", loss, 2 * LARGE)
        tally.equal("naive softmax ∂J/∂v_c", grad_center, [2 * LARGE])
        tally.equal("naive softmax ∂J/∂U", grad_outside, [[-1.0], [0.0], [1.0]])
        for name, pair_loss in (
            ("negative_sampling", f.negative_sampling),
            ("negative_sampling_stacked", f.negative_sampling_stacked),
        ):
            loss, grad_center, grad_outside = pair_loss(v_c, 0, [2, 2], U)
            tally.equal(f"{name} loss", loss, 3 * LARGE)
            tally.equal(f"{name} ∂J/∂v_c", grad_center, [3 * LARGE])
            tally.equal(f"{name} ∂J/∂U", grad_outside, [[-1.0], [0.0], [2.0]])


# The claims.


_BASICS = "Building blocks"
_SHIFT = 1e-11  # adding 10,000 to a score rounds it by 1e-12

BASIC_CLAIMS = (
    Claim("softmax", _BASICS, "softmax(x)_i = exp(x_i) / Σ_j exp(x_j)", _softmax_values, EXACT),
    Claim("softmax-shift", _BASICS, "softmax(x + c) = softmax(x)", _softmax_shift, _SHIFT),
    Claim("softmax-jacobian", _BASICS, "∂ŷ_i/∂x_j = ŷ_i(δ_ij − ŷ_j)", _softmax_jacobian, SLOPE),
    Claim(
        "one-hot-cross-entropy",
        _BASICS,
        "cross-entropy of a one-hot y is −log ŷ_o",
        _one_hot_cross_entropy,
        EXACT,
    ),
    Claim("score-gradient", _BASICS, "∂CE/∂scores = ŷ − y", _score_gradient, SLOPE),
    Claim("sigmoid", _BASICS, "σ(x) = eˣ/(eˣ + 1)", _sigmoid_values, EXACT),
    Claim("sigmoid-mirror", _BASICS, "1 − σ(x) = σ(−x)", _sigmoid_mirror, EXACT),
    Claim("sigmoid-derivative", _BASICS, "σ'(x) = σ(x)(1 − σ(x))", _sigmoid_slope, SLOPE),
    Claim("sigmoid-jacobian", _BASICS, "∂σ(x)/∂x = diag(σ'(x))", _sigmoid_jacobian, SLOPE),
    Claim("log-sigmoid", _BASICS, "d/dx log σ(x) = 1 − σ(x)", _log_sigmoid, SLOPE),
    Claim(
        "leaky-relu", _BASICS, "max(αx, x): slope α below 0, 1 above, none at 0", _leaky_relu, SLOPE
    ),
    Claim("l2-same-word", _BASICS, "L2: u and αu become one word", _l2_same_word, EXACT),
    Claim(
        "l2-classifier",
        _BASICS,
        "L2 merges “very bad” and “not bad”, raw sums differ",
        _l2_classifier,
        EXACT,
    ),
    Claim("large-scores", _BASICS, "all finite at scores of ±10,000", _large_scores, EXACT),
)
