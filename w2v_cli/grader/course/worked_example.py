"""The numbers of the worksheet, the tests and the key, all computed here by the equations."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from w2v_cli import equations as eq
from w2v_cli.checks.measure import numerical_gradient
from w2v_cli.equations import Array, LossAndGradients

# The small example that all of them share.


WORDS = ("king", "queen", "snow", "tea")
CENTER, OUTSIDE = 0, 1
DRAWS = (2, 1, 3, 2)
"""What a data set returns for K = 3: the outside word is drawn again, “snow” comes twice."""
WINDOW = (3, 1, 0, 1, 2)
"""The text “tea queen king queen snow”, with the centre word in the middle."""

PICTURE_WORDS = ("good", "bad", "tea", "rain", "snow")
_PICTURE = ((3.0, 0.0, 1.0), (3.0, 0.0, -1.0), (-2.0, 2.5, 0.0), (-2.0, -2.5, 0.0), (-2.0, -1.0, 0))
"""Good and bad differ only along the third axis, which has the least variance."""


@dataclass(frozen=True)
class Example:
    """Vectors of length 2, drawn with a seed and rounded to one decimal.

    V, U: centre and outside vectors by rows. x: a vector of scores. picture: vectors of length
    3 for `PICTURE_WORDS`. u_not, u_bad: vectors of length 2.
    """

    seed: int
    V: Array
    U: Array
    x: Array
    alpha: float
    u_not: Array
    u_bad: Array
    picture: Array

    @property
    def v_c(self) -> Array:
        """The centre word's vector."""
        return np.asarray(self.V[CENTER])

    @property
    def negatives(self) -> tuple[int, ...]:
        """The draws that are not the outside word."""
        return tuple(k for k in DRAWS if k != OUTSIDE)


def make_example(seed: int = 0) -> Example:
    """Draw the numbers. The same seed gives the same example."""
    rng = np.random.Generator(np.random.Philox(key=[seed, 224]))

    def draw(*shape: int) -> Array:
        tenths = rng.integers(1, 10, shape) * rng.choice([-1, 1], shape)
        return np.asarray(tenths / 10)

    def draw_vectors() -> Array:
        vectors = draw(len(WORDS), 2)
        while len(np.unique(vectors, axis=0)) < len(WORDS):  # two words would be the same
            vectors = draw(len(WORDS), 2)
        return vectors

    jitter = rng.integers(-1, 2, (len(PICTURE_WORDS), 3)) / 10
    return Example(
        seed=seed,
        V=draw_vectors(),
        U=draw_vectors(),
        x=np.array([-2.0, -1.0, 1.0, 2.0]) + draw(4),  # never 0, where leaky ReLU has no slope
        alpha=float(rng.integers(1, 4)) / 10,
        u_not=draw(2),
        u_bad=draw(2),
        picture=np.asarray(_PICTURE) + jitter,
    )


# How numbers are written.


def number(x: float) -> str:
    """Write a number with at most five decimals: `0.3`, `-1.20397`."""
    return f"{round(float(x), 5) + 0.0:.5f}".rstrip("0").rstrip(".")


def vector(x: ArrayLike) -> str:
    """Write a vector: `(0.3, -1.20397)`."""
    return f"({', '.join(number(v) for v in np.atleast_1d(x))})"


def code(x: ArrayLike) -> str:
    """Write an array as Python, with all digits."""
    return repr(np.asarray(x).tolist())


