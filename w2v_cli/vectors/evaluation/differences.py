"""How much better one set of vectors scores than another, on what both can answer.

Two intervals that overlap do not say that two scores are equal: both runs find the same pairs and
questions hard. A difference over the same pairs and questions leaves that out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v_cli.vectors.evaluation.results import (
    AnalogyScore,
    Score,
    SimilarityScore,
    or_none,
    parts_of,
)
from w2v_cli.vectors.evaluation.shares import paired_interval
from w2v_cli.vectors.evaluation.similarity import difference_interval, spearman


@dataclass(frozen=True)
class Difference:
    """Second score minus first, with its 95 % interval; NaN where it is undefined.

    part: of analogies: semantic, syntactic or total; else "". n: pairs or questions that both can
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
