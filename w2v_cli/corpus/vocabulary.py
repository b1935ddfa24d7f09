"""The words of a corpus, numbered by falling frequency."""

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, compress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError, RunError
from w2v_cli.storage.atomic import atomic_write

_MOST_DIGITS = 19  # of a count that int64 holds for certain


#: Words that are handled as Python objects at a time, where there may be millions.
_PART = 1 << 16


@dataclass(frozen=True)
class Vocabulary:
    """`words[i]` occurs `counts[i]` times; the id of a word is its place.

    words: V distinct strings. counts: int64, shape (V,), falling; ties stand in word order.
    """

    words: tuple[str, ...]
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def ids(self) -> Mapping[str, int]:
        """Word → id."""
        return {word: i for i, word in enumerate(self.words)}


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
    keep_words: are kept where they occur at all.
    Raises DataError when fewer than two words are left: there would be nothing to tell apart.
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
    """Order words by falling count, and those of one count by themselves.

    Without a pair or a number as an object for each word: there may be millions.
    """
    by_word = np.fromiter(sorted(range(len(words)), key=words.__getitem__), np.int64, len(words))
    order = by_word[np.argsort(-counts[by_word], kind="stable")]
    parts = np.array_split(order, len(order) // _PART + 1)
    chosen = chain.from_iterable(map(words.__getitem__, part.tolist()) for part in parts)
    return Vocabulary(tuple(chosen), counts[order])


def _first(ordered: Vocabulary, n: int, keep_words: Collection[str]) -> Vocabulary:
    """Return n of the words, in order; those to keep come before others."""
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


def read_vocabulary(path: Path) -> Vocabulary:
    """Read what `write_vocabulary` wrote.

    Raises:
        RunError: it names the line or the byte that is wrong.
        OSError: the file cannot be read.
    """
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
            raise RunError(f"{path}: line {number}: expected word TAB count, got {line[:60]!r}")
        yield word, int(count)
    if number == 0:
        raise RunError(f"{path}: line 1: expected word TAB count, got ''")
