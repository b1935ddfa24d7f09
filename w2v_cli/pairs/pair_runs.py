"""Count pairs in bounded memory: sums of a part of the corpus (a *run*) go to disk.

Each thread adds the pairs of two frequent words, which are most of all, to a dense table. The
others it collects until its memory is full; then they are sorted, added up and written as a run.
`run_files` merges the runs.
"""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Lock

import numpy as np
from numpy.typing import DTypeLike, NDArray

from w2v_cli.arrays import Array
from w2v_cli.pairs import pair_kernels as kernels
from w2v_cli.pairs import pair_kernels as row_kernels
from w2v_cli.storage import files
from w2v_cli.storage.mapped import release
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.plan import Progress

# Runs of pair counts on disk: written one after the other, then merged in bounded memory.


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


# Count pairs in bounded memory: sums of a part of the corpus (a *run*) go to disk.


CHUNK_TOKENS = 1 << 18
_TOKENS_IN_MEMORY = 1 << 20  # of a corpus that is a map of a file
_BYTES_COLLECTED = 28  # a pair as collected, and sorted
_TABLE_SHARE = 1 / 4
#: 8 bytes each: a larger table holds more pairs, but fewer of them in the caches.
_MOST_TABLE = 1 << 20


@dataclass(frozen=True)
class FrequentPairs:
    """Where the dense table holds the pairs (a, b), a ≤ b: those with (a + 1)(b + 1) ≤ bound.

    offset: the place of (a, b) is offset[a] + b. size: of the table, one place at least.
    """

    bound: int
    offset: NDArray[np.int64]
    size: int

    @classmethod
    def of(cls, n_words: int, most: int) -> "FrequentPairs":
        """Choose the largest bound for which the table has at most `most` places."""
        low, high = 0, most + 1
        while high - low > 1:
            bound = (low + high) // 2
            low, high = (bound, high) if cls._within(n_words, bound).size <= most else (low, bound)
        return cls._within(n_words, low)

    @classmethod
    def _within(cls, n_words: int, bound: int) -> "FrequentPairs":
        a = np.arange(min(n_words, max(1, math.isqrt(bound))))
        lengths = np.maximum(0, np.minimum(bound // (a + 1), n_words) - a)
        return cls(bound, np.cumsum(lengths) - lengths - a, max(1, int(lengths.sum())))


class _Worker:
    """What one thread collects in. transposed: see `PairCounter`."""

    def __init__(
        self, places: FrequentPairs, n_words: int, most: int, runs: RunFiles, transposed: bool
    ) -> None:
        self.table = np.zeros(places.size, np.int64)
        self.near, self.far = np.empty(most, np.uint32), np.empty(most, np.uint32)
        self.weights = np.empty(most, np.int64)
        self._sorted = np.empty(most, np.uint32), np.empty(most, np.int64)
        self._row_start = np.empty(n_words + 1, np.int64)
        self._runs, self._transposed = runs, transposed
        self.n = 0

    def flush(self) -> None:
        """Write what was collected as a run by the far word, and as another one transposed."""
        if self.n == 0:
            return
        row_start, (columns, weights) = self._row_start, self._sorted
        rows = self.far[: self.n]
        row_kernels.sort_by_rows(rows, self.near, self.weights, row_start, columns, weights)
        n = row_kernels.add_up_in_place(row_start, columns, weights)
        columns, weights = columns[:n], weights[:n]
        self._runs.write(row_start, columns, weights)
        if self._transposed:
            row_kernels.list_rows(row_start, rows)
            turned = self.near[:n], self.weights[:n]
            row_kernels.sort_by_rows(columns, rows, weights, row_start, *turned)
            self._runs.write(row_start, *turned)
        self.n = 0


class PairCounter:
    """Counts the pairs of a corpus, in units of 1 / scale.

    transposed: write the whole matrix; else each pair once, in the row of the far word.
    """

    def __init__(
        self,
        corpus: EncodedCorpus,
        keep: Array,
        window: int,
        scale: float,
        tail: float,
        shrink: bool,
        transposed: bool = True,
    ) -> None:
        self._corpus = corpus
        self._keep = keep
        self._window = window
        self._scale = scale
        self._tail = tail
        self._shrink = shrink
        self._transposed = transposed

    def count(
        self, folder: Path, n_bytes: float, n_threads: int, progress: Progress
    ) -> NDArray[np.int64]:
        """Write the runs; return where the rows of each start in them, (n_runs, V + 1)."""
        n_words, n_tokens = len(self._keep), len(self._corpus.tokens)
        n_workers = min(n_threads, MOST_WORKERS)
        share = n_bytes / n_workers
        places = FrequentPairs.of(n_words, min(_MOST_TABLE, int(share * _TABLE_SHARE / 8)))
        most = int((share - 8 * places.size) / _BYTES_COLLECTED)
        most = max(kernels.TILE, min(most, n_tokens * 2 * self._window))
        runs = RunFiles(folder, n_words)
        workers = [_Worker(places, n_words, most, runs, self._transposed) for _ in range(n_workers)]
        free: SimpleQueue[_Worker] = SimpleQueue()
        for worker in workers:
            free.put(worker)

        def count_chunk(start: int) -> int:
            worker = free.get()
            stop = min(n_tokens, start + CHUNK_TOKENS)
            try:
                self._collect(worker, places, start, stop)
            finally:
                free.put(worker)
            return stop

        try:
            with ThreadPoolExecutor(n_workers) as pool:
                for stop in pool.map(count_chunk, range(0, n_tokens, CHUNK_TOKENS)):
                    progress("counting pairs", stop, n_tokens)
                    if stop % _TOKENS_IN_MEMORY == 0:
                        self._corpus.release()
                list(pool.map(_Worker.flush, workers))
            _write_table(runs, places, [worker.table for worker in workers], self._transposed)
        finally:
            runs.close()
        return runs.row_starts()

    def _collect(self, worker: _Worker, places: FrequentPairs, start: int, stop: int) -> None:
        ends = self._corpus.document_ends
        document = int(np.searchsorted(ends, start, side="right"))
        lanes = np.empty((kernels.BETWEEN + self._window, kernels.TILE))
        to_end, fixed, at = np.empty((3, kernels.TILE), np.int64)
        state = np.array([start, 0, document, worker.n])
        while not kernels.collect_pairs(
            self._corpus.tokens,
            ends,
            stop,
            self._keep,
            self._scale,
            self._tail,
            self._shrink,
            lanes,
            to_end,
            fixed,
            at,
            places.bound,
            places.offset,
            worker.table,
            worker.near,
            worker.far,
            worker.weights,
            state,
        ):
            worker.n = int(state[kernels.N_PAIRS])
            worker.flush()
            state[kernels.N_PAIRS] = 0
        worker.n = int(state[kernels.N_PAIRS])


def _write_table(
    runs: RunFiles, places: FrequentPairs, tables: list[Array], transposed: bool
) -> None:
    """Write the sum of the tables as a run by the far word, and as another one transposed."""
    total = tables[0]
    for table in tables[1:]:
        total += table
    full = np.flatnonzero(total)
    starts = places.offset + np.arange(len(places.offset))
    near = np.searchsorted(starts, full, side="right") - 1
    far = (full - places.offset[near]).astype(np.uint32)
    near, weights = near.astype(np.uint32), total[full]
    row_start = np.empty(runs.n_words + 1, np.int64)
    columns, sorted_weights = np.empty_like(far), np.empty_like(weights)
    for rows, others in ((far, near), (near, far))[: 1 + transposed]:
        row_kernels.sort_by_rows(rows, others, weights, row_start, columns, sorted_weights)
        runs.write(row_start, columns, sorted_weights)
