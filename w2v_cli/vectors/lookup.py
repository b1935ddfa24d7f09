"""The one place where a word is turned into its vector.

Questions (neighbors, analogies, scores) never index a matrix by word: they ask a `Lookup`.
Behind it a word is either one row of a matrix (`Rows`) or the weighted sum of several
(`WeightedRows`), so words without a row of their own can have a vector too (`SubwordLookup`).
`close_spellings` suggests known words for an unknown one.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from w2v_cli.engines.base import SubwordVectors
from w2v_cli.text.ngrams import NO_ROW


class Lookup(Protocol):
    """Words that have a vector, and their vectors."""

    def __contains__(self, word: object) -> bool:
        """Tell whether the word has a vector."""

    def vectors(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 (n, D), row i for `words[i]`. Raises KeyError for a word without one."""


@dataclass(frozen=True)
class Rows:
    """One row per word.

    ids: word → row. matrix: float32 (V, D).
    """

    ids: Mapping[str, int]
    matrix: NDArray[np.float32]

    def __contains__(self, word: object) -> bool:
        return word in self.ids

    def vectors(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return the rows of the words, (n, D)."""
        rows = np.array([self.ids[word] for word in words], dtype=np.intp)
        found: NDArray[np.float32] = self.matrix[rows]
        return found


@dataclass(frozen=True)
class WeightedRows:
    """Several rows per word: its vector is the weighted sum of them, added in float64.

    ids: word → i, for every word that has a vector. matrix: float32 (R, D).
    start: int64 (n + 1,); word i owns places start[i] up to start[i + 1] of
    rows: int64, row numbers of the matrix, and of
    weights: float32, one for each of them.
    """

    ids: Mapping[str, int]
    start: NDArray[np.int64]
    rows: NDArray[np.int64]
    weights: NDArray[np.float32]
    matrix: NDArray[np.float32]

    def __contains__(self, word: object) -> bool:
        return word in self.ids

    def vectors(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return the weighted sums of the words' rows, (n, D)."""
        places = np.array([self.ids[word] for word in words], dtype=np.int64)
        n_parts = self.start[places + 1] - self.start[places]
        owner = np.repeat(np.arange(len(words)), n_parts)
        first = np.repeat(np.cumsum(n_parts) - n_parts, n_parts)
        part = self.start[places][owner] + np.arange(len(owner)) - first
        sums = np.zeros((len(words), self.matrix.shape[1]))
        products = self.weights[part, None] * self.matrix[self.rows[part]].astype(np.float64)
        np.add.at(sums, owner, products)
        return sums.astype(np.float32)


@dataclass(frozen=True)
class SubwordLookup:
    """Known words by their rows, others by the mean of their n-grams' rows.

    ids: word → row. matrix: float32 (V, D), the vectors of known words. parts: what these are made
    of. A word without any n-gram that training has seen has no vector.
    """

    ids: Mapping[str, int]
    matrix: NDArray[np.float32]
    parts: SubwordVectors

    def __contains__(self, word: object) -> bool:
        return word in self.ids or (isinstance(word, str) and self.n_seen(word) > 0)

    def n_seen(self, word: str) -> int:
        """Return how many of the word's n-grams training has seen."""
        _, rows = self.parts.subwords.rows([word])
        return int((rows != NO_ROW).sum())

    def vectors(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of the words, (n, D). Raises KeyError, see `__contains__`."""
        known = np.array([word in self.ids for word in words], dtype=bool)
        found = np.zeros((len(words), self.matrix.shape[1]), np.float32)
        found[known] = self.matrix[[self.ids[word] for word in words if word in self.ids]]
        others = [word for word in words if word not in self.ids]
        if others:
            found[~known] = self._of_ngrams(others)
        return found

    def _of_ngrams(self, words: Sequence[str]) -> NDArray[np.float32]:
        start, rows = self.parts.subwords.rows(words)
        sizes = np.diff(start)
        seen = rows != NO_ROW
        n_seen = np.add.reduceat(np.append(seen, False), start[:-1]) * (sizes > 0)
        if not n_seen.all():
            raise KeyError(words[int(np.argmin(n_seen))])
        weights = np.where(seen, np.repeat(1 / sizes, sizes), 0).astype(np.float32)
        places = np.where(seen, rows + len(self.ids), 0)
        ids = {word: i for i, word in enumerate(words)}
        return WeightedRows(ids, start, places, weights, self.parts.rows).vectors(words)


def close_spellings(word: str, known_words: Sequence[str], n: int = 3) -> list[str]:
    """Find the n known words with the most similar spelling, first ones first among equals.

    `difflib` is slow, so it only judges a shortlist: words of about this length that share
    the beginning or the end, and of these the ones that share most pairs of letters.
    """
    lower = word.lower()
    shortlist = [
        known
        for known in known_words
        if abs(len(known) - len(word)) <= 2
        and (known[0].lower() == lower[:1] or known[-2:].lower() == lower[-2:])
    ]
    pairs = _letter_pairs(lower)
    shortlist.sort(key=lambda known: -len(pairs & _letter_pairs(known.lower())))
    spellings: dict[str, str] = {}
    for known in shortlist[:200]:
        spellings.setdefault(known.lower(), known)
    close = difflib.get_close_matches(lower, spellings, n=n, cutoff=0.6)
    return [spellings[match] for match in close]


def _letter_pairs(word: str) -> set[str]:
    return {word[i : i + 2] for i in range(max(1, len(word) - 1))}
