"""Pair counts as a sparse matrix by rows: the type, and sums of such matrices on disk.

A matrix of pair counts can be larger than memory. It is written as *runs*, each a matrix of a part
of the text, and the runs are merged a few rows at a time. Weights are integers until the last
merge, so the sum has the same bits however the text was cut.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from w2v_cli.arrays import Array
from w2v_cli.pairs import pair_kernels as kernels
from w2v_cli.storage import files
from w2v_cli.storage.mapped import release
from w2v_cli.text.plan import Progress, no_progress
from w2v_cli.text.threads import ordered_map

#: More threads gain nothing: memory and disk are the limit.
MOST_WORKERS = 4
_BYTES_MERGED = 36  # an entry in the map of its file, copied, and merged
_RANGES_IN_HAND = 3  # of a worker: in work, waiting, and done but not yet written
_BYTES_TRANSPOSED = 28  # an entry in the map of its file, its row, and sorted


class PairCounts(NamedTuple):
    """The matrix X by rows: row c is `columns[a:b]`, `weights[a:b]` with a, b = row_start[c:c+2].

    row_start: int64, (V + 1,). columns: uint32, (n,), rising in a row. weights: (n,), int64 or a
    float; a count is its weight times `unit`.
    """

    row_start: Array
    columns: Array
    weights: Array
    unit: float = 1.0

    @property
    def n_words(self) -> int:
        """V, the number of rows."""
        return len(self.row_start) - 1

    def row_sums(self, factor: Array | None = None) -> Array:
        """Σ_o X[c, o] · factor[o], float64, (V,); without factor the pairs of each centre."""
        sums = np.empty(self.n_words)
        factor = np.ones(self.n_words) if factor is None else factor
        kernels.add_rows(self.row_start, self.columns, self.weights, factor, sums)
        sums *= self.unit
        return sums


class Runs:
    """Matrices of integers in a folder, written one after the other.

    Their numbers lie in three files: the columns, the weights, and where each row of each starts.
    """

    def __init__(self, folder: Path, n_words: int) -> None:
        """Begin the files. Raises OSError when they cannot be written."""
        self.n_words = n_words
        self._folder = folder
        self._n_runs = self._n_entries = 0
        self._lock = Lock()
        names = ("run-columns.u32", "run-weights.i64", "run-starts.i64")
        self._files = [files.open_binary(folder / name, "wb") for name in names]

    def write(self, row_start: Array, columns: Array, weights: Array) -> None:
        """Append a matrix; threads may call this at the same time."""
        with self._lock:
            arrays = (columns, weights, row_start + self._n_entries)
            for file, array in zip(self._files, arrays, strict=True):
                file.write(array.data)
            self._n_entries += len(columns)
            self._n_runs += 1

    def close(self) -> None:
        """Finish the files."""
        for file in self._files:
            file.close()

    def matrices(self) -> list[PairCounts]:
        """Map the finished files: matrices that share their columns and weights."""
        columns = map_file(self._folder / "run-columns.u32", np.uint32, self._n_entries)
        weights = map_file(self._folder / "run-weights.i64", np.int64, self._n_entries)
        shape = (self._n_runs, self.n_words + 1)
        starts = map_file(self._folder / "run-starts.i64", np.int64, shape[0] * shape[1])
        return [PairCounts(row_start, columns, weights) for row_start in starts.reshape(shape)]


def merge(
    matrices: Sequence[PairCounts],
    folder: Path,
    n_bytes: float,
    *,
    unit: float | None = None,
    n_threads: int = 1,
    progress: Progress = no_progress,
) -> PairCounts:
    """Add up matrices of integers; the sum is mapped from two files in `folder`.

    n_bytes: of memory, about; the sum depends neither on it nor on n_threads. unit: the sums are
    multiplied by it, in `weights.f64`; None: they stay integers, in `weights.i64`. progress: is
    called with "merging pairs" and words.

    Raises OSError when the files cannot be written.
    """
    n_words = matrices[0].n_words
    n_workers = min(n_threads, MOST_WORKERS)
    most = int(n_bytes / (n_workers * _RANGES_IN_HAND * _BYTES_MERGED))
    dtype = np.int64 if unit is None else np.float64
    sources = list({id(a): a for m in matrices for a in (m.columns, m.weights)}.values())

    def add_up(worker: int, rows: tuple[int, int, int]) -> PairCounts:
        return _add_up(matrices, rows, unit)

    row_start, last = np.zeros(n_words + 1, np.int64), 0
    paths = folder / "columns.u32", folder / f"weights.{'i' if unit is None else 'f'}64"
    with (
        files.open_binary(paths[0], "wb") as column_file,
        files.open_binary(paths[1], "wb") as weight_file,
    ):
        for part in ordered_map(add_up, range(n_workers), row_ranges(matrices, most)):
            first, last = last, last + part.n_words
            row_start[first + 1 : last + 1] = row_start[first] + part.row_start[1:]
            column_file.write(part.columns.data)
            weight_file.write(part.weights.data)
            progress("merging pairs", last, n_words)
            release(*sources)
    n = int(row_start[-1])
    return PairCounts(row_start, map_file(paths[0], np.uint32, n), map_file(paths[1], dtype, n))


def _add_up(
    matrices: Sequence[PairCounts], rows: tuple[int, int, int], unit: float | None
) -> PairCounts:
    """Add up a range of rows; see `row_ranges` for `rows`, `merge` for `unit`."""
    first, last, most = rows
    starts, columns, weights = _side_by_side(matrices, first, last)
    total = np.zeros(matrices[0].n_words, np.int64)
    row_start, out_columns = np.empty(last - first + 1, np.int64), np.empty(most, np.uint32)
    out_weights = np.empty(most, np.int64 if unit is None else np.float64)
    scale = 1 if unit is None else unit  # an integer, so that sums stay integers
    n = kernels.add_up(starts, columns, weights, scale, total, row_start, out_columns, out_weights)
    return PairCounts(row_start, out_columns[:n], out_weights[:n])


def _side_by_side(
    matrices: Sequence[PairCounts], first: int, last: int
) -> tuple[NDArray[np.int64], Array, Array]:
    """Return some rows of all matrices in the same two arrays.

    Returns where each row of each starts, (n_matrices, n_rows + 1), columns and weights.
    """
    starts = np.stack([matrix.row_start[first : last + 1] for matrix in matrices])
    one = matrices[0]
    if all(matrix.columns is one.columns for matrix in matrices):
        return starts, one.columns, one.weights
    spans = [slice(int(row[0]), int(row[-1])) for row in starts]
    lengths = starts[:, -1] - starts[:, 0]
    starts += (np.cumsum(lengths) - lengths - starts[:, 0])[:, None]
    columns = np.concatenate([m.columns[span] for m, span in zip(matrices, spans, strict=True)])
    weights = np.concatenate([m.weights[span] for m, span in zip(matrices, spans, strict=True)])
    return starts, columns, weights


def with_transpose(half: PairCounts, folder: Path, n_bytes: float) -> PairCounts:
    """Return a matrix plus its transpose, mapped from files in `folder`.

    Raises OSError when the files cannot be written.
    """
    runs = Runs(folder, half.n_words)
    try:
        for first, last, n in row_ranges([half], int(n_bytes / _BYTES_TRANSPOSED)):
            _write_transposed(half, first, last, n, runs)
            release(half.columns, half.weights)
    finally:
        runs.close()
    return merge([half, *runs.matrices()], folder, n_bytes)


def _write_transposed(half: PairCounts, first: int, last: int, n: int, runs: Runs) -> None:
    start = int(half.row_start[first])
    numbers = np.arange(first, last, dtype=np.uint32)
    rows = np.repeat(numbers, np.diff(half.row_start[first : last + 1]))
    row_start = np.empty(len(half.row_start), np.int64)
    columns, weights = np.empty(n, np.uint32), np.empty(n, np.int64)
    entries = slice(start, start + n)
    kernels.sort_by_rows(
        half.columns[entries], rows, half.weights[entries], row_start, columns, weights
    )
    runs.write(row_start, columns, weights)


def row_ranges(matrices: Sequence[PairCounts], most: int) -> Iterator[tuple[int, int, int]]:
    """Yield (first row, last row + 1, entries): at most `most` entries of all, or one row."""
    n_words = matrices[0].n_words
    before = np.zeros(n_words + 1, np.int64)
    for matrix in matrices:
        before += matrix.row_start - matrix.row_start[0]
    first = 0
    while first < n_words:
        last = int(np.searchsorted(before, before[first] + most, side="right")) - 1
        last = max(last, first + 1)
        yield first, last, int(before[last] - before[first])
        first = last


def map_file(path: Path, dtype: DTypeLike, n: int) -> Array:
    """Map n numbers of a file into memory."""
    if n == 0:  # an empty file cannot be mapped
        return np.empty(0, dtype)
    return np.memmap(path, dtype, "r", shape=(n,))
