"""Grade a folder of submissions, several at a time, each in its own process."""

import ast
import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path

from w2v_cli.errors import UsageError, W2VError
from w2v_cli.grader.grade import grade_file
from w2v_cli.grader.grade_report import render_file
from w2v_cli.grader.kinds import KINDS
from w2v_cli.grader.observation import (
    EMPTY,
    GIVEN,
    OTHER,
    PUBLISHED,
    RIGHT,
    SKIPPED,
    TIMED_OUT,
    UNSTABLE,
    WRONG,
)
from w2v_cli.grader.points import Points, score_file
from w2v_cli.grader.process import Limits
from w2v_cli.grader.worker.loading import pieces_of
from w2v_cli.json_types import Json
from w2v_cli.storage.atomic import atomic_write

# Which file belongs to which submission.


_SUFFIXES = (".py", ".ipynb")
_IGNORED = ("__pycache__", "__MACOSX", "node_modules", "site-packages")


@dataclass(frozen=True)
class Submission:
    """One submission. file: the file to grade, or None with the reason in `problem`."""

    name: str
    file: Path | None
    problem: str = ""


def find_submissions(folder: Path) -> list[Submission]:
    """Find the submissions in a folder, by name.

    Each Python file or notebook in the folder is a submission, and so is each subfolder. In a
    subfolder, the file with "word2vec" in its name is graded, or the only file. Notebooks count
    only if there is no Python file.

    Raises:
        UsageError: the folder has no submissions.
    """
    found = []
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry.name in _IGNORED:
            continue
        if entry.is_dir():
            found.append(_in_folder(entry))
        elif entry.suffix in _SUFFIXES:
            found.append(Submission(entry.stem, entry))
    if not any(submission.file for submission in found):
        raise UsageError(f"{folder}: no Python files or notebooks, neither here nor in subfolders")
    return found


def _in_folder(folder: Path) -> Submission:
    found = [path for path in sorted(folder.rglob("*")) if _counts(path, folder)]
    files = [path for path in found if path.suffix == ".py"] or found
    named = [path for path in files if "word2vec" in path.stem.lower()]
    chosen = named if named else files
    if len(chosen) == 1:
        return Submission(folder.name, chosen[0])
    if not files:
        return Submission(folder.name, None, "no Python file or notebook")
    names = ", ".join(str(path.relative_to(folder)) for path in chosen[:5])
    return Submission(
        folder.name, None, f"cannot tell which of {len(chosen)} files to grade: {names}"
    )


def _counts(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    return (
        path.suffix in _SUFFIXES
        and path.is_file()
        and not any(p.startswith(".") or p in _IGNORED for p in parts)
    )


# Several at a time. Each runs in its own process, and a thread waits for it. A process pool would
# save the time to start Python (0.3 s), but one killed worker would end the grading of all.


_PACKAGES = Path(__file__).resolve().parents[2]
"""The folder that holds `w2v_cli`."""
_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1));"
    " from w2v_cli.grader.submissions import main; main()"
)
"""PYTHONPATH would not do: the user's code would inherit it."""


