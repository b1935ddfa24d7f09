"""Add up matrices of pair counts in bounded memory, some rows at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.corpus.counts.merge_kernels import add_up
from w2v_cli.corpus.pair_runs import map_file
from w2v_cli.storage import files

_BYTES_MERGED = 24  # an entry as it is read, and merged


@dataclass(frozen=True)
class Rows:
    """A matrix of integer weights by rows; row r is columns[a:b] with a, b = row_start[r:r+2]."""

    row_start: Array
    columns: Array
    weights: Array


def merge_matrices(matrices: Sequence[Rows], folder: Path, memory: float) -> Rows:
    """Add up the matrices; the sum is mapped from files in `folder`. memory: in GiB, about.

    Raises OSError when the files cannot be written.
    """
    n_words = len(matrices[0].row_start) - 1
    row_start = np.zeros(n_words + 1, np.int64)
    total = np.zeros(n_words, np.int64)
    paths = folder / "columns", folder / "weights"
    with (
        files.open_binary(paths[0], "wb") as column_file,
        files.open_binary(paths[1], "wb") as weight_file,
    ):
        for first, last in _row_ranges(matrices, int(memory * 2**30 / _BYTES_MERGED)):
            part = _merged_rows(matrices, first, last, total)
            row_start[first + 1 : last + 1] = row_start[first] + part.row_start[1:]
            column_file.write(part.columns.data)
            weight_file.write(part.weights.data)
    n = int(row_start[-1])
    columns, weights = map_file(paths[0], np.uint32, n), map_file(paths[1], np.int64, n)
    return Rows(row_start, columns, weights)


def _merged_rows(matrices: Sequence[Rows], first: int, last: int, total: Array) -> Rows:
    spans = [(int(m.row_start[first]), int(m.row_start[last])) for m in matrices]
    columns = np.concatenate([m.columns[a:b] for m, (a, b) in zip(matrices, spans, strict=True)])
    weights = np.concatenate([m.weights[a:b] for m, (a, b) in zip(matrices, spans, strict=True)])
    starts = np.empty((len(matrices), last - first + 1), np.int64)
    offset = 0
    for i, (a, b) in enumerate(spans):
        starts[i] = matrices[i].row_start[first : last + 1] + (offset - a)
        offset += b - a
    out = Rows(np.empty(last - first + 1, np.int64), np.empty_like(columns), np.empty_like(weights))
    n = add_up(starts, columns, weights, total, out.row_start, out.columns, out.weights)
    return Rows(out.row_start, out.columns[:n], out.weights[:n])


def _row_ranges(matrices: Sequence[Rows], most: int) -> Iterator[tuple[int, int]]:
    """Yield (first row, last row + 1) with at most `most` entries in several rows."""
    before = sum(matrix.row_start - matrix.row_start[0] for matrix in matrices)
    n_words, first = len(before) - 1, 0
    while first < n_words:
        last = int(np.searchsorted(before, before[first] + most, side="right")) - 1
        last = max(last, first + 1)
        yield first, last
        first = last
