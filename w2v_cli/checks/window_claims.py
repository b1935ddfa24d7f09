"""Claims about the skip-gram window, the CBOW window and subwords.

Each is checked with both pair losses. The loss is compared with its definition, the gradients
with differences of the loss and, for CBOW and subwords, with the formula on paper.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from w2v_cli.checks.functions import Functions, WindowLoss
from w2v_cli.checks.measure import EXACT, SLOPE, Claim, Point, Tally
from w2v_cli.equations import Array, LossAndGradients, PairLoss

# Windows under both losses.


def _pair_losses(f: Functions, p: Point) -> dict[str, PairLoss]:
    """Return both losses as functions of one pair; the negatives are fixed, without o."""

    def sampled(v_c: Array, o: int, U: Array) -> LossAndGradients:
        return f.negative_sampling(v_c, o, [k for k in p.negatives if k != o], U)

    return {"naive softmax": f.naive_softmax, "negative sampling": sampled}


@dataclass(frozen=True)
class _Window:
    """The window of a point under one loss, as a function of the parameters."""

    name: str
    pair_loss: PairLoss
    model: WindowLoss
    point: Point

    def __call__(self, V: Array, U: Array) -> LossAndGradients:
        p = self.point
        return self.model(p.words, p.t, p.radius, V, U, self.pair_loss)

    def loss_of_centers(self, V: Array) -> float:
        return self(V, self.point.U).loss

    def loss_of_outsides(self, U: Array) -> float:
        return self(self.point.V, U).loss

    def loss_of_predicted(self, u: Array) -> float:
        """The loss as a function of the centre word's outside vector, which CBOW predicts."""
        U = self.point.U.copy()
        U[self.point.c] = u
        return self(self.point.V, U).loss


def _windows(f: Functions, p: Point, model: WindowLoss) -> Iterator[_Window]:
    for name, pair_loss in _pair_losses(f, p).items():
        yield _Window(name, pair_loss, model, p)


def _around(p: Point) -> list[int]:
    """Return the words at positions −m ≤ j ≤ m, j ≠ 0, inside the document."""
    reach = [p.t + j for j in range(-p.radius, p.radius + 1) if j != 0]
    return [int(p.words[i]) for i in reach if 0 <= i < len(p.words)]


# The skip-gram window.


def _skip_gram_loss(f: Functions, p: Point, tally: Tally) -> None:
    """J = Σ_{−m≤j≤m, j≠0} J(v_c, w_{t+j}, U)."""
    for window in _windows(f, p, f.skip_gram):
        expected = sum(window.pair_loss(p.v_c, o, p.U).loss for o in _around(p))
        tally.equal(f"{window.name}: J", window(p.V, p.U).loss, expected)


