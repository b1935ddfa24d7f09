"""Grade a file or a function: load, call, judge, diagnose."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from w2v_cli.errors import UsageError, visible
from w2v_cli.grader.cases import big_cases_for, cases_for, packed_arguments, variants_of
from w2v_cli.grader.diagnose import DRAWINGS, PYTHON_2, Diagnosis, helper_at_fault, numpy_2
from w2v_cli.grader.judge import judge
from w2v_cli.grader.kinds import (
    KINDS,
    OF_ASSIGNMENT,
    Kind,
    assign_kinds,
    assignment_of,
    check_names,
    is_required,
    kind_named,
    missing_of,
)
from w2v_cli.grader.observation import (
    CRASHED,
    EMPTY,
    ERROR,
    GIVEN,
    LEFT_OUT,
    MISSING,
    OTHER,
    PUBLISHED,
    SKIPPED,
    TIMED_OUT,
    UNSTABLE,
    WRONG,
    Judgement,
)
from w2v_cli.grader.process import Limits, Outcome, Worker
from w2v_cli.grader.verdict import Grade, grade_of, is_right
from w2v_cli.grader.worker.binding import Binding, BindingError, bind
from w2v_cli.grader.worker.calls import Caller, Variant
from w2v_cli.grader.worker.loading import is_starter
from w2v_cli.json_types import Json

# One function of a file: in every layout and, if it is wrong, with correct helpers.


@dataclass
class Attempts:
    """Grades the functions of one loaded file.

    report: what the worker found when it loaded the file. losses_take_dataset: whether a window
    function must pass its dataset on to the loss.
    """

    worker: Worker
    file: Path
    limits: Limits
    seed: int
    report: Mapping[str, object]
    losses_take_dataset: bool = True

    def grade(self, function: str, kind: Kind) -> Grade:
        """Call the function in the usual layout, and in others if that does not go well."""
        best: tuple[Judgement, Outcome] | None = None
        for variant in variants_of(kind):
            outcome, judgement = self._attempt(function, kind, variant)
            settled = self._settled(function, kind, outcome, judgement)
            if settled and best is None:
                return settled
            if settled:
                break
            if best is None or judgement.score > best[0].score:
                best = judgement, outcome
            if is_right(judgement, self.losses_take_dataset):
                break
        assert best is not None
        judgement, outcome = best
        grade = grade_of(function, judgement, outcome.output, self.losses_take_dataset)
        if grade.right or grade.verdict not in (WRONG, ERROR):
            return grade
        return self._with_helpers(grade, kind, judgement.variant)

    def _attempt(
        self, function: str, kind: Kind, variant: Variant, replaced: Sequence[str] = ()
    ) -> tuple[Outcome, Judgement]:
        cases = cases_for(kind, self.seed)
        outcome = self.worker.run(function, kind.key, variant, cases, replaced)
        listed = outcome.announced.get("roles", [])
        roles = list(map(str, listed)) if isinstance(listed, list) else []
        judgement = judge(kind, variant, cases, outcome.answers, roles)
        judgement.call = str(outcome.announced.get("call", ""))
        if len(outcome.answers) < len(cases) or not is_right(judgement):
            return outcome, judgement
        big = big_cases_for(kind, self.seed)
        more = self.worker.run(function, kind.key, variant, big, replaced)
        answers = [*outcome.answers, *more.answers]
        outcome = replace(more, answers=answers, output=outcome.output or more.output)
        return outcome, judge(kind, variant, [*cases, *big], answers, roles)

    def _settled(
        self, function: str, kind: Kind, outcome: Outcome, judgement: Judgement
    ) -> Grade | None:
        """Return the grade if there is nothing to compare."""
        if outcome.announced.get("missing"):
            message = f"{self.file} has no function {function}"
            return Grade(function, kind.key, ERROR, message=message)
        if outcome.announced.get("starter") or judgement.empty:
            return Grade(function, kind.key, EMPTY, printed=outcome.output)
        if "unbound" in outcome.announced:
            verdict = OTHER if kind.helper else ERROR
            return Grade(function, kind.key, verdict, message=str(outcome.announced["unbound"]))
        cases = cases_for(kind, self.seed)
        if len(outcome.answers) >= len(cases):
            cases += big_cases_for(kind, self.seed) if is_right(judgement) else []
        if not (outcome.timed_out or outcome.death or len(outcome.answers) < len(cases)):
            return None
        label = cases[min(len(outcome.answers), len(cases) - 1)].label
        if outcome.flooded:
            message = f"printed without end and was stopped\ncalled with {label}"
        elif outcome.timed_out:
            message = f"did not finish within {self.limits.seconds:g} s\ncalled with {label}"
        else:
            message = f"{outcome.death or 'ended the process'}\ncalled with {label}"
        verdict = TIMED_OUT if outcome.timed_out else CRASHED
        return Grade(function, kind.key, verdict, message=message, printed=outcome.output)

    def _with_helpers(self, grade: Grade, kind: Kind, variant: Variant) -> Grade:
        """Add a diagnosis if the function is right with correct helpers in place of its own."""
        helpers = self.report.get("helpers", [])
        assert isinstance(helpers, list)
        others = [name for name in helpers if kind_named(name) != kind]
        sets = [[name] for name in others] + ([others] if len(others) > 1 else [])
        for replaced in sets if len(kind.outputs) > 1 else []:
            _, judgement = self._attempt(grade.function, kind, variant, replaced)
            if judgement.observations and is_right(judgement):
                found = helper_at_fault(" and ".join(replaced))
                return replace(grade, diagnoses=(*_about_draws(grade), found))
        return grade


def _about_draws(grade: Grade) -> list[Diagnosis]:
    """Keep what is said about drawing negatives; it holds wherever the draw is written."""
    drawn = [drawing.diagnosis for drawing in DRAWINGS]
    return [d for d in grade.diagnoses if d in drawn]


# A whole file.


@dataclass(frozen=True)
class FileGrade:
    """The grades of a file.

    problem: why the file did not load completely, or empty. assignment: the title of the known
    assignment that it is a hand-in of, or empty. missing: functions that the assignment asks for
    and the file does not define. skipped: statements of a notebook that failed, with reasons.
    """

    file: str
    grades: tuple[Grade, ...]
    problem: str = ""
    hints: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()
    printed: str = field(default="", repr=False)
    assignment: str = ""
    missing: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether the file loads and all its functions are right, stable or not."""
        graded = any(g.verdict not in LEFT_OUT for g in self.grades)
        return graded and not self.problem and all(g.right for g in self.grades)

    def passed(self, strict: bool = False) -> bool:
        """Whether the file passes; with `strict`, only plainly right functions do."""
        doubtful = any(g.verdict in (UNSTABLE, PUBLISHED) for g in self.grades)
        return self.right and not (strict and doubtful)


