"""The words of a corpus, numbered by falling frequency: choose, keep, count and describe them."""

import codecs
import hashlib
import heapq
import io
import re
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, compress, groupby
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError, RunError, reason_of, shown
from w2v_cli.storage import files
from w2v_cli.storage.atomic import atomic_write
from w2v_cli.text.blocks import split_lines

_MOST_DIGITS = 19  # of a count that int64 holds for certain
#: Words handled as Python objects at a time; there may be millions.
_PART = 1 << 16


@dataclass(frozen=True)
class Vocabulary:
    """`words[i]` occurs `counts[i]` times; the id of a word is its index.

    words: V distinct strings. counts: int64, shape (V,), falling; ties are in word order.
    """

    words: tuple[str, ...]
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def ids(self) -> Mapping[str, int]:
        """Word → id."""
        return {word: i for i, word in enumerate(self.words)}

    @cached_property
    def fingerprint(self) -> str:
        """Hash of words and counts, 16 hexadecimal digits."""
        digest = hashlib.blake2b("\n".join(self.words).encode(), digest_size=8)
        digest.update(self.counts.tobytes())
        return digest.hexdigest()


def build_vocabulary(
    counts: Mapping[str, int] | Iterable[tuple[str, int]],
    min_count: int = 1,
    max_vocab: int | None = None,
    *,
    stop_words: Collection[str] = (),
    keep_words: Collection[str] = (),
) -> Vocabulary:
    """Keep the words that occur at least `min_count` times, at most `max_vocab` of them.

    counts: distinct words with their counts, in any order; read once. stop_words: are dropped.
    keep_words: are kept however rare they are.
    Raises DataError if fewer than two words are left: there would be nothing to learn.
    """
    kept, numbers = [], array("q")
    top = 0
    for word, count in counts.items() if isinstance(counts, Mapping) else counts:
        if word in stop_words or not count:
            continue
        top = max(top, count)
        if count >= min_count or word in keep_words:
            kept.append(word)
            numbers.append(count)
    vocabulary = _by_count(kept, np.array(numbers, np.int64))
    if max_vocab is not None:
        vocabulary = _first(vocabulary, max_vocab, keep_words)
    words = vocabulary.words
    if not words and top:
        raise DataError(
            f"no word occurs {min_count} times or more (the most frequent one: {top});"
            f" lower --min-count to {top} or less, or give more text"
        )
    if len(words) < 2:
        only = f" (only {words[0]!r})" if words else ""
        raise DataError(
            f"the vocabulary has {len(words)} distinct words{only}; training needs at least two:"
            " give more text or lower --min-count"
        )
    return vocabulary


