"""How claims are checked: the random points, the numerical derivatives, and the worst deviation.

Derivatives are measured with the five-point central difference

    f'(x) ≈ [f(x − 2h) − 8 f(x − h) + 8 f(x + h) − f(x + 2h)] / 12h

Its truncation error is `h⁴ f⁽⁵⁾/30` and its rounding error about `ε |f| / h`. With `h = 1e-3`
and losses of order 10 both are near 1e-12, so only a wrong formula exceeds a tolerance of 1e-8.
(The two-point difference of the classic student checker, with step 1e-4, is good to 1e-8 at
best; its tolerance of 1e-5 accepts an error of 0.1 % in every coordinate below 0.01. The complex
step would be exact, but requires functions that accept complex numbers.)
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v_cli.checks.functions import Functions
from w2v_cli.equations import Array

STEP = 1e-3
EXACT, SLOPE = 1e-12, 1e-8
"""Tolerances: between two formulas, and between a gradient and differences."""
N_DIRECTIONS = 3


def derivative(f: Callable[[float], Array]) -> Array:
    """Return the derivative at 0 of a function of one number, by the five-point difference."""
    h = STEP
    return np.asarray((f(-2 * h) - 8 * f(-h) + 8 * f(h) - f(2 * h)) / (12 * h), dtype=np.float64)


def directional_derivative(f: Callable[[Array], float], x: Array, direction: Array) -> float:
    """Return the derivative of the scalar function `f` at `x` along `direction`."""
    return float(derivative(lambda step: np.asarray(f(x + step * direction))))


def numerical_gradient(f: Callable[[Array], float], x: Array) -> Array:
    """Return the gradient of the scalar function `f` at `x`, coordinate by coordinate."""
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        unit = np.zeros_like(x)
        unit[index] = 1.0
        gradient[index] = directional_derivative(f, x, unit)
    return gradient


def numerical_jacobian(f: Callable[[Array], Array], x: Array) -> Array:
    """Return `∂f_i/∂x_j` of a vector function at the vector `x`, shape `(len(f), len(x))`."""

    def column(unit: Array) -> Array:
        return derivative(lambda step: f(x + step * unit))

    return np.stack([column(unit) for unit in np.eye(len(x))], axis=1)


def relative_error(got: ArrayLike, expected: ArrayLike) -> Array:
    """Return `|got − expected| / max(1, |got|, |expected|)`, infinity where one is not finite."""
    a, b = np.asarray(got, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    finite = np.isfinite(a) & np.isfinite(b)
    a, b = np.where(finite, a, 0.0), np.where(finite, b, 0.0)
    error = np.abs(a - b) / np.maximum(1.0, np.maximum(np.abs(a), np.abs(b)))
    return np.where(finite, error, np.inf)


@dataclass(frozen=True)
class Deviation:
    """The coordinate with the largest difference between two numbers that should be equal.

    where: name and index of the coordinate; `g · d` is a gradient along a random direction.
    place: name of the point, such as `seed 0, 7×4` (n_words × dim).
    """

    where: str
    place: str
    got: float
    expected: float
    error: float


@dataclass
class Tally:
    """Counts comparisons and keeps the worst."""

    tolerance: float
    n_compared: int = 0
    worst: Deviation | None = None
    place: str = field(default="", repr=False)

    def equal(self, name: str, got: ArrayLike, expected: ArrayLike) -> None:
        """Compare two arrays of the same shape; a different shape is an infinite error."""
        a, b = np.asarray(got, dtype=np.float64), np.asarray(expected, dtype=np.float64)
        if a.shape != b.shape:
            self.note(f"{name} has shape {a.shape}, not {b.shape}", np.nan, np.nan, np.inf)
            return
        if not a.size:
            return
        errors = relative_error(a, b)
        worst = np.unravel_index(int(np.argmax(errors)), errors.shape)
        index = f"[{', '.join(str(i) for i in worst)}]" if worst else ""
        self.n_compared += a.size - 1
        self.note(f"{name}{index}", float(a[worst]), float(b[worst]), float(errors[worst]))

    def gradient(
        self,
        name: str,
        gradient: ArrayLike,
        f: Callable[[Array], float],
        x: Array,
        rng: np.random.Generator,
    ) -> None:
        """Compare a gradient with differences of `f`, in every coordinate and random directions."""
        gradient = np.asarray(gradient, dtype=np.float64)
        self.equal(name, gradient, numerical_gradient(f, x))
        if not self.passed:
            return  # the worst coordinate tells more than a direction
        for _ in range(N_DIRECTIONS):
            direction = rng.standard_normal(x.shape)
            direction /= np.linalg.norm(direction)
            measured = directional_derivative(f, x, direction)
            self.equal(f"{name} · d", (gradient * direction).sum(), measured)

    def note(self, where: str, got: float, expected: float, error: float) -> None:
        """Count one comparison, and keep it if it is the worst so far."""
        self.n_compared += 1
        if self.worst is None or error > self.worst.error:
            self.worst = Deviation(where, self.place, got, expected, error)

    @property
    def passed(self) -> bool:
        """Something was compared, and nothing deviates by more than the tolerance."""
        return self.worst is not None and self.worst.error <= self.tolerance


# The points: small, unsaturated, of several shapes.


SHAPES = ((7, 4), (5, 5), (4, 6), (9, 3), (6, 5))
"""(n_words, dim) of the points of one seed. One is square: there both U and Uᵀ fit, so a formula
for columns applied to rows gives wrong numbers instead of an error."""


@dataclass(frozen=True)
class Point:
    """One set of parameters with a pair, its negatives and a small document.

    V, U: centre and outside vectors by rows. c: the centre word, always 0. o: the outside
    word. negatives: draws without `o`, one word at least three times. words: word ids of a
    document with `words[t] == c`, in which c occurs a second time.
    """

    name: str
    V: Array
    U: Array
    c: int
    o: int
    negatives: NDArray[np.int64]
    words: NDArray[np.int64]
    t: int
    radius: int
    rng: np.random.Generator

    @property
    def v_c(self) -> Array:
        """The vector of the centre word."""
        return np.asarray(self.V[self.c])

    @property
    def scores(self) -> Array:
        """`U v_c`."""
        return self.U @ self.v_c


def draw_points(seeds: Sequence[int]) -> Iterator[Point]:
    """Yield points of every shape for every seed. The same seeds give the same points."""
    for seed in seeds:
        for index, (n_words, dim) in enumerate(SHAPES):
            rng = np.random.Generator(np.random.Philox(key=[seed, index]))
            name = f"seed {seed}, {n_words}×{dim}"
            yield _draw(name, n_words, dim, radius=1 + index % 3, rng=rng)


def _draw(name: str, n_words: int, dim: int, radius: int, rng: np.random.Generator) -> Point:
    # Scores have a standard deviation near 1, so no probability is close to 0 or 1, and no term
    # of a gradient is hidden by a tiny factor.
    V = rng.uniform(0.5, 1.5, (n_words, dim)) * rng.choice([-1.0, 1.0], (n_words, dim))
    U = rng.uniform(0.5, 1.5, (n_words, dim)) * rng.choice([-1.0, 1.0], (n_words, dim))
    U /= np.sqrt(dim)
    o = int(rng.integers(1, n_words))
    others = np.array([w for w in range(n_words) if w != o])
    repeated = rng.choice(others)
    drawn = rng.choice(others, size=4)
    negatives = rng.permutation(np.concatenate((drawn, [repeated] * 3)))
    words = rng.integers(1, n_words, size=7)
    t = int(rng.integers(0, len(words)))
    words[t] = 0
    words[t - 1 if t > 0 else t + 1] = 0  # the centre word again, next to itself
    return Point(name, V, U, 0, o, negatives, words, t, radius, rng)


def some_words(n_words: int, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Choose `most` words of a run: half of them the most frequent, the others at random.

    Returns:
        Ids in ascending order; all ids if there are no more than `most`.
    """
    if n_words <= most:
        return np.arange(n_words)
    others = rng.choice(np.arange(most // 2, n_words), most // 2, replace=False)
    return np.concatenate((np.arange(most // 2), np.sort(others)))


# Claims and their results.


@dataclass(frozen=True)
class Claim:
    """A statement, and the check that compares its two sides at one point."""

    key: str
    group: str
    statement: str
    check: Callable[[Functions, Point, Tally], None]
    tolerance: float


@dataclass(frozen=True)
class Result:
    """The result of a claim. worst: the largest deviation over all points."""

    key: str
    group: str
    statement: str
    tolerance: float
    n_compared: int
    worst: Deviation
    passed: bool


def result_of(key: str, group: str, statement: str, tally: Tally) -> Result:
    """Return the result that a tally shows."""
    worst = tally.worst or Deviation("nothing was compared", "", np.nan, np.nan, np.inf)
    passed = tally.passed
    return Result(key, group, statement, tally.tolerance, tally.n_compared, worst, passed)