@dataclass(frozen=True)
class Job:
    """How to grade each submission; the same for all."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    seed: int = 0
    require: Sequence[str] = ()
    points: Points | None = None
    strict: bool = False


@dataclass(frozen=True)
class FunctionResult:
    """One function of a submission. points: what it earned, out of `most`."""

    function: str
    kind: str
    verdict: str
    points: float
    most: float
    diagnoses: Sequence[str] = ()


@dataclass(frozen=True)
class Result:
    """The grade of one submission.

    problem: why it could not be graded, or not completely. report: the grades in words.
    """

    submission: Submission
    passed: bool = False
    problem: str = ""
    functions: tuple[FunctionResult, ...] = ()
    report: str = field(default="", repr=False)

    @property
    def points(self) -> float:
        """Points earned."""
        return sum(function.points for function in self.functions)


def grade_submissions(submissions: Sequence[Submission], job: Job, n_jobs: int) -> Iterator[Result]:
    """Grade all submissions, `n_jobs` at a time, and yield each result as soon as it is ready."""
    with ThreadPoolExecutor(n_jobs) as pool:
        futures = [pool.submit(grade_submission, submission, job) for submission in submissions]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)  # so that Ctrl-C does not wait for the whole class


def grade_submission(submission: Submission, job: Job) -> Result:
    """Grade one submission. If anything goes wrong, it becomes the `problem`."""
    if submission.file is None:
        return Result(submission, problem=submission.problem)
    order = asdict(job) | {"file": str(submission.file.resolve()), "mapping": dict(job.mapping)}
    environment = os.environ | {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    try:
        ended = subprocess.run(
            [sys.executable, "-P", "-c", _START, str(_PACKAGES), json.dumps(order)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment,
            timeout=60 + 60 * job.limits.seconds,  # a last resort: the job has its own limits
            check=True,
        )
        return _result(submission, json.loads(ended.stdout))
    except (subprocess.SubprocessError, OSError, ValueError) as problem:
        return Result(submission, problem=f"the grading failed: {_last_words(problem)}")


def _result(submission: Submission, answer: dict[str, object]) -> Result:
    functions = answer.get("functions", [])
    assert isinstance(functions, list)
    return Result(
        submission,
        bool(answer.get("passed", False)),
        str(answer["problem"]),
        tuple(FunctionResult(**function) for function in functions),
        str(answer.get("report", "")),
    )


def _last_words(problem: Exception) -> str:
    """Return the last line that the process wrote to standard error, or the problem itself."""
    written = getattr(problem, "stderr", None) or b""
    lines = written.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else str(problem)


# The process that grades one submission. Job and answer are JSON.


def main() -> None:
    """Grade the submission that the command line describes, and print the answer."""
    job = json.loads(sys.argv[1])
    try:
        answer = _graded(job)
    except W2VError as problem:
        answer = {"problem": str(problem).removeprefix(f"{job['file']}: ")}
    print(json.dumps(answer))  # noqa: T201 - the parent reads it


def _graded(job: Json) -> Json:
    limits = Limits(**job["limits"])
    grade = grade_file(
        Path(job["file"]), job["mapping"], limits, job["seed"], require=job["require"]
    )
    most = None if job["points"] is None else Points(**job["points"])
    scores = score_file(grade, most, job["strict"])
    functions = [
        FunctionResult(
            score.grade.function,
            score.grade.kind,
            score.grade.verdict,
            score.points,
            score.most,
            [diagnosis.title for diagnosis in score.grade.diagnoses],
        )
        for score in scores
    ]
    return {
        "passed": grade.passed(job["strict"]),
        "problem": grade.problem,
        "functions": [asdict(function) for function in functions],
        "report": render_file(grade, strict=job["strict"], scores=scores if most else ()),
    }


# The grades of the folder as a table, as CSV and as data.


_SHORT = {UNSTABLE: "unstable", EMPTY: "to do", GIVEN: "given", TIMED_OUT: "time"}
_SHORT |= {SKIPPED: "-", OTHER: "-", PUBLISHED: "key"}
_HEADS = {
    "naive-softmax": "naive",
    "negative-sampling": "negative",
    "sigmoid-derivative": "σ′",
    "softmax-jacobian": "Jacobian",
    "leaky-relu": "leaky",
    "leaky-relu-derivative": "leaky′",
    "dj-dvc": "∂v_c",
    "dj-duo": "∂u_o",
    "dj-duw": "∂u_w",
    "dj-du": "∂U",
    "forward-prop": "forward",
    "compute-cost": "cost",
    "back-prop": "back",
}
_WIDTH, _GAP = 80, 2


def table_rows(results: Sequence[Result]) -> list[list[str]]:
    """Return a header, then a row for each submission, with a column for each kind of function.

    Long names of submissions are cut so that the table is at most 80 characters wide.
    """
    kinds = kinds_of(results)
    rows = [["submission", *(_HEADS.get(kind, kind) for kind in kinds), "points"]]
    for r in results:
        rows.append([r.submission.name, *(cell(r, kind) for kind in kinds), points(r)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    left = max(12, _WIDTH - sum(widths[1:]) - _GAP * len(kinds) - _GAP)
    return [
        [name if len(name) <= left else f"{name[: left - 1]}…", *cells] for name, *cells in rows
    ]


def problem_lines(results: Sequence[Result]) -> list[str]:
    """Return one line for each submission that could not be graded, or not completely."""
    lines = [f"{r.submission.name}: {(r.problem.splitlines() or [''])[0]}" for r in results]
    shown = [line for line, r in zip(lines, results, strict=True) if r.problem]
    return [line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…" for line in shown]


def look_alikes(results: Sequence[Result]) -> list[list[str]]:
    """Group submissions that differ only in names, comments and layout: a hint to look at them."""
    groups: dict[str, list[str]] = {}
    for r in results:
        written = any(f.verdict in (RIGHT, UNSTABLE, PUBLISHED, WRONG) for f in r.functions)
        if written and r.submission.file is not None:
            groups.setdefault(_normalised(r.submission.file), []).append(r.submission.name)
    return [names for source, names in groups.items() if source and len(names) > 1]


def _normalised(file: Path) -> str:
    """Return the source without comments, docstrings and layout, with names replaced by numbers."""
    try:
        trees = [piece.tree() for piece in pieces_of(file)[0]]
    except (OSError, ValueError, LookupError, TypeError, SyntaxError, RecursionError):
        return ""
    numbers: dict[str, str] = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        for field_name in ("id", "arg"):
            name = getattr(node, field_name, None)
            if isinstance(name, str):
                setattr(node, field_name, numbers.setdefault(name, str(len(numbers))))
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)):
            node.body = [s for s in node.body if not _is_text(s)]
    return "\n".join(map(ast.dump, trees))


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def kinds_of(results: Sequence[Result]) -> list[str]:
    """The kinds of function that the submissions have, in the order of `KINDS`."""
    there = {function.kind for result in results for function in result.functions}
    return [kind.key for kind in KINDS if kind.key in there]


def functions_of(result: Result, kind: str) -> list[FunctionResult]:
    """A submission's functions of one kind."""
    return [function for function in result.functions if function.kind == kind]