def _by_count(words: list[str], counts: NDArray[np.int64]) -> Vocabulary:
    """Order words by falling count, and words of equal count alphabetically.

    Makes no tuple or integer object per word: there may be millions.
    """
    by_word = np.fromiter(sorted(range(len(words)), key=words.__getitem__), np.int64, len(words))
    order = by_word[np.argsort(-counts[by_word], kind="stable")]
    parts = np.array_split(order, len(order) // _PART + 1)
    chosen = chain.from_iterable(map(words.__getitem__, part.tolist()) for part in parts)
    return Vocabulary(tuple(chosen), counts[order])


def _first(ordered: Vocabulary, n: int, keep_words: Collection[str]) -> Vocabulary:
    """Return n of the words, in order; words to keep take precedence."""
    if n >= len(ordered):
        return ordered
    wanted = np.fromiter((word in keep_words for word in ordered.words), bool, len(ordered))
    others = np.cumsum(~wanted) <= n - int(wanted.sum())
    chosen = wanted | others
    return Vocabulary(tuple(compress(ordered.words, chosen)), ordered.counts[chosen])


def vocabulary_from_pairs(pairs: Iterable[tuple[str, int]]) -> Vocabulary:
    """Build a vocabulary from (word, count) in their final order."""
    words, counts = [], array("q")
    for word, count in pairs:
        words.append(word)
        counts.append(count)
    return Vocabulary(tuple(words), np.array(counts, np.int64))


def write_vocabulary(vocabulary: Vocabulary, path: Path) -> None:
    """Write `vocab.tsv`: word TAB count, one word per line, the most frequent first.

    Raises:
        OSError: the file cannot be written.
    """
    with atomic_write(path) as file:
        for start in range(0, len(vocabulary), _PART):
            counts = vocabulary.counts[start : start + _PART].tolist()
            rows = zip(vocabulary.words[start : start + _PART], counts, strict=True)
            file.write("".join(f"{word}\t{count}\n" for word, count in rows).encode())


def read_vocabulary(path: Path, *, edited: bool = False) -> Vocabulary:
    """Read what `write_vocabulary` wrote.

    edited: another program may have put other line ends and a byte order mark in it.

    Raises:
        RunError: a damaged file; it names the line or the byte.
        OSError: the file cannot be read.
    """
    if edited:
        data = re.sub(rb"\r\n?", b"\n", path.read_bytes().removeprefix(codecs.BOM_UTF8))
        return vocabulary_from_pairs(_rows(io.BytesIO(data), path))
    with path.open("rb") as file:
        return vocabulary_from_pairs(_rows(file, path))


def _rows(file: Iterable[bytes], path: Path) -> Iterator[tuple[str, int]]:
    n_bytes = 0
    number = 0
    for number, row in enumerate(file, 1):
        try:
            line = row.decode().removesuffix("\n")
        except UnicodeDecodeError as error:
            raise RunError(f"{path}: byte {n_bytes + error.start} is not UTF-8") from None
        n_bytes += len(row)
        word, _, count = line.rpartition("\t")
        if not word or not (count.isascii() and count.isdigit() and len(count) < _MOST_DIGITS):
            raise RunError(f"{path}: line {number}: expected word TAB count, got {shown(line)}")
        yield word, int(count)
    if number == 0:
        raise RunError(f"{path}: line 1: expected word TAB count, got ''")


# Counting, exact and in bounded memory: what does not fit is sorted to disk and merged.


#: Distinct words held in memory before they are written out (about 1 GB).
MOST_IN_MEMORY = 8_000_000


class WordCounter:
    """Counts tokens; `folder` takes files when the memory is not enough.

    n_tokens: so far. n_distinct: known once `totals` has been read to its end.
    """

    def __init__(self, folder: Path, most_in_memory: int = MOST_IN_MEMORY) -> None:
        self.n_tokens = 0
        self.n_distinct = 0
        self._counts: Counter[str] = Counter()
        self._folder = folder
        self._most = most_in_memory
        self._runs: list[Path] = []
        self._lock = Lock()

    def add(self, tokens: Sequence[str]) -> None:
        """Count some tokens."""
        self.n_tokens += len(tokens)
        self._counts.update(tokens)
        if len(self._counts) > self._most:
            self._spill_own()

    def spill(self, counts: Iterable[tuple[str, int]]) -> None:
        """Write the counts of distinct words, in word order, to the disk; threads may call this."""
        with self._lock:
            path = self._folder / f"counts-{len(self._runs)}.tsv"
            self._runs.append(path)
        with files.open_binary(path, "wb") as file:
            file.writelines(f"{word}\t{count}\n".encode() for word, count in counts)

    @property
    def spilled(self) -> bool:
        """Whether any counts are on the disk."""
        return bool(self._runs)

    def totals(self) -> Iterator[tuple[str, int]]:
        """Yield every distinct word with its count, once."""
        if self._runs:
            self._spill_own()
        merged = heapq.merge(*(_read_run(path) for path in self._runs), self._counts.items())
        for word, group in groupby(merged, key=lambda pair: pair[0]):
            self.n_distinct += 1
            yield word, sum(count for _, count in group)
        for path in self._runs:
            files.unlink(path)

    def _spill_own(self) -> None:
        self.spill(sorted(self._counts.items()))
        self._counts.clear()


def _read_run(path: Path) -> Iterator[tuple[str, int]]:
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            word, _, count = line.rstrip("\n").rpartition("\t")
            yield word, int(count)


# Lists of words: one per line, as a user writes them.


def read_word_list(
    path: Path, option: str, fold: Callable[[str], str], *, spaces: bool = False
) -> frozenset[str]:
    """Return the words of a file, folded as the text is.

    Each line has a word; text after a tab (such as a count) and empty lines are ignored. spaces:
    words may have spaces in them.
    Raises DataError for a file that cannot be read, has no words, or two words in one line.
    """
    try:
        lines = split_lines(path.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{option} {path}: {reason_of(error)}; give a text with a word per line"
        ) from error
    words: set[str] = set()
    for number, line in enumerate(lines, 1):
        word = line.partition("\t")[0].strip()
        if len(word.split()) > 1 and not spaces:
            raise DataError(
                f"{option} {path}, line {number}: expected one word, got {shown(line.strip())}"
            )
        if word:
            words.add(fold(word))
    if not words:
        raise DataError(f"{option} {path} has no words; give a text with a word per line")
    return frozenset(words)


# Figures: how much of a text some words cover, and how close it is to Zipf's law. Functions of the
# falling counts of distinct words and of the number of tokens.


_MIN_COUNTS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)
_SIZES = tuple(n * 10**power for power in range(2, 8) for n in (1, 2, 5))
#: Ranks that the line is fitted to, evenly spaced on a logarithmic scale.
_FITTED_RANKS = 200


