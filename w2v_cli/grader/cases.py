"""The inputs that a user's function is called with, and what it should return.

All inputs come from a seed, so a grade can be repeated, and a class can get fresh inputs.
The results are computed in the grader's process and never reach the user's code.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from w2v_cli.checks.functions import EQUATIONS, Functions
from w2v_cli.equations import Array, LossAndGradients
from w2v_cli.grader.kinds import Kind
from w2v_cli.grader.worker.calls import Variant, made_up_loss
from w2v_cli.grader.worker.wire import WireValue, pack
from w2v_cli.json_types import Json

LARGE = 1000.0
SCORES = np.array([400.0, -250.0, 90.0, -120.0])
"""Scores of a `high` call: far apart, yet none of their probabilities is 0 in float64."""
LESS_HIGH = np.array([45.0, -60.0, 30.0, -80.0])
"""Scores at which 1 − σ(x) is already 0 and σ(−x) is far from 0."""


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


# The calls of each kind.


def _rng(seed: int, *key: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, *key])))


def _numbers(rng: np.random.Generator, *shape: int) -> Array:
    signs = rng.choice([-1.0, 1.0], shape)
    return np.asarray(np.round(rng.uniform(0.3, 1.3, shape) * signs, 3))


def cases_for(kind: Kind, seed: int = 0) -> list[Case]:
    """Return all calls for one kind, in the order in which they are made.

    Every normal call is made twice, and the first one a third time at the end. A function that
    keeps something between calls then gives other numbers.
    """
    made = _MAKERS[kind.key][0](seed)
    calls: list[Case] = []
    for case in made:
        calls.append(case)
        if case.purpose == "normal":
            calls.append(replace(case, purpose="again"))
    return [*calls, replace(made[0], purpose="again")]


def big_cases_for(kind: Kind, seed: int = 0) -> list[Case]:
    """Return the calls that take longer; only a function that is right so far gets them."""
    return _MAKERS[kind.key][1](_rng(seed, 9))


BIG, _BIG_DIM = 1000, 50
"""Words and dimension of the large calls."""


def _sigmoid_cases(seed: int) -> list[Case]:
    rng = _rng(seed, 1)
    normal = [
        np.float64(0.7),
        _numbers(rng, 4),
        _numbers(rng, 3, 2),
        np.array([1, -2, 3]),
        _numbers(rng, 40) * 3,
        np.float64(-rng.uniform(0.3, 1.3)),
        _numbers(rng, 4),
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
    rng = _rng(seed, 2)

    def cases(purpose: str, *inputs: Array) -> list[Case]:
        return [Case(purpose, {"x": x}, label=_show_input(x)) for x in inputs]

    return [
        *cases("normal", _numbers(rng, 4), _numbers(rng, 6), np.array([1, 2, 4])),
        *cases("normal", _numbers(rng, 40), _numbers(rng, 4)),
        *cases("normal", np.array([0.5, 0.5, -1.0, 0.0, 0.5]), np.zeros(3)),
        *cases("high", np.array([600.0, 599, 598, -50]), np.array([-600.0, -601, -590.5])),
        *cases("large", np.array([LARGE, LARGE + 1, LARGE - 2]), np.array([-LARGE, -1001, 1.0])),
        *cases("matrix", _numbers(rng, 3, 4), _numbers(rng, 3, 3), _numbers(rng, 12, 15)),
        *cases("matrix-high", np.array([[600.0, 601], [-300, -299]])),
        *cases("matrix-large", np.array([[1001.0, 1002], [3, 4]])),
    ]


def _big_sigmoid(rng: np.random.Generator) -> list[Case]:
    x = _numbers(rng, BIG, _BIG_DIM)
    return [Case("normal", {"x": x}, label=_show_input(x))]


def _big_softmax(rng: np.random.Generator) -> list[Case]:
    x = _numbers(rng, BIG, _BIG_DIM)
    vector = Case("normal", {"x": x[:, 0]}, label=_show_input(x[:, 0]))
    return [vector, Case("matrix", {"x": x}, label=_show_input(x))]


def _show_input(x: Any) -> str:
    if np.size(x) > 12:
        return f"x: {' × '.join(map(str, np.shape(x)))} numbers"
    return f"x = {np.array2string(np.asarray(x), separator=', ')}".replace("\n", "")


def _pair(rng: np.random.Generator, n_words: int, dim: int, o: int) -> Json:
    scale = 1.0 if n_words <= 10 else 0.5  # no probability far below 1/n_words
    return {"v_c": scale * _numbers(rng, dim), "o": o, "U": scale * _numbers(rng, n_words, dim)}


def _long_center(a: Json) -> Json:
    """Keep the scores but lengthen the gradients, so that rounding to integers is not all 0."""
    times = 4 / np.abs(a["v_c"]).max()
    return a | {"v_c": times * a["v_c"], "U": a["U"] / times}


def _with_equal_rows(a: Json, *rows: tuple[int, int]) -> Json:
    """Return the same call with the vector of one word copied to another."""
    U = a["U"].copy()
    for first, second in rows:
        U[second] = U[first]
    return a | {"U": U}


def _big_pair(rng: np.random.Generator, o: int) -> Json:
    """Return a pair with many words, with an outside word as likely as in small calls."""
    v_c, U = 0.4 * _numbers(rng, _BIG_DIM), 0.4 * _numbers(rng, BIG, _BIG_DIM)
    U[o] += v_c * (7 - U[o] @ v_c) / (v_c @ v_c)
    return {"v_c": v_c, "o": o, "U": U}


def _pair_with_scores(scores: Array, o: int) -> Json:
    """Return a centre vector and a few outside vectors that have the given scores."""
    second = np.array([1.0, -1.0, 0.5, 2.0])[: len(scores)]
    return {"v_c": np.array([1.0, 0.5]), "o": o, "U": np.stack([scores - second / 2, second], 1)}


def _large_pair(o: int) -> Json:
    U = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]) * LARGE
    return {"v_c": np.array([1.0, 0.0]), "o": o, "U": U}


def _pair_label(arguments: Json, extra: str = "") -> str:
    n_words, dim = arguments["U"].shape
    return f"{n_words} words, dim {dim}, outside word {arguments['o']}{extra}"


def _high_label(a: Json) -> str:
    scores = ", ".join(f"{s:g}" for s in a["U"] @ a["v_c"])
    return _pair_label(a, f", scores {scores}".replace("-", "−"))


_LARGE = ", scores 1000, 0, −1000"


def _naive_softmax_cases(seed: int) -> list[Case]:
    shapes = ((6, 4), (5, 5), (4, 7), (60, 3), (211, 17))
    pairs = []
    for i, (n_words, dim) in enumerate(shapes):
        rng = _rng(seed, 3, i)
        o = int(rng.integers(10 if n_words > 10 else 0, n_words))
        pairs.append(_pair(rng, n_words, dim, o))
    rng = _rng(seed, 3, len(shapes))
    pairs.insert(1, _pair(rng, 6, 4, pairs[0]["o"]))
    pairs.append(_long_center(_pair(rng, 6, 4, 0)))
    pairs.append(_with_equal_rows(_pair(rng, 7, 4, 6), (6, 1), (2, 4)))
    cases = [Case("normal", a, label=_pair_label(a)) for a in pairs]
    for scores, o in ((SCORES, 0), (SCORES, 1), (LESS_HIGH, 1)):
        a = _pair_with_scores(scores, o)
        cases.append(Case("high", a, label=_high_label(a)))
    for o in (0, 2):
        a = _large_pair(o)
        cases.append(Case("large", a, label=_pair_label(a, _LARGE)))
    return cases


def _big_naive_softmax(rng: np.random.Generator) -> list[Case]:
    a = _big_pair(rng, int(rng.integers(500, BIG)))
    return [Case("normal", a, label=_pair_label(a))]


def _negative_sampling_cases(seed: int) -> list[Case]:
    cases = []
    shapes = (((6, 4), 10), ((5, 5), 4), ((9, 3), 3), ((60, 7), 12), ((211, 17), 6))
    for i, ((n_words, dim), K) in enumerate(shapes):
        rng = _rng(seed, 4, i)
        o = int(rng.integers(10 if n_words > 10 else 0, n_words))
        a = _pair(rng, n_words, dim, o) | {"K": K}
        others = np.array([w for w in range(n_words) if w != o])
        drawn = rng.choice(others, K) if K != 3 else rng.permutation(others)[:K]
        if K == 4:  # a square U, where any layout fits: one word must come twice
            drawn[-1] = drawn[1]
        cases.append(_sampling_case(a, drawn, _more(rng, others)))
    cases.insert(1, _drawn(_rng(seed, 4, 50), cases[0].arguments["o"], 10))
    cases.append(_drawn(_rng(seed, 4, 51), 0, 5))
    cases[-1] = replace(cases[-1], arguments=_long_center(cases[-1].arguments))
    a = _with_equal_rows(_pair(_rng(seed, 4, 52), 7, 4, 6), (6, 1), (0, 4)) | {"K": 6}
    cases.append(_sampling_case(a, [0, 1, 4, 4, 2, 0], [3] * 12))
    cases += [_with_target_drawn(seed, 5), _with_target_drawn(seed, 3)]
    for scores, o, negatives in (
        (SCORES, 1, (3, 3, 3)),
        (SCORES, 0, (1, 3, 2)),
        (LESS_HIGH, 1, (2, 0, 3)),
    ):
        a = _pair_with_scores(scores, o) | {"K": 3}
        cases.append(Case("high", a, negatives, _high_label(a)))
    for o in (0, 2):
        a = _large_pair(o) | {"K": 2}
        cases.append(Case("large", a, (2 - o, 1), _pair_label(a, _LARGE)))
    return cases


def _sampling_case(a: Json, negatives: Iterable[int], more: Sequence[int]) -> Case:
    label = _pair_label(a, f", negatives {', '.join(map(str, negatives))}")
    return Case("normal", a, (*map(int, negatives), *more), label)


def _drawn(rng: np.random.Generator, o: int, K: int, n_words: int = 6, dim: int = 4) -> Case:
    """Return a call in which one of the negatives comes twice."""
    others = np.array([w for w in range(n_words) if w != o])
    drawn = rng.choice(others, K)
    drawn[-1] = drawn[1]
    return _sampling_case(_pair(rng, n_words, dim, o) | {"K": K}, drawn, _more(rng, others))


def _big_negative_sampling(rng: np.random.Generator) -> list[Case]:
    case = _drawn(rng, int(rng.integers(500, BIG)), 20, BIG)
    a = _big_pair(rng, case.arguments["o"]) | {"K": 20}
    return [replace(case, arguments=a)]


def _more(rng: np.random.Generator, others: Array) -> list[int]:
    """Return further draws, which a right function does not reach."""
    return [int(k) for k in rng.choice(others, 12)]


def _with_target_drawn(seed: int, K: int) -> Case:
    """Return a call in which the outside word is drawn once, then twice in a row."""
    rng = _rng(seed, 4, 90 + K)
    o, a, b, c, d, e = (int(w) for w in rng.permutation(7)[:6])
    arguments = _pair(rng, 7, 4, o) | {"K": K}
    draws = (a, o, b, o, o, a, c, d, e, b)
    label = _pair_label(arguments, f", K = {K}, draws {', '.join(map(str, draws))}")
    return Case("target", arguments, draws, label)


_WINDOWS = ((5, 3, 3, 6), (6, 4, 2, 3), (5, 5, 2, 4), (40, 6, 5, 10), (6, 4, 2, 1))
"""For each call: number of words, dimension, window size, number of outside words."""


def _window_cases(seed: int) -> list[Case]:
    rngs = [_rng(seed, 5, i) for i in range(len(_WINDOWS) + 1)]
    windows = [_window(rng, *shape) for rng, shape in zip(rngs, _WINDOWS, strict=False)]
    first, second, third, *_ = windows
    first["outside"][2] = first["center"]  # the centre word comes again beside itself
    second["ids"] = _with_id_0(second, second["center"])
    third["ids"] = _with_id_0(third, third["outside"][-1])
    fresh = {name: _numbers(rngs[-1], *first[name].shape) for name in ("V", "U")}
    windows.insert(1, first | fresh)
    c, V, U = third["ids"][third["center"]], third["V"].copy(), third["U"].copy()
    V[0], U[0] = V[c], U[1]
    others = [w for w in third["ids"] if w != third["center"]]
    windows.append(third | {"outside": others[:3], "V": V, "U": U})
    return [_window_case(a) for a in windows]


def _window(rng: np.random.Generator, n_words: int, dim: int, window: int, n_outside: int) -> Json:
    """Draw a window. One word comes twice, and the last word differs from the first."""
    words = [chr(ord("a") + j) if n_words <= 10 else f"word{j}" for j in range(n_words)]
    ids = {word: int(k) for word, k in zip(words, rng.permutation(n_words), strict=True)}
    high = [word for word in words if ids[word] > n_words // 2]
    center = str(rng.choice(high))
    others = [word for word in words if word != center]
    first, *rest = map(str, rng.permutation(others))
    drawn = [str(word) for word in rng.choice(rest, max(n_outside - 2, 0))]
    outside = [first, first, *drawn][:n_outside]
    return {
        "center": center,
        "window": window,
        "outside": outside,
        "ids": ids,
        "V": _numbers(rng, n_words, dim),
        "U": _numbers(rng, n_words, dim),
    }


def _with_id_0(a: Json, word: str) -> dict[str, int]:
    """Return the ids with two of them exchanged, so that the word has id 0."""
    zero = next(w for w, k in a["ids"].items() if k == 0)
    return {**a["ids"], word: 0, zero: a["ids"][word]}


def _window_case(a: Json) -> Case:
    label = f"centre {a['center']!r}, outside {' '.join(a['outside'])}, window {a['window']}"
    return Case("normal", a, label=label)


def _big_window(rng: np.random.Generator) -> list[Case]:
    return [_window_case(_window(rng, BIG, _BIG_DIM, 7, 14))]


_MAKERS: dict[
    str, tuple[Callable[[int], list[Case]], Callable[[np.random.Generator], list[Case]]]
] = {
    "sigmoid": (_sigmoid_cases, _big_sigmoid),
    "softmax": (_softmax_cases, _big_softmax),
    "naive-softmax": (_naive_softmax_cases, _big_naive_softmax),
    "negative-sampling": (_negative_sampling_cases, _big_negative_sampling),
    "skipgram": (_window_cases, _big_window),
    "cbow": (_window_cases, _big_window),
}


# What a function should return for them.


def pair_loss(v_c: Array, o: int, U: Array) -> LossAndGradients:
    """Return the results of the pair loss that a user's window function is given."""
    return LossAndGradients(*made_up_loss(v_c, o, U))


