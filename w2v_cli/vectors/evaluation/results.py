"""What scores are: of rated pairs, and of analogies by section."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from w2v_cli.vectors.evaluation.shares import wilson_interval


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
    """Return what is added up: semantic and syntactic sections if both exist; always all."""
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
