"""Slips in negative sampling, with the signature `(v_c, o, negatives, U)`, U by rows."""

from collections.abc import Callable

import numpy as np

from w2v_cli.checks.functions import (
    Slip,
    after,
    combined,
    cut_off,
    error_of_noise,
    error_of_true_word,
    no_error,
    noise_as_vector,
    sign_flipped,
    transposed,
    true_word_as_vector,
    with_errors,
    with_loss_factors,
)
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


def _inverse(k: int) -> float:
    return 1 / k if k else 1.0


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


_MIRRORED = with_errors(noise=lambda u, v_c: error_of_noise(-u, v_c))


def _rows_left_out(left_out: Callable[[int, int], bool]) -> Callable[..., LossAndGradients]:
    """Make a function that leaves rows of ∂J/∂U at 0: those with `left_out(word, o)`."""

    def mutated(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
        right = negative_sampling(v_c, o, negatives, U)
        for word in range(len(U)):
            if left_out(word, o):
                right.grad_outside[word] = 0.0
        return right

    return mutated


def _center_vector_of_outside(
    v_c: Array, o: int, negatives: Negatives, U: Array
) -> LossAndGradients:
    """Use u_c in place of v_c in the negatives' rows, in the score and as the factor."""
    right = negative_sampling(v_c, o, negatives, U)
    grad_outside = negative_sampling(v_c, o, [], U).grad_outside
    for k in negatives:
        grad_outside[k] += sigmoid(U[k] @ U[0]) * U[0]
    return right._replace(grad_outside=grad_outside)


def _target_drawn(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    return negative_sampling(v_c, o, [*list(negatives)[1:], o], U)


def _negatives_as_true(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    parts = [negative_sampling(v_c, int(w), [], U) for w in (o, *negatives)]
    return LossAndGradients(
        sum(p.loss for p in parts),
        np.sum([p.grad_center for p in parts], axis=0),
        np.sum([p.grad_outside for p in parts], axis=0),
    )


def _minus_lost(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Use σ(u_k·v_c) for σ(−u_k·v_c) in the loss and in 1 − σ(−u_k·v_c) of the gradients."""
    loss = _negatives_as_true(v_c, o, negatives, U).loss
    return _MIRRORED(v_c, o, negatives, U)._replace(loss=loss)


def _target_as_negative(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
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


def _subtracted(v_c: Array, o: int, negatives: Negatives, U: Array) -> LossAndGradients:
    """Subtract u_k from its factor σ(u_k·v_c) in place of the product."""
    grad_center = negative_sampling(v_c, o, [], U).grad_center
    for k in negatives:
        grad_center = grad_center - (error_of_noise(U[k], v_c) - U[k])
    return negative_sampling(v_c, o, negatives, U)._replace(grad_center=grad_center)


def _overflowing(u: Array, v_c: Array) -> float:
    """Compute σ as eˣ/(eˣ + 1), which overflows."""
    return float(np.exp(u @ v_c) / (np.exp(u @ v_c) + 1))


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
        with_errors(true_word=error_of_noise),
        ("sampling-outside", "sampling-center"),
    ),
    Slip(
        "sampling-mirrored-negatives",
        "negative_sampling",
        "σ(−u_k·v_c) where σ(u_k·v_c) belongs",
        "∂J/∂u_k = σ(−u_k·v_c) v_c",
        "∂J/∂u_k = (1 − σ(−u_k·v_c)) v_c = σ(u_k·v_c) v_c",
        "d/dx log σ(x) = 1 − σ(x) with x = −u_k·v_c, and 1 − σ(−a) = σ(a).",
        _MIRRORED,
        ("sampling-center", "sampling-negatives"),
    ),
    Slip(
        "sampling-minus-lost",
        "negative_sampling",
        "the minus inside the negatives' σ is missing",
        "−log σ(u_k·v_c) in the loss, (1 − σ(u_k·v_c)) v_c in the gradient",
        "−log σ(−u_k·v_c) in the loss, (1 − σ(−u_k·v_c)) v_c in the gradient",
        "Negatives should score low, so their terms are σ(−u_k·v_c).",
        _minus_lost,
        ("sampling-loss", "sampling-center", "sampling-negatives"),
    ),
    Slip(
        "sampling-minus-one-everywhere",
        "negative_sampling",
        "1 is subtracted for the negatives too",
        "∂J/∂u_k = (σ(u_k·v_c) − 1) v_c",
        "∂J/∂u_k = σ(u_k·v_c) v_c",
        "The label of a negative is 0: prediction minus label is σ.",
        with_errors(noise=error_of_true_word),
        ("sampling-center", "sampling-negatives"),
    ),
    Slip(
        "sampling-true-word-mirrored",
        "negative_sampling",
        "wrong sign in the outside word's term",
        "∂J/∂u_o = (1 − σ(u_o·v_c)) v_c",
        "∂J/∂u_o = −(1 − σ(u_o·v_c)) v_c",
        "−log σ(u_o·v_c) has a minus in front: its gradient points away from the true word.",
        with_errors(true_word=lambda u, v_c: -error_of_true_word(u, v_c)),
        ("sampling-center", "sampling-outside"),
    ),
    Slip(
        "sampling-derivative-of-sigmoid",
        "negative_sampling",
        "σ(1 − σ) is left: the derivative of σ, not of log σ",
        "∂J/∂u_o = −σ(1 − σ) v_c, ∂J/∂u_k = σ(1 − σ) v_c",
        "∂J/∂u_o = −(1 − σ) v_c, ∂J/∂u_k = σ v_c",
        "d/dx log σ(x) = σ′(x)/σ(x) = 1 − σ(x): the 1/σ of the logarithm cancels a σ.",
        with_errors(
            lambda u, v_c: error_of_true_word(u, v_c) * error_of_noise(u, v_c),
            lambda u, v_c: error_of_noise(u, v_c) * error_of_noise(-u, v_c),
        ),
        _GRADIENTS,
    ),
    *(
        Slip(
            key,
            "negative_sampling",
            "v_c is missing inside σ: σ of a vector instead of a score",
            wrong,
            wrong.replace("(u_o)", "(u_o·v_c)").replace("(u_k)", "(u_k·v_c)"),
            "σ takes the score, one number: the product of u and v_c.",
            with_errors(true_word, noise),
            claims,
        )
        for key, wrong, true_word, noise, claims in (
            (
                "sampling-vector-true",
                "(σ(u_o) − 1) u_o",
                true_word_as_vector,
                error_of_noise,
                _GRADIENTS[:2],
            ),
            (
                "sampling-vector-noise",
                "Σ_k σ(u_k) u_k",
                error_of_true_word,
                noise_as_vector,
                _GRADIENTS[::2],
            ),
            (
                "sampling-vectors",
                "(σ(u_o) − 1) u_o + Σ_k σ(u_k) u_k",
                true_word_as_vector,
                noise_as_vector,
                _GRADIENTS,
            ),
        )
    ),
    Slip(
        "sampling-subtracted",
        "negative_sampling",
        "u_k is subtracted from its factor, not multiplied: a bracket is missing",
        "∂J/∂v_c = (σ(u_o·v_c) − 1) u_o − Σ_k ((1 − σ(−u_k·v_c)) − u_k)",
        "∂J/∂v_c = (σ(u_o·v_c) − 1) u_o − Σ_k (1 − σ(−u_k·v_c)) (−u_k)",
        "By the chain rule, ∂(−u_k·v_c)/∂v_c = −u_k is a factor.",
        _subtracted,
        ("sampling-center",),
    ),
    Slip(
        "sampling-target-missing",
        "negative_sampling",
        "the outside word's row is never written",
        "∂J/∂u_o = 0",
        "∂J/∂u_o = (σ(u_o·v_c) − 1) v_c",
        "The loop over the negatives leaves out the row of o: it needs a line of its own.",
        _rows_left_out(lambda word, o: word == o),
        ("sampling-outside",),
    ),
    Slip(
        "sampling-target-only",
        "negative_sampling",
        "only the outside word's row is written",
        "∂J/∂u_k = 0",
        "∂J/∂u_k = σ(u_k·v_c) v_c, once for every draw",
        "Each u_k occurs in a term of the loss, so its row has a gradient.",
        _rows_left_out(lambda word, o: word != o),
        ("sampling-negatives",),
    ),
    Slip(
        "sampling-without-negatives",
        "negative_sampling",
        "the negatives' terms are missing",
        "∂J/∂v_c = (σ(u_o·v_c) − 1) u_o, ∂J/∂u_k = 0",
        "∂J/∂v_c = (σ(u_o·v_c) − 1) u_o + Σ_k σ(u_k·v_c) u_k, ∂J/∂u_k = σ(u_k·v_c) v_c",
        "v_c is in all K + 1 terms of the loss, and each u_k is in its own.",
        with_errors(noise=no_error),
        ("sampling-center", "sampling-negatives"),
    ),
    Slip(
        "sampling-without-true-word",
        "negative_sampling",
        "the outside word's term is missing",
        "∂J/∂v_c = Σ_k σ(u_k·v_c) u_k, ∂J/∂u_o = 0 (its row is never written)",
        "∂J/∂v_c = (σ(u_o·v_c) − 1) u_o + Σ_k σ(u_k·v_c) u_k, ∂J/∂u_o = (σ(u_o·v_c) − 1) v_c",
        "The first term of the loss, −log σ(u_o·v_c), has gradients too.",
        with_errors(true_word=no_error),
        ("sampling-center", "sampling-outside"),
    ),
    Slip(
        "sampling-gradients-missing",
        "negative_sampling",
        "the gradient is never written: all 0",
        "0",
        "(σ(u_o·v_c) − 1) u_o + Σ_k σ(u_k·v_c) u_k; a row for o and for each negative",
        "np.zeros is only the start; assign or add to it.",
        with_errors(no_error, no_error),
        _GRADIENTS,
    ),
    Slip(
        "sampling-loss-without-negatives",
        "negative_sampling",
        "the loss lacks the negatives",
        "J = −log σ(u_o·v_c)",
        "J = −log σ(u_o·v_c) − Σ_k log σ(−u_k·v_c)",
        "Noise should score low, and the loss must say so: one term for each draw.",
        with_loss_factors(1.0, 0.0),
        ("sampling-loss",),
    ),
    Slip(
        "sampling-loss-without-true-word",
        "negative_sampling",
        "the loss lacks the outside word",
        "J = −Σ_k log σ(−u_k·v_c)",
        "J = −log σ(u_o·v_c) − Σ_k log σ(−u_k·v_c)",
        "The true word should score high, and the loss must say so.",
        with_loss_factors(0.0, 1.0),
        ("sampling-loss",),
    ),
    Slip(
        "sampling-loss-sign",
        "negative_sampling",
        "the minus of the loss is missing",
        "J = log σ(u_o·v_c) + Σ_k log σ(−u_k·v_c)",
        "J = −log σ(u_o·v_c) − Σ_k log σ(−u_k·v_c)",
        "Logarithms of probabilities are negative, a loss is positive.",
        with_loss_factors(-1.0, -1.0),
        ("sampling-loss",),
    ),
    Slip(
        "sampling-loss-true-word-sign",
        "negative_sampling",
        "the minus of the outside word's term of the loss is missing",
        "J = log σ(u_o·v_c) − Σ_k log σ(−u_k·v_c)",
        "J = −log σ(u_o·v_c) − Σ_k log σ(−u_k·v_c)",
        "Every term of the loss is −log of a probability.",
        with_loss_factors(-1.0, 1.0),
        ("sampling-loss",),
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
        "sampling-outside-center-twice",
        "negative_sampling",
        "u_c where v_c belongs, in the score and as the factor",
        "∂J/∂u_k = Σ σ(u_k·u_c) u_c, with c the centre word (here word 0)",
        "∂J/∂u_k = σ(u_k·v_c) v_c, once for every draw",
        "The centre word's vector is v_c, from V; the score is u_k·v_c.",
        _center_vector_of_outside,
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
        _scaled(lambda k: 1.0, _inverse),
        ("sampling-loss", "sampling-center", "sampling-negatives"),
    ),
    Slip(
        "sampling-k-negatives",
        "negative_sampling",
        "off by the factor K: the negatives count K times",
        "K Σ_k …",
        "Σ_k …",
        "The loss has K terms for the negatives; each counts once.",
        _scaled(lambda k: 1.0, float),
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
        _scaled(float, lambda k: 1.0),
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
        _scaled(lambda k: 1.0, lambda k: -1.0),
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
        with_errors(lambda u, v_c: _overflowing(u, v_c) - 1, _overflowing),
        ("large-scores",),
    ),
)
