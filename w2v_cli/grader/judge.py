"""Compare what a user's function returned with what it should have returned."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from w2v_cli.equations import Array
from w2v_cli.grader.cases import Case, outputs_of
from w2v_cli.grader.kinds import Kind
from w2v_cli.mistakes.measure import relative_error

TOLERANCE = 1e-6
"""Ten times stricter than the course's checker; wide enough for float32 and for log(p + 1e-8)."""
N_WORST = 3

RIGHT, WRONG, EMPTY = "right", "wrong", "not implemented yet"
ERROR, CRASHED, TIMED_OUT = "error", "crashed", "time limit"


@dataclass(frozen=True)
class Coordinate:
    """One number that is not what it should be. index: empty for a single number."""

    index: str
    got: float
    expected: float
    case: str


@dataclass(frozen=True)
class OutputGrade:
    """How one of the returned values fared. problem: what is wrong besides numbers."""

    name: str
    right: bool
    problem: str = ""
    worst: tuple[Coordinate, ...] = ()


@dataclass(frozen=True)
class Observation:
    """One case with what came back: arrays where numbers came back, None where not."""

    case: Case
    outputs: list[Array | None]
    expected: list[Array]
    dtypes: list[str]
    drawn: list[int]


@dataclass
class Judgement:
    """What the answers to the cases show, in one layout."""

    kind: Kind
    layout: str
    outputs: list[OutputGrade]
    observations: list[Observation]
    errors: list[tuple[Case, dict[str, Any]]]
    mutated: list[str]
    empty: bool = False
    vectors_only: bool = False
    notes: list[str] = field(default_factory=list)
    unusable: str = ""

    @property
    def score(self) -> tuple[int, int, int]:
        """How much is right: outputs, calls that returned, values of the right shape."""
        shaped = sum(
            output is not None and output.shape == expected.shape
            for o in self.observations
            for output, expected in zip(o.outputs, o.expected, strict=False)
        )
        return sum(o.right for o in self.outputs), len(self.observations), shaped


def judge(
    kind: Kind, layout: str, cases: Sequence[Case], answers: Sequence[dict[str, Any]]
) -> Judgement:
    """Judge the answers to the first cases; further cases have none (a crash, the time limit)."""
    judgement = Judgement(kind, layout, [], [], [], [])
    mutated: set[str] = set()
    for case, answer in zip(cases, answers, strict=False):
        if "error" in answer:
            judgement.errors.append((case, answer["error"]))
            continue
        mutated |= set(answer["mutated"])
        observation = _observe(kind, layout, case, answer)
        if isinstance(observation, str):
            judgement.unusable = judgement.unusable or observation
        else:
            judgement.observations.append(observation)
    judgement.mutated = sorted(mutated)
    judgement.empty = _is_empty(answers)
    for i, name in enumerate(kind.outputs):
        judgement.outputs.append(_grade_output(i, name, judgement))
    return judgement


def _is_empty(answers: Sequence[dict[str, Any]]) -> bool:
    """Whether nothing has been written yet: NotImplementedError, Nones or zeros every time.

    A lone None is no such sign; it is what a forgotten return gives.
    """

    def empty(answer: dict[str, Any]) -> bool:
        if "error" in answer:
            return bool(answer["error"]["type"] == "NotImplementedError")
        parts = answer["returned"]
        if all(part["kind"] == "none" for part in parts):
            return len(parts) > 1
        return all(part["kind"] == "array" and not any(part["numbers"]) for part in parts)

    return bool(answers) and all(empty(answer) for answer in answers)


def _observe(kind: Kind, layout: str, case: Case, answer: dict[str, Any]) -> Observation | str:
    """Read one answer; a sentence when it is nothing that can be compared."""
    parts = answer["returned"]
    if [part["kind"] for part in parts] == ["none"]:
        return "returns None: is the return statement missing?"
    if len(kind.outputs) == 1 and len(parts) != 1:
        parts = [_join(parts)]
    if len(parts) != len(kind.outputs):
        wanted = ", ".join(kind.outputs)
        return f"returns {_count(len(parts), 'value')}, not {len(kind.outputs)} ({wanted})"
    outputs = [
        np.reshape(np.array(p["numbers"], dtype=np.float64), p["shape"])
        if p["kind"] == "array"
        else None
        for p in parts
    ]
    dtypes = [p.get("dtype", p.get("type", "NoneType")) for p in parts]
    expected = outputs_of(kind, case, layout=layout)
    return Observation(case, outputs, expected, dtypes, answer["drawn"])


