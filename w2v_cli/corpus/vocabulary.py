"""The words of a corpus, numbered by falling frequency."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError, RunError
from w2v_cli.storage.atomic import atomic_write

_MOST_DIGITS = 19  # of a count that int64 holds for certain


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
    top = 0
    kept = []
    for word, count in counts.items() if isinstance(counts, Mapping) else counts:
        if not count or word in stop_words:
            continue
        top = max(top, count)
        if count >= min_count or word in keep_words:
            kept.append((word, count))
    kept.sort(key=itemgetter(0))
    kept.sort(key=itemgetter(1), reverse=True)  # equal ones keep the order of words
    if max_vocab is not None:
        kept = _first(kept, max_vocab, keep_words)
    if not kept and top:
        raise DataError(
            f"no word occurs {min_count} times or more (the most frequent one: {top});"
            f" lower --min-count to {top} or less, or give more text"
        )
    if len(kept) < 2:
        only = f" (only {kept[0][0]!r})" if kept else ""
        raise DataError(
            f"the vocabulary has {len(kept)} distinct words{only}; training needs at least two:"
            " give more text or lower --min-count"
        )
    return vocabulary_from_pairs(kept)


def _first(
    ordered: list[tuple[str, int]], n: int, keep_words: Collection[str]
) -> list[tuple[str, int]]:
    """Return n of the words, in order; those to keep come before others."""
    n_others = n - sum(word in keep_words for word, _ in ordered)
    chosen = []
    for word, count in ordered:
        wanted = word in keep_words
        if wanted or n_others > 0:
            chosen.append((word, count))
        n_others -= not wanted
    return chosen


def vocabulary_from_pairs(pairs: Iterable[tuple[str, int]]) -> Vocabulary:
    """Build a vocabulary from (word, count) in their final order."""
    pairs = list(pairs)
    return Vocabulary(
        words=tuple(word for word, _ in pairs),
        counts=np.array([count for _, count in pairs], dtype=np.int64),
    )


def write_vocabulary(vocabulary: Vocabulary, path: Path) -> None:
    """Write `vocab.tsv`: word TAB count, one word per line, the most frequent first.

    Raises:
        OSError: the file cannot be written.
    """
    rows = zip(vocabulary.words, vocabulary.counts.tolist(), strict=True)
    with atomic_write(path) as file:
        file.write("".join(f"{word}\t{count}\n" for word, count in rows).encode())


def read_vocabulary(path: Path) -> Vocabulary:
    """Read what `write_vocabulary` wrote.

    Raises:
        RunError: it names the line or the byte that is wrong.
        OSError: the file cannot be read.
    """
    try:
        lines = path.read_bytes().decode().removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        raise RunError(f"{path}: byte {error.start} is not UTF-8") from None
    pairs = []
    for number, line in enumerate(lines, 1):
        word, _, count = line.rpartition("\t")
        if not word or not (count.isascii() and count.isdigit() and len(count) < _MOST_DIGITS):
            raise RunError(f"{path}: line {number}: expected word TAB count, got {line[:60]!r}")
        pairs.append((word, int(count)))
    return vocabulary_from_pairs(pairs)
