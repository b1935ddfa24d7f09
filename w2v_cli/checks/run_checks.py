"""Gradients of the losses at the parameters of a trained run.

Trained vectors have large norms, saturated scores and rare words; the random points of `claims`
have none of these.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v_cli.checks.functions import EQUATIONS, Functions
from w2v_cli.checks.measure import (
    SLOPE,
    Result,
    Tally,
    directional_derivative,
    result_of,
    some_words,
)
from w2v_cli.engines.base import Embeddings
from w2v_cli.equations import Array, LossAndGradients

RUN_GROUP = "At the parameters of the run"
MOST_WORDS = 2_000
N_PAIRS = 2
N_NEGATIVES = 5
N_COORDINATES = 3

PairLoss = Callable[[Array, Array], LossAndGradients]
"""`(v_c, U)` to loss and gradients."""


@dataclass(frozen=True)
class _Place:
    """A pair of words with negatives, among the trained vectors."""

    name: str
    v_c: Array
    U: Array
    o: int
    negatives: NDArray[np.int64]
    rng: np.random.Generator

    def losses(self, f: Functions) -> dict[str, PairLoss]:
        return {
            "naive softmax": lambda v_c, U: f.naive_softmax(v_c, self.o, U),
            "negative sampling": lambda v_c, U: f.negative_sampling(v_c, self.o, self.negatives, U),
        }


def check_run(
    words: Sequence[str],
    counts: NDArray[np.int64],
    parameters: Embeddings,
    seeds: Sequence[int],
    functions: Functions = EQUATIONS,
) -> list[Result]:
    """Check both losses' gradients at random pairs of words of the run.

    All coordinates of ∂J/∂v_c are checked; of ∂J/∂U, some coordinates and a direction in the rows
    of the outside word, the negatives and two other words. From a vocabulary above 2,000 words,
    the 1,000 most frequent and 1,000 others take part.
    """
    tallies = {
        (loss, of): Tally(SLOPE)
        for loss in ("naive softmax", "negative sampling")
        for of in ("∂J/∂v_c", "∂J/∂U")
    }
    for place in _places(words, counts, parameters, seeds):
        for name, loss in place.losses(functions).items():
            center, outside = tallies[name, "∂J/∂v_c"], tallies[name, "∂J/∂U"]
            center.place = outside.place = place.name
            with np.errstate(all="ignore"):
                _check_pair(place, loss, center, outside)
    return [
        result_of(f"run-{name}-{of}".replace(" ", "-"), RUN_GROUP, f"{name}: {of}", tally)
        for (name, of), tally in tallies.items()
    ]


def _check_pair(place: _Place, loss: PairLoss, center: Tally, outside: Tally) -> None:
    U, v_c = place.U.copy(), place.v_c
    _, grad_center, grad_outside = loss(v_c, U)
    center.gradient("∂J/∂v_c", grad_center, lambda v: loss(v, U).loss, v_c, place.rng)
    others = place.rng.integers(0, len(U), 2)
    for row in np.unique([place.o, *place.negatives, *others]):
        _check_row(place, loss, int(row), U, grad_outside[row], outside)


def _check_row(
    place: _Place, loss: PairLoss, row: int, U: Array, gradient: Array, tally: Tally
) -> None:
    original = U[row].copy()

    def of_row(u: Array) -> float:
        U[row] = u
        return loss(place.v_c, U).loss

    for index in place.rng.integers(0, len(original), N_COORDINATES):
        unit = np.eye(len(original))[index]
        measured = directional_derivative(of_row, original, unit)
        tally.equal(f"∂J/∂u_{row}[{index}]", gradient[index], measured)
    direction = place.rng.standard_normal(len(original))
    direction /= np.linalg.norm(direction)
    measured = directional_derivative(of_row, original, direction)
    tally.equal(f"∂J/∂u_{row} · d", gradient @ direction, measured)
    U[row] = original


def _places(
    words: Sequence[str], counts: NDArray[np.int64], parameters: Embeddings, seeds: Sequence[int]
) -> list[_Place]:
    places = []
    for seed in seeds:
        rng = np.random.Generator(np.random.Philox(key=[seed, 1 << 34]))
        chosen = some_words(len(words), MOST_WORDS, rng)
        U = parameters.outside[chosen].astype(np.float64)
        p = np.sqrt(np.asarray(counts, dtype=np.float64)[chosen])
        p /= p.sum()
        for _ in range(N_PAIRS):
            c, o, *negatives = rng.choice(len(chosen), 1 + N_NEGATIVES, p=p)
            v_c = parameters.center[chosen[c]].astype(np.float64)
            drawn = np.array([k for k in negatives if k != o] * 2, dtype=np.int64)
            name = f"seed {seed}, centre {words[chosen[c]]!r}, outside {words[chosen[o]]!r}"
            places.append(_Place(name, v_c, U, int(o), drawn, rng))
    return places
