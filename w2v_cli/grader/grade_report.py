"""Grades in words, as data, for JUnit and Gradescope, and as an assertion."""

import json
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from w2v_cli.checks.check_report import Paint, TestCase, format_number, json_number, plain
from w2v_cli.errors import UsageError
from w2v_cli.grader.diagnose import Diagnosis
from w2v_cli.grader.grade import FileGrade, grade_file, grade_function
from w2v_cli.grader.kinds import KINDS, OF_ASSIGNMENT, WINDOWS, kind_named
from w2v_cli.grader.observation import (
    CRASHED,
    EMPTY,
    ERROR,
    GIVEN,
    LEFT_OUT,
    MISSING,
    OTHER,
    PUBLISHED,
    RIGHT,
    SKIPPED,
    TIMED_OUT,
    UNSTABLE,
    WRONG,
    Coordinate,
    OutputGrade,
)
from w2v_cli.grader.points import Score
from w2v_cli.grader.process import Limits
from w2v_cli.grader.verdict import CENTER_SHAPES, Grade
from w2v_cli.json_types import Json
from w2v_cli.storage.atomic import atomic_write

WIDTH = 80
_INDENT = " " * 13
_PRINTED_LINES = 5


# How much to reveal: everything, hints without answers, or verdicts only.


def limited(grade: FileGrade, feedback: str = "full") -> FileGrade:
    """Remove from a file's grades what students must not see.

    feedback: `hint` removes correct formulas and expected numbers; `none` everything but the
    verdicts.
    """
    return replace(grade, grades=tuple(_limited(g, feedback) for g in grade.grades))


def _limited(grade: Grade, feedback: str) -> Grade:
    if feedback == "full":
        return grade
    return _as_hint(grade) if feedback == "hint" else _as_verdict(grade)


def _as_hint(grade: Grade) -> Grade:
    outputs = tuple(
        replace(o, worst=tuple(replace(c, expected=None) for c in o.worst)) for o in grade.outputs
    )
    return replace(grade, outputs=outputs, diagnoses=tuple(map(_hint, grade.diagnoses)))


def _hint(diagnosis: Diagnosis) -> Diagnosis:
    """Keep the reason, and the name if it has no formula."""
    title = "" if diagnosis.wrong or diagnosis.key == "factor" else diagnosis.title
    return Diagnosis("hint", title, why=diagnosis.why)


def _as_verdict(grade: Grade) -> Grade:
    return Grade(grade.function, grade.kind, grade.verdict, source=grade.source)


# In words.


def render_file(
    grade: FileGrade, paint: Paint = plain, strict: bool = False, scores: Sequence[Score] = ()
) -> str:
    """Render the grades of a file, function by function, and its points.

    strict: unstable functions do not pass.
    """
    lines = [paint(grade.file, "heading"), ""]
    if grade.stand_ins:
        names = ", ".join(grade.stand_ins)
        lines += [*_wrap(f"Built-in replacements for missing imports: {names}.", "  "), ""]
    for reason in grade.skipped:
        lines += [*_wrap(f"Skipped because it fails: {reason}.", "  "), ""]
    if grade.problem:
        first, *rest = _wrap(grade.problem, _INDENT)
        lines += [f"  {paint('ERROR', 'bad')}      {first.strip()}", *rest]
        lines += [line for hint in grade.hints for line in _wrap(hint, _INDENT)]
        if grade.printed:
            lines += _printed(grade.printed)
        if grade.grades:
            lines += _wrap("Whatever was defined before that is still graded.", _INDENT)
        lines.append("")
    for function in grade.grades:
        block = _render_function(function, paint)
        spaced = len(block) > 1 and lines[-1] != ""
        lines += [*([""] if spaced else []), *block, *([""] if len(block) > 1 else [])]
    if lines[-1] != "":
        lines.append("")
    if _not_required(grade):
        asked = f"{grade.assignment} also asks for functions that this file lacks:"
        lines += [*_wrap(f"{asked} {', '.join(_not_required(grade))}.", ""), ""]
    if any(g.verdict == MISSING for g in grade.grades):
        lines += ["To grade only the functions that are there, use --require none.", ""]
    if scores:
        earned, most = sum(s.points for s in scores), sum(s.most for s in scores)
        lines += [f"{earned:.4g} of {most:.4g} points.", ""]
    return "\n".join([*lines, _summary(grade, paint, strict)])


