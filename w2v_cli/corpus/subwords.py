"""Which n-grams of words have a row of their own, hashed or one by one.

Hashed, as in fastText: an n-gram belongs to one of `buckets` buckets, which it may share with
others. Only buckets that a word of the vocabulary has get a row: the others would never be
trained. Explicit: an n-gram has a row to itself, if at least three words have it.

Rows are numbered from 0 in the order of the buckets, or of the n-grams' texts.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from w2v_cli.corpus.ngrams import hash_ngrams, ngrams
from w2v_cli.errors import DataError

#: An explicit n-gram is kept if so many words have it.
FEWEST_WORDS = 3

#: No row: an n-gram that counts in the mean, as a vector of zeros.
NO_ROW = -1


class Subwords(Protocol):
    """The n-grams of a vocabulary. shortest, longest: their lengths in characters."""

    @property
    def shortest(self) -> int: ...  # noqa: D102
    @property
    def longest(self) -> int: ...  # noqa: D102

    def __len__(self) -> int:
        """Return the number of n-grams (or buckets) with a row."""
        ...

    def rows(self, words: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (start, rows): those of word i are `rows[start[i] : start[i + 1]]`.

        The mean of a word is over all of them; one that is NO_ROW counts as zeros.
        """
        ...


@dataclass(frozen=True)
class HashedSubwords:
    """N-grams in buckets. used: the buckets that have a row, rising, int64 (R,)."""

    shortest: int
    longest: int
    buckets: int
    used: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.used)

    def rows(self, words: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """See `Subwords.rows`: buckets of no known word have no row."""
        start, hashes = hash_ngrams(words, self.shortest, self.longest)
        if not len(self.used):
            return start, np.full(len(hashes), NO_ROW)
        bucket = hashes.astype(np.int64) % self.buckets
        place = np.minimum(np.searchsorted(self.used, bucket), len(self.used) - 1)
        return start, np.where(self.used[place] == bucket, place, NO_ROW)


@dataclass(frozen=True)
class ExplicitSubwords:
    """N-grams one by one. texts: those that have a row, in the order of their rows."""

    shortest: int
    longest: int
    texts: Sequence[str]

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def ids(self) -> dict[str, int]:
        """N-gram → row."""
        return {text: row for row, text in enumerate(self.texts)}

    def rows(self, words: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """See `Subwords.rows`: n-grams without a row are no part of the mean."""
        known = [
            [self.ids[n] for n in ngrams(word, self.shortest, self.longest) if n in self.ids]
            for word in words
        ]
        start = np.append(0, np.cumsum([len(rows) for rows in known], dtype=np.int64))
        return start, np.array([row for rows in known for row in rows], np.int64)


def rows_in(mine: Subwords, theirs: Subwords) -> NDArray[np.int64] | None:
    """Return which row of `theirs` belongs to each row of `mine`, NO_ROW where none does, (R,).

    None: one is hashed and the other is not, or into another number of buckets.
    """
    if isinstance(mine, HashedSubwords) and isinstance(theirs, HashedSubwords):
        if mine.buckets != theirs.buckets or not len(theirs.used):
            return None
        place = np.minimum(np.searchsorted(theirs.used, mine.used), len(theirs.used) - 1)
        return np.where(theirs.used[place] == mine.used, place, NO_ROW)
    if isinstance(mine, ExplicitSubwords) and isinstance(theirs, ExplicitSubwords):
        return np.array([theirs.ids.get(text, NO_ROW) for text in mine.texts], np.int64)
    return None


def hashed(words: Sequence[str], lengths: tuple[int, int], buckets: int) -> HashedSubwords:
    """Hash the n-grams of a vocabulary. Raises DataError where no two words share one."""
    start, hashes = hash_ngrams(words, *lengths)
    bucket = hashes.astype(np.int64) % buckets
    used = np.unique(bucket)
    owner = np.repeat(np.arange(len(words)), np.diff(start))
    if len(np.unique(np.stack([bucket, owner]), axis=1).T) == len(used):
        raise _no_use(lengths, 2)
    return HashedSubwords(*lengths, buckets, used)


def explicit(words: Sequence[str], lengths: tuple[int, int]) -> ExplicitSubwords:
    """Find the n-grams that at least three words have. Raises DataError where none is."""
    n_words: Counter[str] = Counter()
    for word in words:
        n_words.update(set(ngrams(word, *lengths)))
    texts = sorted(text for text, n in n_words.items() if n >= FEWEST_WORDS)
    if not texts:
        raise _no_use(lengths, FEWEST_WORDS)
    return ExplicitSubwords(*lengths, texts)


def _no_use(lengths: tuple[int, int], n_words: int) -> DataError:
    shortest, longest = lengths
    return DataError(
        f"no n-gram of {shortest} to {longest} characters (< and > included) is in {n_words} words"
        " of the vocabulary, so subwords would change nothing; omit --subwords, or give shorter"
        " lengths"
    )
