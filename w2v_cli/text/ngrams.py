"""The character n-grams of words, and which of them have a row of their own.

A word is put between `<` and `>`; an n-gram is n consecutive characters (Unicode code points) of
that, for every n of a range. The order is fastText's: by first character, then by length.
Bojanowski et al. 2017; the hash and its quirk are those of fastText's `dictionary.cc`.

Hashed, as in fastText: an n-gram belongs to one of `buckets` buckets, which it may share with
others. Only buckets that a word of the vocabulary has get a row: the others would never be
trained. Explicit: an n-gram has a row to itself, if at least three words have it.

Rows are numbered from 0, in the order of the buckets or of the n-grams' texts.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError

#: fastText's mark for the end of a line. It has no n-grams in fastText, so it has none here.
END_OF_LINE = "</s>"

_OFFSET, _PRIME = 2166136261, 16777619


def ngrams(word: str, shortest: int, longest: int) -> list[str]:
    """Return the n-grams of a word, repetitions kept.

    The brackets alone, `<` and `>`, are not n-grams; `<word>` as a whole is one if it is short
    enough.

    >>> ngrams("tea", 3, 6)
    ['<te', '<tea', '<tea>', 'tea', 'tea>', 'ea>']
    """
    if word == END_OF_LINE:
        return []
    marked = f"<{word}>"
    return [
        marked[first : first + n]
        for first in range(len(marked))
        for n in range(shortest, min(longest, len(marked) - first) + 1)
        if n > 1 or 0 < first < len(marked) - 1
    ]


def hash_of(ngram: str) -> int:
    """Return fastText's hash of an n-gram, 32 bits: FNV-1a over its UTF-8 bytes.

    Each byte is first widened as a *signed* number, so bytes from 128 on set the upper 24 bits too:
    a slip of an early version that models depend on.
    """
    h = _OFFSET
    for byte in ngram.encode():
        h ^= byte if byte < 128 else byte | 0xFFFFFF00
        h = h * _PRIME & 0xFFFFFFFF
    return h


def hash_ngrams(
    words: Sequence[str], shortest: int, longest: int
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Hash the n-grams of many words at once.

    Returns (start, hashes): those of word i are `hashes[start[i] : start[i + 1]]`, in the order
    of `ngrams`; each is `hash_of` the n-gram.
    """
    marked = [b"" if word == END_OF_LINE else b"<%b>" % word.encode() for word in words]
    bytes_of = np.frombuffer(b"".join(marked), np.uint8)
    word_end = np.cumsum([len(text) for text in marked], dtype=np.int64)
    is_first = (bytes_of & 0xC0) != 0x80  # of the bytes of a character
    char = np.append(np.flatnonzero(is_first), len(bytes_of))  # where characters begin
    n_chars = len(char) - 1
    word = np.searchsorted(word_end, char[:-1], side="right")
    last_char = np.searchsorted(char, word_end) - 1  # of each word
    first_char = np.append(0, last_char[:-1] + 1)
    h = np.full(n_chars, _OFFSET, np.uint32)
    owners, numbers, hashes = [], [], []
    for n in range(1, longest + 1):
        # h holds the hashes of the n − 1 characters from each place; add one more if there is one.
        place = np.flatnonzero(np.arange(n_chars) + n - 1 <= last_char[word])
        if not len(place):
            break
        h[place] = _extended(h[place], bytes_of, char[place + n - 1], char[place + n])
        if n < shortest:
            continue
        if n == 1:  # a bracket alone is no n-gram
            inner = (place > first_char[word[place]]) & (place < last_char[word[place]])
            place = place[inner]
        owners.append(word[place])
        numbers.append(place * (longest + 1) + n)
        hashes.append(h[place])
    start = np.zeros(len(words) + 1, np.int64)
    if not owners:
        return start, np.zeros(0, np.uint32)
    start[1:] = np.cumsum(np.bincount(np.concatenate(owners), minlength=len(words)))
    order = np.argsort(np.concatenate(numbers))
    return start, np.concatenate(hashes)[order]


def _extended(
    h: NDArray[np.uint32],
    bytes_of: NDArray[np.uint8],
    first: NDArray[np.int64],
    stop: NDArray[np.int64],
) -> NDArray[np.uint32]:
    """Hash one more character, its bytes first..stop − 1 (one to four), onto each h."""
    for i in range(int((stop - first).max(initial=0))):
        has = first + i < stop
        byte = bytes_of[np.minimum(first + i, stop - 1)].view(np.int8).astype(np.int32)
        h = np.where(has, (h ^ byte.view(np.uint32)) * np.uint32(_PRIME), h)
    return h


# Rows of n-grams.


#: An explicit n-gram is kept if this many words have it.
FEWEST_WORDS = 3

#: An n-gram without a row: it counts in the mean as a vector of zeros.
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
