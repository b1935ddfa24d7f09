"""The inputs that a user's function is called with, and what it should return.

All inputs come from a seed, so a grade can be repeated, and a class can get fresh inputs.
The results are computed in the grader's process and never reach the user's code.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from w2v_cli.checks.functions import EQUATIONS, Functions
from w2v_cli.equations import Array, LossAndGradients, one_hot, sigmoid, softmax
from w2v_cli.grader.case import (
    BIG,
    BIG_DIM,
    LARGE,
    SIMPLE_MAKERS,
    Case,
    Makers,
    numbers,
    rng_of,
)
from w2v_cli.grader.kinds import Kind
from w2v_cli.grader.worker.binding import ROLES
from w2v_cli.grader.worker.calls import Variant, made_up_loss
from w2v_cli.grader.worker.wire import WireValue, pack
from w2v_cli.json_types import Json

SCORES = np.array([400.0, -250.0, 90.0, -120.0])
"""Scores of a `high` call: far apart, yet none of their probabilities is 0 in float64."""
LESS_HIGH = np.array([45.0, -60.0, 30.0, -80.0])
"""Scores at which 1 − σ(x) is already 0 and σ(−x) is far from 0."""


# The calls of each kind.


def cases_for(kind: Kind, seed: int = 0) -> list[Case]:
    """Return all calls for one kind, in the order in which they are made.

    Every normal call is made twice, and the first one a third time at the end. A function that
    keeps something between calls then gives other numbers.
    """
    made = _MAKERS[kind.field][0](seed)
    calls: list[Case] = []
    for case in made:
        calls.append(case)
        if case.purpose == "normal":
            calls.append(replace(case, purpose="again"))
    return [*calls, replace(made[0], purpose="again")]


def big_cases_for(kind: Kind, seed: int = 0) -> list[Case]:
    """Return the calls that take longer; only a function that is right so far gets them."""
    return _MAKERS[kind.field][1](rng_of(seed, 9))


def _pair(rng: np.random.Generator, n_words: int, dim: int, o: int) -> Json:
    scale = 1.0 if n_words <= 10 else 0.5  # no probability far below 1/n_words
    return {"v_c": scale * numbers(rng, dim), "o": o, "U": scale * numbers(rng, n_words, dim)}


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
    v_c, U = 0.4 * numbers(rng, BIG_DIM), 0.4 * numbers(rng, BIG, BIG_DIM)
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
        rng = rng_of(seed, 3, i)
        o = int(rng.integers(10 if n_words > 10 else 0, n_words))
        pairs.append(_pair(rng, n_words, dim, o))
    rng = rng_of(seed, 3, len(shapes))
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
        rng = rng_of(seed, 4, i)
        o = int(rng.integers(10 if n_words > 10 else 0, n_words))
        a = _pair(rng, n_words, dim, o) | {"K": K}
        others = np.array([w for w in range(n_words) if w != o])
        drawn = rng.choice(others, K) if K != 3 else rng.permutation(others)[:K]
        if K == 4:  # a square U, where any layout fits: one word must come twice
            drawn[-1] = drawn[1]
        cases.append(_sampling_case(a, drawn, _more(rng, others)))
    cases.insert(1, _drawn(rng_of(seed, 4, 50), cases[0].arguments["o"], 10))
    cases.append(_drawn(rng_of(seed, 4, 51), 0, 5))
    cases[-1] = replace(cases[-1], arguments=_long_center(cases[-1].arguments))
    a = _with_equal_rows(_pair(rng_of(seed, 4, 52), 7, 4, 6), (6, 1), (0, 4)) | {"K": 6}
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
    rng = rng_of(seed, 4, 90 + K)
    o, a, b, c, d, e = (int(w) for w in rng.permutation(7)[:6])
    arguments = _pair(rng, 7, 4, o) | {"K": K}
    draws = (a, o, b, o, o, a, c, d, e, b)
    label = _pair_label(arguments, f", K = {K}, draws {', '.join(map(str, draws))}")
    return Case("target", arguments, draws, label)


_WINDOWS = ((5, 3, 3, 6), (6, 4, 2, 3), (5, 5, 2, 4), (40, 6, 5, 10), (6, 4, 2, 1))
"""For each call: number of words, dimension, window size, number of outside words."""


def _window_cases(seed: int) -> list[Case]:
    rngs = [rng_of(seed, 5, i) for i in range(len(_WINDOWS) + 1)]
    windows = [_window(rng, *shape) for rng, shape in zip(rngs, _WINDOWS, strict=False)]
    first, second, third, *_ = windows
    first["outside"][2] = first["center"]  # the centre word comes again beside itself
    second["ids"] = _with_id_0(second, second["center"])
    third["ids"] = _with_id_0(third, third["outside"][-1])
    fresh = {name: numbers(rngs[-1], *first[name].shape) for name in ("V", "U")}
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
        "V": numbers(rng, n_words, dim),
        "U": numbers(rng, n_words, dim),
    }


def _with_id_0(a: Json, word: str) -> dict[str, int]:
    """Return the ids with two of them exchanged, so that the word has id 0."""
    zero = next(w for w, k in a["ids"].items() if k == 0)
    return {**a["ids"], word: 0, zero: a["ids"][word]}


def _window_case(a: Json) -> Case:
    label = f"centre {a['center']!r}, outside {' '.join(a['outside'])}, window {a['window']}"
    return Case("normal", a, label=label)


def _big_window(rng: np.random.Generator) -> list[Case]:
    return [_window_case(_window(rng, BIG, BIG_DIM, 7, 14))]


_WRITTEN = ((6, 4), (6, 4), (5, 5), (4, 7), (60, 3))
"""Words and dimension of the calls of single gradients."""


def _written_cases(seed: int) -> list[Case]:
    """Calls of functions of y, ŷ, U and v_c."""
    made = []
    for i, shape in enumerate(_WRITTEN):
        rng = rng_of(seed, 12, i)
        o = int(rng.integers(1, shape[0])) if i else 0
        made.append(_written_case(rng, _pair(rng, *shape, o)))
    equal = _with_equal_rows(_pair(rng, 7, 4, 6), (6, 1), (2, 4))
    return [*made, _written_case(rng, equal)]


def _written_case(rng: np.random.Generator, pair: Json) -> Case:
    n_words, o = len(pair["U"]), pair["o"]
    w = int(rng.choice([k for k in range(n_words) if k != o]))
    y, y_hat = one_hot(o, n_words), softmax(pair["U"] @ pair["v_c"])
    return Case("normal", {"y": y, "y_hat": y_hat, **pair, "w": w}, label=_pair_label(pair))


def _big_written(rng: np.random.Generator) -> list[Case]:
    return [_written_case(rng, _big_pair(rng, int(rng.integers(500, BIG))))]


_MAKERS: dict[str, Makers] = {
    **SIMPLE_MAKERS,
    "naive_softmax": (_naive_softmax_cases, _big_naive_softmax),
    "negative_sampling": (_negative_sampling_cases, _big_negative_sampling),
    "skip_gram": (_window_cases, _big_window),
    "cbow": (_window_cases, _big_window),
    "cbow_mean": (_window_cases, _big_window),
    **dict.fromkeys(
        ("center_gradient", "outside_gradients", "target_gradient", "other_gradient"),
        (_written_cases, _big_written),
    ),
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
    with np.errstate(all="ignore"):
        result = getattr(functions, kind.field)(*_given(kind, case, negatives))
    parts = result if len(kind.outputs) > 1 else [result]
    outputs = [np.asarray(part, dtype=np.float64) for part in parts]
    return [part.T for part in outputs] if layout == "columns" else outputs


def _given(kind: Kind, case: Case, negatives: Sequence[int] | None) -> tuple[Any, ...]:
    """The arguments of our own function for a case."""
    a = case.arguments
    if kind.group == "block":
        x = np.asarray(a["x"], dtype=np.float64)
        return (x, a["alpha"]) if "alpha" in a else (x,)
    if kind.key == "naive-softmax":
        return a["v_c"], a["o"], a["U"]
    if kind.key == "negative-sampling":
        return a["v_c"], a["o"], case.negatives if negatives is None else negatives, a["U"]
    if kind.group == "batch":
        return tuple(a[role] for role in ROLES[kind.key])
    if kind.group == "written":
        return tuple(a[role] for role in _OWN_ORDER[kind.key])
    words = [a["ids"][word] for word in a["outside"]]
    middle = len(words) // 2
    words.insert(middle, a["ids"][a["center"]])
    return words, middle, a["window"], a["V"], a["U"], pair_loss


_OWN_ORDER = {
    "dj-dvc": ("y", "y_hat", "U"),
    "dj-duo": ("y_hat", "v_c", "o"),
    "dj-duw": ("y_hat", "v_c", "w"),
    "dj-du": ("y", "y_hat", "v_c"),
}
"""What our own functions of single gradients take."""


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
    """Return the layouts to try a kind of function in; functions of a number have only one.

    Many write σ′ and the Jacobian of softmax as functions of σ(x) and of ŷ.
    """
    if kind.group in ("pair", "window"):
        return _VARIANTS
    if kind.group == "written":  # the assignment says which: words as columns
        return tuple(variant for variant in _VARIANTS if variant.layout == "columns")
    inner = {"sigmoid-derivative": "sigmoid", "softmax-jacobian": "softmax"}.get(kind.key)
    return (Variant(), Variant(argument=inner)) if inner else (Variant(),)


_INNER: dict[str, Callable[[Any], Any]] = {"x": lambda x: x, "sigmoid": sigmoid, "softmax": softmax}


def packed_arguments(case: Case, variant: Variant) -> dict[str, WireValue]:
    """Return a case's arguments by role, as JSON, in the layout and shapes of the variant."""
    return {role: pack(value) for role, value in laid_out(case, variant).items()}


def laid_out(case: Case, variant: Variant) -> Json:
    """Return a case's arguments by role, in the layout and shapes of the variant."""
    given = dict(case.arguments)
    for role, value in given.items():
        if role in ("U", "V") and variant.layout == "columns":
            given[role] = np.ascontiguousarray(value.T)
        elif role == "v_c" or (role in ("y", "y_hat") and variant.center != "flat"):
            given[role] = value.reshape(variant.center_shape)
        elif role == "x":
            given[role] = _INNER[variant.argument](value)
    return given
