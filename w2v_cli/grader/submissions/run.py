"""Grade a folder of submissions, several at a time, each in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path

from w2v_cli.grader.points import Points
from w2v_cli.grader.process import Limits
from w2v_cli.grader.submissions.find import Submission

_PACKAGES = Path(__file__).resolve().parents[3]
"""The folder that holds `w2v_cli`."""
_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1));"
    " from w2v_cli.grader.submissions.one import main; main()"
)
"""Not by PYTHONPATH, which the user's code would inherit."""


@dataclass(frozen=True)
class Job:
    """How each submission is graded; the same for all."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    seed: int = 0
    require: Sequence[str] = ()
    points: Points | None = None
    strict: bool = False


@dataclass(frozen=True)
class FunctionResult:
    """One function of a submission. points: of at most `most`."""

    function: str
    kind: str
    verdict: str
    points: float
    most: float
    diagnoses: Sequence[str] = ()


@dataclass(frozen=True)
class Result:
    """The grade of one submission. problem: why it, or a part of it, could not be graded."""

    submission: Submission
    passed: bool = False
    problem: str = ""
    functions: tuple[FunctionResult, ...] = ()

    @property
    def points(self) -> float:
        """Points earned."""
        return sum(function.points for function in self.functions)


def grade_submissions(submissions: Sequence[Submission], job: Job, n_jobs: int) -> Iterator[Result]:
    """Grade all submissions, `n_jobs` at a time; yields each result as soon as it is there."""
    with ThreadPoolExecutor(n_jobs) as pool:
        futures = [pool.submit(grade_one, submission, job) for submission in submissions]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)  # Ctrl-C does not wait for the whole class


def grade_one(submission: Submission, job: Job) -> Result:
    """Grade one submission. Whatever goes wrong becomes its `problem`."""
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
            timeout=60 + 60 * job.limits.seconds,  # a last resort: the job keeps its own limits
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
    )


def _last_words(problem: Exception) -> str:
    """The last line that a process wrote to its standard error, or the problem itself."""
    written = getattr(problem, "stderr", None) or b""
    lines = written.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else str(problem)
