"""Compare what a user's function returned with what it should have returned."""

from collections.abc import Iterable, Sequence

import numpy as np

from w2v_cli.checks.functions import EQUATIONS
from w2v_cli.checks.measure import relative_error
from w2v_cli.checks.slips import slips_of
from w2v_cli.equations import Array
from w2v_cli.grader.case import Case, with_slope_of
from w2v_cli.grader.cases import outputs_of
from w2v_cli.grader.kinds import Kind
from w2v_cli.grader.observation import (
    TOLERANCE,
    Coordinate,
    Judgement,
    Observation,
    OutputGrade,
    fit,
)
from w2v_cli.grader.stability import excuse
from w2v_cli.grader.worker.calls import Variant
from w2v_cli.json_types import Json

N_WORST = 3


def judge(
    kind: Kind,
    variant: Variant,
    cases: Sequence[Case],
    answers: Sequence[Json],
    roles: Iterable[str] = (),
) -> Judgement:
    """Judge the answers; after a crash or the time limit, the last cases have none."""
    judgement = Judgement(kind, variant, roles=frozenset(roles))
    if kind.topic == "leaky-relu" and "alpha" not in judgement.roles:
        cases = with_slope_of(kind, cases, answers)
    mutated: set[str] = set()
    for index, (case, answer) in enumerate(zip(cases, answers, strict=False)):
        judgement.forbidden |= bool(answer.get("forbidden"))
        if "error" in answer:
            judgement.errors.append((case, answer["error"]))
            continue
        mutated |= set(answer["mutated"])
        judgement.overwritten |= bool(answer.get("overwritten"))
        observation = _observe(kind, variant, case, answer, index)
        if isinstance(observation, str):
            judgement.unusable = judgement.unusable or observation
        else:
            judgement.observations.append(observation)
    judgement.mutated = sorted(mutated)
    judgement.empty = _is_empty(answers)
    judgement.deviations = [_deviating(i, judgement) for i in range(len(kind.outputs))]
    judgement.unstable = excuse(judgement)
    _allow_vectors_only(judgement)
    judgement.outputs = [_grade_output(i, judgement) for i in range(len(kind.outputs))]
    return judgement


def _is_empty(answers: Sequence[Json]) -> bool:
    """Whether nothing is implemented yet: only NotImplementedError, Nones or zeros.

    A single None does not count: it comes from a forgotten return.
    """

    def empty(answer: Json) -> bool:
        if "error" in answer:
            error = answer["error"]  # of the function itself, not of a helper that it calls
            return bool(error["type"] == "NotImplementedError" and error.get("frames", 0) <= 1)
        parts = answer["returned"]
        if all(part["kind"] == "none" for part in parts):
            return len(parts) > 1
        return all(part["kind"] == "array" and not any(part["numbers"]) for part in parts)

    return bool(answers) and all(empty(answer) for answer in answers)


def _observe(
    kind: Kind, variant: Variant, case: Case, answer: Json, index: int
) -> Observation | str:
    """Read one answer. If it cannot be compared, return a sentence that says why."""
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
    expected = outputs_of(kind, case, layout=variant.layout)
    passed = tuple(answer.get("passed", ()))
    return Observation(case, outputs, expected, dtypes, answer["drawn"], index, passed)


def _join(parts: list[Json]) -> Json:
    """Read a list of numbers as an array."""
    if any(part["kind"] != "array" for part in parts):
        return {"kind": "other", "type": "list"}
    numbers = [number for part in parts for number in part["numbers"]]
    shape = [len(parts), *parts[0]["shape"]] if parts else [0]
    if any(part["shape"] != parts[0]["shape"] for part in parts):
        return {"kind": "other", "type": "list"}
    return {"kind": "array", "dtype": "float64", "shape": shape, "numbers": numbers}


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _deviating(i: int, judgement: Judgement) -> list[Observation]:
    """Return the observations in which one of the returned values is wrong."""
    found = []
    for o in judgement.observations:
        got = o.outputs[i]
        shaped = None if got is None else fit(got, o.expected[i])
        if shaped is None or not (relative_error(shaped, o.expected[i]) <= TOLERANCE).all():
            found.append(o)
    return found


