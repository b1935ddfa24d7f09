"""Distinct words with their numbers and counts, in two arrays that compiled code fills."""

import sys
from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from w2v_cli.text import table_kernels as kernels

_FIRST_SLOTS = 1 << 12
_BYTES_IN_PIECE = 8
#: Words handled as Python objects at a time; there may be millions.
_PART = 1 << 16


class WordTable:
    """Words numbered in order of appearance; `table_kernels` has the layout."""

    def __init__(self) -> None:
        self.slots = np.zeros(_FIRST_SLOTS, np.uint64)
        self.arena = np.empty(2 * _FIRST_SLOTS, np.uint64)
        self.n_words = 0
        self.used = 0

    @property
    def n_bytes(self) -> int:
        """Memory of the two arrays."""
        return self.slots.nbytes + self.arena.nbytes

    def make_room(self, n_words: int, n_pieces: int) -> None:
        """Grow if necessary, so that this many more words and pieces fit."""
        needed = self.used + n_pieces + kernels.RECORD_HEAD * n_words
        if needed > len(self.arena):
            arena = np.empty(max(needed, 2 * len(self.arena)), np.uint64)
            arena[: self.used] = self.arena[: self.used]
            self.arena = arena
        if 2 * (self.n_words + n_words) > len(self.slots):
            n_slots = 1 << (2 * (self.n_words + n_words) - 1).bit_length()
            self.slots = np.zeros(n_slots, np.uint64)
            kernels.fill_slots(self.slots, self.arena, self.used)

    def add(self, other: "WordTable") -> NDArray[np.uint32]:
        """Add the words and counts of another table; return the number here of each, (n,)."""
        self.make_room(other.n_words, other.used)
        numbers = np.empty(other.n_words, np.uint32)
        state = self.state()
        kernels.add_words(self.slots, self.arena, other.arena, numbers, state)
        self.take(state)
        return numbers

    def state(self, size: int = kernels.STATE_SIZE) -> NDArray[np.int64]:
        """Return the state for the kernels; anything after the table's own part is zero."""
        state = np.zeros(size, np.int64)
        state[[kernels.N_WORDS, kernels.ARENA_USED]] = self.n_words, self.used
        return state

    def take(self, state: NDArray[np.int64]) -> None:
        """Take over the counts that the kernels have left in `state`."""
        self.n_words, self.used = int(state[kernels.N_WORDS]), int(state[kernels.ARENA_USED])

    def counts(self) -> NDArray[np.int64]:
        """Return the count of each word, (n_words,)."""
        return self.arena[self.records() + 1].astype(np.int64)

    def words(self, numbers: NDArray[np.integer]) -> list[str]:
        """Return some words by their numbers."""
        records = self.records()[numbers]
        lengths = (self.arena[records] & np.uint64(0xFFFFFFFF)).astype(np.int64)
        starts = (records + kernels.RECORD_HEAD) * _BYTES_IN_PIECE
        letters = self.arena.data.cast("B")
        return [
            str(letters[start:stop], "utf-8")
            for start, stop in zip(starts.tolist(), (starts + lengths).tolist(), strict=True)
        ]

    def in_order(self) -> Iterator[tuple[str, int]]:
        """Yield words and counts in the order of the words, a few at a time as objects."""
        order, keys = self._by_first_piece()
        counts = self.counts()
        start = 0
        while start < len(order):
            last = min(start + _PART, len(order)) - 1
            stop = int(np.searchsorted(keys, keys[last], side="right"))  # all that begin alike
            part = order[start:stop]
            yield from sorted(zip(self.words(part), counts[part].tolist(), strict=True))
            start = stop

    def _by_first_piece(self) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        """Return the numbers of all words by their first eight bytes, and these as integers."""
        keys = self.arena[self.records() + kernels.RECORD_HEAD]
        keys = keys.byteswap() if sys.byteorder == "little" else keys
        order = np.argsort(keys, kind="stable")
        return order, keys[order]

    def find(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Return the number of each word, (n,), −1 where it is not in the table."""
        distinct = list(dict.fromkeys(words))
        places = {word: i for i, word in enumerate(distinct)}
        return self.find_distinct(distinct)[[places[word] for word in words]]

    def find_distinct(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Do what `find` does for words of which no two are the same; there may be millions."""
        others = table_of(words)
        numbers = np.empty(len(words), np.int64)
        kernels.find_words(self.slots, self.arena, others.arena, numbers, self.state())
        return numbers

    def join(
        self,
        words: NDArray[np.uint64],
        first: NDArray[np.int64],
        second: NDArray[np.int64],
        numbers: NDArray[np.int64],
    ) -> None:
        """Add the words `first_second`; fill in their numbers, (n,).

        words: the arena of the parts; first, second: where their records start in it.
        """
        lengths = (words[first] + words[second] & np.uint64(0xFFFFFFFF)).astype(np.int64) + 1
        n_pieces = lengths // _BYTES_IN_PIECE + 1
        self.make_room(len(numbers), int(n_pieces.sum()))
        pieces = np.empty(int(n_pieces.max(initial=0)), np.uint64)
        state = self.state()
        kernels.join_words(words, first, second, self.slots, self.arena, pieces, numbers, state)
        self.take(state)

    def frequent(
        self, min_count: int, others: Collection[str] = (), counts: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], list[str], NDArray[np.int64]]:
        """Return numbers, words and counts of the words that occur at least `min_count` times.

        If none does: of the most frequent words, so that an error can name their count. others:
        words to return however rare they are. counts: instead of the table's own, (n_words,).
        """
        counts = self.counts() if counts is None else counts
        is_frequent = counts >= min(min_count, int(counts.max(initial=0)))
        known = self.find(sorted(others))
        is_frequent[known[known >= 0]] = True
        order, _ = self._by_first_piece()  # nearly sorted words are sorted quickly
        numbers = order[is_frequent[order]]
        return numbers, self.words(numbers), counts[numbers]

    def records(self) -> NDArray[np.int64]:
        """Return where the record of each word starts in the arena, (n_words,)."""
        records = np.empty(self.n_words, np.int64)
        kernels.list_records(self.arena, self.used, records)
        return records