def _not_required(grade: FileGrade) -> list[str]:
    """Functions that the assignment asks for and the file lacks, if that does not make it fail."""
    failed = {g.function for g in grade.grades if g.verdict == MISSING}
    return [name for name in grade.missing if name not in failed]


def render_function(grade: Grade, paint: Paint = plain) -> str:
    """Render one grade."""
    return "\n".join(_render_function(grade, paint))


def _summary(grade: FileGrade, paint: Paint, strict: bool) -> str:
    done = [g for g in grade.grades if g.verdict not in LEFT_OUT]
    right, total = sum(g.right for g in done), len(done)
    unstable = sum(g.verdict == UNSTABLE for g in grade.grades)
    if grade.right:
        role = "good" if grade.passed(strict) else "bad"
        found = " found" if _not_required(grade) else ""
        words = f"All {total} functions{found} are right" if total > 1 else "It is right"
        words += f", {unstable} of them unstable" if unstable else ""
        keys = sum(g.verdict == PUBLISHED for g in grade.grades)
        return paint(f"{words}{f', {keys} of them by the key only' if keys else ''}.", role)
    if not total:
        return paint("Nothing could be graded.", "bad")
    return paint(f"{right} of {total} functions right.", "bad")


def _render_function(grade: Grade, paint: Paint) -> list[str]:
    labels = {
        RIGHT: "right",
        EMPTY: "to do",
        UNSTABLE: "unstable",
        PUBLISHED: "by the key",
        SKIPPED: "optional",
        GIVEN: "given",
        OTHER: "other",
    }
    shown = labels.get(grade.verdict, grade.verdict.upper())
    roles = {RIGHT: "good", UNSTABLE: "good", PUBLISHED: "good", EMPTY: "dim"} | dict.fromkeys(
        LEFT_OUT, "dim"
    )
    role = roles.get(grade.verdict, "bad")
    columns = " (words as columns)" if grade.layout == "columns" else ""
    if grade.center != "flat" and not grade.right:
        columns += f" (centre vector of shape {CENTER_SHAPES[grade.center]})"
    more = {
        EMPTY: ": not implemented yet",
        SKIPPED: ": not implemented",
        GIVEN: ": imported from a course module, not counted",
        MISSING: f": {grade.message}",
        OTHER: ": called in another way, and not graded",
    }.get(grade.verdict, "")
    name = f"{paint(grade.function, 'heading')}{columns}{more}"
    lines = [f"  {paint(f'{shown:<10}', role)} {name}"]
    if grade.verdict == UNSTABLE:
        lines += _wrap(f"right, but {grade.message}", _INDENT)
    elif grade.message and not more:
        lines += [line for part in grade.message.splitlines() for line in _wrap(part, _INDENT)]
    if not grade.right or grade.verdict == PUBLISHED:
        lines += _outputs(grade, paint) if not grade.right else []
        for diagnosis in grade.diagnoses:
            if diagnosis.title or diagnosis.why:
                lines += ["", *_diagnosis(diagnosis, paint)]
        lines += _what_helps(grade)
        if grade.printed.strip():
            lines += ["", *_printed(grade.printed)]
    imported = [f"imported from {grade.source}"] if grade.source else []
    for note in (*imported, *grade.notes) if grade.right else imported:
        lines += _wrap(f"Note: {note}.", _INDENT)
    return lines


_TOPICS = {kind.key: kind.topic for kind in KINDS}
"""The derivation, for --show, that helps with each kind."""


