"""Claims about the CBOW window, of the sum and of the mean of its vectors.

Each is checked with both pair losses: the loss against its definition, the gradients against
differences of the loss and against the formula as it stands on paper.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from w2v_cli.checks.loss_claims import Window, pair_losses
from w2v_cli.checks.points import Point
from w2v_cli.equations import Array
from w2v_cli.mistakes.functions import Functions, WindowLoss
from w2v_cli.mistakes.measure import Tally


def _windows(f: Functions, p: Point, model: WindowLoss) -> Iterator[Window]:
    for name, pair_loss in pair_losses(f, p).items():
        yield Window(name, pair_loss, model, p)


def _around(p: Point) -> list[int]:
    """Words at the positions −m ≤ j ≤ m, j ≠ 0, that the document has."""
    reach = [p.t + j for j in range(-p.radius, p.radius + 1) if j != 0]
    return [int(p.words[i]) for i in reach if 0 <= i < len(p.words)]


def _h(p: Point, mean: bool) -> Array:
    total = sum((p.V[w] for w in _around(p)), np.zeros(p.V.shape[1]))
    return total / len(_around(p)) if mean else total


def _loss_of_centers(window: Window, U: Array, V: Array) -> float:
    return window(V, U).loss


def _loss_of_predicted(window: Window, p: Point, u: Array) -> float:
    U = p.U.copy()
    U[p.c] = u
    return window(p.V, U).loss


def _loss(f: Functions, p: Point, tally: Tally, mean: bool) -> None:
    for window in _windows(f, p, f.cbow_mean if mean else f.cbow):
        expected = window.pair_loss(_h(p, mean), p.words[p.t], p.U).loss
        tally.equal(f"{window.name}: J", window(p.V, p.U).loss, expected)


def _center(f: Functions, p: Point, tally: Tally, mean: bool) -> None:
    for window in _windows(f, p, f.cbow_mean if mean else f.cbow):
        got, name = window(p.V, p.U).grad_center, f"{window.name}: ∂J/∂V"
        tally.gradient(name, got, partial(_loss_of_centers, window, p.U), p.V, p.rng)
        grad_h = window.pair_loss(_h(p, mean), p.words[p.t], p.U).grad_center
        times = np.bincount(_around(p), minlength=len(p.V)) / (len(_around(p)) if mean else 1)
        tally.equal(f"{name}, n_w ∂J/∂h", got, np.outer(times, grad_h))


def _outside(f: Functions, p: Point, tally: Tally, mean: bool) -> None:
    for window in _windows(f, p, f.cbow_mean if mean else f.cbow):
        got, name = np.asarray(window(p.V, p.U).grad_outside), f"{window.name}: ∂J/∂U"
        expected = window.pair_loss(_h(p, mean), p.words[p.t], p.U).grad_outside
        tally.equal(f"{name} at h", got, expected)
        if got.shape == p.U.shape:  # differences in one row: the pair's own claims took all
            loss = partial(_loss_of_predicted, window, p)
            tally.gradient(f"{window.name}: ∂J/∂u_{p.c}", got[p.c], loss, p.U[p.c], p.rng)


def sum_loss(f: Functions, p: Point, tally: Tally) -> None:
    """J = J(h, w_t, U) with h = Σ_{j≠0} v_{w_{t+j}}."""
    _loss(f, p, tally, mean=False)


def sum_center(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂v_w = n_w ∂J/∂h for a word that occurs n_w times in the window."""
    _center(f, p, tally, mean=False)


def sum_outside(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂U is that of the one pair (h, w_t)."""
    _outside(f, p, tally, mean=False)


def mean_loss(f: Functions, p: Point, tally: Tally) -> None:
    """J = J(h, w_t, U) with h = (1/n) Σ_{j≠0} v_{w_{t+j}}."""
    _loss(f, p, tally, mean=True)


def mean_center(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂v_w = (n_w / n) ∂J/∂h."""
    _center(f, p, tally, mean=True)


def mean_outside(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂U is that of the one pair (h, w_t), with h the mean."""
    _outside(f, p, tally, mean=True)


def other_words(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂v_w = 0 for words that are not in the window, of the sum and of the mean."""
    absent = ~np.isin(np.arange(len(p.V)), _around(p))
    for model in (f.cbow, f.cbow_mean):
        for window in _windows(f, p, model):
            got = np.asarray(window(p.V, p.U).grad_center)[absent]
            tally.equal(f"{window.name}: ∂J/∂v_w", got, np.zeros_like(p.V[absent]))
