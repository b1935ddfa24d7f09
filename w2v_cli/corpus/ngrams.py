"""The character n-grams of words, cut and numbered as fastText does.

A word is put between `<` and `>`; an n-gram is n successive characters (Unicode code points) of
that, for every n of a range. The order is fastText's: by first character, then by length.
Bojanowski et al. 2017; the hash and its quirk are those of fastText's `dictionary.cc`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: fastText's mark for the end of a line. As a word it has no n-grams there, so it has none here.
END_OF_LINE = "</s>"

_OFFSET, _PRIME = 2166136261, 16777619


def ngrams(word: str, shortest: int, longest: int) -> list[str]:
    """Return the n-grams of a word, repetitions kept.

    The brackets alone, `<` and `>`, are no n-grams; `<word>` as a whole is one if it is short
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
        # h holds the hashes of the n − 1 characters from each place; take one more where there is.
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
