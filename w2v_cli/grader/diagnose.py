"""Name the slip: compare wrong outputs with what each known slip would have returned."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from w2v_cli.equations import Array
from w2v_cli.grader.cases import outputs_of
from w2v_cli.grader.judge import TOLERANCE, Judgement, Observation
from w2v_cli.mistakes import CATALOGUE, Slip, slips_of
from w2v_cli.mistakes.functions import EQUATIONS
from w2v_cli.mistakes.measure import relative_error


@dataclass(frozen=True)
class Diagnosis:
    """What probably is wrong. wrong, right: formulas or sentences; may be empty."""

    key: str
    title: str
    wrong: str = ""
    right: str = ""
    why: str = ""


def _of_slip(slip: Slip) -> Diagnosis:
    return Diagnosis(slip.key, slip.title, slip.wrong, slip.right, slip.why)


MUTATED = Diagnosis(
    "mutated",
    "input mutated in place",
    "x -= …, x *= …, x[i] = … on an argument",
    "x = x - …, or work on x.copy()",
    "The caller's arrays are changed, and with them the parameters in training.",
)
_INTEGER = {
    field: next(s for s in slips_of(field) if "integer" in s.key)
    for field in ("sigmoid", "softmax", "naive_softmax", "negative_sampling", "skip_gram")
}
_COLUMN_FORMULA = next(s for s in CATALOGUE if s.key == "softmax-column-formula")
SHAPES = Diagnosis(
    "shapes",
    "transposed? the shapes do not fit",
    "U @ (ŷ − y) or (ŷ − y) * v_c, with U of shape (n_words, dim)",
    "U.T @ (ŷ − y) and np.outer(ŷ − y, v_c) for rows",
    "ŷ − y has one entry a word, v_c one a dimension: each must meet its own axis of U.",
)
NO_DRAWS = Diagnosis(
    "no-draws",
    "the negatives are not drawn from dataset.sampleTokenIdx()",
    "random.randint(…), np.random.…",
    "dataset.sampleTokenIdx(), again while it is the outside word",
    "The negatives come from the data set's noise distribution; a grader must know them.",
)
SWAPPED = Diagnosis(
    "swapped",
    "the two gradients are returned in the wrong order",
    "return loss, gradOutsideVecs, gradCenterVec",
    "return loss, gradCenterVec, gradOutsideVecs",
)
PYTHON_2 = Diagnosis(
    "python-2", "this is Python 2", "xrange, print …, N/2", "range, print(…), N//2"
)


def diagnose(judgement: Judgement) -> list[Diagnosis]:
    """List what probably is wrong, what explains most first."""
    found: list[Diagnosis] = [*_from_errors(judgement)]
    if judgement.mutated and judgement.kind.key not in ("sigmoid", "softmax"):
        found.append(MUTATED)
    normal = [o for o in judgement.observations if o.case.purpose == "normal"]
    if judgement.kind.key == "negative-sampling" and normal and not any(o.drawn for o in normal):
        return [*found, NO_DRAWS]
    wrong = [i for i, output in enumerate(judgement.outputs) if not output.right]
    wrong_normally = [i for i in wrong if not _right(i, normal)]
    found += _integer(judgement, wrong_normally)
    wrong_normally = [i for i in wrong_normally if not _is_integer(i, normal)]
    found += _explain(judgement, normal, wrong_normally)
    found += _special_cases(judgement, wrong)
    return _unique(found)


def _unique(found: Iterable[Diagnosis]) -> list[Diagnosis]:
    return list({d.title: d for d in reversed(list(found))}.values())[::-1]


def _right(i: int, observations: list[Observation]) -> bool:
    return bool(observations) and all(_matches(o.outputs[i], o.expected[i]) for o in observations)


def _matches(got: Array | None, predicted: Array) -> bool:
    """Equal numbers in the same shape; one number a word stands for a row of equal ones."""
    if got is None:
        return False
    if got.shape != predicted.shape:
        if got.size == predicted.size and np.squeeze(got).shape == np.squeeze(predicted).shape:
            got = got.reshape(predicted.shape)
        elif predicted.ndim == 2 and got.shape in ((len(predicted),), (len(predicted), 1)):
            got = np.broadcast_to(got.reshape(-1, 1), predicted.shape)
        else:
            return False
    return bool((relative_error(got, predicted) <= TOLERANCE).all())


def _from_errors(judgement: Judgement) -> Iterator[Diagnosis]:
    for _, error in judgement.errors:
        message = error["message"]
        if "Cannot cast" in message:
            yield _of_slip(_INTEGER[judgement.kind.field])
        elif error["type"] == "NameError" and "'xrange'" in message:
            yield PYTHON_2
        elif error["type"] == "ValueError" and any(
            sign in message for sign in ("broadcast", "matmul", "not aligned", "mismatch")
        ):
            yield _of_slip(_COLUMN_FORMULA) if _is_column_formula(judgement) else SHAPES


def _is_column_formula(judgement: Judgement) -> bool:
    """Whether the centre gradient of the square case, where shapes cannot clash, is U(ŷ − y)."""
    normal = [o for o in judgement.observations if o.case.purpose == "normal"]
    return judgement.kind.key == "naive-softmax" and _explains(
        _COLUMN_FORMULA, judgement, normal, (1, "all")
    )


def _is_integer(i: int, observations: list[Observation]) -> bool:
    return any(o.dtypes[i].startswith(("int", "uint")) for o in observations)


def _integer(judgement: Judgement, wrong: list[int]) -> list[Diagnosis]:
    normal = [o for o in judgement.observations if o.case.purpose == "normal"]
    if any(_is_integer(i, normal) for i in wrong):
        return [_of_slip(_INTEGER[judgement.kind.field])]
    return []


Unit = tuple[int, str]
"""A part of the result to be explained: index of the output, and all, target or other rows."""


def _units(judgement: Judgement, normal: list[Observation], wrong: list[int]) -> set[Unit]:
    """Cut the wrong outputs into parts that different slips may have spoiled.

    The outside gradients of a pair have two: the row of the outside word, and the others.
    """
    units: set[Unit] = set()
    for i in wrong:
        whole = {(i, "all")}
        parts = {(i, "target"), (i, "others")}
        pair = judgement.kind.key in ("naive-softmax", "negative-sampling")
        if i != 2 or not pair or not all(_same_shape(o.outputs[i], o.expected[i]) for o in normal):
            units |= whole
            continue
        units |= {
            unit
            for unit in parts
            if not all(
                _matches(
                    _part(o.outputs[i], unit, o, judgement),
                    _part(o.expected[i], unit, o, judgement),
                )
                for o in normal
            )
        }
    return units


def _same_shape(a: Array | None, b: Array) -> bool:
    return a is not None and a.shape == b.shape


def _part(output: Array | None, unit: Unit, o: Observation, judgement: Judgement) -> Array:
    """The part of an output that a unit is about."""
    assert output is not None
    if unit[1] == "all":
        return output
    rows = output.T if judgement.layout == "columns" else output
    target = o.case.arguments["o"]
    return rows[target] if unit[1] == "target" else np.delete(rows, target, axis=0)


def _explain(
    judgement: Judgement, normal: list[Observation], wrong: list[int]
) -> Iterator[Diagnosis]:
    """Name slips until every wrong part is explained, those that explain most first."""
    if {1, 2} <= set(wrong) and _swapped(normal):
        wrong = [i for i in wrong if i not in (1, 2)]
        yield SWAPPED
    left = _units(judgement, normal, wrong)
    explained = {
        slip: {unit for unit in left if _explains(slip, judgement, normal, unit)}
        for slip in slips_of(judgement.kind.field)
    }
    while left:
        slip = max(explained, key=lambda s: len(explained[s] & left))
        if not explained[slip] & left:
            break
        yield _of_slip(slip)
        left -= explained[slip]
    for i in sorted({i for i, _ in left}):
        yield from _constant_factor(judgement, normal, i)


def _explains(
    slip: Slip, judgement: Judgement, observations: list[Observation], unit: Unit
) -> bool:
    """Whether the slip predicts a part of every observation, and not by being harmless."""
    harmful = False
    planted = slip.plant(EQUATIONS)
    i = unit[0]
    for o in observations:
        try:
            predicted = outputs_of(judgement.kind, o.case, planted, judgement.layout)[i]
        except ValueError:  # the slip itself cannot be computed in this shape
            continue
        got, expected = o.outputs[i], o.expected[i]
        if unit[1] != "all":
            if predicted.shape != expected.shape:
                return False
            got, predicted, expected = (
                _part(x, unit, o, judgement) for x in (got, predicted, expected)
            )
        if not _matches(got, predicted):
            return False
        harmful |= not _matches(predicted, expected)
    return harmful


def _swapped(observations: list[Observation]) -> bool:
    return bool(observations) and all(
        _matches(o.outputs[1], o.expected[2]) and _matches(o.outputs[2], o.expected[1])
        for o in observations
    )


def _constant_factor(
    judgement: Judgement, normal: list[Observation], i: int
) -> Iterator[Diagnosis]:
    """Find one number that all coordinates are too large by."""
    pairs = [(o.outputs[i], o.expected[i]) for o in normal]
    usable = [(a.ravel(), b.ravel()) for a, b in pairs if a is not None and a.shape == b.shape]
    if not usable or len(usable) < len(pairs):
        return
    got, expected = (np.concatenate(parts) for parts in zip(*usable, strict=True))
    if not np.isfinite(got).all() or not expected.any():
        return
    factor = float(got @ expected / (expected @ expected))
    if factor and _matches(got, factor * expected):
        name = judgement.outputs[i].name
        if np.isclose(factor, -1):
            yield Diagnosis("sign", f"sign turned: {name}", why="Everything else is right.")
        else:
            yield Diagnosis(
                "factor",
                f"off by a constant factor: {name} is {factor:.6g} times what it should be",
                why="1.442695 = 1/ln 2 comes from log2, 0.4342945 from log10."
                if np.isclose(factor, (1 / np.log(2), 1 / np.log(10)), rtol=1e-5).any()
                else "Everything else is right.",
            )


def _special_cases(judgement: Judgement, wrong: list[int]) -> Iterator[Diagnosis]:
    """Faults that show only at large scores, or when the outside word is drawn."""
    field = judgement.kind.field
    for o in judgement.observations:
        bad = [i for i in wrong if not _matches(o.outputs[i], o.expected[i])]
        if o.case.purpose == "large" and any(_overflowed(i, o, judgement) for i in bad):
            yield _of_slip(next(s for s in slips_of(field) if s.title.startswith("overflow")))
        kept_target = o.case.arguments.get("o") in o.drawn[: o.case.arguments.get("K", 0)]
        enough = len(o.drawn) > o.case.arguments.get("K", 0)
        if o.case.purpose == "target" and bad and kept_target and not enough:
            yield _of_slip(next(s for s in slips_of(field) if s.key == "sampling-target"))


def _overflowed(i: int, o: Observation, judgement: Judgement) -> bool:
    """Not finite; for a loss NaN only, since inf comes from the log of an honest 0."""
    output = o.outputs[i]
    if output is None:
        return False
    if judgement.outputs[i].name == "loss":
        return bool(np.isnan(output).any())
    return not np.isfinite(output).all()
