"""Runs of pair counts on disk: written one after the other, then merged in bounded memory."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import DTypeLike, NDArray

from w2v_cli.arrays import Array
from w2v_cli.corpus import row_kernels
from w2v_cli.corpus.reading import Progress
from w2v_cli.storage import files
from w2v_cli.storage.mapped import release

MOST_WORKERS = 4
_BYTES_MERGED = 24  # an entry of a run in the map of its file, and merged


class RunFiles:
    """The runs in a folder: columns, weights, and where the rows of each start."""

    def __init__(self, folder: Path, n_words: int) -> None:
        self._folder = folder
        self.n_words = n_words
        self.n_runs = 0
        self._n = 0
        self._lock = Lock()
        names = ("columns.u32", "weights.i64", "row_starts.i64")
        self._files = [files.open_binary(folder / name, "wb") for name in names]

    def write(self, row_start: Array, columns: Array, weights: Array) -> None:
        """Append a run; threads may call this at the same time."""
        with self._lock:
            arrays = (columns, weights, row_start + self._n)
            for file, array in zip(self._files, arrays, strict=True):
                file.write(array.data)
            self._n += len(columns)
            self.n_runs += 1

    def close(self) -> None:
        """Finish the files."""
        for file in self._files:
            file.close()

    def row_starts(self) -> NDArray[np.int64]:
        """Return where the rows of each run start in the finished files, (n_runs, V + 1)."""
        shape = (self.n_runs, self.n_words + 1)
        found = map_file(self._folder / "row_starts.i64", np.int64, shape[0] * shape[1])
        return found.reshape(shape)


def merge_runs(
    runs: Path,
    row_starts: NDArray[np.int64],
    unit: float,
    folder: Path,
    n_bytes: float,
    n_threads: int,
    progress: Progress,
) -> None:
    """Merge the runs into `columns.u32`, `weights.f64` and `row_start.i64`, sums times `unit`."""
    n_words = row_starts.shape[1] - 1
    n_entries = int(row_starts[-1, -1])
    columns = map_file(runs / "columns.u32", np.uint32, n_entries)
    weights = map_file(runs / "weights.i64", np.int64, n_entries)
    row_start = np.zeros(n_words + 1, np.int64)

    def merge(rows: tuple[int, int, int]) -> tuple[Array, Array, Array]:
        first, last, most = rows
        starts = np.ascontiguousarray(row_starts[:, first : last + 1])
        total = np.zeros(n_words, np.int64)
        out = np.empty(last - first + 1, np.int64), np.empty(most, np.uint32), np.empty(most)
        n = row_kernels.add_up(starts, columns, weights, unit, total, *out)
        return out[0], out[1][:n], out[2][:n]

    n_workers = min(n_threads, MOST_WORKERS)
    ranges = list(row_ranges(list(row_starts), max(1, int(n_bytes / n_workers / _BYTES_MERGED))))
    with (
        files.open_binary(folder / "columns.u32", "wb") as column_file,
        files.open_binary(folder / "weights.f64", "wb") as weight_file,
        ThreadPoolExecutor(n_workers) as pool,
    ):
        for i in range(0, len(ranges), n_workers):
            group = ranges[i : i + n_workers]
            for (first, last, _), part in zip(group, pool.map(merge, group), strict=True):
                row_start[first + 1 : last + 1] = row_start[first] + part[0][1:]
                column_file.write(part[1].data)
                weight_file.write(part[2].data)
                progress("merging pairs", last, n_words)
            release(columns, weights)
    files.write_bytes(folder / "row_start.i64", row_start.tobytes())


def row_ranges(row_starts: Sequence[Array], most: int) -> Iterator[tuple[int, int, int]]:
    """Yield (first row, last row + 1, entries) with at most `most` entries in several rows.

    row_starts: of each matrix, (V + 1,).
    """
    n_words = len(row_starts[0]) - 1
    before = np.zeros(n_words + 1, np.int64)
    for starts in row_starts:
        before += starts - starts[0]
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
