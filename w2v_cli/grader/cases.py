"""The inputs that a user's function is called with, and what it should return.

All inputs are fixed (drawn once from a fixed seed), so a grade can be repeated.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from w2v_cli import equations as eq
from w2v_cli.equations import Array, LossAndGradients
from w2v_cli.grader.kinds import Kind
from w2v_cli.mistakes.functions import EQUATIONS, Functions

WORDS = "abcdefghij"
LARGE = 1000.0


@dataclass(frozen=True)
class Case:
    """One call.

    purpose: ``normal``, ``large`` (scores of ±1,000), ``matrix`` (softmax of rows) or
    ``target`` (the outside word comes up among the draws). arguments: by name, arrays with
    words by rows. draws: what ``dataset.sampleTokenIdx()`` returns, one after the other.
    """

    purpose: str
    arguments: dict[str, Any]
    draws: tuple[int, ...] = ()
    label: str = field(default="", compare=False)

    @property
    def negatives(self) -> list[int]:
        """The first K draws that are not the outside word."""
        others = [k for k in self.draws if k != self.arguments.get("o")]
        return others[: self.arguments["K"]]


def _rng(*key: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=list(key)))


def _numbers(rng: np.random.Generator, *shape: int) -> Array:
    signs = rng.choice([-1.0, 1.0], shape)
    return np.asarray(np.round(rng.uniform(0.3, 1.3, shape) * signs, 3))


def cases_for(kind: Kind) -> list[Case]:
    """All calls of one kind; the first are normal ones."""
    return {
        "sigmoid": _sigmoid_cases,
        "softmax": _softmax_cases,
        "naive-softmax": _naive_softmax_cases,
        "negative-sampling": _negative_sampling_cases,
        "skipgram": _skipgram_cases,
    }[kind.key]()


def _sigmoid_cases() -> list[Case]:
    rng = _rng(1, 0)
    normal = [np.float64(0.7), _numbers(rng, 4), _numbers(rng, 3, 2), np.array([1, -2, 3])]
    large = np.array([-LARGE, 0.0, LARGE])
    return [Case("normal", {"x": x}, label=_show_input(x)) for x in normal] + [
        Case("large", {"x": large}, label="x = [−1000, 0, 1000]")
    ]


def _softmax_cases() -> list[Case]:
    rng = _rng(2, 0)
    vectors = [_numbers(rng, 4), _numbers(rng, 6), np.array([1, 2, 4])]
    large = [np.array([LARGE, LARGE + 1, LARGE - 2]), np.array([-LARGE, -LARGE - 1, 1.0])]
    return (
        [Case("normal", {"x": x}, label=_show_input(x)) for x in vectors]
        + [Case("large", {"x": x}, label=_show_input(x)) for x in large]
        + [Case("matrix", {"x": _numbers(rng, 3, 4)}, label="a 3×4 matrix, a score vector a row")]
    )


def _show_input(x: Any) -> str:
    return f"x = {np.array2string(np.asarray(x), separator=', ')}".replace("\n", "")


def _pair(rng: np.random.Generator, n_words: int, dim: int, o: int) -> dict[str, Any]:
    return {"v_c": _numbers(rng, dim), "o": o, "U": _numbers(rng, n_words, dim)}


def _large_pair(o: int) -> dict[str, Any]:
    U = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]) * LARGE
    return {"v_c": np.array([1.0, 0.0]), "o": o, "U": U}


def _pair_label(arguments: dict[str, Any], extra: str = "") -> str:
    n_words, dim = arguments["U"].shape
    return f"{n_words} words, dim {dim}, outside word {arguments['o']}{extra}"


def _naive_softmax_cases() -> list[Case]:
    pairs = [_pair(_rng(3, i), *shape) for i, shape in enumerate(((6, 4, 2), (5, 5, 0), (4, 7, 3)))]
    cases = [Case("normal", a, label=_pair_label(a)) for a in pairs]
    for o in (0, 2):
        a = {
            "v_c": np.array([1.0, 0.0]),
            "o": o,
            "U": np.array([[1.0, 0], [0, 1], [-1, 0]]) * LARGE,
        }
        cases.append(Case("large", a, label=_pair_label(a, ", scores 1000, 0, −1000")))
    return cases


def _negative_sampling_cases() -> list[Case]:
    cases = []
    shapes = (((6, 4, 2), 10), ((5, 5, 0), 4), ((9, 3, 8), 3))
    for i, (shape, K) in enumerate(shapes):
        rng = _rng(4, i)
        a = _pair(rng, *shape) | {"K": K}
        others = np.array([w for w in range(shape[0]) if w != shape[2]])
        drawn = rng.choice(others, K) if K > 3 else rng.permutation(others)[:K]
        label = _pair_label(a, f", negatives {', '.join(map(str, drawn))}")
        cases.append(Case("normal", a, tuple(int(k) for k in drawn), label))
    rng = _rng(4, 9)
    a = _pair(rng, 6, 4, 1) | {"K": 5}
    draws = (3, 1, 0, 1, 1, 3, 5, 2, 4)
    label = _pair_label(a, f", draws {', '.join(map(str, draws))}")
    cases.append(Case("target", a, draws, label))
    for o in (0, 2):
        a = _large_pair(o) | {"K": 2}
        cases.append(Case("large", a, (2 - o, 1), _pair_label(a, ", scores 1000, 0, −1000")))
    return cases


def _skipgram_cases() -> list[Case]:
    cases = []
    for i, (n_words, dim, center, window, outside, loss) in enumerate(
        (
            (5, 3, "c", 3, "abedbc", "naive-softmax"),
            (6, 4, "f", 2, "bbd", "naive-softmax"),
            (5, 5, "a", 2, "debe", "negative-sampling"),
        )
    ):
        rng = _rng(5, i)
        ids = rng.permutation(n_words)
        a = {
            "center": center,
            "window": window,
            "outside": list(outside),
            "ids": {word: int(ids[j]) for j, word in enumerate(WORDS[:n_words])},
            "V": _numbers(rng, n_words, dim),
            "U": _numbers(rng, n_words, dim),
            "loss": loss,
        }
        label = f"centre {center!r}, outside {' '.join(outside)}, {loss}"
        cases.append(Case("normal", a, label=label))
    return cases


def pair_loss_of(name: str) -> eq.PairLoss:
    """Return the loss of one pair that a user's skipgram is given.

    Its negatives, if any, are fixed (the first three words that are not the outside word), so
    that the answer does not depend on the order of calls.
    """
    if name == "naive-softmax":
        return eq.naive_softmax

    def sampled(v_c: Array, o: int, U: Array) -> LossAndGradients:
        negatives = [k for k in range(len(U)) if k != o][:3]
        return eq.negative_sampling(v_c, o, [*negatives, negatives[0]], U)

    return sampled


def outputs_of(
    kind: Kind, case: Case, functions: Functions = EQUATIONS, layout: str = "rows"
) -> list[Array]:
    """What a function should return for a case (or would return, with a slip planted)."""
    a, f = case.arguments, getattr(functions, kind.field)
    result: Sequence[Any]
    with np.errstate(all="ignore"):
        if kind.key in ("sigmoid", "softmax"):
            result = [f(np.asarray(a["x"], dtype=np.float64))]
        elif kind.key == "naive-softmax":
            result = f(a["v_c"], a["o"], a["U"])
        elif kind.key == "negative-sampling":
            result = f(a["v_c"], a["o"], case.negatives, a["U"])
        else:
            words = [a["ids"][word] for word in a["outside"]]
            middle = len(words) // 2
            words.insert(middle, a["ids"][a["center"]])
            result = f(words, middle, a["window"], a["V"], a["U"], pair_loss_of(a["loss"]))
    outputs = [np.asarray(part, dtype=np.float64) for part in result]
    return [part.T for part in outputs] if layout == "columns" else outputs
