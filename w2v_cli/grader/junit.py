"""A graded file as JUnit test cases."""

from pathlib import Path

from w2v_cli.checks.check_report import TestCase
from w2v_cli.grader.grade import FileGrade
from w2v_cli.grader.judgement import CRASHED, ERROR, TIMED_OUT, UNSTABLE
from w2v_cli.grader.report import render_function


def cases_of_file(grade: FileGrade, strict: bool = False) -> list[TestCase]:
    """One test case a function, one more when the file does not load."""
    group = Path(grade.file).stem
    cases = []
    if grade.problem:
        cases.append(TestCase("import", group, "error", grade.problem, "\n".join(grade.hints)))
    for g in grade.grades:
        if g.right and not (strict and g.verdict == UNSTABLE):
            cases.append(TestCase(g.function, group))
            continue
        outcome = "error" if g.verdict in (ERROR, CRASHED, TIMED_OUT) else "failure"
        titles = "; ".join(d.title for d in g.diagnoses) or g.message
        message = f"{g.verdict}: {titles}" if titles else g.verdict
        cases.append(TestCase(g.function, group, outcome, message, render_function(g)))
    return cases
