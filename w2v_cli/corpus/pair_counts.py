"""How often each word stands near each other word: the weighted pair counts X of a corpus.

X[c, o] is the *expected* number of pairs (centre c, outside o) in one pass of skip-gram training.
Training thins out frequent words (a token of word w is kept with probability keep[w]), closes the
gaps, and draws each window's radius uniformly from 1..window. So two tokens with k kept words
between them are a pair with probability (window − k)⁺ / window, and

    X[c, o] = Σ over ordered pairs of places (i, j) in one document with words c and o of
              keep[c] · keep[o] · Σ_k P(k words between i and j are kept) · (window − k)⁺ / window.

A token's neighbours end where fewer than `window` words are kept between with a probability of at
most TAIL. X is symmetric. Where every word is kept, the weight is (window + 1 − distance) / window.

Memory is bounded: the pairs of one block of the corpus at a time are sorted by counting and added
up (a *run*); runs lie on the disk and are merged row by row.
"""

import json
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.corpus.pair_count_kernels import (
    add_rows,
    add_up_rows,
    count_row_pairs,
    place_pairs,
)
from w2v_cli.storage import files
from w2v_cli.storage.atomic import atomic_write
from w2v_cli.storage.folders import make_folders, temporary_folder

#: Where neighbours end; what is left out is a smaller share of all weights than this.
TAIL = 1e-6
_BYTES_A_PAIR = 12
_BLOCKS_AT_ONCE = 4
_FORMAT = 1

Array = NDArray[Any]


@dataclass(frozen=True)
class Cooccurrence:
    """The matrix X by rows: row c is `columns[a:b]`, `weights[a:b]` with a, b = row_start[c:c+2].

    row_start: int64, (V + 1,). columns: uint32, (n,), rising in a row. weights: float64, (n,).
    """

    row_start: Array
    columns: Array
    weights: Array

    def row_sums(self, factor: Array | None = None) -> Array:
        """Σ_o X[c, o] · factor[o], float64, shape (V,); without factor the pairs of each centre."""
        n_words = len(self.row_start) - 1
        sums = np.empty(n_words)
        factor = np.ones(n_words) if factor is None else factor
        add_rows(self.row_start, self.columns, self.weights, factor, sums)
        return sums


