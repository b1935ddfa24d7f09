"""Claims about negative sampling in expectation: by enumeration of all draws and all pairs."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from w2v_cli.checks.points import Point
from w2v_cli.equations import Array, LossAndGradients
from w2v_cli.mistakes.functions import Functions
from w2v_cli.mistakes.measure import Tally

_K = 2
"""Draws: few, so that all n_words² of them can be written down."""


@dataclass(frozen=True)
class _Corpus:
    """What a corpus adds to a point: pair counts X, the noise P and constants b of the scores."""

    X: Array
    P: Array
    b: Array


def _corpus(p: Point) -> _Corpus:
    n = len(p.U)
    X = p.rng.uniform(0.0, 3.0, (n, n)) * (p.rng.random((n, n)) < 0.6)
    weights = p.rng.uniform(0.2, 1.0, n)
    return _Corpus(X, weights / weights.sum(), p.rng.uniform(-1.0, 1.0, n))


def _with_constants(V: Array, U: Array, b: Array) -> tuple[Array, Array]:
    """Add b to all scores by one more coordinate: 1 in a centre vector, b in the outside ones."""
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


def expected_over_draws(f: Functions, p: Point, tally: Tally) -> None:
    """The loss and gradients are the mean over all draws, o among them left out."""
    c = _corpus(p)
    v_c, U = _with_constants(p.v_c, p.U, c.b)
    draws = []
    for drawn in itertools.product(range(len(U)), repeat=_K):
        kept = [k for k in drawn if k != p.o]
        chance = float(np.prod(c.P[list(drawn)]))
        draws.append((chance, f.negative_sampling(v_c, p.o, kept, U)))
    _tally(tally, f.negative_sampling_expected(p.v_c, p.o, _K * c.P, p.U, c.b), draws)


def expected_gradients(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂v_c = Uᵀδ and ∂J/∂U = δ v_cᵀ are the slopes of J."""
    c = _corpus(p)

    def loss(v_c: Array, U: Array) -> LossAndGradients:
        return f.negative_sampling_expected(v_c, p.o, _K * c.P, U, c.b)

    _slopes(loss, p.v_c, p, tally)


def counted_over_pairs(f: Functions, p: Point, tally: Tally) -> None:
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


def counted_gradients(f: Functions, p: Point, tally: Tally) -> None:
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