def table_from(arena: NDArray[np.uint64], n_words: int) -> WordTable:
    """Return a table from the used part of its arena, as kept in a file."""
    table = WordTable()
    table.make_room(n_words, len(arena))
    table.arena[: len(arena)] = arena
    table.n_words, table.used = n_words, len(arena)
    kernels.fill_slots(table.slots, table.arena, table.used)
    return table


def table_of(words: Sequence[str], counts: NDArray[np.int64] | int = 0) -> WordTable:
    """Return a table of distinct words, numbered in the given order, with their counts."""
    lengths = np.fromiter((len(word.encode()) for word in words), np.int64, len(words))
    sizes = kernels.RECORD_HEAD - -lengths // _BYTES_IN_PIECE
    records = np.cumsum(sizes) - sizes
    table = WordTable()
    table.make_room(len(words), int(sizes.sum()))
    table.n_words, table.used = len(words), int(sizes.sum())
    table.arena[: table.used] = 0
    numbers = np.arange(len(words), dtype=np.uint64)
    table.arena[records] = numbers << np.uint64(32) | lengths.astype(np.uint64)
    table.arena[records + 1] = counts
    letters = table.arena.data.cast("B")
    starts = (records + kernels.RECORD_HEAD) * _BYTES_IN_PIECE
    for first in range(0, len(words), _PART):
        part = words[first : first + _PART]
        for word, start in zip(part, starts[first : first + _PART].tolist(), strict=True):
            encoded = word.encode()
            letters[start : start + len(encoded)] = encoded
    kernels.fill_slots(table.slots, table.arena, table.used)
    return table
