"""Join frequent pairs of words, such as `new york`, into one word, `new_york`, in several passes.

The pairs are those that gensim's `Phrases` joins with its default settings. Every pass counts
the words and the pairs of neighbours of each document, under the text they have when joined; a
pair (a, b) is joined where

    (count(a_b) − MIN_COUNT) / count(a) / count(b) · (distinct words and pairs) > THRESHOLD.

Then each document is joined from left to right. gensim counts words and pairs in one dictionary, so
a word `a_b` of the text, or another pair of the same text, adds to the count of (a, b). Here pairs
are counted by the numbers of their words, and only the few that could share their text with another
entry are looked up as text: joining the text of every pair would take most of the time. No count is
an estimate: pairs that do not fit into the memory are an error. (gensim prunes at 40 million
entries, and its result then depends on the order of the text.)
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.errors import DataError
from w2v_cli.text import table_kernels as kernels
from w2v_cli.text.encoded import ProvisionalIds
from w2v_cli.text.plan import Phrase, Progress
from w2v_cli.text.word_table import WordTable, table_of

#: Reads the stream of numbered words from its start: ids, and how many come before each end.
ReadBlocks = Callable[[], Iterator[tuple[NDArray[np.uint32], NDArray[np.int64]]]]

#: gensim's defaults.
MIN_COUNT, THRESHOLD, DELIMITER = 5, 10.0, "_"

_FIRST_SLOTS = 1 << 16
#: Memory of a pair: its share of the table while that grows, and its line in the list.
_BYTES_A_SLOT, _BYTES_LISTED = 16, 64
_PAIRS_AT_ONCE = 1 << 16


@dataclass(frozen=True)
class _Pairs:
    """Distinct pairs: the numbers of their words, how often they occur, their scores, (n,) each."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    counts: NDArray[np.int64]
    scores: NDArray[np.float64]

    def chosen(self, which: Array) -> "_Pairs":
        """Return some of the pairs."""
        first, second = self.first[which], self.second[which]
        return _Pairs(first, second, self.counts[which], self.scores[which])


