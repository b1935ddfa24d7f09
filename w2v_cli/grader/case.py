"""What a call is, and the calls of functions of numbers, of scores and of batches.

All inputs come from a seed, so a grade can be repeated, and a class can be given fresh ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from w2v_cli.equations import Array, batch_scores, softmax_columns
from w2v_cli.grader.kinds import Kind
from w2v_cli.json_types import Json

LARGE = 1000.0
BIG, BIG_DIM = 1000, 50
"""Words and dimension of the large calls."""
BIG_SCORES = 200
"""Scores of the large call of a Jacobian."""


@dataclass(frozen=True, eq=False)
class Case:
    """One call.

    purpose: `normal`; `high` (scores between 90 and 700); `large` (scores of ±1,000);
    `matrix`, `matrix-high`, `matrix-large` (softmax of rows); `target` (the outside word comes
    up among the draws); `again` (the same call as the one before). arguments: by role, arrays
    with words by rows. draws: what `dataset.sampleTokenIdx()` returns, one after the other.
    """

    purpose: str
    arguments: Json
    draws: tuple[int, ...] = ()
    label: str = ""

    @property
    def negatives(self) -> list[int]:
        """The first K draws that are not the outside word."""
        others = [k for k in self.draws if k != self.arguments.get("o")]
        return others[: self.arguments["K"]]


def rng_of(seed: int, *key: int) -> np.random.Generator:
    """Make the source of a call's numbers."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, *key])))


def numbers(rng: np.random.Generator, *shape: int) -> Array:
    """Draw numbers of both signs, none near 0."""
    signs = rng.choice([-1.0, 1.0], shape)
    return np.asarray(np.round(rng.uniform(0.3, 1.3, shape) * signs, 3))


def _sigmoid_cases(seed: int) -> list[Case]:
    rng = rng_of(seed, 1)
    normal = [
        np.float64(0.7),
        numbers(rng, 4),
        numbers(rng, 3, 2),
        np.array([1, -2, 3]),
        numbers(rng, 40) * 3,
        np.float64(-rng.uniform(0.3, 1.3)),
        numbers(rng, 4),
        np.array([0.0, 1.5, 0.0, -0.25, 1.5]),
    ]
    high = np.array([-600.0, -120.0, -45.0, 45.0, 120.0, 600.0])
    large = np.array([-LARGE, 0.0, LARGE])
    return [
        *(Case("normal", {"x": x}, label=_show_input(x)) for x in normal),
        Case("high", {"x": high}, label=_show_input(high)),
        Case("large", {"x": large}, label="x = [−1000, 0, 1000]"),
    ]


def _softmax_cases(seed: int) -> list[Case]:
    rng = rng_of(seed, 2)

    def cases(purpose: str, *inputs: Array) -> list[Case]:
        return [Case(purpose, {"x": x}, label=_show_input(x)) for x in inputs]

    return [
        *cases("normal", numbers(rng, 4), numbers(rng, 6), np.array([1, 2, 4])),
        *cases("normal", numbers(rng, 40), numbers(rng, 4)),
        *cases("normal", np.array([0.5, 0.5, -1.0, 0.0, 0.5]), np.zeros(3)),
        *cases("high", np.array([600.0, 599, 598, -50]), np.array([-600.0, -601, -590.5])),
        *cases("large", np.array([LARGE, LARGE + 1, LARGE - 2]), np.array([-LARGE, -1001, 1.0])),
        *cases("matrix", numbers(rng, 3, 4), numbers(rng, 3, 3), numbers(rng, 12, 15)),
        *cases("matrix-high", np.array([[600.0, 601], [-300, -299]])),
        *cases("matrix-large", np.array([[1001.0, 1002], [3, 4]])),
    ]


def _big_sigmoid(rng: np.random.Generator) -> list[Case]:
    x = numbers(rng, BIG, BIG_DIM)
    return [Case("normal", {"x": x}, label=_show_input(x))]


def _big_softmax(rng: np.random.Generator) -> list[Case]:
    x = numbers(rng, BIG, BIG_DIM)
    vector = Case("normal", {"x": x[:, 0]}, label=_show_input(x[:, 0]))
    return [vector, Case("matrix", {"x": x}, label=_show_input(x))]


def _slope_cases(seed: int) -> list[Case]:
    """Calls of the derivative of sigmoid."""
    rng = rng_of(seed, 6)
    normal = [np.float64(0.7), numbers(rng, 4), numbers(rng, 3, 2), numbers(rng, 40) * 3]
    normal += [np.float64(-rng.uniform(0.3, 1.3)), numbers(rng, 4), np.array([0.0, 1.5, -0.25])]
    high, large = np.array([-600.0, -45, 45, 600]), np.array([-LARGE, 0.0, LARGE])
    return [
        *(Case("normal", {"x": x}, label=_show_input(x)) for x in normal),
        Case("high", {"x": high}, label=_show_input(high)),
        Case("large", {"x": large}, label="x = [−1000, 0, 1000]"),
    ]


def _jacobian_cases(seed: int) -> list[Case]:
    rng = rng_of(seed, 7)
    normal = [numbers(rng, 4), numbers(rng, 6), numbers(rng, 4), numbers(rng, 15)]
    normal += [np.array([0.5, 0.5, -1.0, 0.0, 0.5]), np.zeros(3)]
    large = np.array([LARGE, LARGE + 1, LARGE - 2])
    return [
        *(Case("normal", {"x": x}, label=_show_input(x)) for x in normal),
        Case("high", {"x": np.array([600.0, 599, 598, -50])}, label="x = [600, 599, 598, −50]"),
        Case("large", {"x": large}, label=_show_input(large)),
    ]


