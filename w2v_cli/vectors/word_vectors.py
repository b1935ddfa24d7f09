"""Words and their vectors, ready for questions: `w2v_cli.load(path)` returns one of these.

`WordVectors` comes first, then what is built on it: vectors of texts, and a chosen list of words.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Self, get_args, overload

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import is_missing
from w2v_cli.engines.settings import Which
from w2v_cli.errors import DataError, MissingExtraError, UsageError, W2VWarning, reason_of, shown
from w2v_cli.text.own_tokenizer import is_own
from w2v_cli.text.tokenizers import Tokenizer
from w2v_cli.vectors.answers import (
    Method,
    Neighbor,
    Precision,
    UnknownWordError,
    Weights,
    check_choice,
    checked_number,
    checked_path,
)
from w2v_cli.vectors.lookup import Lookup, Rows, SubwordLookup, close_spellings
from w2v_cli.vectors.nearest import combine, top_neighbors, top_scores, unit_rows
from w2v_cli.vectors.table import VectorTable, check_words

#: A word, or the number of its row.
Key = str | int
Tokenize = Callable[[str], list[str]]
#: A text, its tokens, or a missing value.
Text = str | Sequence[str] | float | None


class WordVectors(VectorTable):
    """V words, each with a vector of length D: a table that answers questions.

    Answers come from the words of the table. The words of a question get their vectors from
    `lookup`: the table's own rows, or with subwords one that knows more words and so answers
    questions about these too. `word in vectors` asks the lookup; `len` and iteration are those of
    the table.

    >>> import numpy as np
    >>> vectors = WordVectors(["tea", "coffee", "rain"], np.eye(3, dtype=np.float32) + 1)
    >>> "tea" in vectors, len(vectors), vectors.dim
    (True, 3, 3)
    >>> vectors["tea"]
    array([2., 1., 1.], dtype=float32)
    >>> [(near.word, round(near.score, 3)) for near in vectors.neighbors("tea", n=1)]
    [('coffee', 0.833)]
    """

    @classmethod
    def of(cls, table: VectorTable) -> Self:
        """Make a table answer questions."""
        return cls(
            table.words,
            table.matrix,
            table.counts,
            parts=table.parts,
            outside=table.outside,
            unseen=table.unseen,
            notes=table.notes,
            tokenizer=table.tokenizer,
        )

    @cached_property
    def lookup(self) -> Lookup:
        """The one place where a word becomes its vector."""
        if self.parts is not None:
            return SubwordLookup(self.ids, self.matrix, self.parts)
        return Rows(self.ids, self.matrix)

    @cached_property
    def unit(self) -> NDArray[np.float32]:
        """The matrix with rows of length one (rows of zeros stay zero)."""
        return unit_rows(self.matrix)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self.spelled(word) in self.lookup

    def spelled(self, key: Key) -> str:
        """Return a word as the vectors spell it.

        A word that they do not have as it is is folded as the run's text was: case, digits,
        Unicode form. An integer is a row number, as in gensim; where all words are integers, it is
        the word.

        Raises UsageError for what is no word, UnknownWordError for a row that does not exist.
        """
        if not isinstance(key, str):
            return self._word_of(key)
        if key in self.ids or self.tokenizer is None:
            return key
        return self.tokenizer.spelled(key)

    def _word_of(self, key: object) -> str:
        if isinstance(key, bool) or not isinstance(key, (int, np.integer)):
            raise UsageError(f"a word is a string, or an integer for a row; got {shown(key)}")
        if self._are_integers:
            return str(int(key))
        if not 0 <= key < len(self):
            raise UnknownWordError(str(key), [], f"rows are 0 to {len(self) - 1}")
        return self.words[int(key)]

    @cached_property
    def _are_integers(self) -> bool:
        return all(word.removeprefix("-").isdecimal() for word in self.words)

    def _keys(self, words: Any) -> list[str]:
        """Return the spellings of several words. Raises UsageError for what is no list."""
        if isinstance(words, (str, bytes, Mapping)) or not isinstance(words, Iterable):
            raise UsageError(f"expected a list of words, got {shown(words)}")
        return [self.spelled(word) for word in words]

    @overload
    def __getitem__(self, key: Key) -> NDArray[np.float32]: ...
    @overload
    def __getitem__(self, key: Sequence[Key]) -> NDArray[np.float32]: ...
    def __getitem__(self, key: Key | Sequence[Key]) -> NDArray[np.float32]:
        """Return the vector (D,) of a word, or (n, D) of a list of words; see `spelled`.

        Raises UnknownWordError, which is a KeyError too.
        """
        if isinstance(key, slice):
            raise UsageError("words have no slices; take matrix[start:stop]")
        several = isinstance(key, Iterable) and not isinstance(key, (str, bytes))
        return self._vectors(self._keys(key)) if several else self._vectors([self.spelled(key)])[0]  # type: ignore[arg-type]

    def neighbors(
        self, query: Key | NDArray[np.float32], n: int = 10, *, raw: bool = False
    ) -> list[Neighbor]:
        """Find the n words closest to a word (never the word itself) or to a vector (D,).

        Closeness is the cosine; with `raw` the dot product, which favours long vectors.
        Raises UnknownWordError.
        """
        if not isinstance(query, (np.ndarray, list, tuple)):
            return self.neighbors_of([query], n, raw=raw)[0]
        vector = self.checked_vector(query)[None]
        return self._top(vector if raw else unit_rows(vector), n, [[]], raw)[0]

    def checked_vector(self, vector: Any) -> NDArray[np.float32]:
        """Return a given vector (D,). Raises UsageError for anything else."""
        try:
            row = np.asarray(vector, dtype=np.float32).reshape(-1)
        except (TypeError, ValueError):
            raise UsageError(
                f"expected one word or a vector of {self.dim} numbers, got {shown(vector)};"
                " for several words there are neighbors_of and most_similar"
            ) from None
        if len(row) != self.dim:
            raise UsageError(f"expected a vector of {self.dim} numbers, got {len(row)}")
        if not np.isfinite(row).all():
            raise UsageError(f"expected finite numbers, got {shown(vector)}")
        return row

    def neighbors_of(
        self, words: Sequence[Key], n: int = 10, *, raw: bool = False
    ) -> list[list[Neighbor]]:
        """Answer `neighbors` for many words at once: far faster than one by one."""
        words = self._keys(words)
        return self._top(self._asked(words, raw), n, [self._rows([word]) for word in words], raw)

    def analogy(
        self,
        a: Key,
        b: Key,
        c: Key,
        n: int = 10,
        *,
        method: Method = "add",
        raw: bool = False,
    ) -> list[Neighbor]:
        """Find the n best words for `a − b + c` (king − man + woman), none of a, b, c.

        method: "add" is 3CosAdd; the score is the cosine with the sum of unit vectors.
        "mul" is 3CosMul (see `nearest.combine`). raw: dot products of vectors as they are
        (only with "add"). Raises UnknownWordError, and UsageError for another method.
        """
        check_choice("method", method, get_args(Method))
        if raw and method == "mul":
            raise UsageError("method mul (3CosMul) needs cosines; use raw with method add")
        words = self._keys((a, b, c))
        own, asked = self._rows(words), self._asked(words, raw)
        if method == "add":
            target = (asked[0] - asked[1] + asked[2])[None]
            return self._top(target if raw else unit_rows(target), n, [own], raw)[0]
        cos_a, cos_b, cos_c = (self.unit @ vector for vector in asked)
        scores = combine(cos_b, cos_a, cos_c, "mul")
        scores[own] = -np.inf
        return self._named(*top_scores(scores, min(checked_number("n", n), len(self))))

    def similarity(self, a: Key, b: Key, *, raw: bool = False) -> float:
        """Cosine of two words' vectors; with `raw` their dot product. Raises UnknownWordError."""
        pair = self[[a, b]].astype(np.float64)
        product = float(pair[0] @ pair[1])
        lengths = float(np.linalg.norm(pair[0]) * np.linalg.norm(pair[1]))
        if raw:
            return product
        return min(1.0, max(-1.0, product / lengths)) if lengths > 0 else 0.0

    def odd_one_out(self, words: Sequence[Key], *, raw: bool = False) -> list[Neighbor]:
        """Rank words by their mean similarity to the others, the odd one first.

        Raises UnknownWordError, and UsageError for fewer than three words.
        """
        keys = self._keys(words)
        if len(keys) < 3:
            raise UsageError(f"expected three words or more, got {len(keys)}")
        chosen = self._asked(keys, raw).astype(np.float64)
        products = chosen @ chosen.T
        means = (products.sum(axis=1) - products.diagonal()) / (len(keys) - 1)
        order = np.argsort(means, kind="stable")
        return [Neighbor(keys[i], float(means[i])) for i in order]

    def embed(
        self,
        texts: str | Iterable[Text],
        weights: Weights = "mean",
        tokenize: Tokenize | None = None,
    ) -> NDArray[np.float32]:
        """Return one vector per text, (n, D), from its known words; see `SentenceVectors`.

        texts: strings, or lists of tokens; one string is one text. A missing value (None, NaN)
        has a row of zeros, as has a text without known words, of which a warning tells.
        weights: "mean" or "sif". tokenize: text → words; None: the tokenizer of the run, for a file
        of vectors lower-cased Unicode words. Raises DataError for SIF without counts.
        """
        return embed(self, texts, tokenize or self._own_tokenizer(), weights)

    def _own_tokenizer(self) -> Tokenize:
        own = self.tokenizer or Tokenizer("words", True)
        if is_own(own.name) and own.function is None:
            raise UsageError(
                f"the run's text was cut by the function {own.name}; give it: tokenize=…"
            )
        return own

    def suggestions(self, word: Key, n: int = 3) -> list[str]:
        """Find known words with the most similar spelling, frequent ones first among equals."""
        return close_spellings(self.spelled(word), self.words, n)

    def n_seen_ngrams(self, word: str) -> int:
        """Return how many n-grams of a word training has seen; 0 without subwords."""
        return self.lookup.n_seen(word) if isinstance(self.lookup, SubwordLookup) else 0

    def unknown(self, word: str, *, suggest: bool = True) -> UnknownWordError:
        """Return the error for a word without a vector; suggest: look for close spellings."""
        reason = self.unseen
        if self.parts is not None:
            reason = "it has no n-gram that training has seen"
        return UnknownWordError(word, self.suggestions(word) if suggest else [], reason)

    def to_gensim(self) -> Any:
        """Return gensim's `KeyedVectors` with the same words, vectors and counts.

        Raises MissingExtraError when gensim is not installed.
        """
        try:
            from gensim.models import KeyedVectors
        except ImportError:
            raise MissingExtraError("to_gensim()", "gensim") from None
        keyed = KeyedVectors(self.dim, count=0)
        keyed.add_vectors(self.words, np.array(self.matrix))
        if self.counts is not None:
            for word, count in zip(self.words, self.counts.tolist(), strict=True):
                keyed.set_vecattr(word, "count", count)
        return keyed

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        format: str | None = None,  # noqa: A002  # what the command line calls it
        precision: Precision = "float32",
    ) -> None:
        """Write the vectors, whole or not at all.

        format: one of `w2v_cli.vectors.formats.catalog.FORMATS`; None: by the file name. precision:
        float32, float16 or int8. Raises UsageError for what the format cannot do, DataError
        for a word it cannot hold.
        """
        from w2v_cli.vectors.formats.catalog import find_format
        from w2v_cli.vectors.formats.vector_files import write_table

        form = find_format(format) if format is not None else None
        write_table(self, checked_path(path), form, precision)

    def _vectors(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Vectors (n, D) of the words as they are stored. Raises UnknownWordError."""
        for word in words:
            if word not in self.lookup:
                raise self.unknown(word)
        return self.lookup.vectors(words)

    def _asked(self, words: Sequence[str], raw: bool) -> NDArray[np.float32]:
        """Vectors (n, D) of a question's words, of length one unless `raw`."""
        vectors = self._vectors(words)
        return vectors if raw else unit_rows(vectors)

    def _rows(self, words: Sequence[str]) -> list[int]:
        """Rows of the words that have one: they may not be answers."""
        return [self.ids[word] for word in words if word in self.ids]

    def _top(
        self, queries: NDArray[np.float32], n: int, exclude: list[list[int]], raw: bool
    ) -> list[list[Neighbor]]:
        n = checked_number("n", n)
        space = self.matrix if raw else self.unit
        ids, scores = top_neighbors(space, queries, n, exclude)
        return [self._named(row, values) for row, values in zip(ids, scores, strict=True)]

    def _named(self, ids: NDArray[np.int64], scores: NDArray[np.float32]) -> list[Neighbor]:
        """Put words to rows; what was excluded (minus infinity) drops out."""
        return [
            Neighbor(self.words[i], score)
            for i, score in zip(ids.tolist(), scores.tolist(), strict=True)
            if score != -np.inf
        ]


def load(
    path: str | os.PathLike[str],
    vectors: Which | None = None,
    *,
    limit: int | None = None,
    strict: bool = False,
) -> WordVectors:
    """Load the vectors of a run folder, or a vector file of any format that w2v writes.

    vectors: which vectors of a run: "center", "outside", "sum" or "concat"; None: the run's
    default. limit: load only the first so many words. strict: refuse repeated words and words that
    are not UTF-8; else a warning counts them. Raises DataError for what is missing or damaged,
    UsageError for another choice.
    """
    from w2v_cli.vectors.formats.streams import Reading
    from w2v_cli.vectors.formats.vector_files import read_table

    if limit is not None and checked_number("limit", limit) < 1:
        raise UsageError(f"limit is {limit}; it must be at least 1")
    return WordVectors.of(read_table(checked_path(path), vectors, Reading(limit, strict)))


# Vectors of texts: the plain or weighted mean of the words' vectors.
#
# SIF (smooth inverse frequency; Arora, Liang & Ma 2017, "A simple but tough-to-beat baseline for
# sentence embeddings") weighs a word by a / (a + p(w)) with a = 0.001, p(w) its share of the
# corpus, and then removes from each vector its part along the common component: the first right
# singular vector of the matrix of all texts' vectors. The component depends on the texts, so
# only vectors of texts that were embedded together can be compared.

SIF_A = 1e-3
_BATCH_TEXTS = 4096


class SentenceVectors:
    """Turns texts into vectors, some thousand at a time.

    n_texts, n_empty: how many texts there were so far, and how many of them had no known word;
    the vector of such a text is zero.
    """

    def __init__(self, vectors: WordVectors, tokenize: Tokenize, weights: Weights = "mean") -> None:
        """Raises UsageError for another kind of weights, DataError for SIF without counts."""
        check_choice("weights", weights, get_args(Weights))
        self._vectors, self._tokenize = vectors, tokenize
        self._weights = sif_weights(vectors) if weights == "sif" else None
        self.n_texts = self.n_empty = 0

    def batches(self, texts: Iterable[Text]) -> Iterator[NDArray[np.float32]]:
        """Yield the vectors (n, D) of the texts in order, the common component not removed."""
        remaining = iter(texts)
        while batch := list(islice(remaining, _BATCH_TEXTS)):
            yield self._embed(batch)

    def _embed(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        from scipy.sparse import csr_array

        known = self._vectors.lookup
        tokens = [[word for word in self._tokens(text) if word in known] for text in texts]
        places: dict[str, int] = {}
        columns = [places.setdefault(word, len(places)) for words in tokens for word in words]
        ends = np.cumsum([0, *map(len, tokens)])
        self.n_texts += len(texts)
        self.n_empty += int((np.diff(ends) == 0).sum())
        if not places:
            return np.zeros((len(texts), self._vectors.dim), np.float32)
        words = list(places)
        rows = known.vectors(words).astype(np.float64)
        if self._weights is not None:
            rows *= self._weights_of(words)[:, None]
        shares = 1.0 / np.maximum(1, np.diff(ends))
        values = np.repeat(shares, np.diff(ends))
        sums = csr_array((values, columns, ends), shape=(len(texts), len(words))) @ rows
        return np.asarray(sums, dtype=np.float32)

    def _tokens(self, text: Any) -> list[str]:
        """Return the tokens of a text; none of a missing value. Raises UsageError for others."""
        if isinstance(text, str):
            return self._tokenize(text)
        if isinstance(text, (list, tuple, np.ndarray)):
            tokens = [str(each) if isinstance(each, (int, np.integer)) else each for each in text]
            if all(isinstance(token, str) for token in tokens):
                return tokens
        elif is_missing(text):
            return []
        raise UsageError(f"expected a text or a list of tokens, got {shown(text)}")

    def _weights_of(self, words: Sequence[str]) -> NDArray[np.float64]:
        """Return the weights of words, (n,); one that the table lacks was never counted: 1."""
        assert self._weights is not None
        ids = self._vectors.ids
        return np.array([self._weights[ids[w]] if w in ids else 1.0 for w in words])


def sif_weights(table: VectorTable) -> NDArray[np.float64]:
    """Return a / (a + p(w)) of each word, (V,).

    Raises:
        DataError: the counts of the words are unknown.
    """
    if table.counts is None or not table.counts.sum():
        raise DataError(
            "these vectors have no counts, which SIF needs; use the run they are of, or its"
            " .npz or .safetensors export, or --weights mean"
        )
    share = table.counts / table.counts.sum()
    return np.asarray(SIF_A / (SIF_A + share))


class CommonComponent:
    """The first right singular vector of a matrix of which only some rows are seen at a time."""

    def __init__(self, dim: int) -> None:
        self._products = np.zeros((dim, dim))

    def add(self, rows: NDArray[np.float32]) -> None:
        """Take rows (n, D) into account: Σ x xᵀ."""
        exact = rows.astype(np.float64)
        self._products += exact.T @ exact

    def direction(self) -> NDArray[np.float64]:
        """Return it, (D,), of length one."""
        direction: NDArray[np.float64] = np.linalg.eigh(self._products)[1][:, -1]
        return direction

    @staticmethod
    def removed(rows: NDArray[np.float32], direction: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return rows (n, D) without their part along it."""
        rest = rows - np.outer(rows @ direction, direction)
        return rest.astype(np.float32)


#: What `w2v embed` says, too.
SIF_OF_ONE = "SIF removes what all texts have in common, and of a single one that is all: give more"


def embed(
    vectors: WordVectors,
    texts: str | Iterable[Text],
    tokenize: Tokenize,
    weights: Weights = "mean",
) -> NDArray[np.float32]:
    """Return the vectors of all texts, (n, D); see `SentenceVectors`."""
    if isinstance(texts, (bytes, Mapping)) or not isinstance(texts, Iterable):
        raise UsageError(f"expected a list of texts, got {shown(texts)}")
    if not callable(tokenize):
        raise UsageError(f"tokenize is a function from a text to its words, not {shown(tokenize)}")
    sentences = SentenceVectors(vectors, tokenize, weights)
    empty = np.zeros((0, vectors.dim), np.float32)
    rows = np.concatenate([empty, *sentences.batches([texts] if isinstance(texts, str) else texts)])
    if sentences.n_empty:
        what = f"{sentences.n_empty:,} of {sentences.n_texts:,} texts have no known word"
        warnings.warn(f"{what}; their rows are zeros", W2VWarning, stacklevel=3)
    if weights == "mean" or not len(rows):
        return rows
    if len(rows) == 1:
        warnings.warn(SIF_OF_ONE, W2VWarning, stacklevel=3)
    common = CommonComponent(vectors.dim)
    common.add(rows)
    return common.removed(rows, common.direction())


# The vectors of the words that a file lists; unseen words too, with subwords.

_MOST_NAMED = 5


def read_words(path: Path) -> list[str]:
    """Read words, one per line; empty lines are skipped.

    Raises:
        DataError: a file that cannot be read, is not UTF-8 or has no word; a repeated word.
    """
    try:
        lines = path.read_bytes().decode("utf-8-sig").replace("\r", "\n").split("\n")
    except OSError as error:
        raise DataError(f"{path}: {reason_of(error)}; name a file with a word per line") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: byte {error.start} is not UTF-8; save it as UTF-8") from None
    words = [word for word in (line.strip() for line in lines) if word]
    if not words:
        raise DataError(f"{path}: no words; write a word per line")
    check_words(str(path), words)
    return words


def choose_words(table: VectorTable, words: list[str], source: str) -> VectorTable:
    """Return the vectors of these words, in this order; counts only where all were counted.

    Words without a vector are left out, with a warning that counts them; `source` says where the
    words come from.

    Raises:
        DataError: none of them has a vector.
    """
    vectors = WordVectors.of(table)
    words = list(dict.fromkeys(map(vectors.spelled, words)))
    unknown = [word for word in words if word not in vectors]
    if unknown:
        named = ", ".join(unknown[:_MOST_NAMED]) + (", …" if len(unknown) > _MOST_NAMED else "")
        reason = f" ({table.unseen})" if table.unseen else ""
        what = f"{source}: {len(unknown):,} of {len(words):,} words have no vector: {named}{reason}"
        if len(unknown) == len(words):
            raise DataError(f"{what}; nothing to write")
        warnings.warn(f"{what}; they are left out", W2VWarning, stacklevel=2)
        words = [word for word in words if word in vectors]
    counts = None
    if table.counts is not None and all(word in table.ids for word in words):
        counts = table.counts[[table.ids[word] for word in words]]
    return table.with_rows(words, vectors[words], counts)