def table(
    rows: ArrayLike, names: Sequence[str], columns: Sequence[str] = (), head: str = "word"
) -> str:
    """Write a matrix as a table of Markdown, one named row for each of its rows."""
    matrix = np.asarray(rows)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    heads = columns or [str(i + 1) for i in range(matrix.shape[1])]
    lines = [_row([head, *heads]), _row(["---"] + ["---:"] * matrix.shape[1])]
    lines += [_row([name, *map(number, row)]) for name, row in zip(names, matrix, strict=True)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def words(names: Iterable[str]) -> str:
    """Write words: `“snow”, “tea”`."""
    return ", ".join(f"“{name}”" for name in names)


# The numbers, part by part.


Values = dict[str, str]

_MIDDLE, _RADIUS = WINDOW.index(CENTER), 2
_BIG_VOCABULARY, _BIG_DIM, _BIG_K = 100_000, 100, 10
_TIMES_NOT = 3.0
"""How much longer “very” is than “not” in the question about normalisation."""


def compute(example: Example) -> Values:
    """All values that the templates have places for, by name."""
    values: Values = {}
    for part in (
        _example,
        _naive_softmax,
        _softmax,
        _sigmoid,
        _leaky_relu,
        _negative_sampling,
        _repeated,
        _cost,
        _window,
        _cbow,
        _normalisation,
        _picture,
    ):
        values |= part(example)
    return values


def _example(e: Example) -> Values:
    """What the questions and the tests start from."""
    ids = ", ".join(f'"{word}": {i}' for i, word in enumerate(WORDS))
    around = [WORDS[w] for i, w in enumerate(WINDOW) if i != _MIDDLE]
    return {
        "seed": str(e.seed),
        "V_table": table(e.V, WORDS),
        "U_table": table(e.U, WORDS),
        "v_c": vector(e.v_c),
        "u_o": vector(e.U[OUTSIDE]),
        "x": vector(e.x),
        "center_word": WORDS[CENTER],
        "outside_word": WORDS[OUTSIDE],
        "text": " ".join(WORDS[w] for w in WINDOW),
        "draws": words(WORDS[k] for k in e.negatives),
        "n_words": str(len(WORDS)),
        "words_code": ids,
        "V_code": code(e.V),
        "U_code": code(e.U),
        "x_code": code(e.x),
        "draws_code": f"({', '.join(map(str, DRAWS))})",
        "around_code": str(around).replace("'", '"'),
        "center_id": str(CENTER),
        "outside_id": str(OUTSIDE),
        "K": str(len(e.negatives)),
    }


def _naive_softmax(e: Example) -> Values:
    scores = e.U @ e.v_c
    y_hat = eq.softmax(scores)
    loss, grad_center, grad_outside = eq.naive_softmax(e.v_c, OUTSIDE, e.U)
    measured = numerical_gradient(lambda v: eq.naive_softmax(v, OUTSIDE, e.U).loss, e.v_c)
    rows = np.stack((scores, y_hat, eq.one_hot(OUTSIDE, len(WORDS))), axis=1)
    return {
        "scores_table": table(rows, WORDS, ("$x$", r"$\hat y$", "$y$")),
        "y_hat_o": number(y_hat[OUTSIDE]),
        "naive_loss": number(loss),
        "naive_loss_code": code(loss),
        "expected_outside": vector(e.U.T @ y_hat),
        "naive_center": vector(grad_center),
        "naive_center_measured": vector(measured),
        "naive_outside_table": table(grad_outside, WORDS),
    }


def _softmax(e: Example) -> Values:
    jacobian = eq.softmax_jacobian(e.x)
    names = [f"$i = {i + 1}$" for i in range(len(e.x))]
    return {
        "softmax_x": vector(eq.softmax(e.x)),
        "softmax_code": code(eq.softmax(e.x)),
        "jacobian_table": table(jacobian, names, head=""),
        "jacobian_sums": vector(jacobian.sum(axis=1)),
        "overflow": str(int(np.log(np.finfo(np.float64).max)) + 1),
    }


def _sigmoid(e: Example) -> Values:
    measured = numerical_gradient(lambda x: float(eq.sigmoid(x).sum()), e.x)
    return {
        "sigmoid_x": vector(eq.sigmoid(e.x)),
        "sigmoid_code": code(eq.sigmoid(e.x)),
        "sigmoid_slope_x": vector(eq.sigmoid_derivative(e.x)),
        "sigmoid_slope_measured": vector(measured),
    }


def _leaky_relu(e: Example) -> Values:
    return {
        "alpha": number(e.alpha),
        "leaky": vector(eq.leaky_relu(e.x, e.alpha)),
        "leaky_slope": vector(eq.leaky_relu_derivative(e.x, e.alpha)),
    }


def _negative_sampling(e: Example) -> Values:
    distinct = sorted(set(e.negatives))
    loss, grad_center, grad_outside = eq.negative_sampling(e.v_c, OUTSIDE, distinct, e.U)
    return {
        "distinct": words(WORDS[k] for k in distinct),
        "distinct_loss": number(loss),
        "distinct_center": vector(grad_center),
        "distinct_outside_table": table(grad_outside, WORDS),
    }


def _repeated(e: Example) -> Values:
    repeated = max(e.negatives, key=e.negatives.count)
    once = eq.negative_sampling(e.v_c, OUTSIDE, [repeated], e.U).grad_outside[repeated]
    loss, _, grad_outside = eq.negative_sampling(e.v_c, OUTSIDE, e.negatives, e.U)
    return {
        "repeated": WORDS[repeated],
        "repeated_id": str(repeated),
        "repeated_once": vector(once),
        "repeated_right": vector(grad_outside[repeated]),
        "sampling_loss": number(loss),
        "sampling_loss_code": code(loss),
        "sampling_outside_table": table(grad_outside, WORDS),
    }


def _cost(e: Example) -> Values:
    naive = _BIG_VOCABULARY * _BIG_DIM
    sampled = (_BIG_K + 1) * _BIG_DIM

    def rows(result: LossAndGradients) -> str:
        return str(int(np.any(result.grad_outside != 0, axis=1).sum()))

    return {
        "big_vocabulary": f"{_BIG_VOCABULARY:,}".replace(",", "{,}"),
        "big_dim": str(_BIG_DIM),
        "big_K": str(_BIG_K),
        "big_rows": str(_BIG_K + 1),
        "naive_products": f"{naive:,}".replace(",", "{,}"),
        "sampling_products": f"{sampled:,}".replace(",", "{,}"),
        "cost_ratio": f"{naive / sampled:,.0f}",
        "naive_rows": rows(eq.naive_softmax(e.v_c, OUTSIDE, e.U)),
        "sampling_rows": rows(eq.negative_sampling(e.v_c, OUTSIDE, e.negatives, e.U)),
    }


def _window(e: Example) -> Values:
    result = eq.skip_gram(WINDOW, _MIDDLE, _RADIUS, e.V, e.U, eq.naive_softmax)
    return {
        "window_loss": number(result.loss),
        "window_loss_code": code(result.loss),
        "window_center": vector(result.grad_center[CENTER]),
        "window_outside_table": table(result.grad_outside, WORDS),
    }


def _cbow(e: Example) -> Values:
    around = [w for i, w in enumerate(WINDOW) if i != _MIDDLE]
    h = e.V[around].sum(axis=0)
    arguments = (WINDOW, _MIDDLE, _RADIUS, e.V, e.U, eq.naive_softmax)
    result = eq.cbow(*arguments)
    return {
        "cbow_h": vector(h),
        "cbow_loss": number(result.loss),
        "cbow_loss_code": code(result.loss),
        "cbow_mean_loss": number(eq.cbow_mean(*arguments).loss),
        "cbow_grad_h": vector(eq.naive_softmax(h, CENTER, e.U).grad_center),
        "cbow_center_table": table(result.grad_center, WORDS),
    }


def _normalisation(e: Example) -> Values:
    u_very = _TIMES_NOT * e.u_not
    weights = eq.l2_normalize(e.u_not)
    very_bad, not_bad = u_very + e.u_bad, e.u_not + e.u_bad
    normalised = eq.l2_normalize(u_very) + eq.l2_normalize(e.u_bad)
    return {
        "alpha_word": number(_TIMES_NOT),
        "u_not": vector(e.u_not),
        "u_bad": vector(e.u_bad),
        "very_bad": vector(very_bad),
        "not_bad": vector(not_bad),
        "very_bad_score": number(float(very_bad @ weights)),
        "not_bad_score": number(float(not_bad @ weights)),
        "normalised_bad": vector(normalised),
    }


def _picture(e: Example) -> Values:
    centred = e.picture - e.picture.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    shares = sizes**2 / (sizes**2).sum()
    flat = (left * sizes)[:, :2]
    close, near = _closest(flat), _closest(e.picture)
    pair = partial(_distance, close)
    return {
        "picture_table": table(e.picture, PICTURE_WORDS),
        "picture_shares": ", ".join(f"{share:.1%}" for share in shares),
        "picture_kept": f"{shares[:2].sum():.1%}",
        "picture_close": " and ".join(PICTURE_WORDS[i] for i in close),
        "picture_close_flat": number(pair(flat)),
        "picture_close_space": number(pair(e.picture)),
        "space_close": " and ".join(PICTURE_WORDS[i] for i in near),
        "space_close_space": number(_distance(near, e.picture)),
    }


def _distance(pair: tuple[int, int], points: Array) -> float:
    return float(np.linalg.norm(points[pair[0]] - points[pair[1]]))


def _closest(points: Array) -> tuple[int, int]:
    pairs = [(i, j) for i in range(len(points)) for j in range(i + 1, len(points))]
    distance: Callable[[tuple[int, int]], float] = partial(_distance, points=points)
    return min(pairs, key=distance)
