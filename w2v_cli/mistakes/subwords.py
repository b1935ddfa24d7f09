"""Slips in subwords, with the signature `(rows, o, Z, U, pair_loss)`."""

from collections.abc import Callable, Sequence

import numpy as np

from w2v_cli.equations import Array, LossAndGradients, PairLoss, mean_matrix, subwords
from w2v_cli.mistakes.base import Slip
from w2v_cli.mistakes.functions import SubwordLoss

Rows = Sequence[int]


def _spread(share: Callable[[Rows, int], Array]) -> SubwordLoss:
    """Make a loss that gives each row a share of its own of ∂J/∂v_c.

    share: rows of the word and n_rows to the shares, `(n_rows,)`.
    """

    def mutated(rows: Rows, o: int, Z: Array, U: Array, pair_loss: PairLoss) -> LossAndGradients:
        loss, grad_v, grad_outside = pair_loss(Z[list(rows)].mean(axis=0), o, U)
        return LossAndGradients(loss, np.outer(share(rows, len(Z)), grad_v), grad_outside)

    return mutated


def _whole(rows: Rows, n_rows: int) -> Array:
    return np.bincount(rows, minlength=n_rows).astype(np.float64)


def _once(rows: Rows, n_rows: int) -> Array:
    return np.minimum(_whole(rows, n_rows), 1.0) / len(rows)


def _own_row_only(rows: Rows, n_rows: int) -> Array:
    return np.asarray(np.eye(n_rows)[rows[0]])


def _changed(change: Callable[[Rows], Rows]) -> SubwordLoss:
    """Make a loss of other rows than those of the word."""

    def mutated(rows: Rows, o: int, Z: Array, U: Array, pair_loss: PairLoss) -> LossAndGradients:
        return subwords(change(rows), o, Z, U, pair_loss)

    return mutated


def _sum(rows: Rows, o: int, Z: Array, U: Array, pair_loss: PairLoss) -> LossAndGradients:
    n = len(rows)
    loss, grad_rows, grad_outside = subwords(rows, o, n * Z, U, pair_loss)
    return LossAndGradients(loss, n * grad_rows, grad_outside)


def _counts_matrix(groups: Sequence[Rows], n_rows: int) -> Array:
    return np.asarray([len(rows) for rows in groups])[:, None] * mean_matrix(groups, n_rows)


_MEAN = "v_c = (1/n) Σ_{r∈G(c)} z_r"
_GRADIENT = "∂J/∂z_r = (n_r/n) ∂J/∂v_c"

SLIPS = (
    Slip(
        "subwords-not-divided",
        "subwords",
        "the gradient is not divided by the number of rows: fastText's step",
        "∂J/∂z_r = n_r ∂J/∂v_c",
        _GRADIENT,
        "v_c is a mean: by the chain rule the factor 1/n returns. fastText leaves it out.",
        _spread(_whole),
        ("subword-rows", "subword-matrix"),
    ),
    Slip(
        "subwords-sum",
        "subwords",
        "sum for mean",
        "v_c = Σ_{r∈G(c)} z_r",
        _MEAN,
        "Long words have many n-grams; the mean keeps their vectors as short as others.",
        _sum,
        ("subword-loss",),
    ),
    Slip(
        "subwords-own-row",
        "subwords",
        "the word's own row is left out",
        "v_c = mean of the n-grams' rows",
        _MEAN,
        "G(c) has the word itself, besides its n-grams; only unseen words have n-grams alone.",
        _changed(lambda rows: rows[1:]),
        ("subword-loss",),
    ),
    Slip(
        "subwords-own-row-only",
        "subwords",
        "only the word's own row gets the gradient",
        "∂J/∂z_c = ∂J/∂v_c, 0 for n-grams",
        _GRADIENT,
        "Every row of the mean has its share: that is how words learn from each other.",
        _spread(_own_row_only),
        ("subword-rows",),
    ),
    Slip(
        "subwords-distinct",
        "subwords",
        "an n-gram that the word has twice is counted once",
        "v_c = mean over the distinct rows",
        _MEAN,
        "“banana” has “ana” twice: its row is twice in the sum, and n counts both.",
        _changed(lambda rows: list(dict.fromkeys(rows))),
        ("subword-loss",),
    ),
    Slip(
        "subwords-once",
        "subwords",
        "a row that is twice in the mean gets its gradient once",
        "∂J/∂z_r = (1/n) ∂J/∂v_c",
        _GRADIENT,
        "grad[rows] += g adds once for a repeated number; use np.add.at, or count n_r.",
        _spread(_once),
        ("subword-rows",),
    ),
    Slip(
        "subwords-matrix-of-counts",
        "mean_matrix",
        "S counts rows and does not divide",
        "S[c, r] = n_r",
        "S[c, r] = n_r/n",
        "V = S Z is a mean only where each line of S sums to 1.",
        _counts_matrix,
        ("subword-matrix",),
    ),
)