class PhraseJoiner:
    """A stream of numbered words, in which each pass joins pairs.

    table: the words; joined words are added. counts: of each word in the stream, int64.
    blocks: reads the stream.
    """

    def __init__(
        self, table: WordTable, blocks: ReadBlocks, folder: Path, memory: float, progress: Progress
    ) -> None:
        self.table = table
        self.counts = table.counts()
        self.blocks = blocks
        self._folder = folder
        self._memory = memory
        self._progress = progress
        self._written: ProvisionalIds | None = None

    def join(self, number: int) -> list[Phrase]:
        """Do the pass of this number, from 1; return what it joined, the most frequent first.

        Raises DataError where the distinct pairs do not fit into the memory.
        """
        joined = self._scored(self._count(f"counting pairs of words, pass {number}"))
        joined = joined.chosen(joined.scores > THRESHOLD)
        numbers = self._numbers_of(joined, self.table)
        slots = 1 << max(4, (4 * len(numbers) - 1).bit_length())
        pairs = np.zeros(2 * slots, np.uint64)
        kernels.enter_pairs(joined.first, joined.second, numbers.astype(np.uint64), pairs)
        n_joined = self._rewrite(pairs, number)
        found: dict[str, Phrase] = {}
        words = self.table.words(numbers)
        figures = zip(words, joined.scores, joined.counts, n_joined[numbers], strict=True)
        for word, *values in figures:
            phrase = Phrase(word, float(values[0]), int(values[1]), int(values[2]))
            if phrase.n_joined == 0:
                continue  # other pairs took its words
            found[word] = max(phrase, found.get(word, phrase), key=lambda other: other.score)
        return sorted(found.values(), key=lambda phrase: (-phrase.n_joined, phrase.words))

    def close(self) -> None:
        """Delete the files."""
        if self._written is not None:
            self._written.remove()

    def _count(self, phase: str) -> _Pairs:
        """Count the pairs of neighbours; their scores are not known yet."""
        pairs = np.zeros(2 * _FIRST_SLOTS, np.uint64)
        state = np.zeros(kernels.PAIRS_STATE_SIZE, np.int64)
        state[kernels.PENDING] = kernels.NONE
        done, total = 0, int(self.counts.sum())
        for ids, ends in self.blocks():
            while not kernels.count_neighbours(ids, ends, pairs, state):
                pairs = self._grown(pairs, int(state[kernels.N_PAIRS]))
            done += len(ids)
            self._progress(phase, done, total)
        n = int(state[kernels.N_PAIRS])
        first, second, counts = (np.empty(n, np.int64) for _ in range(3))
        kernels.list_pairs(pairs, first, second, counts)
        return _Pairs(first, second, counts, np.empty(n))

    def _grown(self, pairs: Array, n: int) -> Array:
        needed = 3 * len(pairs) // 2 * _BYTES_A_SLOT + n * _BYTES_LISTED + self.table.n_bytes
        if needed > self._memory * 2**30:
            raise DataError(
                f"the pairs of words do not fit into --memory {self._memory:g} (GiB): {n:,}"
                f" distinct ones so far; give --memory {needed / 2**30 + 0.5:.0f} or more, read"
                " less with --limit-tokens, or omit --phrases"
            )
        larger = np.zeros(2 * len(pairs), np.uint64)
        kernels.refill(pairs, larger)
        return larger

    def _scored(self, pairs: _Pairs) -> _Pairs:
        """Return the pairs with their scores; each pair gets the count of its text."""
        n_delimiters = np.empty(self.table.n_words, np.int64)
        kernels.count_delimiters(self.table.arena, self.table.records(), n_delimiters)
        own = np.flatnonzero((n_delimiters > 0) & (self.counts > 0))
        as_text = self._may_meet_others(pairs, n_delimiters, own)
        texts = table_of(self.table.words(own))
        numbers = self._numbers_of(pairs.chosen(as_text), texts)
        counts = np.zeros(texts.n_words, np.int64)
        counts[: len(own)] = self.counts[own]
        np.add.at(counts, numbers, pairs.counts[as_text])
        of_words, of_pairs = self.counts.copy(), pairs.counts.copy()
        of_words[own] = counts[: len(own)]
        of_pairs[as_text] = counts[numbers]
        n_texts = np.count_nonzero(self.counts) - len(own) + len(of_pairs) - len(numbers)
        n_distinct = int(n_texts) + texts.n_words
        of_first, of_second = of_words[pairs.first], of_words[pairs.second]
        scores = (of_pairs - MIN_COUNT) / of_first / of_second * n_distinct
        return _Pairs(pairs.first, pairs.second, of_pairs, scores)

    def _may_meet_others(self, pairs: _Pairs, n_delimiters: Array, own: Array) -> Array:
        """Tell, (n,) bool, which pairs may have the text of another pair or of a word.

        own: the words of the text with a delimiter in them.
        """
        has = n_delimiters > 0
        starts, ends = np.zeros((2, self.table.n_words), bool)
        splits = [word.split(DELIMITER) for word in self.table.words(own[n_delimiters[own] == 1])]
        for flags, part in ((starts, 0), (ends, 1)):
            known = self.table.find([split[part] for split in splits if all(split)])
            flags[known[known >= 0]] = True
        a, b = pairs.first, pairs.second
        return np.asarray(has[a] | has[b] | (starts[a] & ends[b]))

    def _numbers_of(self, pairs: _Pairs, table: WordTable) -> NDArray[np.int64]:
        """Return the number of each pair's text in a table, (n,); new ones are added to it."""
        numbers = np.empty(len(pairs.first), np.int64)
        records = self.table.records()
        words = self.table.arena.copy() if table is self.table else self.table.arena
        for start in range(0, len(numbers), _PAIRS_AT_ONCE):
            part = slice(start, start + _PAIRS_AT_ONCE)
            table.join(
                words, records[pairs.first[part]], records[pairs.second[part]], numbers[part]
            )
        return numbers

    def _rewrite(self, pairs: Array, number: int) -> NDArray[np.int64]:
        """Join the pairs of a table in the whole stream; return how often each word was made."""
        counts, n_joined = np.zeros((2, self.table.n_words), np.int64)
        written = ProvisionalIds(self._folder, f"joined-{number}")
        state = np.zeros(kernels.PAIRS_STATE_SIZE, np.int64)
        state[kernels.PENDING] = kernels.NONE
        done, total = 0, int(self.counts.sum())
        try:
            for ids, ends in self.blocks():
                out_ids, out_ends = np.empty(len(ids) + 1, np.uint32), np.empty(len(ends), np.int64)
                n, n_ends = kernels.join_neighbours(
                    ids, ends, pairs, out_ids, out_ends, counts, n_joined, state
                )
                written.add(out_ids[:n], out_ends[:n_ends], 0)
                done += len(ids)
                self._progress(f"joining pairs of words, pass {number}", done, total)
        except BaseException:
            written.remove()
            raise
        self.close()
        self.counts, self._written = counts, written
        self.blocks = lambda: ((ids, ends) for ids, ends, _ in written.blocks())
        return n_joined
