"""Scores of vectors on rated pairs and on analogies, and differences between scores.

A word is looked up as it is written, then in lower case. With subwords, a word that training has
not seen gets its vector from its n-grams; of the two spellings, the one with more n-grams seen in
training is used. Pairs and questions with a word that has no vector are skipped. Every score comes
with its coverage, the share that was not skipped, and the number of these that have an unseen word.
Answers are always words of the vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.engines.base import SubwordVectors
from w2v_cli.errors import DataError
from w2v_cli.vectors.answers import Method
from w2v_cli.vectors.nearest import best_answers, unit_rows
from w2v_cli.vectors.scores.datasets import AnalogyData, SimilarityData, read_dataset
from w2v_cli.vectors.scores.intervals import (
    bootstrap_interval,
    difference_interval,
    paired_interval,
    spearman,
    wilson_interval,
)
from w2v_cli.vectors.word_vectors import WordVectors

# Scores.


@dataclass(frozen=True)
class SimilarityScore:
    """Spearman's rho (−1…1; NaN if undefined), its 95 % bootstrap interval, and the coverage.

    n_known: pairs of words with vectors; n_unseen: those of them with a word that training has
    not seen, whose vector is made of n-grams. cosines, ratings: of every pair (P,); a cosine is NaN
    where a word has no vector.
    """

    name: str
    spearman: float
    low: float
    high: float
    n_known: int
    n_pairs: int
    n_unseen: int
    cosines: NDArray[np.float64] = field(repr=False, compare=False)
    ratings: NDArray[np.float64] = field(repr=False, compare=False)

    @property
    def coverage(self) -> float:
        """Share of the pairs whose words are both known."""
        return self.n_known / self.n_pairs

    def as_object(self) -> dict[str, object]:
        """Return plain values for JSON; undefined ones are None."""
        return {
            "set": self.name,
            "kind": "similarity",
            "spearman": or_none(self.spearman),
            "low": or_none(self.low),
            "high": or_none(self.high),
            "n_known": self.n_known,
            "n_pairs": self.n_pairs,
            "n_unseen": self.n_unseen,
            "coverage": self.coverage,
        }


@dataclass(frozen=True)
class SectionScore:
    """How many questions of a section were answered correctly, could be asked, and exist.

    n_unseen: those that could be asked, with a word that training has not seen.
    """

    name: str
    n_correct: int
    n_known: int
    n_questions: int
    n_unseen: int = 0

    @property
    def accuracy(self) -> float:
        """Correct answers among the questions that could be asked; NaN if none could."""
        return self.n_correct / self.n_known if self.n_known else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share; NaN if no question could be asked."""
        return wilson_interval(self.n_correct, self.n_known)


@dataclass(frozen=True)
class AnalogyScore:
    """Scores by section; `totals` adds them up.

    correct: by section, for every question (Q,): 1 correct, 0 wrong, -1 not asked.
    """

    name: str
    sections: list[SectionScore]
    correct: dict[str, NDArray[np.int8]] = field(repr=False, compare=False)

    @property
    def totals(self) -> list[SectionScore]:
        """Semantic and syntactic (by convention named `gram…`) if both exist; always `total`."""
        by_name = {section.name: section for section in self.sections}
        return [
            _sum(name, [by_name[each] for each in names])
            for name, names in parts_of(by_name).items()
        ]

    def as_object(self) -> dict[str, object]:
        """Return plain values for JSON; undefined ones are None."""
        return {
            "set": self.name,
            "kind": "analogy",
            "sections": [_section_object(section) for section in self.sections],
            "totals": [_section_object(total) for total in self.totals],
        }


Score = SimilarityScore | AnalogyScore


def parts_of(sections: Iterable[str]) -> dict[str, list[str]]:
    """Return the sections of each total: semantic and syntactic if both exist; always all."""
    names = list(sections)
    syntactic = [name for name in names if name.startswith("gram")]
    semantic = [name for name in names if name not in syntactic]
    parts = {"semantic": semantic, "syntactic": syntactic} if semantic and syntactic else {}
    return {**parts, "total": names}


def or_none(value: float) -> float | None:
    """Return the value, None for NaN."""
    return None if math.isnan(value) else value


def _section_object(section: SectionScore) -> dict[str, object]:
    low, high = section.interval
    return {
        **vars(section),
        "accuracy": or_none(section.accuracy),
        "low": or_none(low),
        "high": or_none(high),
    }


def _sum(name: str, parts: list[SectionScore]) -> SectionScore:
    return SectionScore(
        name,
        sum(part.n_correct for part in parts),
        sum(part.n_known for part in parts),
        sum(part.n_questions for part in parts),
        sum(part.n_unseen for part in parts),
    )


# Scoring one set of vectors.