def count_pairs(
    corpus: EncodedCorpus,
    keep: Array,
    window: int,
    *,
    folder: Path,
    memory: float = 1.0,
    n_threads: int = 1,
    tail: float = TAIL,
) -> Cooccurrence:
    """Count the pairs of a corpus; the result is memory-mapped from files in `folder`.

    keep: keep probability of each word, float64, shape (V,). memory: limit in GiB for the pairs
    at work. The result does not depend on n_threads.
    """
    budget = max(1, int(memory * 2**30 / _BYTES_A_PAIR))
    counting = _Counting(corpus, keep, window, tail)
    blocks = list(counting.blocks(budget // _BLOCKS_AT_ONCE))
    n_workers = min(n_threads, _BLOCKS_AT_ONCE)
    row_starts = np.zeros((len(blocks), len(keep) + 1), np.int64)
    with temporary_folder(folder) as runs:
        with ThreadPoolExecutor(n_workers) as pool, _Writer(runs) as writer:
            for first in range(0, len(blocks), n_workers):
                group = blocks[first : first + n_workers]
                for i, run in enumerate(pool.map(counting.run, group), first):
                    row_starts[i] = run.row_start + writer.n
                    writer.write(run.columns, run.weights)
        corpus.release()
        return _merge(runs, row_starts, folder, budget)


@dataclass(frozen=True)
class _Block:
    """Left tokens [start, stop) and the pairs a word has with them, (V,)."""

    start: int
    stop: int
    row_pairs: Array


class _Counting:
    """Counts the pairs of one block at a time."""

    def __init__(self, corpus: EncodedCorpus, keep: Array, window: int, tail: float) -> None:
        self._tokens, self._ends = corpus.tokens, corpus.document_ends
        self._keep = np.asarray(keep, np.float64)
        self._window = window
        self._tail = tail

    def blocks(self, most_pairs: int) -> Iterator[_Block]:
        """Cut the corpus so that no block of two tokens or more has more than `most_pairs`."""
        start, n = 0, len(self._tokens)
        length = max(1, most_pairs // (2 * self._window))
        while start < n:
            stop = min(n, start + length)
            row_pairs = self._row_pairs(start, stop)
            n_pairs = int(row_pairs.sum())
            if n_pairs > most_pairs and stop - start > 1:
                length = max(1, min((stop - start) // 2, int(0.9 * length * most_pairs / n_pairs)))
                continue
            yield _Block(start, stop, row_pairs)
            start = stop

    def run(self, block: _Block) -> Cooccurrence:
        """Return the pairs whose left token is in the block, by rows."""
        row_start = np.concatenate([[0], np.cumsum(block.row_pairs)])
        columns = np.empty(row_start[-1], np.uint32)
        weights = np.empty(row_start[-1])
        place_pairs(
            self._tokens,
            self._ends,
            self._document(block.start),
            block.start,
            block.stop,
            self._keep,
            self._window,
            self._tail,
            row_start[:-1].copy(),
            columns,
            weights,
        )
        return _added_up(row_start[None], columns, weights, 0, len(block.row_pairs))

    def _row_pairs(self, start: int, stop: int) -> Array:
        row_pairs = np.zeros(len(self._keep), np.int64)
        count_row_pairs(
            self._tokens,
            self._ends,
            self._document(start),
            start,
            stop,
            self._keep,
            self._window,
            self._tail,
            row_pairs,
        )
        return row_pairs

    def _document(self, token: int) -> int:
        return int(np.searchsorted(self._ends, token, side="right"))


class _Writer:
    """Appends entries to the two files of a folder."""

    def __init__(self, folder: Path) -> None:
        self.n = 0
        names = ("columns.u32", "weights.f64")
        self._files = [files.open_binary(folder / name, "wb") for name in names]

    def write(self, columns: Array, weights: Array) -> None:
        for file, array in zip(self._files, (columns, weights), strict=True):
            file.write(array.data)
        self.n += len(columns)

    def __enter__(self) -> "_Writer":
        return self

    def __exit__(self, *exception: object) -> None:
        for file in self._files:
            file.close()


def _merge(runs: Path, row_starts: Array, folder: Path, budget: int) -> Cooccurrence:
    """Merge the runs, a bounded range of rows at a time."""
    n_words = row_starts.shape[1] - 1
    columns, weights = _entries(runs, int(row_starts[-1, -1]) if len(row_starts) else 0)
    before = np.concatenate([[0], np.cumsum(np.diff(row_starts, axis=1).sum(axis=0))])
    row_start = np.zeros(n_words + 1, np.int64)
    first = 0
    with _Writer(folder) as writer:
        while first < n_words:
            last = int(np.searchsorted(before, before[first] + budget, side="right")) - 1
            last = max(last, first + 1)
            part = _added_up(
                row_starts, columns, weights, first, last, int(before[last] - before[first])
            )
            row_start[first + 1 : last + 1] = part.row_start[1:] + writer.n
            writer.write(part.columns, part.weights)
            first = last
    with files.open_binary(folder / "row_start.i64", "wb") as file:
        file.write(row_start.data)
    return _mapped(folder, n_words)


def _added_up(
    row_starts: Array,
    columns: Array,
    weights: Array,
    first: int,
    last: int,
    most: int | None = None,
) -> Cooccurrence:
    """Add up rows [first, last) of some runs; `most` None: in place, for one run in memory."""
    out_columns = columns if most is None else np.empty(most, np.uint32)
    out_weights = weights if most is None else np.empty(most)
    row_start = np.empty(last - first + 1, np.int64)
    n = add_up_rows(row_starts, columns, weights, first, last, out_columns, out_weights, row_start)
    return Cooccurrence(row_start, out_columns[:n], out_weights[:n])


def _entries(folder: Path, n: int) -> tuple[Array, Array]:
    """Map the two files of a folder, n entries each."""
    if n == 0:  # an empty file cannot be mapped
        return np.empty(0, np.uint32), np.empty(0)
    return (
        np.memmap(folder / "columns.u32", np.uint32, "r", shape=(n,)),
        np.memmap(folder / "weights.f64", np.float64, "r", shape=(n,)),
    )


def _mapped(folder: Path, n_words: int) -> Cooccurrence:
    row_start = np.fromfile(folder / "row_start.i64", np.int64)
    if len(row_start) != n_words + 1:
        raise ValueError(f"{len(row_start)} row starts for {n_words} words")
    return Cooccurrence(row_start, *_entries(folder, int(row_start[-1])))


def open_or_count(
    corpus: EncodedCorpus,
    keep: Array,
    window: int,
    *,
    cache: Path,
    memory: float = 1.0,
    n_threads: int = 1,
) -> Cooccurrence:
    """Open the pairs kept in `cache` if they are whole and of this corpus, else count them."""
    folder = cache / "cooccurrence"
    note = folder / "cooccurrence.json"
    origin = {
        "format": _FORMAT,
        "corpus": corpus.fingerprint,
        "window": window,
        "keep": zlib.crc32(np.ascontiguousarray(keep).tobytes()),
        "tail": TAIL,
    }
    try:
        content = json.loads(note.read_text(encoding="utf-8"))
        found = _mapped(folder, len(keep))
        if content == {**origin, "checksum": _checksum(found)}:
            return found
        del found  # some systems do not overwrite a mapped file
    except (OSError, ValueError):  # not there, cut short or damaged: count again
        pass
    make_folders(folder)
    files.unlink(note)
    result = count_pairs(corpus, keep, window, folder=folder, memory=memory, n_threads=n_threads)
    # Written last: without it the other files do not count.
    with atomic_write(note) as file:
        file.write(json.dumps({**origin, "checksum": _checksum(result)}).encode())
    return result


def _checksum(pairs: Cooccurrence) -> int:
    crc = 0
    for array in (pairs.row_start, pairs.columns, pairs.weights):
        for part in np.array_split(array, len(array) // 2**20 + 1):
            crc = zlib.crc32(part.tobytes(), crc)
    return crc