def _what_helps(grade: Grade) -> Iterator[str]:
    """Show a failing call as code, and point to the derivation."""
    if grade.code:
        yield ""
        yield f"{_INDENT}To see it fail, run this below your functions:"
        yield from (f"{_INDENT}  {line}" for line in grade.code)
    if grade.verdict in (WRONG, ERROR, PUBLISHED) and (grade.outputs or grade.diagnoses):
        if grade.kind in WINDOWS and grade.outputs:
            made_up = "The pair loss is made up here: a window only adds up what it is given."
            yield from ["", *_wrap(made_up, _INDENT)]
        yield from ["", f"{_INDENT}For the derivation: w2v gradcheck --show {_TOPICS[grade.kind]}"]


def _outputs(grade: Grade, paint: Paint) -> Iterator[str]:
    for output in grade.outputs:
        verdict = paint("right", "good") if output.right else paint("wrong", "bad")
        problem = f": {output.problem}" if output.problem else ""
        if len(grade.outputs) > 1 or problem:
            yield f"{_INDENT}{output.name:<18} {verdict}{problem}"
        yield from _coordinates(output)


def _coordinates(output: OutputGrade) -> Iterator[str]:
    width = max((len(c.index) for c in output.worst), default=0)
    call = None
    for c in output.worst:
        if c.case != call:
            yield from _wrap(f"{c.case}:", _INDENT + "  ")
            call = c.case
        yield f"{_INDENT}    {c.index:<{width}}{_numbers(c)}"


def _numbers(c: Coordinate) -> str:
    gap = "  " if c.index else ""
    found = f"{gap}found {format_number(c.got):>15}"
    return found if c.expected is None else f"{found}  should be {format_number(c.expected):>15}"


def _diagnosis(diagnosis: Diagnosis, paint: Paint) -> Iterator[str]:
    if diagnosis.title:
        for line in _wrap(f"It looks like: {diagnosis.title}", _INDENT):
            yield paint(line, "heading")
    if diagnosis.wrong:
        yield from _wrap(diagnosis.wrong, _INDENT + "  wrong  ")
    if diagnosis.right:
        yield from _wrap(diagnosis.right, _INDENT + "  right  ")
    if diagnosis.why:
        yield from _wrap(diagnosis.why, _INDENT + "  ")


def _printed(printed: str) -> Iterator[str]:
    lines = printed.strip().splitlines()
    yield f"{_INDENT}It printed:"
    for line in lines[-_PRINTED_LINES:]:
        yield f"{_INDENT}  {line[:WIDTH]}"


def _wrap(text: str, indent: str) -> list[str]:
    """Wrap a text and align further lines with its first word."""
    rest = " " * len(indent)
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=rest)


# As data.


def file_as_data(grade: FileGrade, strict: bool = False, scores: Sequence[Score] = ()) -> Json:
    """Return the grades as JSON data; numbers that are not finite become strings."""
    points = {s.grade.function: {"points": s.points, "most": s.most} for s in scores}
    return {
        "passed": grade.passed(strict),
        "file": grade.file,
        "problem": grade.problem,
        "assignment": grade.assignment,
        "missing": list(grade.missing),
        "stand_ins": list(grade.stand_ins),
        "skipped": list(grade.skipped),
        "functions": [_function_as_data(g) | points.get(g.function, {}) for g in grade.grades],
    }


def _function_as_data(grade: Grade) -> Json:
    return {
        "function": grade.function,
        "kind": grade.kind,
        "verdict": grade.verdict,
        "layout": grade.layout,
        "message": grade.message,
        "outputs": [
            {
                "name": o.name,
                "right": o.right,
                "problem": o.problem,
                "worst": [
                    asdict(c)
                    | {"got": json_number(c.got)}
                    | ({} if c.expected is None else {"expected": json_number(c.expected)})
                    for c in o.worst
                ],
            }
            for o in grade.outputs
        ],
        "diagnoses": [asdict(d) for d in grade.diagnoses],
        "notes": list(grade.notes),
        "source": grade.source,
        "code": list(grade.code),
        "printed": grade.printed,
    }


# JUnit test cases.