def grade_file(
    file: Path,
    mapping: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    seed: int = 0,
    progress: Callable[[str], None] = lambda message: None,
    require: Sequence[str] = (),
) -> FileGrade:
    """Grade the functions in a file that are of one of the `KINDS`. This runs the file.

    Args:
        file: a Python file.
        mapping: from known names to the file's own names.
        limits: what each function, and loading the file, may use.
        seed: for the numbers that the functions are called with.
        progress: called with the name of each function before it is graded.
        require: functions that the file must define, by name, or `OF_ASSIGNMENT` or `ALL`.

    Raises UsageError: there is nothing to grade and nothing required, or a name does not exist.
    """
    _check_file(file)
    check_names(require)
    limits = limits or Limits()
    with Worker(file, limits) as worker:
        report = worker.loaded.answers[0] if worker.loaded.answers else None
        problem, hints = _load_problem(worker.loaded, report, limits.seconds)
        signatures: dict[str, list[str]] = report["functions"] if report else {}  # type: ignore[assignment]
        imported: dict[str, str] = report["imported"] if report else {}  # type: ignore[assignment]
        wanted = assign_kinds(signatures, mapping or {}) if report else []
        found = [kind for _, kind in wanted]
        assignment = assignment_of(file.stem, signatures, found)
        missing = missing_of(require, assignment, found)
        taken = _taken_from_modules(imported, missing)
        if not wanted and not problem and not missing:
            raise UsageError(_nothing_found(file, signatures, report))
        _check_mapping([*signatures, *imported], mapping or {}, file, problem)
        attempts = Attempts(worker, file, limits, seed, report or {}, _take_dataset(signatures))
        grades = []
        for function, kind in wanted:
            progress(function)
            asked = function in (mapping or {}).values() or is_required(kind, require, assignment)
            grades.append(_unless_left_out(_graded(attempts, function, kind), kind, asked))
        for function, kind in taken.items():
            progress(function)
            grades.append(_grade_of_taken(attempts, function, kind, imported[function]))
        found += taken.values()
        missing = missing_of(require, assignment, found)
    return FileGrade(
        str(file),
        (*grades, *_grades_of_missing(missing, problem)),
        problem,
        hints,
        _stand_ins(report),
        worker.loaded.output,
        assignment.title if assignment else "",
        tuple(name for name, _ in missing_of((OF_ASSIGNMENT,), assignment, found)),
        tuple(report["skipped"]) if report else (),  # type: ignore[arg-type]
    )


