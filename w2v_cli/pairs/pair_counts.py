"""How often each word stands near each other word: the weighted pair counts X of a corpus.

X[c, o] is the *expected* number of pairs (centre c, outside o) in one pass of skip-gram training.
Training thins out frequent words (a token of word w is kept with probability keep[w]), closes the
gaps, and draws each window's radius uniformly from 1..window. So two tokens with k kept words
between them are a pair with probability (window − k)⁺ / window, and

    X[c, o] = Σ over ordered pairs of places (i, j) in one document with words c and o of
              keep[c] · keep[o] · Σ_k P(k words between i and j are kept) · (window − k)⁺ / window.

A token's neighbours end where fewer than `window` words are kept between with a probability of at
most TAIL. X is symmetric. Where every word is kept, the weight is (window + 1 − distance) / window.
Where all windows have one radius, the chance is 1 for k < window and 0 beyond.

Weights are added up as multiples of a power of two, as integers. So X has the same bits for any
number of threads, any memory and any cut of the corpus (`pair_runs` counts, in bounded memory).
"""

import json
import math
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.json_types import Json
from w2v_cli.memory import bytes_for_data
from w2v_cli.pairs.counts_folder import read_counts
from w2v_cli.pairs.pair_kernels import add_rows
from w2v_cli.pairs.pair_runs import PairCounter, map_file, merge_runs
from w2v_cli.storage import files
from w2v_cli.storage.atomic import atomic_write
from w2v_cli.storage.folders import make_folders, remove_leftovers, temporary_folder
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.plan import Progress, no_progress
from w2v_cli.text.shared_cache import About, SharedCache, key_of

#: Where neighbours end; what is left out is a smaller share of all weights than this.
TAIL = 1e-6
_FORMAT = 2
_FILES, _NOTE = ("row_start.i64", "columns.u32", "weights.f64"), "cooccurrence.json"
#: Sums stay below 2 to this power; a fraction has at most so many bits, which float64 can hold.
_MOST_BITS, _MOST_FRACTION_BITS = 62, 52


@dataclass(frozen=True)
class Cooccurrence:
    """The matrix X by rows: row c is `columns[a:b]`, `weights[a:b]` with a, b = row_start[c:c+2].

    row_start: int64, (V + 1,). columns: uint32, (n,), rising in a row. weights: float64 or int64,
    (n,), in units of `unit`, a power of two.
    """

    row_start: Array
    columns: Array
    weights: Array
    unit: float = 1.0

    def row_sums(self, factor: Array | None = None) -> Array:
        """Σ_o X[c, o] · factor[o], float64, shape (V,); without factor the pairs of each centre."""
        n_words = len(self.row_start) - 1
        sums = np.empty(n_words)
        factor = np.ones(n_words) if factor is None else factor
        add_rows(self.row_start, self.columns, self.weights, factor, sums)
        sums *= self.unit
        return sums


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
) -> Cooccurrence:
    """Count the pairs of a corpus; the result is memory-mapped from files in `folder`.

    keep: keep probability of each word, float64, shape (V,). shrink: radii are drawn from 1 to the
    window, else all are the window. memory: limit in GiB for the pairs at work. The result does
    not depend on memory and n_threads.
    progress: is called with "counting pairs" and tokens, then with "merging pairs" and words.
    """
    keep = np.asarray(keep, np.float64)
    n_bits = fraction_bits(corpus.vocabulary.counts, keep, window, shrink)
    n_bytes = bytes_for_data(memory)
    with temporary_folder(folder) as runs:
        counter = PairCounter(corpus, keep, window, 2.0**n_bits, tail, shrink)
        row_starts = counter.count(runs, n_bytes, n_threads, progress)
        corpus.release()
        merge_runs(runs, row_starts, 2.0**-n_bits, folder, n_bytes, n_threads, progress)
    return _mapped(folder, len(keep))


def fraction_bits(counts: Array, keep: Array, window: int, shrink: bool = True) -> int:
    """Return how many bits of a weight are a fraction, so that no sum can overflow.

    A kept centre word has window + 1 pairs at most, expected over the radius, on its two sides
    together, or 2 · window where all have one radius. So no row of X has more than counts · keep
    times that.
    """
    most = float((counts * keep).max(initial=1.0)) * (window + 1 if shrink else 2 * window)
    return min(_MOST_FRACTION_BITS, _MOST_BITS - math.ceil(math.log2(most)))


def _mapped(folder: Path, n_words: int) -> Cooccurrence:
    row_start = np.fromfile(folder / "row_start.i64", np.int64)
    if len(row_start) != n_words + 1:
        raise ValueError(f"{len(row_start)} row starts for {n_words} words")
    n = int(row_start[-1])
    if row_start[0] != 0 or (np.diff(row_start) < 0).any():
        raise ValueError("the rows do not rise")
    return Cooccurrence(
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
) -> Cooccurrence:
    """Open the pairs kept in `cache` or in `shared` if they are whole and of this corpus.

    Else count them. Those of a text that was counted before (`w2v count`) are in its own folder.
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
    # Written last: without it the other files do not count.
    with atomic_write(folder / _NOTE) as file:
        file.write(json.dumps({**origin, "checksum": _checksum(result, progress)}).encode())
    if shared is not None:
        size = f"{len(result.columns):,} pairs, vocabulary {len(keep):,}"
        about = About("pairs", f"corpus {corpus.fingerprint}, window {window}", size)
        shared.keep(_key(origin), folder, [*_FILES, _NOTE], about)
    return result


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
) -> Cooccurrence | None:
    """Put the pairs that other runs have counted into the folder; None where there are none."""
    if not shared.fetch(_key(origin), folder):
        return None
    if found := _opened(folder, origin, n_words, progress):
        shared.notice("the pair counts come from the cache (w2v cache)")
        return found
    shared.discard(_key(origin))
    _empty(folder)
    return None


def _counted_before(folder: Path) -> Cooccurrence:
    manifest, _, matrix = read_counts(folder)
    unit = 2.0**-manifest.fraction_bits
    return Cooccurrence(matrix.row_start, matrix.columns, matrix.weights, unit)


def _opened(folder: Path, origin: Json, n_words: int, progress: Progress) -> Cooccurrence | None:
    """Map the pairs in a folder; None when they are missing, damaged or of something else."""
    try:
        content = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
        if {**origin, "checksum": content["checksum"]} != content:
            return None
        found = _mapped(folder, n_words)
        is_sound = not len(found.columns) or int(found.columns.max()) < n_words
        return found if is_sound and content["checksum"] == _checksum(found, progress) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _empty(folder: Path) -> None:
    """Remove the files: they may be links to those of other runs, so none is written to."""
    remove_leftovers(folder)  # of a process that was killed
    for name in (_NOTE, *_FILES):
        files.unlink(folder / name)


def _checksum(pairs: Cooccurrence, progress: Progress) -> int:
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