def cases_of_file(grade: FileGrade, strict: bool = False) -> list[TestCase]:
    """Return a test case for each function, and one more if the file does not load."""
    group = Path(grade.file).stem
    cases = []
    if grade.problem:
        cases.append(TestCase("import", group, "error", grade.problem, "\n".join(grade.hints)))
    for g in grade.grades:
        if g.right and not (strict and g.verdict in (UNSTABLE, PUBLISHED)):
            cases.append(TestCase(g.function, group))
            continue
        outcome = "error" if g.verdict in (ERROR, CRASHED, TIMED_OUT) else "failure"
        titles = "; ".join(d.title for d in g.diagnoses if d.title) or g.message
        message = f"{g.verdict}: {titles}" if titles else g.verdict
        cases.append(TestCase(g.function, group, outcome, message, render_function(g)))
    return cases


# Gradescope's `results.json`. The format:
# https://gradescope-autograders.readthedocs.io/en/latest/specs/


def write_results(
    path: Path, grade: FileGrade, scores: Sequence[Score], feedback: str = "hint"
) -> None:
    """Write the results of one submission, a test for each function. feedback: see `limited`."""
    results: dict[str, object] = {
        "score": _number(sum(score.points for score in scores)),
        "tests": [_test(score, feedback) for score in scores],
    }
    if grade.problem:
        results["output"] = "\n".join([f"The file has a problem: {grade.problem}", *grade.hints])
    text = json.dumps(results, ensure_ascii=False, indent=1, allow_nan=False)
    with atomic_write(path) as file:
        file.write(text.encode() + b"\n")


def _test(score: Score, feedback: str) -> dict[str, object]:
    return {
        "name": score.grade.function,
        "score": _number(score.points),
        "max_score": _number(score.most),
        "status": "passed" if score.points >= score.most and score.grade.right else "failed",
        "output": render_function(_limited(score.grade, feedback)),
        "output_format": "text",
    }


def _number(points: float) -> float:
    return round(points, 4)


# `from w2v_cli import assert_gradients`: the grader as one line of a test.


def assert_gradients(
    target: str | Path | ModuleType | Callable[..., Any],
    kind: str | None = None,
    *,
    mapping: Mapping[str, str] | None = None,
    time_limit: float = Limits.seconds,
    require: Sequence[str] = (OF_ASSIGNMENT,),
) -> None:
    """Fail unless the losses and gradients of a file, a module or a function are right.

    Files and modules are graded in a separate process, as by `w2v gradcheck --file`. A function
    is called in this process, without a time limit.

    Args:
        target: path of a Python file, a module, or a function.
        kind: any known name of the function, such as `"naive-softmax"`; needed if its own name
            is not a known one.
        mapping: for a file or a module: from known names to its own names.
        time_limit: for a file or a module: seconds for each function.
        require: functions that it must define; by default, those of the known assignment that it
            is a hand-in of.

    Raises:
        AssertionError: something is wrong. The message is the report.
        UsageError: there is nothing to grade, or the kind is unknown.

    Example of a complete test file:

        from w2v_cli import assert_gradients

        def test_gradients():
            assert_gradients("my_word2vec.py")
    """
    __tracebackhide__ = True  # pytest: show the user's line, not ours
    if isinstance(target, ModuleType):
        if target.__file__ is None:
            raise UsageError(f"module {target.__name__} has no file; pass its functions one by one")
        target = target.__file__
    if isinstance(target, (str, Path)):
        file_grade = grade_file(Path(target), mapping, Limits(seconds=time_limit), require=require)
        if not file_grade.right:
            raise AssertionError("\n" + render_file(file_grade))
        return
    name = kind or str(getattr(target, "__name__", ""))
    found = kind_named(name)
    if found is None:
        known = ", ".join(k.key for k in KINDS)
        raise UsageError(f"{name or target!r} is no known name; pass kind=, one of: {known}")
    grade = grade_function(target, found)
    if not grade.right:
        raise AssertionError("\n" + render_function(grade))