@dataclass(frozen=True)
class Coverage:
    """The words with `min_count` or more occurrences: how many, and their share of the text."""

    min_count: int
    n_words: int
    share: float


@dataclass(frozen=True)
class Zipf:
    """The line count ~ 1 / rank^exponent that fits best, on logarithmic scales.

    r_squared: the share of the variance that it explains; 1 is a line.
    """

    exponent: float
    r_squared: float


def coverage_by_min_count(counts: NDArray[np.int64], n_tokens: int) -> list[Coverage]:
    """Return the size and coverage of a vocabulary for several minimum counts."""
    least, most = int(counts[-1]), int(counts[0])
    sizes = {n: int(np.searchsorted(-counts, -n, side="right")) for n in _MIN_COUNTS}
    wanted = {least, *(n for n in _MIN_COUNTS if least <= n <= most)}
    sizes[least] = len(counts)
    return [_coverage(counts, n_tokens, n, sizes[n]) for n in sorted(wanted)]


def coverage_by_size(counts: NDArray[np.int64], n_tokens: int) -> list[Coverage]:
    """Return what vocabularies of several sizes cover, the most frequent words first."""
    sizes = [n for n in _SIZES if n < len(counts)] + [len(counts)]
    return [_coverage(counts, n_tokens, int(counts[n - 1]), n) for n in sizes]


def _coverage(counts: NDArray[np.int64], n_tokens: int, min_count: int, n: int) -> Coverage:
    return Coverage(min_count, n, float(counts[:n].sum() / n_tokens))


def fit_zipf(counts: NDArray[np.int64]) -> Zipf:
    """Fit Zipf's law by least squares, at ranks that are evenly spaced on a logarithmic scale.

    So the many rare words do not outweigh the few frequent ones.
    """
    ranks = np.unique(np.geomspace(1, len(counts), _FITTED_RANKS).round().astype(np.int64))
    x, y = np.log(ranks), np.log(counts[ranks - 1])
    slope, start = np.polyfit(x, y, 1)
    left = float(((y - start - slope * x) ** 2).sum())
    variance = float(((y - y.mean()) ** 2).sum())
    return Zipf(float(-slope), 1 - left / variance if variance else 1.0)