def _leaky_cases(seed: int) -> list[Case]:
    """Calls of leaky ReLU and of its derivative, which has no value at 0."""
    rng = rng_of(seed, 8)
    shapes: tuple[tuple[int, ...], ...] = ((4,), (4,), (3, 2), (40,))
    inputs = [np.array([-1.5, 0.5, 2.0, -0.25]), np.float64(-0.7), np.float64(1.3)]
    inputs += [numbers(rng, *shape) for shape in shapes]
    alphas = [0.1, 0.01, 0.2, *np.round(rng.uniform(0.02, 0.4, len(shapes)), 3)]
    return [_leaky_case(x, float(alpha)) for x, alpha in zip(inputs, alphas, strict=True)]


def _leaky_case(x: Any, alpha: float) -> Case:
    return Case("normal", {"x": x, "alpha": alpha}, label=f"{_show_input(x)}, α = {alpha:g}")


def _big_leaky(rng: np.random.Generator) -> list[Case]:
    return [_leaky_case(numbers(rng, BIG, BIG_DIM), 0.03)]


def _big_jacobian(rng: np.random.Generator) -> list[Case]:
    x = numbers(rng, BIG_SCORES)
    return [Case("normal", {"x": x}, label=_show_input(x))]


def with_slope_of(kind: Kind, cases: Sequence[Case], answers: Sequence[Json]) -> list[Case]:
    """The same calls with the slope of a leaky ReLU that is not told it, but has its own.

    It is seen in what the function returned: of all numbers, or ratios to x, the first one
    between 0 and 1.
    """
    alpha = 0.01
    for case, answer in zip(cases, answers, strict=False):
        parts = answer.get("returned", [])
        numbers = np.abs(parts[0]["numbers"] if parts and "numbers" in parts[0] else [])
        x = np.abs(np.ravel(case.arguments["x"]))
        if numbers.shape != x.shape or not numbers.size:
            continue
        ratios = numbers / x if kind.key == "leaky-relu" else numbers
        inside = ratios[(ratios > 0) & (ratios < 1)]
        if inside.size:
            alpha = float(inside[0])
            break
    changed = {id(case.arguments): case.arguments | {"alpha": alpha} for case in cases}
    return [
        replace(case, arguments=changed[id(case.arguments)], label=case.label.partition(", α")[0])
        for case in cases
    ]


def _show_input(x: Any) -> str:
    if np.size(x) > 12:
        return f"x: {' × '.join(map(str, np.shape(x)))} numbers"
    return f"x = {np.array2string(np.asarray(x), separator=', ')}".replace("\n", "")


_BATCHES = ((4, 2, 2), (7, 3, 4), (7, 3, 4), (5, 5, 3), (6, 4, 1), (40, 6, 12), (6, 3, 6))
"""Words, hidden values and examples of the calls in batches."""


def _columns_cases(seed: int) -> list[Case]:
    """Calls of a softmax of columns."""
    rng = rng_of(seed, 10)
    shapes = ((4, 3), (4, 3), (3, 3), (5, 1), (12, 15), (2, 3))
    inputs = [numbers(rng, *shape) for shape in shapes]
    high, large = np.array([[600.0, -300], [601, -299]]), np.array([[1001.0, 3], [1002, 4]])
    return [
        *(Case("normal", {"x": x}, label=_show_input(x)) for x in inputs),
        Case("high", {"x": high}, label=_show_input(high)),
        Case("large", {"x": large}, label=_show_input(large)),
    ]


def _batch_cases(seed: int) -> list[Case]:
    return [_batch_case(rng_of(seed, 11, i), *shape) for i, shape in enumerate(_BATCHES)]


def _batch_case(rng: np.random.Generator, n_words: int, dim: int, m: int) -> Case:
    """A batch: contexts of four words, the words to predict, and all that follows from them."""
    contexts, centers = rng.integers(0, n_words, (4, m)), rng.integers(0, n_words, m)
    x, y = np.eye(n_words)[contexts].mean(axis=0).T, np.eye(n_words)[centers].T
    parameters = {
        "W1": numbers(rng, dim, n_words),
        "W2": numbers(rng, n_words, dim) / np.sqrt(dim),
        "b1": numbers(rng, dim, 1) / 2,
        "b2": numbers(rng, n_words, 1) / 2,
    }
    z, h = batch_scores(x, *parameters.values())
    given = {"x": x, "y_hat": softmax_columns(z), "y": y, "h": h, **parameters, "batch": m}
    label = f"{n_words} words, {dim} hidden values, {m} example{'s' if m > 1 else ''}"
    return Case("normal", given, label=label)


def _big_batch(rng: np.random.Generator) -> list[Case]:
    return [_batch_case(rng, BIG, BIG_DIM, 14)]


Makers = tuple[Callable[[int], list[Case]], Callable[[np.random.Generator], list[Case]]]
"""What makes the calls of a kind: the usual ones from a seed, and the large ones."""
SIMPLE_MAKERS: dict[str, Makers] = {
    "sigmoid": (_sigmoid_cases, _big_sigmoid),
    "sigmoid_derivative": (_slope_cases, _big_sigmoid),
    "softmax": (_softmax_cases, _big_softmax),
    "softmax_jacobian": (_jacobian_cases, _big_jacobian),
    "softmax_columns": (_columns_cases, _big_sigmoid),
    "leaky_relu": (_leaky_cases, _big_leaky),
    "leaky_relu_derivative": (_leaky_cases, _big_leaky),
    "batch_scores": (_batch_cases, _big_batch),
    "batch_loss": (_batch_cases, _big_batch),
    "batch_gradients": (_batch_cases, _big_batch),
}
"""By the field of `Functions`."""
