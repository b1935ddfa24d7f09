"""A vocabulary that grows: the words of a text, and those that a run brings along from its start.

An engine trains the words of its text only: known ones from their vectors, new ones from scratch.
Known words that the text does not have keep their vectors bit for bit; they join the others when
vectors are written or scored. What is drawn while training (windows, negatives) depends on the
counts of the text alone; the counts that the run's files hold are those of both texts.
"""

import numpy as np
from numpy.typing import NDArray

from w2v_cli.engines.base import Embeddings, Engine, Frozen, Notice, SubwordVectors
from w2v_cli.engines.centers import own_rows, with_ngrams_of
from w2v_cli.engines.settings import Which
from w2v_cli.errors import DataError
from w2v_cli.text.vocabulary import Vocabulary, vocabulary_from_pairs
from w2v_cli.training.start_vectors import StartVectors
from w2v_cli.vectors.queries.neighbors import unit_rows
from w2v_cli.vectors.run_vectors import choose_vectors

#: Of a text in which fewer running words than this share are known, the user hears.
_FEW_KNOWN = 0.3


class Growth:
    """The words of a start and those of a text, put together.

    vocabulary: all of them, N, by falling count. n_known: known words that the text has.
    n_kept: known words that it does not have. n_new: words of the text that were not known.
    """

    def __init__(self, start: StartVectors, text: Vocabulary) -> None:
        self._start = start
        place = {word: i for i, word in enumerate(start.words)}
        row = np.array([place.get(word, -1) for word in text.words], dtype=np.int64)
        #: Known words of the text: their ids there, and their rows in the start.
        self._ids, self._rows = np.flatnonzero(row >= 0), row[row >= 0]
        self._kept = np.setdiff1d(np.arange(len(start.words)), self._rows)
        self.n_known, self.n_kept = len(self._rows), len(self._kept)
        self.n_new = len(text) - self.n_known
        counts = text.counts.copy()
        kept_counts = np.zeros(self.n_kept, np.int64)
        if start.counts is not None:
            counts[self._ids] += start.counts[self._rows]
            kept_counts = start.counts[self._kept]
        both = np.concatenate([counts, kept_counts])
        self._order = np.argsort(-both, kind="stable")
        words = [*text.words, *(start.words[i] for i in self._kept)]
        self.vocabulary = vocabulary_from_pairs(
            (words[i], count)
            for i, count in zip(self._order.tolist(), both[self._order].tolist(), strict=True)
        )

    def start(self, engine: Engine, *, freeze: bool) -> None:
        """Give an engine of the text's words what it starts with; freeze what was given."""
        fresh = engine.embeddings()
        engine.set_embeddings(self.first(fresh))
        if freeze:
            engine.freeze(self.frozen(fresh.n_words))

    def first(self, fresh: Embeddings) -> Embeddings:
        """Return what an engine starts with: known words from the start, the others `fresh`.

        From a run with the same kind of subwords n-grams come along too, and new words with them.
        """
        center, outside = np.array(fresh.center), np.array(fresh.outside)
        center[self._ids] = self._start.center[self._rows]
        outside[self._ids] = 0
        if self._start.outside is not None:
            outside[self._ids] = self._start.outside[self._rows]
        return Embeddings(center, outside, self._first_rows(fresh))

    def _first_rows(self, fresh: Embeddings) -> SubwordVectors | None:
        """Return the rows to start with; None: they are found from the words' vectors."""
        if fresh.subwords is None or self._start.parts is None:
            return None
        n_known = len(self._start.words)
        parts = with_ngrams_of(fresh.subwords, fresh.n_words, self._start.parts, n_known)
        if parts is not None:
            words = [self._start.words[i] for i in self._rows]
            center = self._start.center[self._rows]
            parts.rows[self._ids] = own_rows(parts, fresh.n_words, words, center)
        return parts

    def frozen(self, n_words: int) -> Frozen:
        """Return which vectors of the text's words were given, and so may be frozen."""
        center = np.zeros(n_words, bool)
        center[self._ids] = True
        outside = center if self._start.outside is not None else np.zeros(n_words, bool)
        return Frozen(center, outside)

    def whole(self, trained: Embeddings) -> Embeddings:
        """Return the vectors of all words, (N, D), from those of the text's words."""
        center, outside = self._kept_vectors()
        parts = trained.subwords
        if parts is not None:
            words = [self._start.words[i] for i in self._kept]
            n_words = trained.n_words
            rows = np.concatenate([parts.rows[:n_words], own_rows(parts, n_words, words, center)])
            rows = np.concatenate([rows[self._order], parts.rows[n_words:]])
            parts = SubwordVectors(parts.subwords, rows)
        return Embeddings(
            np.concatenate([trained.center, center])[self._order],
            np.concatenate([trained.outside, outside])[self._order],
            parts,
        )

    def cosine(self, trained: Embeddings, which: Which) -> float | None:
        """Return the mean cosine of known words' vectors with those they started from.

        Of the known words that the text has; None: it has none. Which vectors: those in use.
        """
        if not self.n_known:
            return None
        now = Embeddings(trained.center[self._ids], trained.outside[self._ids])
        start = self.first(trained)
        before = Embeddings(start.center[self._ids], start.outside[self._ids])
        old, new = (unit_rows(choose_vectors(each, which)) for each in (before, now))
        return float(np.einsum("ij,ij->i", old, new, dtype=np.float64).mean())

    def known_share(self, text: Vocabulary) -> float:
        """Return the share of the text's running words that are known."""
        return float(text.counts[self._ids].sum() / text.counts.sum())

    def _kept_vectors(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        center = self._start.center[self._kept]
        if self._start.outside is None:
            return center, np.zeros_like(center)
        return center, self._start.outside[self._kept]


def note_growth(start: StartVectors, text: Vocabulary, lowercase: bool, notice: Notice) -> None:
    """Say how start and text fit together.

    Raises DataError when the text has none of the known words.
    """
    growth = Growth(start, text)
    if not growth.n_known:
        raise DataError(
            f"the text has none of the {len(start.words):,} words of {start.source};"
            " were they made with another --tokenizer, or with another --lowercase?"
        )
    note = (
        f"starting from {start.source}: {growth.n_known:,} of its {len(start.words):,} words are in"
        f" the text, {growth.n_kept:,} keep their vectors; {growth.n_new:,} words are new"
    )
    share = growth.known_share(text)
    if share < _FEW_KNOWN:
        note += f". Only {share:.0%} of the text is known words: do tokenizer and lowercase fit?"
    notice(note)
    n_upper = sum(word != word.lower() for word in start.words) if lowercase else 0
    if n_upper:
        notice(
            f"{n_upper:,} words of {start.source} contain upper case and are not found in text"
            " that is lower-cased; --no-lowercase keeps its case"
        )
