"""Add up matrices of pair counts in bounded memory, some rows at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.corpus.row_kernels import add_up, sort_by_rows
from w2v_cli.corpus.run_files import RunFiles, map_file, row_ranges
from w2v_cli.storage import files
from w2v_cli.storage.mapped import release

_BYTES_MERGED = 36  # an entry in the map of its file, copied, and merged
_BYTES_TRANSPOSED = 28  # an entry in the map of its file, its row, and sorted


@dataclass(frozen=True)
class Rows:
    """A matrix of integer weights by rows; row r is columns[a:b] with a, b = row_start[r:r+2]."""

    row_start: Array
    columns: Array
    weights: Array


def merge_matrices(matrices: Sequence[Rows], folder: Path, n_bytes: float) -> Rows:
    """Add up the matrices; the sum is mapped from files in `folder`. n_bytes: of memory, about.

    Raises OSError when the files cannot be written.
    """
    n_words = len(matrices[0].row_start) - 1
    row_start = np.zeros(n_words + 1, np.int64)
    total = np.zeros(n_words, np.int64)
    paths = folder / "columns", folder / "weights"
    ranges = row_ranges([matrix.row_start for matrix in matrices], int(n_bytes / _BYTES_MERGED))
    with (
        files.open_binary(paths[0], "wb") as column_file,
        files.open_binary(paths[1], "wb") as weight_file,
    ):
        for first, last, _ in ranges:
            part = _merged_rows(matrices, first, last, total)
            row_start[first + 1 : last + 1] = row_start[first] + part.row_start[1:]
            column_file.write(part.columns.data)
            weight_file.write(part.weights.data)
            for matrix in matrices:
                release(matrix.columns, matrix.weights)
    n = int(row_start[-1])
    columns, weights = map_file(paths[0], np.uint32, n), map_file(paths[1], np.int64, n)
    return Rows(row_start, columns, weights)


def with_transpose(half: Rows, folder: Path, n_bytes: float) -> Rows:
    """Return a matrix plus its transpose, mapped from files in `folder`.

    Raises OSError when the files cannot be written.
    """
    runs = RunFiles(folder, len(half.row_start) - 1)
    try:
        for first, last, n in row_ranges([half.row_start], int(n_bytes / _BYTES_TRANSPOSED)):
            _write_transposed(half, first, last, n, runs)
            release(half.columns, half.weights)
    finally:
        runs.close()
    return merge_matrices([half, *runs_in(folder, runs.row_starts())], folder, n_bytes)


def runs_in(folder: Path, row_starts: Array) -> list[Rows]:
    """Map the finished runs of a folder. row_starts: (n_runs, V + 1)."""
    n = int(row_starts[-1, -1])
    columns = map_file(folder / "columns.u32", np.uint32, n)
    weights = map_file(folder / "weights.i64", np.int64, n)
    return [Rows(starts, columns, weights) for starts in row_starts]


def _write_transposed(half: Rows, first: int, last: int, n: int, runs: RunFiles) -> None:
    start = int(half.row_start[first])
    numbers = np.arange(first, last, dtype=np.uint32)
    rows = np.repeat(numbers, np.diff(half.row_start[first : last + 1]))
    row_start = np.empty(len(half.row_start), np.int64)
    columns, weights = np.empty(n, np.uint32), np.empty(n, np.int64)
    entries = slice(start, start + n)
    sort_by_rows(half.columns[entries], rows, half.weights[entries], row_start, columns, weights)
    runs.write(row_start, columns, weights)


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
    n = add_up(starts, columns, weights, 1, total, out.row_start, out.columns, out.weights)
    return Rows(out.row_start, out.columns[:n], out.weights[:n])