def cell(result: Result, kind: str) -> str:
    """The verdicts on a submission's functions of one kind, as short as a table needs."""
    return ", ".join(_SHORT.get(f.verdict, f.verdict) for f in functions_of(result, kind)) or "-"


def points(result: Result) -> str:
    """The points that a submission has earned, such as `5/6`."""
    most = sum(function.most for function in result.functions)
    return f"{result.points:.4g}/{most:.4g}"


def write_csv(path: Path, results: Sequence[Result]) -> None:
    """Write a row for each submission: verdict and points for each kind, and the total."""
    kinds = kinds_of(results)
    text = io.StringIO()
    writer = csv.writer(text)
    columns = [column for kind in kinds for column in (kind, f"{kind} points")]
    writer.writerow(["submission", "file", "passed", "points", *columns, "problem"])
    for r in results:
        cells: list[object] = []
        for kind in kinds:
            cells += [cell(r, kind), round(sum(f.points for f in functions_of(r, kind)), 4)]
        file = str(r.submission.file or "")
        passed = "yes" if r.passed else "no"
        name = r.submission.name
        writer.writerow([name, file, passed, round(r.points, 4), *cells, r.problem])
    with atomic_write(path) as target:
        target.write(text.getvalue().encode())


def batch_as_data(results: Sequence[Result]) -> Json:
    """Return the grades as JSON data."""
    return {
        "passed": all(result.passed for result in results),
        "look_alike": look_alikes(results),
        "submissions": [
            {
                "submission": r.submission.name,
                "file": str(r.submission.file or ""),
                "passed": r.passed,
                "problem": r.problem,
                "points": r.points,
                "functions": [asdict(function) for function in r.functions],
            }
            for r in results
        ],
    }