def score(
    vectors: WordVectors,
    data: SimilarityData | AnalogyData,
    method: Method = "add",
    restrict_vocab: int | None = None,
) -> Score:
    """Score vectors on either kind of set; see `score_similarity` and `score_analogies`.

    The bootstrap has its own generator with a fixed key, so the same vectors always get the same
    interval.
    """
    if isinstance(data, AnalogyData):
        return score_analogies(vectors, data, method, restrict_vocab)
    return score_similarity(vectors, data, np.random.Generator(np.random.Philox(key=0)))


def score_similarity(
    vectors: WordVectors, data: SimilarityData, generator: np.random.Generator
) -> SimilarityScore:
    """Correlate cosines with ratings; `generator` draws the bootstrap samples."""
    spelled = [[_spelling(vectors, word) for word in pair[:2]] for pair in data.pairs]
    is_known = np.array([all(words) for words in spelled], dtype=bool)
    known = [words for words in spelled if all(words)]
    asked = _Asked(vectors, (word for words in known for word in words))
    pairs = asked.places(known, 2)
    ratings = data.ratings[is_known]
    cosines = np.full(len(data.pairs), np.nan)
    cosines[is_known] = pair_scores(asked.unit, pairs[:, 0], pairs[:, 1])
    return SimilarityScore(
        data.name,
        spearman(cosines[is_known], ratings),
        *bootstrap_interval(cosines[is_known], ratings, generator),
        n_known=len(known),
        n_pairs=len(data.pairs),
        n_unseen=_n_unseen(vectors, known),
        cosines=cosines,
        ratings=data.ratings,
    )


def score_analogies(
    vectors: WordVectors,
    data: AnalogyData,
    method: Method = "add",
    restrict_vocab: int | None = None,
) -> AnalogyScore:
    """Answer every question and count the correct answers.

    Args:
        vectors: the most frequent words first.
        data: the questions.
        method: "add" (3CosAdd) or "mul" (3CosMul).
        restrict_vocab: use only this many of the first words, for questions and answers.
    """
    n_words = len(vectors) if restrict_vocab is None else min(restrict_vocab, len(vectors))
    spelled = {
        name: _spelled_questions(vectors, questions, n_words, restrict_vocab is not None)
        for name, questions in data.sections.items()
    }
    known = {name: [words for words in section if words] for name, section in spelled.items()}
    questions = [question for section in known.values() for question in section]
    asked = _Asked(vectors, (word for question in questions for word in question))
    places = asked.places([question[:3] for question in questions], 3)
    answers = best_answers(vectors.unit[:n_words], asked.unit, places, asked.rows(n_words), method)
    right = [
        answer in [vectors.ids[word] for word in question[3:]]
        for answer, question in zip(answers.tolist(), questions, strict=True)
    ]
    is_known = np.array([bool(words) for part in spelled.values() for words in part], dtype=bool)
    correct = np.full(len(is_known), -1, np.int8)
    correct[is_known] = right
    ends = np.cumsum([len(part) for part in spelled.values()])[:-1]
    by_section = dict(zip(spelled, np.split(correct, ends), strict=True))
    sections = [
        SectionScore(
            name,
            int((marks == 1).sum()),
            len(known[name]),
            len(marks),
            _n_unseen(vectors, known[name]),
        )
        for name, marks in by_section.items()
    ]
    return AnalogyScore(data.name, sections, by_section)


