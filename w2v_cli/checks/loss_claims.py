"""Claims about the losses of one pair: naive softmax and negative sampling.

Losses are compared with their definitions, gradients with differences of the loss *and* with
the formula on paper.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from w2v_cli.checks.functions import Functions
from w2v_cli.checks.measure import EXACT, SLOPE, Claim, Point, Tally
from w2v_cli.checks.primitive_claims import literal_softmax
from w2v_cli.equations import Array, LossAndGradients

Ids = NDArray[np.int64]


def _sigma(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


# Naive softmax.


def _softmax_loss(f: Functions, p: Point, tally: Tally) -> None:
    """J = −log ŷ_o."""
    for o in range(len(p.U)):
        expected = -np.log(literal_softmax(p.scores)[o])
        tally.equal(f"J for o = {o}", f.naive_softmax(p.v_c, o, p.U).loss, expected)


def _softmax_center(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂v_c = Uᵀ(ŷ − y) = Σ_w ŷ_w u_w − u_o."""
    got = f.naive_softmax(p.v_c, p.o, p.U).grad_center
    tally.gradient("∂J/∂v_c", got, lambda v: f.naive_softmax(v, p.o, p.U).loss, p.v_c, p.rng)
    y_hat = literal_softmax(p.scores)
    expected_vector = sum((y_hat[w] * p.U[w] for w in range(len(p.U))), np.zeros(p.U.shape[1]))
    tally.equal("Σ_w ŷ_w u_w − u_o", got, expected_vector - p.U[p.o])


