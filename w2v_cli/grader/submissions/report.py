"""The grades of a folder of submissions: as a table, as CSV, as data."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from w2v_cli.grader.judgement import EMPTY, UNSTABLE
from w2v_cli.grader.kinds import KINDS
from w2v_cli.grader.submissions.run import FunctionResult, Result
from w2v_cli.mistakes.figures import Paint, plain
from w2v_cli.storage.atomic import atomic_write

_SHORT = {UNSTABLE: "unstable", EMPTY: "to do"}
_WIDEST_PROBLEM = 60


def render_table(results: Sequence[Result], paint: Paint = plain) -> str:
    """One line for each submission, one column for each kind of function."""
    kinds = _kinds(results)
    heads = ["submission", *kinds, "points"]
    rows = [[r.submission.name, *(_cell(r, kind) for kind in kinds), _points(r)] for r in results]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [
        paint("  ".join(h.ljust(w) for h, w in zip(heads, widths, strict=True)).rstrip(), "dim")
    ]
    for result, row in zip(results, rows, strict=True):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        problem = result.problem.splitlines()[0] if result.problem else ""
        shortened = problem[:_WIDEST_PROBLEM] + ("…" if len(problem) > _WIDEST_PROBLEM else "")
        lines.append(paint(f"{line}  {shortened}".rstrip(), "good" if result.passed else "bad"))
    passed = sum(result.passed for result in results)
    return "\n".join([*lines, "", f"{passed} of {len(results)} submissions pass."])


def _kinds(results: Sequence[Result]) -> list[str]:
    there = {function.kind for result in results for function in result.functions}
    return [kind.key for kind in KINDS if kind.key in there]


def _of(result: Result, kind: str) -> list[FunctionResult]:
    return [function for function in result.functions if function.kind == kind]


def _cell(result: Result, kind: str) -> str:
    return ", ".join(_SHORT.get(f.verdict, f.verdict) for f in _of(result, kind)) or "-"


def _points(result: Result) -> str:
    most = sum(function.most for function in result.functions)
    return f"{result.points:.4g}/{most:.4g}"


def write_csv(path: Path, results: Sequence[Result]) -> None:
    """Write a row for each submission: verdict and points of each kind, and the sum."""
    kinds = _kinds(results)
    text = io.StringIO()
    writer = csv.writer(text)
    columns = [column for kind in kinds for column in (kind, f"{kind} points")]
    writer.writerow(["submission", "file", "passed", "points", *columns, "problem"])
    for r in results:
        cells: list[object] = []
        for kind in kinds:
            cells += [_cell(r, kind), round(sum(f.points for f in _of(r, kind)), 4)]
        file = str(r.submission.file or "")
        passed = "yes" if r.passed else "no"
        name = r.submission.name
        writer.writerow([name, file, passed, round(r.points, 4), *cells, r.problem])
    with atomic_write(path) as target:
        target.write(text.getvalue().encode())


def batch_as_data(results: Sequence[Result]) -> dict[str, Any]:
    """The grades as data that JSON can hold."""
    return {
        "passed": all(result.passed for result in results),
        "submissions": [
            {
                "submission": r.submission.name,
                "file": str(r.submission.file or ""),
                "passed": r.passed,
                "problem": r.problem,
                "points": r.points,
                "functions": [
                    {
                        "function": f.function,
                        "kind": f.kind,
                        "verdict": f.verdict,
                        "points": f.points,
                        "most": f.most,
                        "diagnoses": list(f.diagnoses),
                    }
                    for f in r.functions
                ],
            }
            for r in results
        ],
    }
