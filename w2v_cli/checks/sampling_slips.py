"""Slips in negative sampling, with the signature `(v_c, o, negatives, U)`, U by rows."""

from collections.abc import Callable

import numpy as np

from w2v_cli.checks.functions import Slip, after, combined, cut_off, sign_flipped, transposed
from w2v_cli.equations import Array, LossAndGradients, negative_sampling, sigmoid
from w2v_cli.equations.negative_sampling import Negatives


def _scaled(
    true_word: Callable[[int], float], noise: Callable[[int], float]
) -> Callable[..., LossAndGradients]:
    """Make a function that multiplies the terms of the true word and of the negatives by f(K)."""

    def mutated(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
        pair, whole = negative_sampling(v_c, o, [], U), negative_sampling(v_c, o, negatives, U)
        a, b = true_word(len(negatives)), noise(len(negatives))
        return combined(a - b, pair, b, whole)

    return mutated


def _one(k: int) -> float:
    """Leave a term unchanged."""
    return 1.0


def _inverse(k: int) -> float:
    """Divide a term by K."""
    return 1 / k if k else 1.0


def _no_minus_one(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Forget the −1 of the true word."""
    loss, grad_center, grad_outside = negative_sampling(v_c, o, negatives, U)
    grad_outside[o] += v_c
    return LossAndGradients(loss, grad_center + U[o], grad_outside)


def _once(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Count a repeated negative once."""
    return negative_sampling(v_c, o, np.unique(np.asarray(negatives, dtype=np.int64)), U)


def _own_vector(
    pick: Callable[[Array, int, int], Array],
) -> Callable[..., LossAndGradients]:
    """Make a function that puts another vector in place of v_c in the negatives' rows."""

    def mutated(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
        grad_outside = negative_sampling(v_c, o, [], U).grad_outside
        for k in negatives:
            grad_outside[k] += sigmoid(U[k] @ v_c) * pick(U, o, k)
        whole = negative_sampling(v_c, o, negatives, U)
        return LossAndGradients(whole.loss, whole.grad_center, grad_outside)

    return mutated


def _no_center(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Forget the factor v_c in the rows of U."""
    loss, grad_center, _ = negative_sampling(v_c, o, negatives, U)
    grad_outside = np.zeros_like(U)
    grad_outside[o] += sigmoid(U[o] @ v_c) - 1
    for k in negatives:
        grad_outside[k] += sigmoid(U[k] @ v_c)
    return LossAndGradients(loss, grad_center, grad_outside)


def _summed(repeat: bool) -> Callable[..., LossAndGradients]:
    """Give each negative's row the sum over all of them; repeat: once per draw."""

    def mutated(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
        loss, grad_center, _ = negative_sampling(v_c, o, negatives, U)
        grad_outside = negative_sampling(v_c, o, [], U).grad_outside
        total = sum(sigmoid(U[k] @ v_c) for k in negatives) * v_c
        for k in negatives if repeat else set(negatives):
            grad_outside[k] += total
        return LossAndGradients(loss, grad_center, grad_outside)

    return mutated


def _target_drawn(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Draw the true word as a negative."""
    return negative_sampling(v_c, o, [*list(negatives)[1:], o], U)


def _negatives_as_true(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Treat negatives as true words."""
    parts = [negative_sampling(v_c, int(w), [], U) for w in (o, *negatives)]
    return LossAndGradients(
        sum(p.loss for p in parts),
        np.sum([p.grad_center for p in parts], axis=0),
        np.sum([p.grad_outside for p in parts], axis=0),
    )


def _target_as_negative(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Count the true word as a negative too."""
    return negative_sampling(v_c, o, [*negatives, o], U)


def _columns_of_rows(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Use columns of U in place of rows everywhere; fits only a square U."""
    if U.shape[0] != U.shape[1]:
        raise ValueError("columns of U do not have the length of v_c")
    loss, grad_center, grad_outside = negative_sampling(v_c, o, negatives, U.T)
    return LossAndGradients(loss, grad_center, grad_outside.T)


def _center_from_columns(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Use columns of U in the negatives' terms of the centre gradient."""
    if U.shape[0] != U.shape[1]:
        raise ValueError("columns of U do not have the length of v_c")
    whole, grad_center = negative_sampling(v_c, o, negatives, U), (sigmoid(U[o] @ v_c) - 1) * U[o]
    for k in negatives:
        grad_center = grad_center + sigmoid(U[k] @ v_c) * U[:, k]
    return LossAndGradients(whole.loss, grad_center, whole.grad_outside)


def _overflowing(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
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


_GRADIENTS = ("sampling-center", "sampling-outside", "sampling-negatives")

SAMPLING_SLIPS = (
    Slip(
        "sampling-sign",
        "negative_sampling",
        "wrong sign",
        "(1 − σ(u_o·v_c)) u_o − Σ_k σ(u_k·v_c) u_k",
        "(σ(u_o·v_c) − 1) u_o + Σ_k σ(u_k·v_c) u_k",
        "The gradient points towards a higher loss. Descent subtracts it: do not negate it here.",
        after(negative_sampling, sign_flipped),
        _GRADIENTS,
    ),
    Slip(
        "sampling-no-minus-one",
        "negative_sampling",
        "the −1 of the true word is missing",
        "∂J/∂u_o = σ(u_o·v_c) v_c",
        "∂J/∂u_o = (σ(u_o·v_c) − 1) v_c",
        "The label of the true word is 1: prediction minus label is σ − 1.",
        _no_minus_one,
        ("sampling-outside", "sampling-center"),
    ),
    Slip(
        "sampling-once",
        "negative_sampling",
        "repeated negatives counted once",
        "grad[k] = …, grad[negatives] += …, or a set of negatives",
        "one term for every draw: grad[k] += … in a loop, or np.add.at",
        "The sum runs over draws. NumPy's grad[ids] += x adds to a repeated id only once.",
        _once,
        ("sampling-multiplicity",),
    ),
    Slip(
        "sampling-summed",
        "negative_sampling",
        "all negatives summed into each row",
        "∂J/∂u_k = Σ_j σ(u_j·v_c) v_c",
        "∂J/∂u_k = σ(u_k·v_c) v_c",
        "Only one term of the loss contains u_k.",
        _summed(repeat=False),
        ("sampling-negatives",),
    ),
    Slip(
        "sampling-summed-repeated",
        "negative_sampling",
        "all negatives summed into each row",
        "∂J/∂u_k += Σ_j σ(u_j·v_c) v_c at every draw",
        "∂J/∂u_k = σ(u_k·v_c) v_c",
        "Only one term of the loss contains u_k.",
        _summed(repeat=True),
        ("sampling-negatives",),
    ),
    Slip(
        "sampling-no-center",
        "negative_sampling",
        "missing centre vector",
        "∂J/∂u_k = σ(u_k·v_c)",
        "∂J/∂u_k = σ(u_k·v_c) v_c",
        "By the chain rule, ∂(u_k·v_c)/∂u_k = v_c: a vector, as the gradient of a vector must be.",
        _no_center,
        ("sampling-outside", "sampling-negatives"),
    ),
    Slip(
        "sampling-outside-center",
        "negative_sampling",
        "u_c where v_c belongs in the repeated-negative sum",
        "∂J/∂u_k = Σ σ(u_k·v_c) u_c, with c the centre word (here word 0)",
        "∂J/∂u_k = σ(u_k·v_c) v_c, once for every draw",
        "The centre word's vector is v_c, from V; the score is u_k·v_c.",
        _own_vector(lambda U, o, k: U[0]),
        ("sampling-negatives", "sampling-multiplicity"),
    ),
    Slip(
        "sampling-outside-for-center",
        "negative_sampling",
        "u_o where v_c belongs",
        "∂J/∂u_k = σ(u_k·v_c) u_o",
        "∂J/∂u_k = σ(u_k·v_c) v_c",
        "In the score u_k·v_c, the other factor is v_c.",
        _own_vector(lambda U, o, k: U[o]),
        ("sampling-negatives",),
    ),
    Slip(
        "sampling-negative-for-center",
        "negative_sampling",
        "u_k where v_c belongs",
        "∂J/∂u_k = σ(u_k·v_c) u_k",
        "∂J/∂u_k = σ(u_k·v_c) v_c",
        "In the score u_k·v_c, the other factor is v_c.",
        _own_vector(lambda U, o, k: U[k]),
        ("sampling-negatives",),
    ),
    Slip(
        "sampling-mean",
        "negative_sampling",
        "mean for sum: the negatives are averaged",
        "(1/K) Σ_k …",
        "Σ_k …",
        "The loss sums its K terms; so do the gradients.",
        _scaled(_one, _inverse),
        ("sampling-loss", "sampling-center", "sampling-negatives"),
    ),
    Slip(
        "sampling-k-negatives",
        "negative_sampling",
        "off by the factor K: the negatives count K times",
        "K Σ_k …",
        "Σ_k …",
        "The loss has K terms for the negatives; each counts once.",
        _scaled(_one, float),
        ("sampling-loss", "sampling-center", "sampling-negatives"),
    ),
    Slip(
        "sampling-times-k",
        "negative_sampling",
        "off by the factor K: everything K times too large",
        "K (…)",
        "the plain sum",
        "Is the true word's term inside the loop over the negatives?",
        _scaled(float, float),
        ("sampling-loss", *_GRADIENTS),
    ),
    Slip(
        "sampling-over-k",
        "negative_sampling",
        "off by the factor K: everything divided by K",
        "(1/K) (…)",
        "the plain sum",
        "The loss is a sum, not a mean.",
        _scaled(_inverse, _inverse),
        ("sampling-loss", *_GRADIENTS),
    ),
    Slip(
        "sampling-true-k-times",
        "negative_sampling",
        "off by the factor K: the true word's term counts K times",
        "K (−log σ(u_o·v_c)) − Σ_k log σ(−u_k·v_c)",
        "−log σ(u_o·v_c) − Σ_k log σ(−u_k·v_c)",
        "Is the true word's term inside the loop over the negatives?",
        _scaled(float, _one),
        ("sampling-loss", "sampling-center", "sampling-outside"),
    ),
    Slip(
        "sampling-target",
        "negative_sampling",
        "target among the negatives",
        "the outside word is kept when it is drawn as noise",
        "draw again until it is another word",
        "The pair's own outside word is not noise; the starter's getNegativeSamples draws again.",
        _target_drawn,
        ("sampling-loss", "sampling-center", "sampling-outside"),
    ),
    Slip(
        "sampling-target-as-negative",
        "negative_sampling",
        "the outside word counts as a negative too",
        "the sum over the negatives runs over [o, k_1, …, k_K]",
        "the sum over the negatives runs over [k_1, …, k_K]",
        "indices = [outsideWordIdx] + negatives: skip the first in the loop.",
        _target_as_negative,
        ("sampling-loss", "sampling-center", "sampling-outside"),
    ),
    Slip(
        "sampling-columns-of-rows",
        "negative_sampling",
        "transposed: columns of U instead of rows",
        "U[:, k]",
        "U[k]",
        "The vector of word k is row k; U[:, k] holds one number of each word.",
        _columns_of_rows,
        ("sampling-loss", "sampling-center"),
    ),
    Slip(
        "sampling-center-from-columns",
        "negative_sampling",
        "transposed: columns of U instead of rows",
        "∂J/∂v_c = … + Σ_k σ(u_k·v_c) U[:, k]",
        "U[k]",
        "The vector of word k is row k; U[:, k] holds one number of each word.",
        _center_from_columns,
        ("sampling-center",),
    ),
    Slip(
        "sampling-negatives-as-true",
        "negative_sampling",
        "the minus inside the negatives' σ is missing",
        "−log σ(u_o·v_c) − Σ_k log σ(u_k·v_c)",
        "−log σ(u_o·v_c) − Σ_k log σ(−u_k·v_c)",
        "Negatives should score low, so their terms are σ(−u_k·v_c).",
        _negatives_as_true,
        ("sampling-loss", "sampling-center"),
    ),
    Slip(
        "sampling-negatives-subtracted",
        "negative_sampling",
        "wrong sign in the negatives' terms",
        "−log σ(u_o·v_c) + Σ_k log σ(−u_k·v_c)",
        "−log σ(u_o·v_c) − Σ_k log σ(−u_k·v_c)",
        "Every term of the loss is −log of a probability.",
        _scaled(_one, lambda k: -1.0),
        ("sampling-loss", "sampling-center", "sampling-negatives"),
    ),
    Slip(
        "sampling-transposed",
        "negative_sampling",
        "transposed",
        "∂J/∂U with one column per word, U with one row per word",
        "the shape of U",
        "A gradient has the shape of its variable.",
        after(negative_sampling, transposed),
        ("sampling-outside",),
    ),
    Slip(
        "sampling-integer",
        "negative_sampling",
        "dtype integer: fractions are lost",
        "np.zeros(shape, dtype=int)",
        "np.zeros(shape), which is float",
        "NumPy drops the fractions of numbers written into an integer array.",
        after(negative_sampling, cut_off),
        ("sampling-center", "sampling-negatives"),
    ),
    Slip(
        "sampling-overflow",
        "negative_sampling",
        "overflow at large scores",
        "eˣ/(eˣ + 1) for every x: inf/inf = NaN for scores ≥ 710",
        "1/(1 + e⁻ˣ) for x ≥ 0, eˣ/(eˣ + 1) for x < 0",
        "Only take exponentials of negative numbers: they cannot overflow.",
        _overflowing,
        ("large-scores",),
    ),
)
