"""Scores of a set of vectors on rated pairs and on analogies.

Policy for words that the vectors do not know: a word is looked up as it stands, then in
lower case. Pairs and questions with an unknown word are left out, and the share that was
not (the coverage) stands beside every score.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError
from w2v_cli.vectors.evaluation.datasets import AnalogyData, SimilarityData, read_dataset
from w2v_cli.vectors.evaluation.similarity import bootstrap_interval, pair_scores, spearman
from w2v_cli.vectors.queries.analogy import Method, best_answers
from w2v_cli.vectors.queries.neighbors import unit_rows


@dataclass(frozen=True)
class SimilarityScore:
    """Spearman's rho (−1…1; NaN if undefined), its 95 % bootstrap interval, and the coverage."""

    name: str
    spearman: float
    low: float
    high: float
    n_known: int
    n_pairs: int

    @property
    def coverage(self) -> float:
        """Share of the pairs whose words are both known."""
        return self.n_known / self.n_pairs

    def as_object(self) -> dict[str, Any]:
        """Return plain values for JSON; undefined ones are None."""
        return {
            "set": self.name,
            "kind": "similarity",
            "spearman": _or_none(self.spearman),
            "low": _or_none(self.low),
            "high": _or_none(self.high),
            "n_known": self.n_known,
            "n_pairs": self.n_pairs,
            "coverage": self.coverage,
        }


@dataclass(frozen=True)
class SectionScore:
    """How many questions of a section were answered rightly, could be asked, and exist."""

    name: str
    n_correct: int
    n_known: int
    n_questions: int

    @property
    def accuracy(self) -> float:
        """Right answers among the questions that could be asked; NaN if none could."""
        return self.n_correct / self.n_known if self.n_known else float("nan")


@dataclass(frozen=True)
class AnalogyScore:
    """Scores by section; `totals` adds them up."""

    name: str
    sections: list[SectionScore]

    @property
    def totals(self) -> list[SectionScore]:
        """Semantic, syntactic (sections named `gram…`, by custom) if both exist; always `total`."""
        syntactic = [s for s in self.sections if s.name.startswith("gram")]
        semantic = [s for s in self.sections if not s.name.startswith("gram")]
        parts = {"semantic": semantic, "syntactic": syntactic} if semantic and syntactic else {}
        return [_sum(name, part) for name, part in {**parts, "total": self.sections}.items()]

    def as_object(self) -> dict[str, Any]:
        """Return plain values for JSON; undefined ones are None."""
        return {
            "set": self.name,
            "kind": "analogy",
            "sections": [_section_object(section) for section in self.sections],
            "totals": [_section_object(total) for total in self.totals],
        }


Score = SimilarityScore | AnalogyScore


def score(
    ids: Mapping[str, int],
    unit: NDArray[np.float32],
    data: SimilarityData | AnalogyData,
    method: Method = "add",
    restrict_vocab: int | None = None,
) -> Score:
    """Score vectors on either kind of set; see `score_similarity` and `score_analogies`.

    The bootstrap draws from a generator of its own with a fixed key, so that the same vectors
    always get the same interval.
    """
    if isinstance(data, AnalogyData):
        return score_analogies(ids, unit, data, method, restrict_vocab)
    return score_similarity(ids, unit, data, np.random.Generator(np.random.Philox(key=0)))


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value


def _section_object(section: SectionScore) -> dict[str, Any]:
    return {**vars(section), "accuracy": _or_none(section.accuracy)}


def _sum(name: str, parts: list[SectionScore]) -> SectionScore:
    return SectionScore(
        name,
        sum(part.n_correct for part in parts),
        sum(part.n_known for part in parts),
        sum(part.n_questions for part in parts),
    )


def score_similarity(
    ids: Mapping[str, int],
    unit: NDArray[np.float32],
    data: SimilarityData,
    generator: np.random.Generator,
) -> SimilarityScore:
    """Correlate cosines with ratings.

    Args:
        ids: word → row.
        unit: float32 (V, D), rows of length one.
        data: the rated pairs.
        generator: draws the bootstrap samples.
    """
    rows = [(_row(ids, left), _row(ids, right), rating) for left, right, rating in data.pairs]
    known = [row for row in rows if row[0] >= 0 and row[1] >= 0]
    pairs = np.array([row[:2] for row in known], dtype=np.int64).reshape(-1, 2)
    ratings = np.array([row[2] for row in known])
    cosines = pair_scores(unit, pairs[:, 0], pairs[:, 1])
    return SimilarityScore(
        data.name,
        spearman(cosines, ratings),
        *bootstrap_interval(cosines, ratings, generator),
        n_known=len(known),
        n_pairs=len(rows),
    )


def score_analogies(
    ids: Mapping[str, int],
    unit: NDArray[np.float32],
    data: AnalogyData,
    method: Method = "add",
    restrict_vocab: int | None = None,
) -> AnalogyScore:
    """Answer every question and count the right ones.

    Args:
        ids: word → row.
        unit: float32 (V, D), rows of length one, frequent words first.
        data: the questions.
        method: "add" (3CosAdd) or "mul" (3CosMul).
        restrict_vocab: use only this many of the first rows, for questions and answers.
    """
    unit = unit[:restrict_vocab]
    rows = {
        name: np.array([[_row(ids, word) for word in question] for question in questions]).reshape(
            -1, 4
        )
        for name, questions in data.sections.items()
    }
    known = {
        name: section[((section >= 0) & (section < len(unit))).all(axis=1)]
        for name, section in rows.items()
    }
    questions = np.concatenate(list(known.values())).astype(np.int64)
    correct = best_answers(unit, questions[:, :3], method) == questions[:, 3]
    ends = np.cumsum([len(section) for section in known.values()])[:-1]
    return AnalogyScore(
        data.name,
        [
            SectionScore(name, int(right.sum()), len(right), len(rows[name]))
            for name, right in zip(known, np.split(correct, ends), strict=True)
        ],
    )


def _row(ids: Mapping[str, int], word: str) -> int:
    """Row of the word, or of the word in lower case; -1 if neither is known."""
    row = ids.get(word)
    return ids.get(word.lower(), -1) if row is None else row


def score_maker(files: Sequence[str]) -> Callable[..., dict[str, float | None]] | None:
    """Read sets once and return what scores vectors on them, briefly, after each epoch.

    The function returned takes words and their vectors (V, D), and gives for each set
    Spearman's rho or the share of analogies answered rightly (semantic and syntactic ones
    also apart); None where no pair or question could be asked. Without files: None.

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

    def scores(words: Sequence[str], matrix: NDArray[Any]) -> dict[str, float | None]:
        ids = {word: i for i, word in enumerate(words)}
        unit = unit_rows(matrix)
        found: dict[str, float | None] = {}
        for data in sets:
            result = score(ids, unit, data)
            if isinstance(result, SimilarityScore):
                found[data.name] = _or_none(result.spearman)
            else:
                *parts, total = result.totals
                found[data.name] = _or_none(total.accuracy)
                found |= {f"{data.name} {part.name}": _or_none(part.accuracy) for part in parts}
        return found

    return scores
