"""The names that gensim's `KeyedVectors` has for what our vectors do.

Thin aliases, so that code written for gensim works with `w2v_cli.load(...)`: same names, same
arguments, same answers. Each is documented at the method of ours that it calls.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError, UsageError, shown
from w2v_cli.vectors.answers import Neighbor, UnknownWordError, checked_number
from w2v_cli.vectors.nearest import top_neighbors, unit_rows
from w2v_cli.vectors.word_vectors import Key, WordVectors

Vector = NDArray[np.float32]
#: What gensim accepts as a word of a question: a key, a vector, or either with a weight.
Asked = Key | Vector | tuple[Key | Vector, float]
Keys = Asked | Sequence[Asked]

#: Names of gensim and fastText, and what there is instead.
_ELSEWHERE = {
    **dict.fromkeys(("index2word", "index2entity", "index2key"), "index_to_key"),
    **dict.fromkeys(("vocab", "vocabulary"), "key_to_index"),
    "syn0": "vectors",
    **dict.fromkeys(("syn0norm", "vectors_norm", "init_sims", "fill_norms"), "get_normed_vectors"),
    **dict.fromkeys(("word_vec", "get_word_vector"), "get_vector"),
    **dict.fromkeys(("most_similar_to_given", "relative_cosine_similarity"), "similarity"),
    **dict.fromkeys(
        ("evaluate_word_pairs", "evaluate_word_analogies", "accuracy"),
        "the command w2v evaluate, after save",
    ),
    "wmdistance": "n_similarity",
    **dict.fromkeys(("add_vector", "add_vectors"), "w2v_cli.WordVectors(words, matrix)"),
    "get_vecattr_names": "get_vecattr",
    "words_closer_than": "closer_than",
    "similar_by_entity": "similar_by_key",
    "load_word2vec_format": "w2v_cli.load",
    "get_keras_embedding": "matrix",
    "sort_by_descending_frequency": "words, which are in this order",
    "corpus_count": "counts",
    **dict.fromkeys(("build_vocab", "train"), "w2v_cli.train"),
    **dict.fromkeys(("infer_vector", "get_sentence_vector"), "embed"),
    "get_words": "words",
    "get_nearest_neighbors": "neighbors",
    "get_dimension": "dim",
}


class GensimNames(WordVectors):
    """Vectors that answer to gensim's names too."""

    if not TYPE_CHECKING:  # or mypy would accept every name

        def __getattr__(self, name: str) -> Any:
            """Say what a name of gensim or fastText is called here."""
            if name in _ELSEWHERE:
                raise AttributeError(f"{name} is not here; instead there is {_ELSEWHERE[name]}")
            raise AttributeError(f"{type(self).__name__!r} has no {name!r}", name=name, obj=self)

    @property
    def vector_size(self) -> int:
        """`dim`."""
        return self.dim

    @property
    def vectors(self) -> Vector:
        """`matrix`."""
        return self.matrix

    @property
    def index_to_key(self) -> list[str]:
        """`words`."""
        return self.words

    @property
    def key_to_index(self) -> dict[str, int]:
        """`ids`."""
        return self.ids

    @property
    def wv(self) -> GensimNames:
        """These vectors themselves: gensim's models have theirs under this name."""
        return self

    def get_vector(self, key: Key, norm: bool = False) -> Vector:
        """Return `vectors[key]`; with `norm` of length one. Raises UnknownWordError."""
        vector = self[key]
        return unit_rows(vector[None])[0] if norm else vector

    def get_normed_vectors(self) -> Vector:
        """`unit`."""
        return self.unit

    def has_index_for(self, key: Key) -> bool:
        """Whether the word has a row of its own."""
        return self.spelled(key) in self.ids

    def get_index(self, key: Key, default: int | None = None) -> int:
        """Return the row of a word, or the default. Raises UnknownWordError without one."""
        word = self.spelled(key)
        if word in self.ids:
            return self.ids[word]
        if default is not None:
            return default
        raise UnknownWordError(word, self.suggestions(word))

    def get_vecattr(self, key: Key, attr: str) -> int:
        """Return the count of a word (attr "count").

        Raises UsageError for another attribute, DataError where counts are unknown.
        """
        if attr != "count":
            raise UsageError(f"words have no {attr!r}, only 'count'")
        if self.counts is None:
            raise DataError("these vectors came without counts; the run they are of has them")
        return int(self.counts[self.get_index(key)])

    def get_mean_vector(
        self,
        keys: Sequence[Key | Vector],
        weights: Sequence[float] | None = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
    ) -> Vector:
        """Return the weighted mean of vectors, (D,): a weighted sum over the absolute weights.

        pre_normalize: of words' vectors of length one; vectors that are given stay as they are.

        Raises UsageError for no keys, or weights that are not as many; UnknownWordError.
        """
        if isinstance(keys, str) or not isinstance(keys, Sequence | np.ndarray):
            raise UsageError(f"expected a list of words and vectors, got {shown(keys)}")
        given = [1.0] * len(keys) if weights is None else [float(each) for each in weights]
        if not len(keys) or len(given) != len(keys):
            raise UsageError(f"expected keys and as many weights, got {len(keys)} and {len(given)}")
        total, mean = 0.0, np.zeros(self.dim)
        for key, weight in zip(keys, given, strict=True):
            if ignore_missing and isinstance(key, str) and key not in self:
                continue
            if isinstance(key, (np.ndarray, list, tuple)):
                vector = self.checked_vector(key)
            else:
                vector = self.get_vector(key, norm=pre_normalize)
            mean += weight * vector
            total += abs(weight)
        mean32 = (mean / (total or 1.0)).astype(np.float32)
        return unit_rows(mean32[None])[0] if post_normalize else mean32

    def most_similar(
        self,
        positive: Keys | None = None,
        negative: Keys | None = None,
        topn: int | None = 10,
        restrict_vocab: int | None = None,
    ) -> Any:
        """Find the words closest to a mean of words: positive ones count 1, negative ones −1.

        The mean is of vectors of length one; a key may be a word, a vector, or (either, weight).
        topn None: the cosines of all words, (V,). restrict_vocab: only the first so many words
        may be answers. Raises UnknownWordError, and UsageError for an empty question.
        """
        weighted = [
            *_weighted(() if positive is None else positive, 1.0),
            *_weighted(() if negative is None else negative, -1.0),
        ]
        if not weighted:
            raise UsageError("most_similar needs a word: most_similar('tea', topn=10)")
        keys, weights = zip(*weighted, strict=True)
        mean = self.get_mean_vector(keys, weights, post_normalize=True, ignore_missing=False)
        if topn is None:
            return self.unit @ mean
        asked = self._keys([key for key in keys if isinstance(key, (str, int, np.integer))])
        return self._among(restrict_vocab, mean, topn, asked)

    def similar_by_word(
        self, word: Key, topn: int = 10, restrict_vocab: int | None = None
    ) -> list[Neighbor]:
        """`neighbors(word, topn)`."""
        return self._among(
            restrict_vocab, self.get_vector(word, norm=True), topn, self._keys([word])
        )

    similar_by_key = similar_by_word

    def similar_by_vector(
        self, vector: Vector, topn: int = 10, restrict_vocab: int | None = None
    ) -> list[Neighbor]:
        """`neighbors(vector, topn)`."""
        unit = unit_rows(self.checked_vector(vector)[None])[0]
        return self._among(restrict_vocab, unit, topn, [])

    def most_similar_cosmul(
        self, positive: Sequence[Key], negative: Sequence[Key], topn: int = 10
    ) -> list[Neighbor]:
        """`analogy(..., method="mul")`: two positive words and a negative one.

        Raises UsageError for another number of words, UnknownWordError.
        """
        positive, negative = self._keys(positive), self._keys(negative)
        if len(positive) != 2 or len(negative) != 1:
            raise UsageError(
                "most_similar_cosmul takes two positive words and one negative one, as in"
                " positive=['king', 'woman'], negative=['man']"
            )
        return self.analogy(positive[0], negative[0], positive[1], topn, method="mul")

    def doesnt_match(self, words: Iterable[Key]) -> str:
        """Return the first word of `odd_one_out`. Raises UnknownWordError."""
        return self.odd_one_out(self._keys(words))[0].word

    def n_similarity(self, ws1: Sequence[Key], ws2: Sequence[Key]) -> float:
        """Return the cosine of the mean vectors of two lists of words. Raises UnknownWordError."""
        means = [
            self.get_mean_vector(ws, pre_normalize=False, ignore_missing=False) for ws in (ws1, ws2)
        ]
        a, b = unit_rows(np.stack(means)).astype(np.float64)
        return float(a @ b)

    def distance(self, w1: Key, w2: Key) -> float:
        """Return 1 − `similarity`."""
        return 1.0 - self.similarity(w1, w2)

    def distances(self, word_or_vector: Key | Vector, other_words: Sequence[Key] = ()) -> Vector:
        """Return 1 − cosine of a word or vector with some words, or with all, (n,)."""
        if isinstance(word_or_vector, (np.ndarray, list, tuple)):
            vector = self.checked_vector(word_or_vector)
        else:
            vector = self[word_or_vector]
        one = unit_rows(vector[None])[0]
        others = unit_rows(self[list(other_words)]) if len(other_words) else self.unit
        distances: Vector = 1 - others @ one
        return distances

    def rank(self, key1: Key, key2: Key) -> int:
        """Return the place of key2 among the neighbours of key1, from 1."""
        return len(self.closer_than(key1, key2)) + 1

    def closer_than(self, key1: Key, key2: Key) -> list[str]:
        """Return the words that are closer to key1 than key2 is."""
        distances = self.distances(key1)
        limit, own = distances[self.get_index(key2)], self.get_index(key1)
        return [self.words[i] for i in np.flatnonzero(distances < limit).tolist() if i != own]

    def save_word2vec_format(self, fname: str | os.PathLike[str], binary: bool = False) -> None:
        """`save`, in word2vec's text format or its binary one."""
        self.save(fname, format="word2vec-binary" if binary else "word2vec")

    def _among(
        self, restrict_vocab: int | None, unit: Vector, topn: int, asked: Sequence[str]
    ) -> list[Neighbor]:
        """Find the closest of the first words, none of those asked about."""
        space = self.unit[:restrict_vocab]
        topn = checked_number("topn", topn)
        own = [row for row in self._rows(asked) if row < len(space)]
        ids, scores = top_neighbors(space, unit[None], topn + len(own), [own])
        return self._named(ids[0], scores[0])[:topn]


def _weighted(keys: Any, weight: float) -> list[tuple[Any, float]]:
    """Return (key, weight) for one key or several."""
    one = isinstance(keys, str) or not isinstance(keys, Sequence | np.ndarray)
    one = one or (isinstance(keys, np.ndarray) and keys.ndim == 1)
    one = one or (isinstance(keys, tuple) and len(keys) == 2 and isinstance(keys[1], (int, float)))
    return [
        (key[0], weight * float(key[1]))
        if isinstance(key, tuple) and len(key) == 2
        else (key, weight)
        for key in ([keys] if one else keys)
    ]
