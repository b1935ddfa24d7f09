"""Grade a file, or a function: load, call, judge, diagnose."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from w2v_cli.errors import UsageError
from w2v_cli.grader.cases import Case, cases_for
from w2v_cli.grader.diagnose import PYTHON_2, Diagnosis, diagnose
from w2v_cli.grader.judge import (
    CRASHED,
    EMPTY,
    ERROR,
    RIGHT,
    TIMED_OUT,
    WRONG,
    Judgement,
    OutputGrade,
    judge,
)
from w2v_cli.grader.kinds import KINDS, Kind, assign_kinds
from w2v_cli.grader.process import Outcome, run_worker
from w2v_cli.grader.starter import is_starter
from w2v_cli.grader.worker import call

TIME_LIMIT = 10.0
LAYOUTS = ("rows", "columns")


@dataclass(frozen=True)
class Grade:
    """The grade of one function.

    verdict: right, wrong, not implemented yet, error, crashed or time limit. message: what
    happened, where that is not a matter of numbers. printed: what the function printed.
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

    @property
    def right(self) -> bool:
        """Whether nothing is wrong."""
        return self.verdict == RIGHT


@dataclass(frozen=True)
class FileGrade:
    """The grades of a file. problem: why the file did not load to its end, or empty."""

    file: str
    grades: tuple[Grade, ...]
    problem: str = ""
    hints: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()
    printed: str = field(default="", repr=False)

    @property
    def right(self) -> bool:
        """Whether the file loads and everything found in it is right."""
        return bool(self.grades) and not self.problem and all(g.right for g in self.grades)


def grade_file(
    file: Path,
    mapping: Mapping[str, str] | None = None,
    time_limit: float = TIME_LIMIT,
    progress: Callable[[str], None] = lambda message: None,
) -> FileGrade:
    """Grade whatever a file defines of ``KINDS``. This runs the file, in other processes.

    mapping: known name to the file's own name for it. time_limit: seconds a function.

    Raises UsageError when the file loads and has nothing to grade in it, or the mapping names
    what does not exist.
    """
    if file.suffix == ".ipynb":
        raise UsageError(
            f"{file} is a notebook; turn it into a Python file first:"
            f" jupyter nbconvert --to script {file}"
        )
    if not file.is_file():
        raise UsageError(f"{file}: no such file")
    loaded = run_worker(file, time_limit)
    report = loaded.answers[0] if loaded.answers else None
    problem, hints = _load_problem(loaded, report, time_limit)
    names = report["functions"] if report else []
    wanted = assign_kinds(names, mapping or {}) if report else []
    if not wanted and not problem:
        raise UsageError(_nothing_found(file, names))
    _check_mapping(names, mapping or {}, file, problem)
    grades = []
    for function, kind in wanted:
        progress(function)
        grades.append(_grade_in_process(file, function, kind, time_limit))
    used = tuple(report["stand_ins"]) if report else ()
    stand_ins = tuple(name for name in used if name != "utils")
    return FileGrade(str(file), tuple(grades), problem, hints, stand_ins, loaded.output)


def grade_function(function: Callable[..., Any], kind: Kind) -> Grade:
    """Grade a function in this very process: no time limit, no protection."""
    cases = cases_for(kind)
    judgements = [
        judge(kind, layout, cases, [call(function, kind.key, case, layout) for case in cases])
        for layout in LAYOUTS
    ]
    best = max(judgements, key=lambda j: j.score)
    if is_starter(function) or best.empty:
        return Grade(function.__name__, kind.key, EMPTY)
    return _grade(function.__name__, best)


def _nothing_found(file: Path, names: Iterable[str]) -> str:
    known = ", ".join(name for kind in KINDS for name in kind.names[:2])
    defined = ", ".join(names) or "no functions"
    return (
        f"{file}: nothing to grade in it. Looked for {known}; it defines {defined}."
        " Say which is which with --map, such as --map naiveSoftmaxLossAndGradient=my_function"
    )


def _check_mapping(names: list[str], mapping: Mapping[str, str], file: Path, problem: str) -> None:
    for name, function in mapping.items():
        if not problem and "." not in function and function not in names:
            raise UsageError(
                f"--map {name}={function}: {file} defines no function {function};"
                f" it defines {', '.join(names) or 'none'}"
            )