def _allow_vectors_only(judgement: Judgement) -> None:
    """Excuse a softmax that only takes single vectors, which is all the losses need.

    Such a softmax raises an exception for matrices, or normalises them as a whole. One that
    normalises columns instead of rows is wrong.
    """
    matrices = [o for o in judgement.observations if o.case.purpose == "matrix"]
    raised = [pair for pair in judgement.errors if pair[0].purpose.startswith("matrix")]
    whole = next(s for s in slips_of("softmax") if s.key == "softmax-whole").plant(EQUATIONS)
    if judgement.kind.field != "softmax" or not (raised or matrices):
        return
    for o in matrices:
        got = o.outputs[0]
        value = outputs_of(judgement.kind, o.case, whole)[0]
        if (
            got is None
            or got.shape != value.shape
            or (relative_error(got, value) > TOLERANCE).any()
        ):
            return
    judgement.vectors_only = True
    judgement.errors = [pair for pair in judgement.errors if pair not in raised]
    judgement.deviations = [
        [o for o in deviating if not o.case.purpose.startswith("matrix")]
        for deviating in judgement.deviations
    ]


def _grade_output(i: int, judgement: Judgement) -> OutputGrade:
    """Say what is wrong with one returned value, unless it is excused."""
    name, problem, bad = judgement.kind.outputs[i], "", []
    for o in judgement.observations:
        got, expected = o.outputs[i], o.expected[i]
        shaped = None if got is None else fit(got, expected)
        if o not in judgement.deviations[i]:
            as_given = name == "centre gradient" and judgement.variant.center != "flat"
            if (
                got is not None
                and shaped is not None
                and got.shape != expected.shape
                and not as_given
            ):
                shapes = f"{_axes(got)}; expected {_axes(expected)}"
                _add_note(judgement, f"{name}: right, but of shape {shapes}")
            continue
        if got is None:
            problem = problem or f"is of type {o.dtypes[i]}, not a number or an array"
        elif shaped is None:
            problem = problem or f"has shape {got.shape}, not {expected.shape}"
        elif o.case.purpose != "again" or not _deviated_before(o, judgement.deviations[i]):
            bad += _deviations(shaped, expected, o.case)
    bad.sort(key=lambda pair: pair[0])
    worst = tuple(coordinate for _, coordinate in bad[:N_WORST])
    compared = any(o.outputs[i] is not None for o in judgement.observations)
    return OutputGrade(name, compared and not problem and not worst, problem, worst)


def _deviated_before(again: Observation, deviating: list[Observation]) -> bool:
    """Whether the first call with the same arguments also deviates."""
    return any(
        o.case.arguments is again.case.arguments and o.case.purpose != "again" for o in deviating
    )


def _axes(array: Array) -> str:
    """Write a shape with n for every length above 1, since these vary between calls: `(1, n)`."""
    axes = ["n" if length > 1 else str(length) for length in array.shape]
    return f"({', '.join(axes)}{',' if len(axes) == 1 else ''})"


def _add_note(judgement: Judgement, note: str) -> None:
    if note not in judgement.notes:
        judgement.notes.append(note)


def _deviations(
    got: Array, expected: Array, case: Case
) -> list[tuple[tuple[bool, float], Coordinate]]:
    """Return wrong coordinates, each with a sort key: normal calls first, then by error."""
    errors = np.atleast_1d(relative_error(got, expected))
    a, b = np.atleast_1d(got), np.atleast_1d(expected)
    found = []
    for index in np.argwhere(~(errors <= TOLERANCE)):
        place = tuple(int(i) for i in index)
        shown = f"[{', '.join(map(str, place))}]" if got.ndim else ""
        label = f"{case.label}, called again" if case.purpose == "again" else case.label
        coordinate = Coordinate(shown, float(a[place]), float(b[place]), label)
        order = (case.purpose not in ("normal", "again"), -float(errors[place]))
        found.append((order, coordinate))
    return found
