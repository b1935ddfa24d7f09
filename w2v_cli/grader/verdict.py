"""From a judgement to a grade: one verdict, and what to say about it."""

from collections.abc import Container, Iterator
from dataclasses import dataclass

import numpy as np

from w2v_cli.grader.case import Case
from w2v_cli.grader.cases import laid_out
from w2v_cli.grader.diagnose import Diagnosis, diagnose, keeps_state, published_slip
from w2v_cli.grader.kinds import WINDOWS
from w2v_cli.grader.observation import (
    ERROR,
    LEFT_OUT,
    PUBLISHED,
    RIGHT,
    UNSTABLE,
    WRONG,
    Judgement,
    OutputGrade,
)
from w2v_cli.json_types import Json

_ARGUMENT_NAMES = {
    "x": "x",
    "v_c": "centerWordVec",
    "U": "outsideVectors",
    "V": "centerWordVectors",
    "outside": "outsideWords",
    "ids": "word2Ind",
    "o": "outsideWordIdx",
    "K": "K",
    "center": "currentCenterWord",
    "window": "windowSize",
}
CENTER_SHAPES = {"row": "(1, D)", "column": "(D, 1)"}


@dataclass(frozen=True)
class Grade:
    """The grade of one function.

    verdict: right; right, unstable; right, by the course's key; wrong; not implemented yet;
    error; crashed or time limit. layout, center: of the arguments, see `Variant`. message: what
    happened, unless the numbers say it. printed: what the function printed. source: the module
    from which the file imports the function, if it does not define it. code: a call that fails,
    as lines of Python.
    """

    function: str
    kind: str
    verdict: str
    layout: str = "rows"
    outputs: tuple[OutputGrade, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    notes: tuple[str, ...] = ()
    message: str = ""
    printed: str = ""
    center: str = "flat"
    source: str = ""
    code: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether nothing is wrong; an unstable function is right, and one that equals a key."""
        return self.verdict in (RIGHT, UNSTABLE, PUBLISHED, *LEFT_OUT)


def grade_of(
    function: str, judgement: Judgement, printed: str = "", losses_take_dataset: bool = True
) -> Grade:
    """Turn a judgement into a grade.

    losses_take_dataset: whether a window function must pass its dataset on to the loss.
    """
    verdict, message = _verdict(judgement, losses_take_dataset)
    key = published_slip(judgement) if verdict == WRONG else None
    if key and not message and not any(_faults(judgement, losses_take_dataset)):
        verdict, message = PUBLISHED, f"equals the published key of {key.key_of}; see below"
    notes = list(judgement.notes)
    center = judgement.variant.center
    if verdict in (RIGHT, UNSTABLE):
        if center != "flat" and judgement.kind.group != "block":
            shape = CENTER_SHAPES[center]
            notes.insert(0, f"right for a {shape} centre vector; the course passes (D,)")
        if judgement.variant.argument != "x":
            of = {"sigmoid": "σ(x)", "softmax": "ŷ = softmax(x)"}[judgement.variant.argument]
            notes.append(f"right for an argument that is {of} already, not x")
        if judgement.vectors_only:
            notes.append("right for a vector of scores, but not for a matrix with one in each row")
        if judgement.mutated:
            names = _names(judgement.mutated)
            notes.append(f"changes its argument {names} in place; x = x - … would not")
    diagnoses = () if verdict in (RIGHT, UNSTABLE) else tuple(diagnose(judgement))
    return Grade(
        function,
        judgement.kind.key,
        verdict,
        judgement.variant.layout,
        tuple(judgement.outputs) if judgement.observations else (),
        diagnoses,
        tuple(notes),
        message,
        printed,
        center,
        code=_call_as_code(function, judgement) if verdict in (WRONG, ERROR) else (),
    )


_MOST_NUMBERS = 70
"""The most numbers in the arguments of a call that is shown as code."""
_PAIR_LOSS = (
    "loss = lambda v, o, U, *more: ((w := np.cos(U @ v + 0.7 * (np.arange(len(U)) - o))"
    " + (np.arange(len(U)) == o)) is None or np.sin(U @ v).sum() + 2 + 0.3 * o + U[o] @ v,"
    " U.T @ w + 0.1 * v, np.outer(w, v + 0.2))"
)
"""The pair loss of the grader, as one line."""


def _call_as_code(function: str, judgement: Judgement) -> tuple[str, ...]:
    """Write the first small failing call as lines that run below the user's functions."""
    deviating = [o.case for some in judgement.deviations for o in some]
    failed = [*deviating, *(case for case, _ in judgement.errors)]
    asked = judgement.roles
    small = [case for case in failed if _n_numbers(case, asked) <= _MOST_NUMBERS]
    turned = judgement.variant.layout == "columns"
    if not small or not judgement.call or (turned and judgement.kind.key in WINDOWS):
        return ()
    case = min(small, key=lambda case: (case.purpose != "normal", failed.index(case)))
    lines, plain = ["import numpy as np"], []
    for role, value in laid_out(case, judgement.variant).items():
        if role not in asked:
            continue
        if isinstance(value, np.ndarray) and value.ndim:
            lines.append(f"{role} = np.array({value.tolist()})")
        else:
            plain.append((role, repr(value.item() if isinstance(value, np.generic) else value)))
    if plain:
        lines.append(f"{', '.join(r for r, _ in plain)} = {', '.join(v for _, v in plain)}")
    draws = f"iter({list(case.draws)}).__next__"
    if "dataset" in asked:
        lines.append(f'dataset = type("Dataset", (), {{"sampleTokenIdx": {draws}}})')
    if "negatives" in asked:
        lines.append(f"negatives = {case.negatives}")
    if "loss" in asked:
        lines.append(_PAIR_LOSS)
    return (*lines, f"print({function}({judgement.call}))")


def _n_numbers(case: Case, roles: Container[str]) -> int:
    return sum(int(np.size(value)) for role, value in case.arguments.items() if role in roles)


def is_right(judgement: Judgement, losses_take_dataset: bool = True) -> bool:
    """Whether nothing is wrong with one variant of the arguments."""
    return _verdict(judgement, losses_take_dataset)[0] in (RIGHT, UNSTABLE)


def _verdict(judgement: Judgement, losses_take_dataset: bool) -> tuple[str, str]:
    """Return the verdict, and what happened unless the numbers say it."""
    if judgement.errors and not judgement.forbidden and not keeps_state(judgement):
        return _error_verdict(judgement)
    fault = next(_faults(judgement, losses_take_dataset), None)
    if fault is not None:
        return WRONG, fault
    return (UNSTABLE, judgement.unstable) if judgement.unstable else (RIGHT, "")


def _faults(judgement: Judgement, losses_take_dataset: bool) -> Iterator[str]:
    """Say what is wrong, most important first; an empty text if the numbers say it."""
    if judgement.forbidden:
        yield "imports w2v_cli; graded code must be your own"
    if keeps_state(judgement):
        yield "right on the first call, wrong when the same call is repeated"
    if judgement.unusable:
        yield judgement.unusable
    if not all(output.right for output in judgement.outputs):
        yield ""
    if judgement.overwritten:
        yield "the next call changes the arrays that it returned"
    problem = _dataset_problem(judgement, losses_take_dataset)
    if problem:
        yield problem
    if judgement.mutated and judgement.kind.group != "block":
        yield f"changes its argument in place: {_names(judgement.mutated)}"


def _error_verdict(judgement: Judgement) -> tuple[str, str]:
    for case, error in judgement.errors:
        if error["type"] == "TooManyDraws":
            K = case.arguments.get("K", 10)
            return WRONG, (
                f"{error['message']} for {K} negatives and was stopped\ncalled with {case.label}"
            )
    case, error = judgement.errors[0]
    return ERROR, _raised(error, case)


def _raised(error: Json, case: Case) -> str:
    """Describe what a call raised, line by line: the place, the message, the arguments."""
    place = f" in {error['place']}: {error['text']}" if error["line"] else ""
    again = ", for the second time" if case.purpose == "again" else ""
    lines = [f"{error['type']}{place}", error["message"], f"called with {case.label}{again}"]
    return "\n".join(line for line in lines if line)


def _dataset_problem(judgement: Judgement, losses_take_dataset: bool) -> str:
    """Say what a window function wrongly passes to its loss as dataset or K; empty if nothing."""
    passed = {what for o in judgement.observations for what in o.passed} - {"given"}
    if "K" in passed and "K" not in judgement.roles:
        return "passes its own K to word2vecLossAndGradient, which has a default"
    passed -= {"K"}
    if judgement.kind.key not in WINDOWS or not passed:
        return ""
    if passed == {"missing"}:
        missing = "dataset" in judgement.roles and losses_take_dataset
        return (
            "does not pass dataset to word2vecLossAndGradient; negative sampling needs it"
            if missing
            else ""
        )
    other = sorted(passed - {"missing"})[0]
    shown = "None" if other == "NoneType" else f"something of type {other}"
    return f"passes {shown} to word2vecLossAndGradient as its dataset"


def _names(roles: list[str]) -> str:
    return ", ".join(_ARGUMENT_NAMES.get(role, role) for role in roles)