def pair_scores(
    matrix: NDArray[np.float32], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Dot products of the rows `left[i]` and `right[i]`, float64 (P,)."""
    return np.asarray(
        np.einsum("ij,ij->i", matrix[left], matrix[right], dtype=np.float64), dtype=np.float64
    )


class _Asked:
    """The distinct words that a set asks for, and their vectors."""

    def __init__(self, vectors: WordVectors, words: Iterable[str]) -> None:
        self._ids = vectors.ids
        self._places = {word: i for i, word in enumerate(dict.fromkeys(words))}
        self.unit = unit_rows(vectors[list(self._places)])

    def places(self, groups: Sequence[Sequence[str]], size: int) -> NDArray[np.int64]:
        """Rows of `unit` for groups of `size` words each: int64 (G, size)."""
        rows = [[self._places[word] for word in group] for group in groups]
        return np.array(rows, dtype=np.int64).reshape(-1, size)

    def rows(self, n_words: int) -> NDArray[np.int64]:
        """Rows of the words among the first `n_words` of the vocabulary, else -1: int64 (n,)."""
        rows = np.array([self._ids.get(word, -1) for word in self._places], dtype=np.int64)
        return np.where(rows < n_words, rows, -1)


def _spelled_questions(
    vectors: WordVectors,
    questions: Sequence[tuple[str, str, str, str]],
    n_words: int,
    restricted: bool,
) -> list[list[str]]:
    """Return the words of each question and then its answers, spelled as the vectors know them.

    A question that cannot be asked becomes an empty list: all its words need vectors, and an answer
    must be among the first `n_words`. restricted: the words of the question must be too.
    """

    def is_listed(word: str) -> bool:
        return vectors.ids.get(word, n_words) < n_words

    spelled = []
    for *question, answer in questions:
        words = [_spelling(vectors, word) for word in question]
        whole = _spelling(vectors, answer)
        possible = [whole, *(_spelling(vectors, each) for each in answer.split("/"))]
        answers = [word for word in dict.fromkeys(possible) if is_listed(word)]
        can = all(words) and (not restricted or all(map(is_listed, words)))
        spelled.append([*words, *answers] if can and answers else [])
    return spelled


def _spelling(vectors: WordVectors, word: str) -> str:
    """Return the word, or the word in lower case, whichever is known; empty if neither is.

    Words of the vocabulary come first, then the one with the most n-grams seen in training.
    """
    spellings = (word, vectors.spelled(word), word.lower())
    for spelling in spellings:
        if spelling in vectors.ids:
            return spelling
    possible = [spelling for spelling in spellings if spelling in vectors]
    return max(possible, key=vectors.n_seen_ngrams, default="")


def _n_unseen(vectors: WordVectors, groups: Iterable[Sequence[str]]) -> int:
    """Count the groups with a word that is not in the vocabulary."""
    return sum(any(word not in vectors.ids for word in group) for group in groups)


def flat_scores(scores: Iterable[Score]) -> dict[str, float | None]:
    """Return one number per set: Spearman's rho, or the share of correct answers.

    Where a set has semantic and syntactic questions, the share of each follows under its own
    name. None where no pair or question could be asked.
    """
    flat: dict[str, float | None] = {}
    for result in scores:
        if isinstance(result, SimilarityScore):
            flat[result.name] = or_none(result.spearman)
        else:
            *parts, total = result.totals
            flat[result.name] = or_none(total.accuracy)
            flat |= {f"{result.name} {part.name}": or_none(part.accuracy) for part in parts}
    return flat


def score_maker(files: Sequence[str]) -> Callable[..., dict[str, float | None]] | None:
    """Read sets once and return a function that scores vectors on them after each epoch.

    It takes words, their vectors (V, D) and, with subwords, what these are made of, and returns
    `flat_scores`. None without files.

    Raises:
        DataError: a file that cannot be read, or two of one name.
    """
    sets = [read_dataset(file) for file in files]
    names = [data.name for data in sets]
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"two files to score with are called {name!r}; rename one")
    if not sets:
        return None

    def scores(
        words: Sequence[str], matrix: Array, parts: SubwordVectors | None = None
    ) -> dict[str, float | None]:
        vectors = WordVectors(words, matrix, parts=parts)
        return flat_scores(score(vectors, data) for data in sets)

    return scores


# Differences between the scores of two sets of vectors, on what both can answer.


@dataclass(frozen=True)
class Difference:
    """Second score minus first, with its 95 % interval; NaN where it is undefined.

    part: for analogies semantic, syntactic or total; else "". n: pairs or questions that both can
    answer, the only ones that count here.
    """

    name: str
    part: str
    n: int
    value: float
    low: float
    high: float

    def as_object(self) -> dict[str, object]:
        """Return plain values for JSON; undefined ones are None."""
        kind = "analogy" if self.part else "similarity"
        numbers = {name: or_none(getattr(self, name)) for name in ("value", "low", "high")}
        part = {"part": self.part} if self.part else {}
        return {"set": self.name, "kind": kind, **part, "n": self.n, **numbers}


def differences(first: Score, second: Score) -> list[Difference]:
    """Compare two scores on one set: one difference of rated pairs, one per part of analogies."""
    match first, second:
        case SimilarityScore(), SimilarityScore():
            return [_of_pairs(first, second)]
        case AnalogyScore(), AnalogyScore():
            return [
                _of_answers(first.name, part, _joined(first, names), _joined(second, names))
                for part, names in parts_of(first.correct).items()
            ]
    raise TypeError(f"scores of two kinds: {first.name}, {second.name}")


def _of_pairs(first: SimilarityScore, second: SimilarityScore) -> Difference:
    both = ~np.isnan(first.cosines) & ~np.isnan(second.cosines)
    ratings, one, two = first.ratings[both], first.cosines[both], second.cosines[both]
    value = spearman(two, ratings) - spearman(one, ratings)
    generator = np.random.Generator(np.random.Philox(key=0))
    interval = difference_interval(one, two, ratings, generator)
    return Difference(first.name, "", int(both.sum()), value, *interval)


def _joined(score: AnalogyScore, names: list[str]) -> NDArray[np.int8]:
    return np.concatenate([score.correct[name] for name in names])


def _of_answers(
    name: str, part: str, first: NDArray[np.int8], second: NDArray[np.int8]
) -> Difference:
    n = int(((first >= 0) & (second >= 0)).sum())
    only_first = int(((first == 1) & (second == 0)).sum())
    only_second = int(((first == 0) & (second == 1)).sum())
    value = (only_second - only_first) / n if n else math.nan
    return Difference(name, part, n, value, *paired_interval(only_first, only_second, n))