def _skip_gram_center(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂v_c is the sum over the window."""
    for window in _windows(f, p, f.skip_gram):
        got = window(p.V, p.U).grad_center
        tally.gradient(f"{window.name}: ∂J/∂V", got, window.loss_of_centers, p.V, p.rng)


def _skip_gram_outside(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂U is the sum over the window."""
    for window in _windows(f, p, f.skip_gram):
        got = window(p.V, p.U).grad_outside
        tally.gradient(f"{window.name}: ∂J/∂U", got, window.loss_of_outsides, p.U, p.rng)


def _skip_gram_other_centers(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂v_w = 0 for w ≠ c."""
    for window in _windows(f, p, f.skip_gram):
        got = np.delete(window(p.V, p.U).grad_center, p.c, axis=0)
        tally.equal(f"{window.name}: ∂J/∂v_w", got, np.zeros_like(got))


# The CBOW window, with the sum and with the mean of its vectors.


def _h(p: Point, mean: bool) -> Array:
    total = sum((p.V[w] for w in _around(p)), np.zeros(p.V.shape[1]))
    return total / len(_around(p)) if mean else total


def _cbow_loss(f: Functions, p: Point, tally: Tally, mean: bool) -> None:
    """J = J(h, w_t, U) with h = Σ_{j≠0} v_{w_{t+j}}, divided by n for the mean."""
    for window in _windows(f, p, f.cbow_mean if mean else f.cbow):
        expected = window.pair_loss(_h(p, mean), p.words[p.t], p.U).loss
        tally.equal(f"{window.name}: J", window(p.V, p.U).loss, expected)


def _cbow_center(f: Functions, p: Point, tally: Tally, mean: bool) -> None:
    """∂J/∂v_w = n_w ∂J/∂h, divided by n for the mean, for a word n_w times in the window."""
    for window in _windows(f, p, f.cbow_mean if mean else f.cbow):
        got, name = window(p.V, p.U).grad_center, f"{window.name}: ∂J/∂V"
        tally.gradient(name, got, window.loss_of_centers, p.V, p.rng)
        grad_h = window.pair_loss(_h(p, mean), p.words[p.t], p.U).grad_center
        times = np.bincount(_around(p), minlength=len(p.V)) / (len(_around(p)) if mean else 1)
        tally.equal(f"{name}, n_w ∂J/∂h", got, np.outer(times, grad_h))


def _cbow_outside(f: Functions, p: Point, tally: Tally, mean: bool) -> None:
    """∂J/∂U is that of the one pair (h, w_t)."""
    for window in _windows(f, p, f.cbow_mean if mean else f.cbow):
        got = np.asarray(window(p.V, p.U).grad_outside)
        expected = window.pair_loss(_h(p, mean), p.words[p.t], p.U).grad_outside
        tally.equal(f"{window.name}: ∂J/∂U at h", got, expected)
        if got.shape == p.U.shape:  # one row is enough: the pair's own claims check all rows
            name = f"{window.name}: ∂J/∂u_{p.c}"
            tally.gradient(name, got[p.c], window.loss_of_predicted, p.U[p.c], p.rng)


def _cbow_other_words(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂v_w = 0 for words that are not in the window, for the sum and for the mean."""
    absent = ~np.isin(np.arange(len(p.V)), _around(p))
    for model in (f.cbow, f.cbow_mean):
        for window in _windows(f, p, model):
            got = np.asarray(window(p.V, p.U).grad_center)[absent]
            tally.equal(f"{window.name}: ∂J/∂v_w", got, np.zeros_like(p.V[absent]))


# CBOW in batches, with a ReLU between two layers.


@dataclass(frozen=True)
class _Batch:
    """Three examples as columns, and parameters that keep W1 x + b1 away from 0."""

    x: Array
    y: Array
    W1: Array
    W2: Array
    b1: Array
    b2: Array


def _batch(p: Point) -> _Batch:
    n_words, dim = p.U.shape
    contexts = p.rng.integers(0, n_words, (4, 3))
    x, y = np.eye(n_words)[contexts].mean(axis=0).T, np.eye(n_words)[:, contexts[0]]
    W1 = p.V.T
    before = W1 @ x
    steps = np.array([0.0, 0.3, -0.3, 0.6, -0.6, 0.9, -0.9, 1.5, -1.5])
    clear = np.abs(before[:, :, None] + steps).min(axis=1) > 0.1  # (dim, steps)
    b1 = steps[np.argmax(clear, axis=1)].reshape(dim, 1)
    return _Batch(x, y, W1, p.U, b1, 0.3 * np.cos(np.arange(n_words)).reshape(-1, 1))


def _loss_of_batch(f: Functions, b: _Batch, **changed: Array) -> float:
    parameters = (changed.get(name, getattr(b, name)) for name in ("W1", "W2", "b1", "b2"))
    y_hat = f.softmax_columns(f.batch_scores(b.x, *parameters)[0])
    return f.batch_loss(b.y, y_hat, 3)


def _batch_forward(f: Functions, p: Point, tally: Tally) -> None:
    """z = W2 ReLU(W1 x + b1) + b2, and softmax of each column."""
    b = _batch(p)
    z, h = f.batch_scores(b.x, b.W1, b.W2, b.b1, b.b2)
    before = np.stack([b.W1 @ x + b.b1[:, 0] for x in b.x.T], axis=1)
    tally.equal("h", h, before * (before > 0))
    tally.equal("z", z, np.stack([b.W2 @ column + b.b2[:, 0] for column in h.T], axis=1))
    expected = np.stack([np.exp(c) / np.exp(c).sum() for c in z.T], axis=1)
    tally.equal("ŷ", f.softmax_columns(z), expected)
    J = -np.log(expected[b.y == 1].reshape(-1)).sum() / 3
    tally.equal("J", f.batch_loss(b.y, expected, 3), J)


def _batch_backward(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂W1, ∂J/∂W2, ∂J/∂b1 and ∂J/∂b2."""
    b = _batch(p)
    z, h = f.batch_scores(b.x, b.W1, b.W2, b.b1, b.b2)
    y_hat = f.softmax_columns(z)
    got = f.batch_gradients(b.x, y_hat, b.y, h, b.W1, b.W2, b.b1, b.b2, 3)
    for name, gradient in zip(("W1", "W2", "b1", "b2"), got, strict=True):

        def loss(value: Array, name: str = name) -> float:
            return _loss_of_batch(f, b, **{name: value})

        tally.gradient(f"∂J/∂{name}", gradient, loss, getattr(b, name), p.rng)


# Subwords: a centre vector that is the mean of several rows.


def _rows(p: Point) -> list[int]:
    """Return the centre word's rows of V: its own, then three others, the last of them twice."""
    return [p.c, 1, 2, len(p.V) - 1, len(p.V) - 1]


def _groups(p: Point) -> list[list[int]]:
    """Return the rows of every word of U: its own, and one that two words share."""
    return [_rows(p)] + [[w, (w + 1) % len(p.V)] for w in range(1, len(p.U))]


def _mean(p: Point) -> Array:
    return np.asarray(p.V[_rows(p)].mean(axis=0))


def _loss_of_rows(f: Functions, p: Point, pair_loss: PairLoss, Z: Array) -> float:
    return f.subwords(_rows(p), p.o, Z, p.U, pair_loss).loss


def _subword_loss(f: Functions, p: Point, tally: Tally) -> None:
    """J = J(v_c, o, U) with v_c the mean of the rows."""
    for name, pair_loss in _pair_losses(f, p).items():
        got = f.subwords(_rows(p), p.o, p.V, p.U, pair_loss).loss
        tally.equal(f"{name}: J", got, pair_loss(_mean(p), p.o, p.U).loss)


def _subword_rows(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂z_r = (n_r/n) ∂J/∂v_c for a row that occurs n_r times."""
    for name, pair_loss in _pair_losses(f, p).items():
        got = f.subwords(_rows(p), p.o, p.V, p.U, pair_loss).grad_center
        of_rows = partial(_loss_of_rows, f, p, pair_loss)
        tally.gradient(f"{name}: ∂J/∂Z", got, of_rows, p.V, p.rng)
        grad_v = pair_loss(_mean(p), p.o, p.U).grad_center
        times = np.bincount(_rows(p), minlength=len(p.V)) / len(_rows(p))
        tally.equal(f"{name}: (n_r/n) ∂J/∂v_c", got, np.outer(times, grad_v))


def _subword_other_rows(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂z_r = 0 for rows that the word does not have."""
    absent = ~np.isin(np.arange(len(p.V)), _rows(p))
    for name, pair_loss in _pair_losses(f, p).items():
        got = np.asarray(f.subwords(_rows(p), p.o, p.V, p.U, pair_loss).grad_center)[absent]
        tally.equal(f"{name}: ∂J/∂z_r", got, np.zeros_like(p.V[absent]))


def _subword_outside(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂U is that of the pair at the mean."""
    for name, pair_loss in _pair_losses(f, p).items():
        got = f.subwords(_rows(p), p.o, p.V, p.U, pair_loss).grad_outside
        tally.equal(f"{name}: ∂J/∂U", got, pair_loss(_mean(p), p.o, p.U).grad_outside)


def _subword_matrix(f: Functions, p: Point, tally: Tally) -> None:
    """V = S Z and ∂J/∂Z = Sᵀ ∂J/∂V: all words at once."""
    groups = _groups(p)
    S = np.asarray(f.mean_matrix(groups, len(p.V)))
    means = np.stack([p.V[group].mean(axis=0) for group in groups])
    tally.equal("V = S Z", S @ p.V, means)
    for name, pair_loss in _pair_losses(f, p).items():
        one_by_one = sum(
            (f.subwords(group, p.o, p.V, p.U, pair_loss).grad_center for group in groups),
            np.zeros_like(p.V),
        )
        grad_V = np.stack([pair_loss(v, p.o, p.U).grad_center for v in means])
        tally.equal(f"{name}: Sᵀ ∂J/∂V", S.T @ grad_V, one_by_one)


# The claims.


_SKIP_GRAM, _CBOW, _SUBWORDS = "Skip-gram window", "CBOW window", "Subwords"
_BATCHES = "CBOW in batches"

SKIP_GRAM_CLAIMS = (
    Claim(
        "window-loss", _SKIP_GRAM, "J = Σ_{−m≤j≤m, j≠0} J(v_c, w_{t+j}, U)", _skip_gram_loss, EXACT
    ),
    Claim(
        "window-center", _SKIP_GRAM, "∂J/∂v_c = sum of the pairs' ∂J/∂v_c", _skip_gram_center, SLOPE
    ),
    Claim(
        "window-outside", _SKIP_GRAM, "∂J/∂U = sum of the pairs' ∂J/∂U", _skip_gram_outside, SLOPE
    ),
    Claim(
        "window-other-centers", _SKIP_GRAM, "∂J/∂v_w = 0 for w ≠ c", _skip_gram_other_centers, EXACT
    ),
)

CBOW_CLAIMS = (
    Claim(
        "cbow-loss",
        _CBOW,
        "J = J(Σ_{j≠0} v_{w_{t+j}}, w_t, U)",
        partial(_cbow_loss, mean=False),
        EXACT,
    ),
    Claim(
        "cbow-center",
        _CBOW,
        "∂J/∂v_w = n_w ∂J/∂h, n_w times in the window",
        partial(_cbow_center, mean=False),
        SLOPE,
    ),
    Claim(
        "cbow-outside",
        _CBOW,
        "∂J/∂U = the pair's ∂J/∂U at h",
        partial(_cbow_outside, mean=False),
        SLOPE,
    ),
    Claim(
        "cbow-other-words",
        _CBOW,
        "∂J/∂v_w = 0 for words not in the window",
        _cbow_other_words,
        EXACT,
    ),
    Claim(
        "cbow-mean-loss",
        _CBOW,
        "mean: J = J(Σ_{j≠0} v_{w_{t+j}} / n, w_t, U)",
        partial(_cbow_loss, mean=True),
        EXACT,
    ),
    Claim(
        "cbow-mean-center",
        _CBOW,
        "mean: ∂J/∂v_w = (n_w/n) ∂J/∂h",
        partial(_cbow_center, mean=True),
        SLOPE,
    ),
    Claim(
        "cbow-mean-outside",
        _CBOW,
        "mean: ∂J/∂U = the pair's ∂J/∂U at h",
        partial(_cbow_outside, mean=True),
        SLOPE,
    ),
    Claim("batch-forward", _BATCHES, "z = W2 ReLU(W1 x + b1) + b2", _batch_forward, EXACT),
    Claim("batch-backward", _BATCHES, "∂J/∂W1, ∂J/∂W2, ∂J/∂b1, ∂J/∂b2", _batch_backward, SLOPE),
)

SUBWORD_CLAIMS = (
    Claim("subword-loss", _SUBWORDS, "J = J((1/n) Σ_{r∈G(c)} z_r, o, U)", _subword_loss, EXACT),
    Claim(
        "subword-rows",
        _SUBWORDS,
        "∂J/∂z_r = (n_r/n) ∂J/∂v_c, n_r times in G(c)",
        _subword_rows,
        SLOPE,
    ),
    Claim(
        "subword-other-rows",
        _SUBWORDS,
        "∂J/∂z_r = 0 for rows not in G(c)",
        _subword_other_rows,
        EXACT,
    ),
    Claim("subword-outside", _SUBWORDS, "∂J/∂U = the pair's ∂J/∂U at v_c", _subword_outside, EXACT),
    Claim(
        "subword-matrix", _SUBWORDS, "all words: V = S Z, ∂J/∂Z = Sᵀ ∂J/∂V", _subword_matrix, EXACT
    ),
)
