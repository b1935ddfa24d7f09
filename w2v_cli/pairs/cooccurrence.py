"""Count pairs on one machine: the weighted pair counts X of an encoded corpus.

X[c, o] is the *expected* number of pairs (centre c, outside o) in one pass of skip-gram training.
Training thins out frequent words (a token of word w is kept with probability keep[w]), closes the
gaps, and draws each window's radius uniformly from 1..window. So two tokens with k kept words
between them are a pair with probability (window − k)⁺ / window, and

    X[c, o] = Σ over ordered pairs of places (i, j) in one document with words c and o of
              keep[c] · keep[o] · Σ_k P(k words between i and j are kept) · (window − k)⁺ / window.

A token's neighbours end where the probability that fewer than `window` words are kept between falls
to TAIL. X is symmetric. Where every word is kept, the weight is (window + 1 − distance) / window.
Where all windows have one radius, the chance is 1 for k < window and 0 beyond.

Weights are added up as multiples of a power of two, as integers. So X has the same bits for any
number of threads, any memory and any cut of the corpus.
"""

import json
import math
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.json_types import Json
from w2v_cli.memory import bytes_for_data
from w2v_cli.pairs import pair_kernels as kernels
from w2v_cli.pairs.counts_folder import read_counts
from w2v_cli.pairs.matrix import MOST_WORKERS, PairCounts, Runs, map_file, merge, with_transpose
from w2v_cli.storage import files
from w2v_cli.storage.atomic import atomic_write
from w2v_cli.storage.folders import make_folders, remove_leftovers, temporary_folder
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.plan import Progress, no_progress
from w2v_cli.text.shared_cache import About, SharedCache, key_of
from w2v_cli.text.threads import ordered_map

#: Where neighbours end; the share of all weights left out is smaller than this.
TAIL = 1e-6
#: Tokens per work item of a thread.
CHUNK_TOKENS = 1 << 18
#: Sums stay below 2 to the first power; a fraction has at most the second number of bits (float64).
_MOST_BITS, _MOST_FRACTION_BITS = 62, 52
_TOKENS_IN_MEMORY = 1 << 20  # of a corpus that is a map of a file
_BYTES_COLLECTED = 28  # a pair as collected, and sorted
#: Of the memory for collecting; of that, for the table. Runs have a half of all, and a merge, too.
_COLLECTED_SHARE, _TABLE_SHARE = 1 / 4, 1 / 4
#: More pairs at a time are sorted more slowly: they do not stay in the caches.
_MOST_COLLECTED = 1 << 22
#: 8 bytes each: a larger table holds more pairs, but fewer of them in the caches.
_MOST_TABLE = 1 << 20
_FORMAT = 2
_FILES, _NOTE = ("row_start.i64", "columns.u32", "weights.f64"), "cooccurrence.json"
#: All files of counted pairs.
PAIR_FILES = (*_FILES, _NOTE)


def count_pairs(
    corpus: EncodedCorpus,
    keep: Array,
    window: int,
    *,
    shrink: bool = True,
    folder: Path,
    memory: float = 1.0,
    n_threads: int = 1,
    tail: float = TAIL,
    progress: Progress = no_progress,
) -> PairCounts:
    """Count the pairs of a corpus; the result is memory-mapped from files in `folder`.

    keep: keep probability of each word, float64, shape (V,). shrink: radii are drawn from 1 to the
    window, else all are the window. memory: limit in GiB for the pairs at work. The result does
    not depend on memory and n_threads.
    progress: is called with "counting pairs" and tokens, then with "merging pairs" and words.
    """
    keep = np.asarray(keep, np.float64)
    n_bits = fraction_bits(corpus.vocabulary.counts, keep, window, shrink)
    n_bytes = bytes_for_data(memory)
    weighing = kernels.Weighing(keep, window, shrink, tail, 2.0**n_bits)
    with temporary_folder(folder) as scratch:
        half = count_half(corpus, weighing, scratch, n_bytes, n_threads, progress)
        corpus.release()
        return with_transpose(
            half,
            folder,
            n_bytes,
            unit=2.0**-n_bits,
            n_threads=n_threads,
            on_disk=True,
            progress=progress,
        )


def fraction_bits(counts: Array, keep: Array, window: int, shrink: bool = True) -> int:
    """Return how many bits of a weight are a fraction, so that no sum can overflow.

    A kept centre word has window + 1 pairs at most, expected over the radius, on its two sides
    together, or 2 · window where all have one radius. So no row of X has more than counts · keep
    times that. A weight is rounded by half a unit; with window 5 and subsampling 1e-3 the unit is
    2^-42 for 11 million words and 2^-23 for 10^13. It depends on the counts of the vocabulary, so
    parts that are counted apart need the vocabulary of the whole.
    """
    most = float((counts * keep).max(initial=1.0)) * (window + 1 if shrink else 2 * window)
    return min(_MOST_FRACTION_BITS, _MOST_BITS - math.ceil(math.log2(most)))


