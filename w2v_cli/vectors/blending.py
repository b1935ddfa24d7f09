"""One space of vectors made of several: unit rows side by side, reduced again.

Vectors that were made in different ways know different things; a blend is often better than each of
its parts. Part i, with unit rows and times its weight, is written beside the others. The singular
value decomposition of all of it, U S Wᵀ, gives the directions that hold most of it: the blend is
the first columns of U S, which is all of it times the first columns of W.

A word that only a part with subwords has a vector for is answered by that part alone: its vector
takes the same way, times the rows of W that belong to the part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from w2v_cli.arrays import Array
from w2v_cli.engines.base import SubwordVectors
from w2v_cli.engines.centers import own_rows
from w2v_cli.errors import DataError, UsageError
from w2v_cli.memory import ask_for
from w2v_cli.vectors.nearest import unit_rows
from w2v_cli.vectors.table import VectorTable, check_finite

#: Rows that are multiplied at a time.
_BLOCK = 4096


@dataclass(frozen=True)
class Blend:
    """A blend.

    table: the words that all parts have; with subwords those of the first part that has some.
    n_known: how many words each part has.
    """

    table: VectorTable
    n_known: tuple[int, ...]


def blend_tables(
    tables: Sequence[VectorTable],
    weights: Sequence[float] | None = None,
    dim: int | None = None,
    names: Sequence[str] = (),
) -> Blend:
    """Blend vectors over the words that all tables have, in the order of the first.

    Args:
        tables: the parts, two at least.
        weights: one for each part; None: 1 each.
        dim: of the result; None: that of the first part.
        names: of the parts, for messages.

    Raises:
        UsageError: fewer than two parts, weights that do not fit them, or more dimensions than the
            parts have together.
        DataError: parts without a common word, or with a number that is not finite.
    """
    names = names or [f"part {i}" for i in range(1, len(tables) + 1)]
    weights, dim = _checked(tables, weights, dim)
    words = [word for word in tables[0].words if all(word in table.ids for table in tables[1:])]
    if not words:
        raise DataError(f"{', '.join(names)} have no word in common, so there is nothing to blend")
    parts = []
    for name, table in zip(names, tables, strict=True):
        parts.append(table.matrix[_rows(table, words)])
        check_finite(name, parts[-1], words)
    matrix, turns = blended(parts, weights, dim)
    counts = next((t.counts[_rows(t, words)] for t in tables if t.counts is not None), None)
    unseen = [
        turned(table.parts, len(table), turn, words, matrix)
        for table, turn in zip(tables, turns, strict=True)
        if table.parts is not None
    ]
    subwords = unseen[0] if unseen else None
    table = VectorTable(words, matrix, counts, parts=subwords, tokenizer=tables[0].tokenizer)
    return Blend(table, tuple(len(each) for each in tables))


def _rows(table: VectorTable, words: Sequence[str]) -> list[int]:
    return [table.ids[word] for word in words]


def blended(
    parts: Sequence[NDArray[np.float32]], weights: Sequence[float], dim: int
) -> tuple[NDArray[np.float32], list[Array]]:
    """Return the blend of matrices with the same n words, (n, dim), and a turn of each part.

    A turn, (D of the part, dim), brings a vector of a word that only this part knows into the
    blend, about as long as a word's. Raises DataError where there is no memory for it.
    """
    n_words, width = len(parts[0]), sum(part.shape[1] for part in parts)
    ask_for(4 * n_words * (width + dim), f"{n_words:,} words", "blend fewer words")
    both = np.empty((n_words, width), np.float32)
    edges = np.cumsum([0, *(part.shape[1] for part in parts)])
    for first, stop, part, weight in zip(edges, edges[1:], parts, weights, strict=False):
        both[:, first:stop] = weight * unit_rows(part)
    matrix, turn = _reduced(both, dim)
    turns = [
        turn[first:stop] * (weight / _mean_length(part))
        for first, stop, part, weight in zip(edges, edges[1:], parts, weights, strict=False)
    ]
    return matrix, turns


def _mean_length(matrix: Array) -> float:
    length = float(np.mean(np.linalg.norm(matrix, axis=1), dtype=np.float64))
    return length if length > 0 else 1.0


def turned(
    parts: SubwordVectors, n_words: int, turn: Array, words: Sequence[str], matrix: Array
) -> SubwordVectors:
    """Bring n-grams into a blend, so that words which it lacks get a vector in its space.

    parts: of n_words words. turn: see `blended`. words, matrix: of the blend; their own rows are
    chosen so that the mean of a word's rows is its blended vector.

    Raises DataError for numbers that float32 does not hold.
    """
    n_ngrams, dim = len(parts.rows) - n_words, matrix.shape[1]
    ask_for(4.0 * dim * (len(words) + n_ngrams), f"{n_ngrams:,} n-grams", "lower --buckets")
    rows = np.zeros((len(words) + n_ngrams, dim), np.float32)
    found = SubwordVectors(parts.subwords, rows)
    with np.errstate(over="ignore", invalid="ignore"):
        np.matmul(parts.rows[n_words:], turn.astype(np.float32), out=rows[len(words) :])
        rows[: len(words)] = own_rows(found, len(words), words, matrix)
        is_finite = np.isfinite(rows.sum(dtype=np.float64))
    if not is_finite:  # near the largest number of float32: a damaged file
        raise DataError("the vectors of the n-grams are too large for a blend")
    return found


def _checked(
    tables: Sequence[VectorTable], weights: Sequence[float] | None, dim: int | None
) -> tuple[Sequence[float], int]:
    """Return the weights and the dimensions of a blend."""
    if len(tables) < 2:
        raise UsageError("a blend needs two runs or files of vectors at least")
    weights = [1.0] * len(tables) if weights is None else list(weights)
    if len(weights) != len(tables):
        raise UsageError(f"{len(weights)} weights for {len(tables)} parts; give one for each")
    if not all(np.isfinite(weight) and weight > 0 for weight in weights):
        raise UsageError("the weights of a blend must be above 0; omit a part instead")
    width = sum(table.dim for table in tables)
    dim = tables[0].dim if dim is None else dim
    if not 1 <= dim <= width:
        raise UsageError(f"a blend of these parts has 1 to {width} dimensions, not {dim}")
    return weights, dim


def _reduced(both: NDArray[np.float32], dim: int) -> tuple[NDArray[np.float32], Array]:
    """Return the first columns of U S and of W, where both = U S Wᵀ; both: (n, D).

    W comes from the eigenvectors of bothᵀ both, summed in float64 by blocks on one thread, and each
    column of W has a positive sum: the same input gives the same bits.
    """
    blocks = [slice(first, first + _BLOCK) for first in range(0, len(both), _BLOCK)]
    with threadpool_limits(1, "blas"):
        gram: Array = np.zeros((both.shape[1],) * 2)
        for rows in blocks:
            block = both[rows].astype(np.float64)
            gram += block.T @ block
        _, turn = np.linalg.eigh(gram)
        turn = turn[:, ::-1][:, :dim]
        turn = turn * np.where(turn.sum(axis=0) < 0, -1.0, 1.0)
        result = np.empty((len(both), dim), np.float32)
        for rows in blocks:
            result[rows] = both[rows].astype(np.float64) @ turn
    return result, turn
