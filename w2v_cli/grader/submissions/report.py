"""The grades of a folder of submissions: as a table, as CSV, as data."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from w2v_cli.grader.judgement import EMPTY, SKIPPED, UNSTABLE
from w2v_cli.grader.kinds import KINDS
from w2v_cli.grader.submissions.run import FunctionResult, Result
from w2v_cli.json_types import Json
from w2v_cli.storage.atomic import atomic_write

_SHORT = {UNSTABLE: "unstable", EMPTY: "to do", SKIPPED: "-"}
_WIDEST_PROBLEM = 60


def table_rows(results: Sequence[Result]) -> list[list[str]]:
    """A header, then one row for each submission, with one column for each kind of function."""
    kinds = _kinds(results)
    rows = [["submission", *kinds, "points", "problem"]]
    for r in results:
        verdicts = [_cell(r, kind) for kind in kinds]
        rows.append([r.submission.name, *verdicts, _points(r), _shortened(r.problem)])
    return rows


def _shortened(problem: str) -> str:
    first, *rest = problem.splitlines() or [""]
    cut = bool(rest) or len(first) > _WIDEST_PROBLEM
    return first[:_WIDEST_PROBLEM] + ("…" if cut else "")


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


def batch_as_data(results: Sequence[Result]) -> Json:
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
