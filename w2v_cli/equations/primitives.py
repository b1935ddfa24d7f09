"""The functions that the losses are made of, and their derivatives."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def _float(x: ArrayLike) -> Array:
    return np.asarray(x, dtype=np.float64)


class LossAndGradients(NamedTuple):
    """A loss and its gradients (∂loss/∂θ: gradient descent *subtracts* them).

    Each gradient has the shape of its variable.
    """

    loss: float
    grad_center: Array
    grad_outside: Array


def one_hot(index: int, length: int) -> Array:
    """Return the vector with 1 at ``index`` and 0 elsewhere, shape ``(length,)``."""
    y = np.zeros(length)
    y[index] = 1.0
    return y


def log_softmax(x: ArrayLike) -> Array:
    """``log softmax(x)`` over the last axis: ``x − logsumexp(x)``.

    It never takes the logarithm of a probability that has underflowed to 0, so
    ``−log ŷ_o`` stays finite even if ``ŷ_o`` itself is 0 in float64.
    """
    x = _float(x)
    shifted: Array = x - x.max(axis=-1, keepdims=True)
    total: Array = np.exp(shifted).sum(axis=-1, keepdims=True)
    return shifted - np.log(total)


def softmax(x: ArrayLike) -> Array:
    """``softmax(x)_i = exp(x_i) / Σ_j exp(x_j)`` over the last axis.

    A constant added to all scores cancels:
    ``exp(x_i + a) / Σ_j exp(x_j + a) = eᵃ exp(x_i) / (eᵃ Σ_j exp(x_j))``.
    With ``a = −max(x)`` the largest exponent is 0, so nothing overflows, and the
    denominator is at least 1.
    """
    x = _float(x)
    exponentials: Array = np.exp(x - x.max(axis=-1, keepdims=True))
    total: Array = exponentials.sum(axis=-1, keepdims=True)
    return exponentials / total


def softmax_jacobian(x: ArrayLike) -> Array:
    """``∂ŷ_i/∂x_j = ŷ_i (δ_ij − ŷ_j)``, shape ``(n, n)`` for ``x`` of shape ``(n,)``.

    Quotient rule on ``ŷ_i = e_i / S`` with ``e_i = exp(x_i)``, ``S = Σ_j e_j``:
    ``∂ŷ_i/∂x_j = (δ_ij e_i S − e_i e_j) / S² = δ_ij ŷ_i − ŷ_i ŷ_j``.
    """
    y_hat = softmax(x)
    return np.diag(y_hat) - np.outer(y_hat, y_hat)


def cross_entropy(y: ArrayLike, y_hat: ArrayLike) -> float:
    """``CE(y, ŷ) = −Σ_w y_w log ŷ_w`` for two distributions of shape ``(n,)``.

    Terms with ``y_w = 0`` are 0 for any ``ŷ_w``. For a one-hot ``y`` only the true word's term
    remains: ``CE(y, ŷ) = −log ŷ_o``.
    """
    y, y_hat = _float(y), _float(y_hat)
    present = y > 0
    return float(-(y[present] * np.log(y_hat[present])).sum())


def cross_entropy_gradient(y: ArrayLike, scores: ArrayLike) -> Array:
    """``∂CE(y, softmax(x))/∂x = ŷ − y``, shape ``(n,)``, for any ``y`` that sums to 1.

    ``∂/∂x_j [−Σ_i y_i log ŷ_i] = −Σ_i (y_i/ŷ_i) ŷ_i (δ_ij − ŷ_j)``
    ``= −y_j + ŷ_j Σ_i y_i = ŷ_j − y_j``.
    """
    return softmax(scores) - _float(y)


def sigmoid(x: ArrayLike) -> Array:
    """``σ(x) = 1 / (1 + e⁻ˣ) = eˣ / (eˣ + 1)``, element by element.

    The first form is used for x ≥ 0, the second below, so that only exponentials of
    negative numbers are taken. Swapping x for −x shows ``1 − σ(x) = σ(−x)``.
    """
    x = _float(x)
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e)


def sigmoid_derivative(x: ArrayLike) -> Array:
    """``σ'(x) = σ(x)(1 − σ(x)) = σ(x) σ(−x)``, element by element.

    ``d/dx (1 + e⁻ˣ)⁻¹ = e⁻ˣ (1 + e⁻ˣ)⁻² = σ(x) · e⁻ˣ/(1 + e⁻ˣ) = σ(x)(1 − σ(x))``.
    The Jacobian of the element-wise σ of a vector is ``diag(σ'(x))``: output i depends on
    input i alone.
    """
    return sigmoid(x) * sigmoid(-_float(x))


def log_sigmoid(x: ArrayLike) -> Array:
    """``log σ(x) = min(x, 0) − log(1 + exp(−|x|))``, finite for every finite x.

    Its derivative is ``σ'(x)/σ(x) = 1 − σ(x)``.
    """
    x = _float(x)
    negative_part: Array = np.minimum(x, 0.0)
    return negative_part - np.log1p(np.exp(-np.abs(x)))


def leaky_relu(x: ArrayLike, alpha: float) -> Array:
    """``max(αx, x)`` for a slope ``0 ≤ α < 1``, element by element."""
    x = _float(x)
    larger: Array = np.maximum(alpha * x, x)
    return larger


def leaky_relu_derivative(x: ArrayLike, alpha: float) -> Array:
    """1 above 0, α below 0; NaN at 0, where left and right slopes differ: no derivative."""
    x = _float(x)
    return np.where(x > 0, 1.0, np.where(x < 0, alpha, np.nan))


def l2_normalize(x: ArrayLike) -> Array:
    """``x / ‖x‖₂`` over the last axis; the zero vector stays zero.

    The length is lost: ``αu`` and ``u`` become the same unit vector for every α > 0. If
    length carries meaning ("very bad" = 3 × "bad"), a sum of raw vectors can use it and a
    sum of normalised vectors cannot.
    """
    x = _float(x)
    largest = np.abs(x).max(axis=-1, keepdims=True)
    scaled = x / np.where(largest > 0, largest, 1.0)
    length = np.sqrt((scaled**2).sum(axis=-1, keepdims=True))
    return scaled / np.where(length > 0, length, 1.0)