# From tokens to runs. Each thread adds the pairs of two frequent words to a dense table; with 2^20
# places it takes three quarters of all pairs. It collects some of the others; then they are sorted,
# added up and kept as a run. Every pair is kept once, as (near, far), in the row of the far word.


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
    """What one thread collects in."""

    def __init__(self, frequent: FrequentPairs, most: int, runs: Runs) -> None:
        """most: pairs that are collected before they become a run."""
        self.sums = kernels.Sums(
            bound=frequent.bound,
            offset=frequent.offset,
            table=np.zeros(max(kernels.TILE, frequent.size), np.int64),
            near=np.empty(most, np.uint32),
            far=np.empty(most, np.uint32),
            weights=np.empty(most, np.int64),
        )
        self._sorted = np.empty(most, np.uint32), np.empty(most, np.int64)
        self._runs = runs
        self._n = 0

    def collect(
        self, corpus: EncodedCorpus, weighing: kernels.Weighing, start: int, stop: int
    ) -> None:
        """Collect the pairs whose left token is one of start..stop − 1."""
        text = kernels.Text(corpus.tokens, corpus.document_ends)
        document = int(np.searchsorted(text.document_ends, start, side="right"))
        walks = kernels.new_walks(weighing.window)
        state = np.array([start, 0, document, self._n])
        while not kernels.collect_pairs(text, stop, weighing, walks, self.sums, state):
            self._n = int(state[kernels.N_PAIRS])
            self.flush()
            state[kernels.N_PAIRS] = 0
        self._n = int(state[kernels.N_PAIRS])

    def flush(self) -> None:
        """Make a run of what was collected."""
        if self._n == 0:
            return
        near, far = self.sums.near, self.sums.far[: self._n]
        row_start = np.empty(self._runs.n_words + 1, np.int64)
        columns, weights = self._sorted
        kernels.sort_by_rows(far, near, self.sums.weights, row_start, columns, weights)
        n = kernels.add_up_in_place(row_start, columns, weights)
        self._runs.write(row_start, columns[:n], weights[:n])
        self._n = 0


def count_half(
    corpus: EncodedCorpus,
    weighing: kernels.Weighing,
    folder: Path,
    n_bytes: float,
    n_threads: int,
    progress: Progress,
) -> PairCounts:
    """Count the pairs of a corpus in bounded memory, each once, in the row of the far word.

    n_bytes: of memory, for all threads. Weights are in units of 1 / weighing.scale. What does not
    fit in memory is mapped from files in `folder`. progress: see `count_pairs`.
    """
    n_words, n_tokens = len(weighing.keep), len(corpus.tokens)
    n_workers = min(n_threads, MOST_WORKERS)
    share = n_bytes * _COLLECTED_SHARE / n_workers
    frequent = FrequentPairs.of(n_words, min(_MOST_TABLE, int(share * _TABLE_SHARE / 8)))
    most = min(_MOST_COLLECTED, int((share - 8 * frequent.size) / _BYTES_COLLECTED))
    most = max(kernels.TILE, min(most, n_tokens * 2 * weighing.window))
    most_runs = 2 * _BYTES_COLLECTED * n_tokens * weighing.window + 16 * n_words * n_workers
    runs = Runs(folder, n_words, min(n_bytes / 2, most_runs))
    workers = [_Worker(frequent, most, runs) for _ in range(n_workers)]

    def count_chunk(worker: _Worker, start: int) -> int:
        stop = min(n_tokens, start + CHUNK_TOKENS)
        worker.collect(corpus, weighing, start, stop)
        return stop

    try:
        for stop in ordered_map(count_chunk, workers, range(0, n_tokens, CHUNK_TOKENS)):
            progress("counting pairs", stop, n_tokens)
            if stop % _TOKENS_IN_MEMORY == 0:
                corpus.release()
        with ThreadPoolExecutor(n_workers) as pool:
            list(pool.map(_Worker.flush, workers))
        _write_table(runs, frequent, [worker.sums.table for worker in workers])
        workers.clear()  # their memory is for the merge
        matrices = runs.matrices()
    finally:
        runs.close()
    return merge(matrices, folder, n_bytes / 2, n_threads=n_threads, progress=progress)


def _write_table(runs: Runs, frequent: FrequentPairs, tables: list[Array]) -> None:
    """Make a run of the sum of the tables."""
    total = tables[0]
    for table in tables[1:]:
        total += table
    full = np.flatnonzero(total)
    starts = frequent.offset + np.arange(len(frequent.offset))
    near = np.searchsorted(starts, full, side="right") - 1
    far = (full - frequent.offset[near]).astype(np.uint32)
    near, weights = near.astype(np.uint32), total[full]
    row_start = np.empty(runs.n_words + 1, np.int64)
    columns, sorted_weights = np.empty_like(far), np.empty_like(weights)
    kernels.sort_by_rows(far, near, weights, row_start, columns, sorted_weights)
    runs.write(row_start, columns, sorted_weights)


