"""Negative sampling, each time with one mistake.

Arguments are those of `equations.negative_sampling`, U by rows.
"""

from collections.abc import Callable

import numpy as np

from w2v_cli.equations import Array, LossAndGradients, negative_sampling, sigmoid
from w2v_cli.equations.negative_sampling import Negatives
from w2v_cli.mistakes.base import combined


def scaled(
    true_word: Callable[[int], float], noise: Callable[[int], float]
) -> Callable[..., LossAndGradients]:
    """Make a function that scales the true word's terms and the negatives' by functions of K."""

    def mutated(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
        pair, whole = negative_sampling(v_c, o, [], U), negative_sampling(v_c, o, negatives, U)
        a, b = true_word(len(negatives)), noise(len(negatives))
        return combined(a - b, pair, b, whole)

    return mutated


def one(k: int) -> float:
    """Leave a term as it is."""
    return 1.0


def inverse(k: int) -> float:
    """Divide a term by K."""
    return 1 / k if k else 1.0


def turned(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Turn the sign of both gradients."""
    loss, grad_center, grad_outside = negative_sampling(v_c, o, negatives, U)
    return LossAndGradients(loss, -grad_center, -grad_outside)


def no_minus_one(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Forget the −1 of the true word."""
    loss, grad_center, grad_outside = negative_sampling(v_c, o, negatives, U)
    grad_outside[o] += v_c
    return LossAndGradients(loss, grad_center + U[o], grad_outside)


def once(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Count a repeated negative once."""
    return negative_sampling(v_c, o, np.unique(np.asarray(negatives, dtype=np.int64)), U)


def own_vector(
    pick: Callable[[Array, int, int], Array],
) -> Callable[..., LossAndGradients]:
    """Make a function that writes another vector where v_c belongs, in the negatives' rows."""

    def mutated(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
        grad_outside = negative_sampling(v_c, o, [], U).grad_outside
        for k in negatives:
            grad_outside[k] += sigmoid(U[k] @ v_c) * pick(U, o, k)
        whole = negative_sampling(v_c, o, negatives, U)
        return LossAndGradients(whole.loss, whole.grad_center, grad_outside)

    return mutated


def no_center(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Forget the factor v_c in the rows of U."""
    loss, grad_center, _ = negative_sampling(v_c, o, negatives, U)
    grad_outside = np.zeros_like(U)
    grad_outside[o] += sigmoid(U[o] @ v_c) - 1
    for k in negatives:
        grad_outside[k] += sigmoid(U[k] @ v_c)
    return LossAndGradients(loss, grad_center, grad_outside)


def summed(repeat: bool) -> Callable[..., LossAndGradients]:
    """Give each negative's row the sum over all of them; repeat: once per draw."""

    def mutated(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
        loss, grad_center, _ = negative_sampling(v_c, o, negatives, U)
        grad_outside = negative_sampling(v_c, o, [], U).grad_outside
        total = sum(sigmoid(U[k] @ v_c) for k in negatives) * v_c
        for k in negatives if repeat else set(negatives):
            grad_outside[k] += total
        return LossAndGradients(loss, grad_center, grad_outside)

    return mutated


def transposed(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Return the transposed outside gradient."""
    loss, grad_center, grad_outside = negative_sampling(v_c, o, negatives, U)
    return LossAndGradients(loss, grad_center, grad_outside.T)


def integer(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Compute with whole numbers."""
    loss, grad_center, grad_outside = negative_sampling(v_c, o, negatives, U)
    return LossAndGradients(np.trunc(loss), np.trunc(grad_center), np.trunc(grad_outside))


def target_drawn(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Draw the true word as a negative."""
    return negative_sampling(v_c, o, [*list(negatives)[1:], o], U)


def negatives_as_true(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Treat negatives as true words."""
    parts = [negative_sampling(v_c, int(w), [], U) for w in (o, *negatives)]
    return LossAndGradients(
        sum(p.loss for p in parts),
        np.sum([p.grad_center for p in parts], axis=0),
        np.sum([p.grad_outside for p in parts], axis=0),
    )


def target_as_negative(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Take the true word for a negative, too."""
    return negative_sampling(v_c, o, [*negatives, o], U)


def columns_of_rows(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Everything with columns of U where U has rows; fits where U is square."""
    if U.shape[0] != U.shape[1]:
        raise ValueError("columns of U do not have the length of v_c")
    loss, grad_center, grad_outside = negative_sampling(v_c, o, negatives, U.T)
    return LossAndGradients(loss, grad_center, grad_outside.T)


def center_from_columns(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Only the centre gradient, and only the negatives' terms of it, with columns of U."""
    if U.shape[0] != U.shape[1]:
        raise ValueError("columns of U do not have the length of v_c")
    whole, grad_center = negative_sampling(v_c, o, negatives, U), (sigmoid(U[o] @ v_c) - 1) * U[o]
    for k in negatives:
        grad_center = grad_center + sigmoid(U[k] @ v_c) * U[:, k]
    return LossAndGradients(whole.loss, grad_center, whole.grad_outside)


def overflowing(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Compute σ as eˣ/(eˣ + 1), which overflows."""

    def sigma(x: Array) -> Array:
        return np.asarray(np.exp(x) / (np.exp(x) + 1))

    grad_outside = np.zeros_like(U)
    grad_outside[o] += (sigma(U[o] @ v_c) - 1) * v_c
    grad_center = (sigma(U[o] @ v_c) - 1) * U[o]
    loss = -np.log(sigma(U[o] @ v_c))
    for k in negatives:
        loss = loss - np.log(sigma(-U[k] @ v_c))
        grad_center = grad_center + sigma(U[k] @ v_c) * U[k]
        grad_outside[k] += sigma(U[k] @ v_c) * v_c
    return LossAndGradients(float(loss), grad_center, grad_outside)