def _join(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Read a list of numbers as the array it stands for."""
    if any(part["kind"] != "array" for part in parts):
        return {"kind": "other", "type": "list"}
    numbers = [number for part in parts for number in part["numbers"]]
    shape = [len(parts), *parts[0]["shape"]] if parts else [0]
    if any(part["shape"] != parts[0]["shape"] for part in parts):
        return {"kind": "other", "type": "list"}
    return {"kind": "array", "dtype": "float64", "shape": shape, "numbers": numbers}


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _grade_output(i: int, name: str, judgement: Judgement) -> OutputGrade:
    """Compare one returned value over all cases."""
    problem, bad = "", []
    for o in judgement.observations:
        got, expected = o.outputs[i], o.expected[i]
        if got is None:
            problem = problem or f"is of type {o.dtypes[i]}, not a number or an array"
            continue
        shaped = _fit(got, expected)
        if shaped is None:
            problem = problem or f"has shape {got.shape}, not {expected.shape}"
            continue
        if got.shape != expected.shape:
            _add_note(judgement, f"{name}: its shape is {_axes(got)}, not {_axes(expected)}")
        if _excused(name, o, shaped, expected, judgement):
            continue
        bad += _deviations(shaped, expected, o.case)
    bad.sort(key=lambda pair: pair[0])
    worst = tuple(coordinate for _, coordinate in bad[:N_WORST])
    compared = any(o.outputs[i] is not None for o in judgement.observations)
    return OutputGrade(name, compared and not problem and not worst, problem, worst)


def _axes(array: Array) -> str:
    """Name a shape by what cannot vary between calls: ``(1, n)`` for any length above 1."""
    axes = ["n" if length > 1 else str(length) for length in array.shape]
    return f"({', '.join(axes)}{',' if len(axes) == 1 else ''})"


def _fit(got: Array, expected: Array) -> Array | None:
    """The same numbers in the expected shape, when only axes of length 1 are too many."""
    if got.shape == expected.shape:
        return got
    if got.size == expected.size and np.squeeze(got).shape == np.squeeze(expected).shape:
        return got.reshape(expected.shape)
    return None


def _excused(name: str, o: Observation, got: Array, expected: Array, judgement: Judgement) -> bool:
    """Deviations that earn a note, not a failure.

    The loss of the course's own solution is inf once ŷ_o is 0 in float64; a softmax for vectors
    only serves the losses as well as one for matrices.
    """
    if (relative_error(got, expected) <= TOLERANCE).all():
        return False
    if o.case.purpose == "large" and name == "loss" and not np.isnan(got).any():
        shown = "inf" if np.isinf(got).any() else f"{float(got):.4g}"
        _add_note(
            judgement,
            f"at scores of ±1000 the loss is {shown}, not {float(expected):.4g}: the probability"
            " is 0 in floating point before the log; log-sum-exp avoids that",
        )
        return True
    if o.case.purpose == "matrix":
        judgement.vectors_only = True
        return True
    return False


def _add_note(judgement: Judgement, note: str) -> None:
    if note not in judgement.notes:
        judgement.notes.append(note)


def _deviations(
    got: Array, expected: Array, case: Case
) -> list[tuple[tuple[bool, float], Coordinate]]:
    """Wrong coordinates with a key to sort them by: normal calls first, the worst first."""
    errors = np.atleast_1d(relative_error(got, expected))
    a, b = np.atleast_1d(got), np.atleast_1d(expected)
    found = []
    for index in np.argwhere(~(errors <= TOLERANCE)):
        place = tuple(int(i) for i in index)
        shown = f"[{', '.join(map(str, place))}]" if got.ndim else ""
        coordinate = Coordinate(shown, float(a[place]), float(b[place]), case.label)
        found.append(((case.purpose != "normal", -float(errors[place])), coordinate))
    return found
