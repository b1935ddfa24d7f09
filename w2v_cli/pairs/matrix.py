"""Pair counts as a sparse matrix by rows: the type, and sums of such matrices.

A matrix of pair counts can be larger than memory. It is collected as *runs*, each a matrix of a
part of the text, in memory or on disk, and the runs are merged a few rows at a time. Weights are
integers until the last merge, so the sum has the same bits however the text was cut.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import BinaryIO, NamedTuple

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
_BYTES_KEPT = 12  # an entry
_BYTES_MERGED = 36  # an entry in the map of its file, copied, and merged
_BYTES_TRANSPOSED = 28  # an entry in the map of its file, its row, and sorted
_RANGES_IN_HAND = 3  # of a worker: in work, waiting, and done but not yet written
#: Entries of a range of rows: larger ones do not stay in the caches.
_MOST_MERGED, _MOST_TRANSPOSED = 1 << 19, 1 << 21


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


class _Room:
    """Memory that is written to like a file.

    Unlike those of io.BytesIO, its pages are large, so the system hands out few. A page that is not
    written to takes no memory.
    """

    def __init__(self, most: float) -> None:
        """most: bytes that will be written."""
        self._bytes, self._end = np.empty(int(most), np.uint8), 0

    def write(self, data: memoryview) -> None:
        """Append data."""
        new = np.frombuffer(data, np.uint8)
        self._bytes[self._end : self._end + len(new)] = new
        self._end += len(new)

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._end

    def array(self, dtype: DTypeLike) -> Array:
        """Return what was written, read-only."""
        written = self._bytes[: self._end].view(dtype)
        written.flags.writeable = False
        return written


class _Stack:
    """Matrices one after the other in three arrays, in memory or in files of a folder.

    The arrays hold where each row of each matrix starts, all columns, and all weights.
    """

    def __init__(
        self,
        n_words: int,
        place: Path | float,
        name: str = "",
        weights: DTypeLike = np.int64,
    ) -> None:
        """place: a folder, or how many bytes of memory at most. name: begins the names of files.

        Raises OSError when a file cannot be written.
        """
        kind = np.dtype(weights).kind
        self._types = {
            f"{name}row_start.i64": np.int64,
            f"{name}columns.u32": np.uint32,
            f"{name}weights.{kind}64": weights,
        }
        self._files: list[BinaryIO | _Room] = [
            files.open_binary(place / path, "wb") if isinstance(place, Path) else _Room(place)
            for path in self._types
        ]
        self._place = place
        self._n_words, self._n_entries = n_words, 0

    def append(self, parts: Iterable[PairCounts]) -> None:
        """Append a matrix that comes some rows at a time. Raises OSError."""
        starts, columns, weights = self._files
        starts.write(np.array([self._n_entries]).data)
        for part in parts:
            starts.write((part.row_start[1:] + self._n_entries).data)
            columns.write(part.columns.data)
            weights.write(part.weights.data)
            self._n_entries += len(part.columns)

    @property
    def n_bytes(self) -> int:
        """Of all three arrays."""
        return sum(file.tell() for file in self._files)

    def close(self) -> None:
        """Finish the files. What is in memory stays there."""
        for file in self._files:
            if not isinstance(file, _Room):
                file.close()

    def matrices(self) -> list[PairCounts]:
        """Return all, in arrays that they share, read-only; none can be appended any more."""
        self.close()
        starts, columns, weights = map(self._array, self._files, self._types.items())
        rows = starts.reshape(-1, self._n_words + 1)
        return [PairCounts(row_start, columns, weights) for row_start in rows]

    def _array(self, file: BinaryIO | _Room, kind: tuple[str, DTypeLike]) -> Array:
        name, dtype = kind
        if isinstance(file, _Room):
            return file.array(dtype)
        assert isinstance(self._place, Path)
        path = self._place / name
        return map_file(path, dtype, path.stat().st_size // np.dtype(dtype).itemsize)


class Runs:
    """Matrices of integers that will be added up.

    They are kept in memory while they fit. Then those in memory are added up, and their sum is
    written to files, as one matrix.
    """

    def __init__(self, folder: Path, n_words: int, n_bytes: float, name: str = "run-") -> None:
        """n_bytes: of memory for them. name: the names of the files in `folder` begin with it."""
        self.n_words = n_words
        self._folder, self._n_bytes, self._name = folder, n_bytes, name
        self._lock = Lock()
        self._kept = _Stack(n_words, n_bytes)
        self._written: _Stack | None = None

    def write(self, row_start: Array, columns: Array, weights: Array) -> None:
        """Add a matrix; threads may call this at the same time. Raises OSError."""
        n_bytes = row_start.nbytes + columns.nbytes + weights.nbytes
        with self._lock:
            if self._kept.n_bytes + n_bytes > self._n_bytes:
                self._write_kept()
            target = self._kept if n_bytes <= self._n_bytes else self._on_disk()
            target.append([PairCounts(row_start, columns, weights)])

    def _on_disk(self) -> _Stack:
        self._written = self._written or _Stack(self.n_words, self._folder, self._name)
        return self._written

    def _write_kept(self) -> None:
        if self._kept.n_bytes:
            kept, self._kept = self._kept.matrices(), _Stack(self.n_words, self._n_bytes)
            self._on_disk().append(_sums(kept, self._n_bytes / 4))

    def close(self) -> None:
        """Finish the files."""
        if self._written:
            self._written.close()

    def matrices(self) -> list[PairCounts]:
        """Return matrices with the same sum, which share their columns and weights."""
        if self._written:
            self._write_kept()
        return (self._written or self._kept).matrices()


def merge(
    matrices: Sequence[PairCounts],
    folder: Path,
    n_bytes: float,
    *,
    unit: float | None = None,
    n_threads: int = 1,
    on_disk: bool = False,
    progress: Progress = no_progress,
) -> PairCounts:
    """Add up matrices of integers.

    The sum is in memory if that is certain to fit; else, or if it has to be on_disk, it is mapped
    from files in `folder`: `row_start.i64`, `columns.u32` and `weights.i64` or `weights.f64`.
    n_bytes: of memory, about; the sum depends neither on it nor on n_threads. unit: the sums are
    multiplied by it, as floats; None: they stay integers. progress: is called with "merging pairs"
    and words.

    Raises OSError when the files cannot be written.
    """
    n_words = matrices[0].n_words
    most = sum(int(matrix.row_start[-1] - matrix.row_start[0]) for matrix in matrices)
    most_bytes = 8 * max(most, n_words + 1)  # of an array
    in_memory = most * _BYTES_KEPT <= n_bytes / 2 and not on_disk
    dtype = np.int64 if unit is None else np.float64
    total = _Stack(n_words, most_bytes if in_memory else folder, weights=dtype)
    try:
        total.append(_sums(matrices, n_bytes / 2, unit, n_threads, progress))
    finally:
        total.close()
    return total.matrices()[0]


def _sums(
    matrices: Sequence[PairCounts],
    n_bytes: float,
    unit: float | None = None,
    n_threads: int = 1,
    progress: Progress = no_progress,
) -> Iterator[PairCounts]:
    """Yield the sum of matrices, some rows at a time; see `merge`."""
    n_words, done = matrices[0].n_words, 0
    n_workers = min(n_threads, MOST_WORKERS)
    most = min(_MOST_MERGED, int(n_bytes / (n_workers * _RANGES_IN_HAND * _BYTES_MERGED)))
    sources = list({id(a): a for m in matrices for a in (m.columns, m.weights)}.values())
    totals = [np.zeros(n_words, np.int64) for _ in range(n_workers)]

    def add_up(total: Array, rows: tuple[int, int, int]) -> PairCounts:
        return _add_up(matrices, rows, unit, total)

    for part in ordered_map(add_up, totals, row_ranges(matrices, most)):
        yield part
        done += part.n_words
        progress("merging pairs", done, n_words)
        release(*sources)


def _add_up(
    matrices: Sequence[PairCounts], rows: tuple[int, int, int], unit: float | None, total: Array
) -> PairCounts:
    """Add up a range of rows; see `row_ranges`, `merge`, and `kernels.add_up` for the arguments."""
    first, last, most = rows
    starts, columns, weights = _side_by_side(matrices, first, last)
    row_start, out_columns = np.empty(last - first + 1, np.int64), np.empty(most, np.uint32)
    out_weights = np.empty(most, np.int64 if unit is None else np.float64)
    scale = 1 if unit is None else unit  # an integer, so that sums stay integers
    entries = kernels.Rows(starts, columns, weights, scale, out_columns, out_weights)
    n = kernels.add_up(entries, total, row_start)
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
    columns.flags.writeable = weights.flags.writeable = False  # as above: one compiled function
    return starts, columns, weights


def with_transpose(
    half: PairCounts,
    folder: Path,
    n_bytes: float,
    *,
    unit: float | None = None,
    n_threads: int = 1,
    on_disk: bool = False,
    progress: Progress = no_progress,
) -> PairCounts:
    """Return a matrix with nothing right of its diagonal plus its transpose; see `merge`.

    Each row of the half ends at the diagonal, where those of the transpose begin, and the runs of
    the transpose come in the order of their columns. So the merge has nothing to sort.
    """
    n_workers = min(n_threads, MOST_WORKERS)
    most = int(n_bytes / 4 / (n_workers * _RANGES_IN_HAND * _BYTES_TRANSPOSED))
    ranges = list(row_ranges([half], min(most, _MOST_TRANSPOSED)))
    whole = len(half.columns) * _BYTES_KEPT + len(ranges) * half.row_start.nbytes
    runs = Runs(folder, half.n_words, min(n_bytes / 4, whole), "transposed-")

    def transpose(_: int, rows: tuple[int, int, int]) -> PairCounts:
        return _transposed(half, *rows)

    try:
        for part in ordered_map(transpose, range(n_workers), ranges):
            runs.write(part.row_start, part.columns, part.weights)
            release(half.columns, half.weights)
        turned = runs.matrices()
    finally:
        runs.close()
    return merge(
        [half, *turned],
        folder,
        n_bytes / 2,
        unit=unit,
        n_threads=n_threads,
        on_disk=on_disk,
        progress=progress,
    )


def _transposed(half: PairCounts, first: int, last: int, n: int) -> PairCounts:
    """Return the transpose of a range of rows; see `row_ranges`."""
    start = int(half.row_start[first])
    numbers = np.arange(first, last, dtype=np.uint32)
    rows = np.repeat(numbers, np.diff(half.row_start[first : last + 1]))
    row_start = np.empty(len(half.row_start), np.int64)
    columns, weights = np.empty(n, np.uint32), np.empty(n, np.int64)
    entries = slice(start, start + n)
    kernels.sort_by_rows(
        half.columns[entries], rows, half.weights[entries], row_start, columns, weights
    )
    return PairCounts(row_start, columns, weights)


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