def _load_problem(
    loaded: Outcome, report: dict[str, Any] | None, time_limit: float
) -> tuple[str, tuple[str, ...]]:
    """Say why the file did not load to its end, and what to do about it."""
    guard = 'Code outside functions runs at import: put it under if __name__ == "__main__":'
    if report is None:
        if loaded.timed_out:
            return f"loading it did not end within {time_limit:g} s", (guard,)
        return f"loading it {loaded.death or 'ended the process'}", (guard,)
    error = report["error"]
    if error is None:
        return "", ()
    hints: tuple[str, ...] = ()
    if error["type"] == "SyntaxError" and "print" in error["message"] + error["text"]:
        hints = (f"It looks like: {PYTHON_2.title}. {PYTHON_2.wrong} → {PYTHON_2.right}",)
    elif error["type"] == "ModuleNotFoundError":
        hints = ("Put the missing module beside the file, or install it.",)
    elif error["type"] != "SyntaxError":
        hints = (guard,)
    return f"loading it stopped: {_show_error(error)}", hints


def _show_error(error: dict[str, Any]) -> str:
    message = f"{error['type']}: {error['message']}" if error["message"] else error["type"]
    if error["line"] is None:
        return message
    return f"{message} (line {error['line']}: {error['text']})"


def _raised(error: dict[str, Any], case: Case) -> str:
    """Say in lines what a call raised: where, the message, the arguments."""
    place = f" in line {error['line']}: {error['text']}" if error["line"] else ""
    lines = [f"{error['type']}{place}", error["message"], f"called with {case.label}"]
    return "\n".join(line for line in lines if line)


def _grade_in_process(file: Path, function: str, kind: Kind, time_limit: float) -> Grade:
    """Call the function with rows, and with columns where that does not go well."""
    cases = cases_for(kind)
    best: tuple[Judgement, Outcome] | None = None
    for layout in LAYOUTS if len(kind.outputs) > 1 else LAYOUTS[:1]:
        outcome = run_worker(file, time_limit, function, kind.key, layout)
        if any("missing" in answer for answer in outcome.answers):
            return Grade(function, kind.key, ERROR, message=f"{file} has no function {function}")
        starter = any(answer.get("starter") for answer in outcome.answers)
        answers = [a for a in outcome.answers if "mutated" in a]
        judgement = judge(kind, layout, cases, answers)
        if starter or judgement.empty:
            return Grade(function, kind.key, EMPTY, printed=outcome.output)
        if outcome.timed_out or outcome.death or len(answers) < len(cases):
            return _unfinished(function, kind, outcome, len(answers), time_limit)
        if best is None or judgement.score > best[0].score:
            best = judgement, outcome
        if all(o.right for o in judgement.outputs) and not judgement.errors:
            break
    assert best is not None
    return _grade(function, best[0], best[1].output)


def _unfinished(
    function: str, kind: Kind, outcome: Outcome, n_answers: int, time_limit: float
) -> Grade:
    cases = cases_for(kind)
    label = cases[min(n_answers, len(cases) - 1)].label
    if outcome.timed_out:
        message = f"not done within {time_limit:g} s; an endless loop?\ncalled with {label}"
        return Grade(function, kind.key, TIMED_OUT, message=message, printed=outcome.output)
    message = f"{outcome.death or 'ended the process'}\ncalled with {label}"
    return Grade(function, kind.key, CRASHED, message=message, printed=outcome.output)


def _grade(function: str, judgement: Judgement, printed: str = "") -> Grade:
    """Turn a judgement into a grade."""
    message, verdict = "", RIGHT
    notes = list(judgement.notes)
    errors = [(case, e) for case, e in judgement.errors if case.purpose != "matrix"]
    vectors_only = judgement.vectors_only or len(errors) < len(judgement.errors)
    if errors:
        case, error = errors[0]
        verdict, message = ERROR, _raised(error, case)
    elif judgement.unusable:
        verdict, message = WRONG, judgement.unusable
    elif not all(output.right for output in judgement.outputs):
        verdict = WRONG
    elif vectors_only:
        notes.append("right for a vector of scores, not for a matrix with one in each row")
    if judgement.mutated:
        names = ", ".join(_ARGUMENT_NAMES[name] for name in judgement.mutated)
        if judgement.kind.key in ("sigmoid", "softmax"):
            notes.append(f"changes its argument {names} in place; x = x - … would not")
        elif verdict == RIGHT:
            verdict, message = WRONG, f"changes its argument in place: {names}"
    diagnoses = () if verdict == RIGHT else tuple(diagnose(judgement))
    return Grade(
        function,
        judgement.kind.key,
        verdict,
        judgement.layout,
        tuple(judgement.outputs) if judgement.observations else (),
        diagnoses,
        tuple(notes),
        message,
        printed,
    )


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
    "loss": "word2vecLossAndGradient",
}
