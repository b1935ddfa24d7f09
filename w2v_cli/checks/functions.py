"""The functions that claims are about, collected in one set, and slips in them.

A slip is a known mistake, seen in hand-ins. It replaces the right function in the set.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from w2v_cli import equations as eq
from w2v_cli.equations import Array, LossAndGradients, negative_sampling, sigmoid
from w2v_cli.equations.negative_sampling import Negatives

WindowLoss = Callable[[Any, int, int, Array, Array, eq.PairLoss], LossAndGradients]
"""`(words, t, radius, V, U, pair_loss)` to the loss and gradients of one window."""

SubwordLoss = Callable[[Any, int, Array, Array, eq.PairLoss], LossAndGradients]
"""`(rows, o, Z, U, pair_loss)` to the loss and gradients of one pair with subwords."""


@dataclass(frozen=True)
class Functions:
    """The functions that a claim is checked on; by default, the equations.

    The checks take this set as an argument, so that a test can replace one field with a wrong
    function and require that some claim fails.
    """

    softmax: Callable[[Array], Array] = eq.softmax
    softmax_jacobian: Callable[[Array], Array] = eq.softmax_jacobian
    cross_entropy: Callable[[Array, Array], float] = eq.cross_entropy
    cross_entropy_gradient: Callable[[Array, Array], Array] = eq.cross_entropy_gradient
    sigmoid: Callable[[Array], Array] = eq.sigmoid
    sigmoid_derivative: Callable[[Array], Array] = eq.sigmoid_derivative
    log_sigmoid: Callable[[Array], Array] = eq.log_sigmoid
    leaky_relu: Callable[[Array, float], Array] = eq.leaky_relu
    leaky_relu_derivative: Callable[[Array, float], Array] = eq.leaky_relu_derivative
    l2_normalize: Callable[[Array], Array] = eq.l2_normalize
    naive_softmax: Callable[[Array, int, Array], LossAndGradients] = eq.naive_softmax
    naive_softmax_columns: Callable[[Array, int, Array], LossAndGradients] = (
        eq.naive_softmax_columns
    )
    center_gradient: Callable[[Array, Array, Array], Array] = eq.center_gradient
    target_gradient: Callable[[Array, Array, int], Array] = eq.target_gradient
    other_gradient: Callable[[Array, Array, int], Array] = eq.other_gradient
    outside_gradients: Callable[[Array, Array, Array], Array] = eq.outside_gradients
    negative_sampling: Callable[[Array, int, Any, Array], LossAndGradients] = eq.negative_sampling
    negative_sampling_stacked: Callable[[Array, int, Any, Array], LossAndGradients] = (
        eq.negative_sampling_stacked
    )
    negative_sampling_expected: Callable[[Array, int, Array, Array, Array], LossAndGradients] = (
        eq.negative_sampling_expected
    )
    negative_sampling_counted: Callable[[Array, Array, Array, Array, Array], LossAndGradients] = (
        eq.negative_sampling_counted
    )
    pmi: Callable[[Array], Array] = eq.pmi
    optimal_products: Callable[[Array], Array] = eq.optimal_products
    best_factors: Callable[[Array, int, float], eq.Factors] = eq.best_factors
    skip_gram: WindowLoss = eq.skip_gram
    cbow: WindowLoss = eq.cbow
    cbow_mean: WindowLoss = eq.cbow_mean
    softmax_columns: Callable[[Array], Array] = eq.softmax_columns
    batch_scores: Callable[..., eq.BatchScores] = eq.batch_scores
    batch_loss: Callable[[Array, Array, int], float] = eq.batch_loss
    batch_gradients: Callable[..., eq.BatchGradients] = eq.batch_gradients
    subwords: SubwordLoss = eq.subwords
    mean_matrix: Callable[[Any, int], Array] = eq.mean_matrix


EQUATIONS = Functions()


@dataclass(frozen=True)
class Slip:
    """A known mistake, as a function that makes it.

    key: short name. function: the field of `Functions` that it replaces. title: the diagnosis
    in a few words. wrong, right: the two formulas. why: the reason, as a hint. mutated: a function
    with the signature of the right one that makes the mistake. claims: keys of claims that
    fail (others may fail too). key_of: the course whose published key makes it.
    """

    key: str
    function: str
    title: str
    wrong: str
    right: str
    why: str
    mutated: Callable[..., Any]
    claims: tuple[str, ...]
    key_of: str = ""

    def plant(self, functions: Functions) -> Functions:
        """Return the functions with this mistake in them."""
        return replace(functions, **{self.function: self.mutated})


# Building blocks of slips: changes to right results.


def after(
    function: Callable[..., LossAndGradients],
    change: Callable[[LossAndGradients], LossAndGradients],
) -> Callable[..., LossAndGradients]:
    """Make a function that changes the result of another one."""

    def mutated(*arguments: Any) -> LossAndGradients:
        return change(function(*arguments))

    return mutated


def sign_flipped(x: LossAndGradients) -> LossAndGradients:
    """Flip the sign of both gradients."""
    return LossAndGradients(x.loss, -x.grad_center, -x.grad_outside)


def transposed(x: LossAndGradients) -> LossAndGradients:
    """Transpose the outside gradients."""
    return x._replace(grad_outside=x.grad_outside.T)


def cut_off(x: LossAndGradients) -> LossAndGradients:
    """Drop the fractions, as an array of integers does."""
    return LossAndGradients(
        float(np.trunc(x.loss)), np.trunc(x.grad_center), np.trunc(x.grad_outside)
    )


def combined(a: float, x: LossAndGradients, b: float, y: LossAndGradients) -> LossAndGradients:
    """Return `a·x + b·y`, for the loss and both gradients."""
    return LossAndGradients(
        a * x.loss + b * y.loss,
        a * x.grad_center + b * y.grad_center,
        a * x.grad_outside + b * y.grad_outside,
    )


# Building blocks of slips in negative sampling: other errors of words, other factors of the loss.


Errors = Callable[[Array, Array], Array | float]
"""`(u, v_c)` to what multiplies u in ∂J/∂v_c and v_c in ∂J/∂u, one number or an array."""


def error_of_true_word(u: Array, v_c: Array) -> float:
    """Return σ(u·v_c) − 1, the right error of the outside word."""
    return float(sigmoid(u @ v_c)) - 1


def error_of_noise(u: Array, v_c: Array) -> float:
    """Return σ(u·v_c), the right error of a negative."""
    return float(sigmoid(u @ v_c))


def true_word_as_vector(u: Array, v_c: Array) -> Array:
    """Return σ(u) − 1: v_c forgotten."""
    return sigmoid(u) - 1


def noise_as_vector(u: Array, v_c: Array) -> Array:
    """Return σ(u): v_c forgotten."""
    return sigmoid(u)


def no_error(u: Array, v_c: Array) -> float:
    """Return 0: leave the word out."""
    return 0.0


def with_errors(
    true_word: Errors = error_of_true_word, noise: Errors = error_of_noise
) -> Callable[..., LossAndGradients]:
    """Make a function with other errors ∂J/∂(u·v_c) of the true word or of the negatives."""

    def mutated(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
        loss = negative_sampling(v_c, o, negatives, U).loss
        grad_center, grad_outside = np.zeros_like(v_c), np.zeros_like(U)
        for word, error in [(o, true_word), *((k, noise) for k in negatives)]:
            g = error(U[word], v_c)
            grad_center += g * U[word]
            grad_outside[word] += g * v_c
        return LossAndGradients(loss, grad_center, grad_outside)

    return mutated


def with_loss_factors(true_word: float, noise: float) -> Callable[..., LossAndGradients]:
    """Make a function whose loss has other factors of its two parts, with right gradients."""

    def mutated(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
        right = negative_sampling(v_c, o, negatives, U)
        of_true_word = negative_sampling(v_c, o, [], U).loss
        loss = true_word * of_true_word + noise * (right.loss - of_true_word)
        return right._replace(loss=loss)

    return mutated