# The counts that a run keeps in its folder `cooccurrence`, and shares with other runs.


def _mapped(folder: Path, n_words: int) -> PairCounts:
    row_start = np.fromfile(folder / "row_start.i64", np.int64)
    if len(row_start) != n_words + 1:
        raise ValueError(f"{len(row_start)} row starts for {n_words} words")
    n = int(row_start[-1])
    if row_start[0] != 0 or (np.diff(row_start) < 0).any():
        raise ValueError("the rows do not rise")
    return PairCounts(
        row_start,
        map_file(folder / "columns.u32", np.uint32, n),
        map_file(folder / "weights.f64", np.float64, n),
    )


def open_or_count(
    corpus: EncodedCorpus,
    keep: Array,
    window: int,
    *,
    shrink: bool = True,
    cache: Path,
    memory: float = 1.0,
    n_threads: int = 1,
    progress: Progress = no_progress,
    shared: SharedCache | None = None,
) -> PairCounts:
    """Open the pairs in `cache` or `shared` if they are of this corpus and complete; else count.

    The pairs of a text that `w2v count` counted are in the COUNTS folder.
    shared: the cache that other runs use too.
    """
    if corpus.counts is not None:
        return _counted_before(corpus.counts)
    folder = cache / "cooccurrence"
    origin = _origin(corpus, keep, window, shrink)
    if found := _opened(folder, origin, len(keep), progress):
        return found
    make_folders(folder)
    _empty(folder)
    if shared is not None and (found := _fetched(shared, folder, origin, len(keep), progress)):
        return found
    result = count_pairs(
        corpus,
        keep,
        window,
        shrink=shrink,
        folder=folder,
        memory=memory,
        n_threads=n_threads,
        progress=progress,
    )
    _keep(result, folder, origin, shared, progress)
    return result


def _keep(
    pairs: PairCounts, folder: Path, origin: Json, shared: SharedCache | None, progress: Progress
) -> None:
    """Mark the pairs in the folder as complete, and share them with other runs."""
    # Written last: without it the other files are ignored.
    with atomic_write(folder / _NOTE) as file:
        file.write(json.dumps({**origin, "checksum": _checksum(pairs, progress)}).encode())
    if shared is not None:
        size = f"{len(pairs.columns):,} pairs, vocabulary {pairs.n_words:,}"
        text = f"corpus {origin['corpus']}, window {origin['window']}"
        shared.keep(_key(origin), folder, PAIR_FILES, About("pairs", text, size))


def _origin(corpus: EncodedCorpus, keep: Array, window: int, shrink: bool) -> Json:
    """Return what decides the pairs."""
    return {
        "format": _FORMAT,
        "corpus": corpus.fingerprint,
        "window": window,
        "shrink": shrink,
        "keep": zlib.crc32(np.ascontiguousarray(keep).tobytes()),
        "tail": TAIL,
    }


def _key(origin: Json) -> str:
    return key_of({"kind": "pairs", **origin})


def _fetched(
    shared: SharedCache, folder: Path, origin: Json, n_words: int, progress: Progress
) -> PairCounts | None:
    """Put the pairs that another run has counted into the folder; None if there are none."""
    if not shared.fetch(_key(origin), folder):
        return None
    if found := _opened(folder, origin, n_words, progress):
        shared.notice("the pair counts come from the cache (w2v cache)")
        return found
    shared.discard(_key(origin))
    _empty(folder)
    return None


def _counted_before(folder: Path) -> PairCounts:
    manifest, _, counts = read_counts(folder)
    return counts.pairs._replace(unit=2.0**-manifest.fraction_bits)


def _opened(folder: Path, origin: Json, n_words: int, progress: Progress) -> PairCounts | None:
    """Map the pairs in a folder; None if they are missing, damaged or of another corpus."""
    try:
        content = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
        if {**origin, "checksum": content["checksum"]} != content:
            return None
        found = _mapped(folder, n_words)
        is_sound = not len(found.columns) or int(found.columns.max()) < n_words
        return found if is_sound and content["checksum"] == _checksum(found, progress) else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _empty(folder: Path) -> None:
    """Remove the files: they may be hard links of the cache, so none is overwritten."""
    remove_leftovers(folder)  # of a process that was killed
    for name in PAIR_FILES[::-1]:  # the note first: without it the others do not count
        files.unlink(folder / name)


def _checksum(pairs: PairCounts, progress: Progress) -> int:
    """Return the checksum; progress is called with "checking pairs" and numbers."""
    crc = done = 0
    arrays = (pairs.row_start, pairs.columns, pairs.weights)
    total = sum(map(len, arrays))
    for array in arrays:
        for part in np.array_split(array, len(array) // 2**20 + 1):
            crc = zlib.crc32(part.tobytes(), crc)
            done += len(part)
            progress("checking pairs", done, total)
    return crc
