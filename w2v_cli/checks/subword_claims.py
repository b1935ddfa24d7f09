"""Claims about subwords: a centre vector that is the mean of several rows.

The rows of a point's centre word are its own and some shared ones, one of them twice.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from w2v_cli.checks.loss_claims import pair_losses
from w2v_cli.checks.points import Point
from w2v_cli.equations import Array, PairLoss
from w2v_cli.mistakes.functions import Functions
from w2v_cli.mistakes.measure import Tally


def _rows(p: Point) -> list[int]:
    """The centre word's rows among those of V: its own, three others, the last of them twice."""
    return [p.c, 1, 2, len(p.V) - 1, len(p.V) - 1]


def _groups(p: Point) -> list[list[int]]:
    """Rows of every word of U: one each, and one that two words share."""
    return [_rows(p)] + [[w, (w + 1) % len(p.V)] for w in range(1, len(p.U))]


def _mean(p: Point) -> Array:
    return np.asarray(p.V[_rows(p)].mean(axis=0))


def _losses(f: Functions, p: Point) -> Iterator[tuple[str, PairLoss]]:
    yield from pair_losses(f, p).items()


def _loss_of_rows(f: Functions, p: Point, pair_loss: PairLoss, Z: Array) -> float:
    return f.subwords(_rows(p), p.o, Z, p.U, pair_loss).loss


def loss(f: Functions, p: Point, tally: Tally) -> None:
    """J = J(v_c, o, U) with v_c the mean of the rows."""
    for name, pair_loss in _losses(f, p):
        got = f.subwords(_rows(p), p.o, p.V, p.U, pair_loss).loss
        tally.equal(f"{name}: J", got, pair_loss(_mean(p), p.o, p.U).loss)


def rows(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂z_r = (n_r/n) ∂J/∂v_c for a row that the word has n_r times."""
    for name, pair_loss in _losses(f, p):
        got = f.subwords(_rows(p), p.o, p.V, p.U, pair_loss).grad_center
        of_rows = partial(_loss_of_rows, f, p, pair_loss)
        tally.gradient(f"{name}: ∂J/∂Z", got, of_rows, p.V, p.rng)
        grad_v = pair_loss(_mean(p), p.o, p.U).grad_center
        times = np.bincount(_rows(p), minlength=len(p.V)) / len(_rows(p))
        tally.equal(f"{name}: (n_r/n) ∂J/∂v_c", got, np.outer(times, grad_v))


def other_rows(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂z_r = 0 for rows that the word does not have."""
    absent = ~np.isin(np.arange(len(p.V)), _rows(p))
    for name, pair_loss in _losses(f, p):
        got = np.asarray(f.subwords(_rows(p), p.o, p.V, p.U, pair_loss).grad_center)[absent]
        tally.equal(f"{name}: ∂J/∂z_r", got, np.zeros_like(p.V[absent]))


def outside(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂U is that of the pair at the mean."""
    for name, pair_loss in _losses(f, p):
        got = f.subwords(_rows(p), p.o, p.V, p.U, pair_loss).grad_outside
        tally.equal(f"{name}: ∂J/∂U", got, pair_loss(_mean(p), p.o, p.U).grad_outside)


def matrix(f: Functions, p: Point, tally: Tally) -> None:
    """V = S Z and ∂J/∂Z = Sᵀ ∂J/∂V: all words at once."""
    groups = _groups(p)
    S = np.asarray(f.mean_matrix(groups, len(p.V)))
    means = np.stack([p.V[group].mean(axis=0) for group in groups])
    tally.equal("V = S Z", S @ p.V, means)
    for name, pair_loss in _losses(f, p):
        one_by_one = sum(
            (f.subwords(group, p.o, p.V, p.U, pair_loss).grad_center for group in groups),
            np.zeros_like(p.V),
        )
        grad_V = np.stack([pair_loss(v, p.o, p.U).grad_center for v in means])
        tally.equal(f"{name}: Sᵀ ∂J/∂V", S.T @ grad_V, one_by_one)