def _softmax_outside(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂u_w = (ŷ_w − y_w) v_c, all rows at once (ŷ − y) v_cᵀ."""
    got = f.naive_softmax(p.v_c, p.o, p.U).grad_outside
    tally.gradient("∂J/∂U", got, lambda U: f.naive_softmax(p.v_c, p.o, U).loss, p.U, p.rng)
    y_hat = literal_softmax(p.scores)
    rows = [(y_hat[w] - (w == p.o)) * p.v_c for w in range(len(p.U))]
    tally.equal("(ŷ − y) v_cᵀ", got, np.stack(rows))


def _written_center(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂v_c from y, ŷ and U alone."""
    y, y_hat = np.eye(len(p.U))[p.o], literal_softmax(p.scores)
    got = f.center_gradient(y, y_hat, p.U)
    tally.gradient("U(ŷ − y)", got, lambda v: f.naive_softmax(v, p.o, p.U).loss, p.v_c, p.rng)


def _written_outside(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂U from y, ŷ and v_c alone."""
    y, y_hat = np.eye(len(p.U))[p.o], literal_softmax(p.scores)
    got = f.outside_gradients(y, y_hat, p.v_c)
    tally.gradient("∂J/∂U", got, lambda U: f.naive_softmax(p.v_c, p.o, U).loss, p.U, p.rng)


def _of_row(f: Functions, p: Point, w: int, u: Array) -> float:
    return f.naive_softmax(p.v_c, p.o, np.vstack((p.U[:w], u, p.U[w + 1 :]))).loss


def _written_target(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂u_o from ŷ and v_c alone."""
    got = f.target_gradient(literal_softmax(p.scores), p.v_c, p.o)
    tally.gradient("∂J/∂u_o", got, partial(_of_row, f, p, p.o), p.U[p.o], p.rng)


def _written_other(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂u_w from ŷ and v_c alone, for each w ≠ o."""
    for w in (k for k in range(len(p.U)) if k != p.o):
        got = f.other_gradient(literal_softmax(p.scores), p.v_c, w)
        tally.gradient(f"∂J/∂u_{w}", got, partial(_of_row, f, p, w), p.U[w], p.rng)


def _softmax_columns(f: Functions, p: Point, tally: Tally) -> None:
    """With one column per word: ∂J/∂v_c = U(ŷ − y), ∂J/∂U = v_c (ŷ − y)ᵀ."""
    columns = p.U.T.copy()
    loss, grad_center, grad_outside = f.naive_softmax_columns(p.v_c, p.o, columns)
    tally.equal("J", loss, -np.log(literal_softmax(p.scores)[p.o]))
    delta = literal_softmax(p.scores) - np.eye(len(p.U))[p.o]
    tally.equal("U(ŷ − y)", grad_center, columns @ delta)
    tally.gradient(
        "∂J/∂v_c",
        grad_center,
        lambda v: f.naive_softmax_columns(v, p.o, columns).loss,
        p.v_c,
        p.rng,
    )
    tally.gradient(
        "∂J/∂U", grad_outside, lambda U: f.naive_softmax_columns(p.v_c, p.o, U).loss, columns, p.rng
    )


def _softmax_perfect(f: Functions, p: Point, tally: Tally) -> None:
    """Where ŷ = y, J and both gradients are 0."""
    score = np.where(np.arange(len(p.U)) == p.o, 1000.0, -1000.0)
    U = score[:, None] * p.v_c[None, :] / (p.v_c @ p.v_c)
    loss, grad_center, grad_outside = f.naive_softmax(p.v_c, p.o, U)
    tally.equal("J", loss, 0.0)
    tally.equal("∂J/∂v_c", grad_center, np.zeros_like(p.v_c))
    tally.equal("∂J/∂U", grad_outside, np.zeros_like(U))


# Negative sampling.


def _sampling_loss(f: Functions, p: Point, tally: Tally) -> None:
    """J = −log σ(u_o·v_c) − Σ_k log σ(−u_k·v_c)."""
    expected = -np.log(_sigma(p.scores[p.o]))
    for k in p.negatives:
        expected -= np.log(_sigma(-p.scores[k]))
    tally.equal("J", f.negative_sampling(p.v_c, p.o, p.negatives, p.U).loss, expected)


def _sampling(f: Functions, p: Point, negatives: Ids) -> LossAndGradients:
    return f.negative_sampling(p.v_c, p.o, negatives, p.U)


def _outside_differences(f: Functions, p: Point, negatives: Ids, rows: Ids, tally: Tally) -> None:
    """Compare the gradient of each of the given rows of U with differences."""
    got = np.asarray(_sampling(f, p, negatives).grad_outside)
    if got.shape != p.U.shape:
        tally.equal("∂J/∂U", got, p.U)
        return
    for row in rows:

        def loss(u: Array, row: int = row) -> float:
            U = p.U.copy()
            U[row] = u
            return f.negative_sampling(p.v_c, p.o, negatives, U).loss

        tally.gradient(f"∂J/∂u_{row}", got[row], loss, p.U[row], p.rng)


def _sampling_center(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂v_c = (σ(u_o·v_c) − 1) u_o + Σ_k σ(u_k·v_c) u_k."""
    got = _sampling(f, p, p.negatives).grad_center
    tally.gradient(
        "∂J/∂v_c",
        got,
        lambda v: f.negative_sampling(v, p.o, p.negatives, p.U).loss,
        p.v_c,
        p.rng,
    )
    expected = (_sigma(p.scores[p.o]) - 1) * p.U[p.o]
    for k in p.negatives:
        expected = expected + _sigma(p.scores[k]) * p.U[k]
    tally.equal("∂J/∂v_c", got, expected)


def _sampling_outside(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂u_o = (σ(u_o·v_c) − 1) v_c."""
    _outside_differences(f, p, p.negatives, np.array([p.o]), tally)
    got = _sampling(f, p, p.negatives).grad_outside[p.o]
    tally.equal("∂J/∂u_o", got, (_sigma(p.scores[p.o]) - 1) * p.v_c)


def _sampling_negatives(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂u_k = σ(u_k·v_c) v_c for negatives that are all different."""
    distinct = np.unique(p.negatives)
    _outside_differences(f, p, distinct, distinct, tally)
    grad_outside = _sampling(f, p, distinct).grad_outside
    for k in distinct:
        tally.equal(f"∂J/∂u_{k}", grad_outside[k], _sigma(p.scores[k]) * p.v_c)


def _sampling_multiplicity(f: Functions, p: Point, tally: Tally) -> None:
    """A negative drawn n times counts n times."""
    distinct, times = np.unique(p.negatives, return_counts=True)
    _outside_differences(f, p, p.negatives, distinct, tally)
    grad_outside = _sampling(f, p, p.negatives).grad_outside
    for k, n in zip(distinct, times, strict=True):
        tally.equal(
            f"∂J/∂u_{k} (drawn {n} times)", grad_outside[k], n * _sigma(p.scores[k]) * p.v_c
        )


def _sampling_stacked(f: Functions, p: Point, tally: Tally) -> None:
    """g = σ(U_s v_c) − (1, 0, …, 0): ∂v_c = U_sᵀ g, ∂U_s = g v_cᵀ give the same."""
    loss, grad_center, grad_outside = f.negative_sampling_stacked(p.v_c, p.o, p.negatives, p.U)
    separate = _sampling(f, p, p.negatives)
    tally.equal("J", loss, separate.loss)
    tally.equal("∂J/∂v_c", grad_center, separate.grad_center)
    tally.equal("∂J/∂U", grad_outside, separate.grad_outside)


def _rows_touched(f: Functions, p: Point, tally: Tally) -> None:
    """Negative sampling changes K + 1 rows of U, naive softmax all n_words."""
    distinct = np.unique(p.negatives)
    few = np.any(_sampling(f, p, distinct).grad_outside != 0, axis=1)
    tally.equal("rows, negative sampling", few.sum(), len(distinct) + 1)
    tally.equal("which rows", few, np.isin(np.arange(len(p.U)), [*distinct, p.o]))
    every = np.any(f.naive_softmax(p.v_c, p.o, p.U).grad_outside != 0, axis=1)
    tally.equal("rows, naive softmax", every.sum(), len(p.U))


# Negative sampling in expectation, checked by enumerating all draws and all pairs.


_K = 2
"""Number of draws: so small that all n_words² outcomes can be enumerated."""


@dataclass(frozen=True)
class _Corpus:
    """What a corpus adds to a point: pair counts X, the noise P and the scores' constants b."""

    X: Array
    P: Array
    b: Array


def _corpus(p: Point) -> _Corpus:
    n = len(p.U)
    X = p.rng.uniform(0.0, 3.0, (n, n)) * (p.rng.random((n, n)) < 0.6)
    weights = p.rng.uniform(0.2, 1.0, n)
    return _Corpus(X, weights / weights.sum(), p.rng.uniform(-1.0, 1.0, n))


def _with_constants(V: Array, U: Array, b: Array) -> tuple[Array, Array]:
    """Add b to all scores with one more coordinate: 1 in a centre vector, b in the outside ones."""
    ones = np.ones((*V.shape[:-1], 1))
    return np.concatenate((V, ones), axis=-1), np.column_stack((U, b))


def _tally(
    tally: Tally, got: LossAndGradients, expected: list[tuple[float, LossAndGradients]]
) -> None:
    dim = np.asarray(got.grad_center).shape[-1]
    tally.equal("J", got.loss, sum(share * one.loss for share, one in expected))
    for name, a, b in (
        ("∂J/∂v_c", got.grad_center, sum(share * one.grad_center for share, one in expected)),
        ("∂J/∂U", got.grad_outside, sum(share * one.grad_outside for share, one in expected)),
    ):
        tally.equal(name, a, np.asarray(b)[..., :dim])


def _expected_over_draws(f: Functions, p: Point, tally: Tally) -> None:
    """The loss and gradients are the mean over all draws, without o."""
    c = _corpus(p)
    v_c, U = _with_constants(p.v_c, p.U, c.b)
    draws = []
    for drawn in itertools.product(range(len(U)), repeat=_K):
        kept = [k for k in drawn if k != p.o]
        chance = float(np.prod(c.P[list(drawn)]))
        draws.append((chance, f.negative_sampling(v_c, p.o, kept, U)))
    _tally(tally, f.negative_sampling_expected(p.v_c, p.o, _K * c.P, p.U, c.b), draws)


def _expected_gradients(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂v_c = Uᵀδ and ∂J/∂U = δ v_cᵀ are the slopes of J."""
    c = _corpus(p)

    def loss(v_c: Array, U: Array) -> LossAndGradients:
        return f.negative_sampling_expected(v_c, p.o, _K * c.P, U, c.b)

    _slopes(loss, p.v_c, p, tally)


def _counted_over_pairs(f: Functions, p: Point, tally: Tally) -> None:
    """The form over counts is the sum over all pairs, each with all its noise."""
    c = _corpus(p)
    got = f.negative_sampling_counted(p.V, c.X, _K * c.P, p.U, c.b)
    pairs: list[tuple[float, LossAndGradients]] = []
    for center, o in np.ndindex(c.X.shape):
        one = f.negative_sampling_expected(p.V[center], o, _K * c.P, p.U, c.b)
        grad_center = np.zeros_like(p.V)
        grad_center[center] = one.grad_center
        pairs.append((float(c.X[center, o]), one._replace(grad_center=grad_center)))
    _tally(tally, got, pairs)


def _counted_gradients(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂V = G U and ∂J/∂U = Gᵀ V are the slopes of J."""
    c = _corpus(p)

    def loss(V: Array, U: Array) -> LossAndGradients:
        return f.negative_sampling_counted(V, c.X, _K * c.P, U, c.b)

    _slopes(loss, p.V, p, tally)


def _slopes(
    loss: Callable[[Array, Array], LossAndGradients], center: Array, p: Point, tally: Tally
) -> None:
    _, grad_center, grad_outside = loss(center, p.U)
    tally.gradient("∂J/∂v_c", grad_center, lambda v: loss(v, p.U).loss, center, p.rng)
    tally.gradient("∂J/∂U", grad_outside, lambda U: loss(center, U).loss, p.U, p.rng)


# The claims.


_NAIVE, _SAMPLING = "Naive softmax", "Negative sampling"

SOFTMAX_CLAIMS = (
    Claim("softmax-loss", _NAIVE, "J = −log ŷ_o", _softmax_loss, EXACT),
    Claim(
        "softmax-center", _NAIVE, "∂J/∂v_c = Uᵀ(ŷ − y) = Σ_w ŷ_w u_w − u_o", _softmax_center, SLOPE
    ),
    Claim(
        "softmax-outside",
        _NAIVE,
        "∂J/∂u_w = (ŷ_w − y_w) v_c; all rows (ŷ − y) v_cᵀ",
        _softmax_outside,
        SLOPE,
    ),
    Claim(
        "softmax-columns", _NAIVE, "as columns: U(ŷ − y) and v_c (ŷ − y)ᵀ", _softmax_columns, SLOPE
    ),
    Claim("written-center", _NAIVE, "∂J/∂v_c from y, ŷ and U", _written_center, SLOPE),
    Claim("written-target", _NAIVE, "∂J/∂u_o = (ŷ_o − 1) v_c", _written_target, SLOPE),
    Claim("written-other", _NAIVE, "∂J/∂u_w = ŷ_w v_c, w ≠ o", _written_other, SLOPE),
    Claim("written-outside", _NAIVE, "∂J/∂U from y, ŷ and v_c", _written_outside, SLOPE),
    Claim("softmax-perfect", _NAIVE, "gradients are 0 where ŷ = y", _softmax_perfect, EXACT),
)

SAMPLING_CLAIMS = (
    Claim(
        "sampling-loss",
        _SAMPLING,
        "J = −log σ(u_o·v_c) − Σ_k log σ(−u_k·v_c)",
        _sampling_loss,
        EXACT,
    ),
    Claim(
        "sampling-center",
        _SAMPLING,
        "∂J/∂v_c = (σ(u_o·v_c) − 1) u_o + Σ_k σ(u_k·v_c) u_k",
        _sampling_center,
        SLOPE,
    ),
    Claim(
        "sampling-outside", _SAMPLING, "∂J/∂u_o = (σ(u_o·v_c) − 1) v_c", _sampling_outside, SLOPE
    ),
    Claim("sampling-negatives", _SAMPLING, "∂J/∂u_k = σ(u_k·v_c) v_c", _sampling_negatives, SLOPE),
    Claim(
        "sampling-multiplicity",
        _SAMPLING,
        "a negative drawn n times counts n times",
        _sampling_multiplicity,
        SLOPE,
    ),
    Claim(
        "sampling-stacked",
        _SAMPLING,
        "stacked form = the three separate gradients",
        _sampling_stacked,
        EXACT,
    ),
    Claim(
        "rows-touched",
        _SAMPLING,
        "rows of U touched: K + 1, naive softmax all",
        _rows_touched,
        EXACT,
    ),
    Claim(
        "sampling-expected",
        _SAMPLING,
        "expectation over draws: J = −log σ(s_o) − Σ_{w≠o} K·P(w) log σ(−s_w)",
        _expected_over_draws,
        EXACT,
    ),
    Claim(
        "sampling-expected-gradients",
        _SAMPLING,
        "its gradients: ∂J/∂v_c = Uᵀδ, ∂J/∂U = δ v_cᵀ",
        _expected_gradients,
        SLOPE,
    ),
    Claim(
        "sampling-counted",
        _SAMPLING,
        "over counts X: the sum over all pairs",
        _counted_over_pairs,
        EXACT,
    ),
    Claim(
        "sampling-counted-gradients",
        _SAMPLING,
        "its gradients: ∂J/∂V = G U, ∂J/∂U = Gᵀ V",
        _counted_gradients,
        SLOPE,
    ),
)
