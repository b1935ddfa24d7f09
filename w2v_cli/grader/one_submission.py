"""The process that grades one submission of a folder.

A process of its own, so that nothing that one submission does can end the others' grading. Job
and answer are JSON.
"""

import json
import sys
from pathlib import Path

from w2v_cli.errors import W2VError
from w2v_cli.grader.grade import grade_file
from w2v_cli.grader.points import Points, score_file
from w2v_cli.grader.process import Limits
from w2v_cli.json_types import Json


def main() -> None:
    """Grade what the job on the command line names, and print the answer."""
    job = json.loads(sys.argv[1])
    try:
        answer = _graded(job)
    except W2VError as problem:
        answer = {"problem": str(problem).removeprefix(f"{job['file']}: ")}
    print(json.dumps(answer))  # noqa: T201 - the parent reads it


def _graded(job: Json) -> Json:
    grade = grade_file(
        Path(job["file"]),
        job["mapping"],
        Limits(**job["limits"]),
        job["seed"],
        require=job["require"],
    )
    points = None if job["points"] is None else Points(**job["points"])
    return {
        "passed": grade.passed(job["strict"]),
        "problem": grade.problem,
        "functions": [
            {
                "function": score.grade.function,
                "kind": score.grade.kind,
                "verdict": score.grade.verdict,
                "points": score.points,
                "most": score.most,
                "diagnoses": [diagnosis.title for diagnosis in score.grade.diagnoses],
            }
            for score in score_file(grade, points, job["strict"])
        ],
    }