def outputs_of(
    kind: Kind,
    case: Case,
    functions: Functions = EQUATIONS,
    layout: str = "rows",
    negatives: Sequence[int] | None = None,
) -> list[Array]:
    """Return what a function should return for a case, or would with a slip planted.

    negatives: to use instead of the case's own, as another way of drawing would.
    """
    a, f = case.arguments, getattr(functions, kind.field)
    result: Sequence[Any]
    with np.errstate(all="ignore"):
        if kind.key in ("sigmoid", "softmax"):
            result = [f(np.asarray(a["x"], dtype=np.float64))]
        elif kind.key == "naive-softmax":
            result = f(a["v_c"], a["o"], a["U"])
        elif kind.key == "negative-sampling":
            drawn = case.negatives if negatives is None else negatives
            result = f(a["v_c"], a["o"], drawn, a["U"])
        else:
            words = [a["ids"][word] for word in a["outside"]]
            middle = len(words) // 2
            words.insert(middle, a["ids"][a["center"]])
            result = f(words, middle, a["window"], a["V"], a["U"], pair_loss)
    outputs = [np.asarray(part, dtype=np.float64) for part in result]
    return [part.T for part in outputs] if layout == "columns" else outputs


# Arguments in the layouts that a user's function may expect.


_VARIANTS = (
    Variant("rows", "flat"),
    Variant("columns", "flat"),
    Variant("rows", "row"),
    Variant("rows", "column"),
    Variant("columns", "column"),
    Variant("columns", "row"),
)
"""The likelier ones come first."""


def variants_of(kind: Kind) -> tuple[Variant, ...]:
    """Return the layouts to try for a kind; sigmoid and softmax have only one."""
    return _VARIANTS if len(kind.outputs) > 1 else _VARIANTS[:1]


def packed_arguments(case: Case, variant: Variant) -> dict[str, WireValue]:
    """Return a case's arguments by role, as JSON, in the layout and shapes of the variant."""
    packed: dict[str, WireValue] = {}
    for role, value in case.arguments.items():
        if role in ("U", "V") and variant.layout == "columns":
            packed[role] = pack(np.ascontiguousarray(value.T))
        elif role == "v_c":
            packed[role] = pack(value.reshape(variant.center_shape))
        else:
            packed[role] = pack(value)
    return packed
