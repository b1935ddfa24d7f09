"""How hand-ins draw negatives, as functions of the draws."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from w2v_cli.grader.cases import Case
from w2v_cli.grader.diagnosis import (
    DRAWN_ONCE_MORE,
    K_FIXED,
    NO_REPEATS,
    TARGET_DROPPED,
    TARGET_KEPT,
    Diagnosis,
)


@dataclass(frozen=True)
class Drawing:
    """A way of drawing. negatives: from (draws, outside word, K)."""

    diagnosis: Diagnosis | None
    negatives: Callable[[list[int], int, int], list[int]]

    def of(self, case: Case) -> list[int]:
        """Return the negatives that this way finds in a case's draws, and what follows them."""
        following = list(range(len(case.arguments["U"]))) * 10
        draws = [*case.draws, *following]
        return self.negatives(draws, case.arguments["o"], case.arguments["K"])


def _kept(draws: list[int], o: int, K: int) -> list[int]:
    return draws[:K]


def _dropped(draws: list[int], o: int, K: int) -> list[int]:
    return [k for k in draws[:K] if k != o]


def _others(draws: Iterable[int], o: int, K: int) -> list[int]:
    return [k for k in draws if k != o][:K]


def _once_more(draws: list[int], o: int, K: int) -> list[int]:
    left, found = iter(draws), []
    for _ in range(K):
        k = next(left, o)
        found.append(next(left, o) if k == o else k)
    return found


def _distinct(draws: list[int], o: int, K: int) -> list[int]:
    return _others(dict.fromkeys(draws), o, K)


def _ten(draws: list[int], o: int, K: int) -> list[int]:
    return _others(draws, o, 10)


AS_ASKED = Drawing(None, _others)
DRAWINGS = (
    AS_ASKED,
    Drawing(TARGET_KEPT, _kept),
    Drawing(TARGET_DROPPED, _dropped),
    Drawing(DRAWN_ONCE_MORE, _once_more),
    Drawing(NO_REPEATS, _distinct),
    Drawing(K_FIXED, _ten),
)
