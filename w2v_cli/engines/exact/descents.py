"""The compiled loops of the optimizers: a gradient becomes a step."""

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.compiled import compiled

#: Sums may be reordered and multiply-adds fused; NaN and infinity keep their meaning.
_FAST = {"reassoc", "nsz", "contract"}
_FAST_ROOT = _FAST | {"arcp", "afn"}


@compiled(nogil=True, fastmath=_FAST, error_model="numpy")
def descend(parameters: Array, gradient: Array, lr: float) -> None:
    """Plain gradient descent: θ −= lr g. All arrays (n, D)."""
    for i in range(parameters.shape[0]):
        for j in range(parameters.shape[1]):
            parameters[i, j] -= lr * gradient[i, j]


@compiled(nogil=True, fastmath=_FAST_ROOT, error_model="numpy")
def descend_adagrad(
    parameters: Array, gradient: Array, squares: Array, lr: float, epsilon: float
) -> None:
    """Adagrad (Duchi et al. 2011): θ −= lr g / √(Σ g² + ε). All arrays (n, D)."""
    for i in range(parameters.shape[0]):
        for j in range(parameters.shape[1]):
            g = gradient[i, j]
            total = squares[i, j] + g * g
            squares[i, j] = total
            parameters[i, j] -= lr * g / np.sqrt(total + epsilon)


@compiled(nogil=True, fastmath=_FAST_ROOT, error_model="numpy")
def descend_adam(
    parameters: Array,
    gradient: Array,
    means: Array,
    squares: Array,
    rates: Array,
    epsilon: float,
    new_mean: float,
    new_square: float,
) -> None:
    """Adam (Kingma and Ba 2015). All arrays (n, D).

    means, squares: running means of g and g²; new_mean, new_square: the weight of the newest
    (1 − β). rates: the learning rate of each row with both bias corrections in it,
    lr √(1 − β₂ᵗ) / (1 − β₁ᵗ) at its step t, (n,).
    """
    for i in range(parameters.shape[0]):
        lr = rates[i]
        for j in range(parameters.shape[1]):
            g = gradient[i, j]
            mean = means[i, j] + (g - means[i, j]) * new_mean
            square = squares[i, j] + (g * g - squares[i, j]) * new_square
            means[i, j] = mean
            squares[i, j] = square
            parameters[i, j] -= lr * mean / (np.sqrt(square) + epsilon)