def _taken_from_modules(
    imported: Mapping[str, str], missing: Iterable[tuple[str, Kind]]
) -> dict[str, Kind]:
    """Find required functions that the file imports: courses hand some of them out."""
    taken = {}
    for _, kind in missing:
        name = next((name for name in imported if kind_named(name) == kind), None)
        if name is not None:
            taken[name] = kind
    return taken


def _grade_of_taken(attempts: Attempts, function: str, kind: Kind, source: str) -> Grade:
    """Grade a function that the file imports; one of our stand-ins does not count."""
    if source:
        return replace(_graded(attempts, function, kind), source=source)
    return Grade(function, kind.key, GIVEN)


def _graded(attempts: Attempts, function: str, kind: Kind) -> Grade:
    """Grade one function; an error of the grader's own stays with this function."""
    try:
        return attempts.grade(function, kind)
    except Exception as problem:  # a result that nobody thought of
        said = visible(f"{type(problem).__name__}: {problem}"[:300], " ")
        message = f"the grader itself failed here ({said}); please report it with the file"
        return Grade(function, kind.key, ERROR, message=message)


def _stand_ins(report: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Missing modules that were replaced."""
    used = report["stand_ins"] if report else []
    return tuple(name for name in used if name != "utils")


def _unless_left_out(grade: Grade, kind: Kind, asked: bool) -> Grade:
    """Let an empty function pass that nobody asks for: starter files have a `cbow`."""
    if grade.verdict == OTHER and asked:
        return replace(grade, verdict=ERROR)
    left_out = grade.verdict == EMPTY and kind.optional and not asked
    return replace(grade, verdict=SKIPPED) if left_out else grade


def _grades_of_missing(missing: Iterable[tuple[str, Kind]], problem: str) -> list[Grade]:
    """Return grades for required functions that are not there."""
    why = "the file does not load completely" if problem else "the file does not define it"
    return [Grade(name, kind.key, MISSING, message=why) for name, kind in missing]


def _check_file(file: Path) -> None:
    if not file.is_file():
        raise UsageError(f"{file}: no such file")


def _take_dataset(signatures: Mapping[str, list[str]]) -> bool:
    """Whether the file's own losses take a dataset; true where it has none."""
    losses = [
        parameters
        for name, parameters in signatures.items()
        if (kind := kind_named(name)) and kind.key in ("naive-softmax", "negative-sampling")
    ]
    return not losses or any("dataset" in parameters for parameters in losses)


def _nothing_found(file: Path, names: Iterable[str], report: Mapping[str, Any] | None) -> str:
    known = ", ".join(name for kind in KINDS for name in kind.names[: 1 if kind.helper else 2])
    defined = ", ".join(names) or "no functions"
    networks = report["networks"] if report else []
    if networks:
        defined += (
            f", and {', '.join(networks)}: torch.nn.Module, whose gradients autograd computes"
        )
    failed = report["skipped"] if report else []
    if failed:
        defined += f" (skipped because it fails: {failed[0]})"
    return (
        f"{file}: nothing to grade in it. Looked for {known}; it defines {defined}."
        " Use --map to say which is which, such as --map naiveSoftmaxLossAndGradient=my_function"
    )


def _check_mapping(names: list[str], mapping: Mapping[str, str], file: Path, problem: str) -> None:
    for name, function in mapping.items():
        if not problem and "." not in function and function not in names:
            raise UsageError(
                f"--map {name}={function}: {file} defines no function {function};"
                f" it defines {', '.join(names) or 'none'}"
            )


_GUARD = (
    'Code outside functions runs when the file is loaded; put it under if __name__ == "__main__":'
)


def _load_problem(
    loaded: Outcome, report: Mapping[str, Any] | None, time_limit: float
) -> tuple[str, tuple[str, ...]]:
    """Say why the file did not load completely, and what to do about it."""
    if report is None:
        if loaded.timed_out:
            return f"it did not finish loading within {time_limit:g} s", (_GUARD,)
        return f"while loading, it {loaded.death or 'ended the process'}", (_GUARD,)
    if report["forbidden"]:
        return "it imports w2v_cli; graded code must be your own", ()
    error = report["error"]
    if error is None:
        return "", ()
    hints: tuple[str, ...] = ()
    modern = numpy_2(error["type"], error["message"])
    if modern:
        hints = (f"{modern.title}; write {modern.right}.",)
    elif error["type"] == "SyntaxError" and "print" in error["message"] + error["text"]:
        hints = (f"It looks like: {PYTHON_2.title}. {PYTHON_2.wrong} → {PYTHON_2.right}",)
    elif error["type"] == "ModuleNotFoundError":
        hints = ("Put the missing module next to the file, or install it.",)
    elif error["type"] != "SyntaxError":
        hints = (_GUARD,)
    return f"it could not be loaded: {_show_error(error)}", hints


def _show_error(error: Json) -> str:
    message = f"{error['type']}: {error['message']}" if error["message"] else error["type"]
    if error["line"] is None:
        return message
    return f"{message} ({error['place']}: {error['text']})"


# A function in this process.


def grade_function(function: Callable[..., Any], kind: Kind, seed: int = 0) -> Grade:
    """Grade a function in this process, without a time limit or protection."""
    name = getattr(function, "__name__", kind.key)
    if is_starter(function):
        return Grade(name, kind.key, EMPTY)
    try:
        binding = bind(function, kind.key)
    except BindingError as problem:
        return Grade(name, kind.key, ERROR, message=str(problem))
    judgements: list[Judgement] = []
    for variant in variants_of(kind):
        judgements.append(_called_here(function, kind, variant, binding, seed))
        if is_right(judgements[-1]):
            break
    best = max(judgements, key=lambda judgement: judgement.score)
    if best.empty:
        return Grade(name, kind.key, EMPTY)
    return grade_of(name, best)


def _called_here(
    function: Callable[..., Any], kind: Kind, variant: Variant, binding: Binding, seed: int
) -> Judgement:
    cases = cases_for(kind, seed)
    namespace = getattr(function, "__globals__", None)
    caller = Caller(function, binding, variant, namespace)
    answers = [caller.call(packed_arguments(case, variant), list(case.draws)) for case in cases]
    judgement = judge(kind, variant, cases, answers, binding.roles)
    if not is_right(judgement):
        return judgement
    big = big_cases_for(kind, seed)
    answers += [caller.call(packed_arguments(case, variant), list(case.draws)) for case in big]
    return judge(kind, variant, [*cases, *big], answers, binding.roles)
