"""Gradescope's `results.json`.

The format: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

import json
from collections.abc import Sequence
from pathlib import Path

from w2v_cli.grader.grade import FileGrade
from w2v_cli.grader.points import Score
from w2v_cli.grader.report import render_function
from w2v_cli.storage.atomic import atomic_write


def write_results(path: Path, grade: FileGrade, scores: Sequence[Score]) -> None:
    """Write the results of one submission: one test for each function."""
    results: dict[str, object] = {
        "score": _number(sum(score.points for score in scores)),
        "tests": [_test(score) for score in scores],
    }
    if grade.problem:
        results["output"] = "\n".join([f"The file has a problem: {grade.problem}", *grade.hints])
    text = json.dumps(results, ensure_ascii=False, indent=1, allow_nan=False)
    with atomic_write(path) as file:
        file.write(text.encode() + b"\n")


def _test(score: Score) -> dict[str, object]:
    return {
        "name": score.grade.function,
        "score": _number(score.points),
        "max_score": _number(score.most),
        "status": "passed" if score.points >= score.most and score.grade.right else "failed",
        "output": render_function(score.grade),
        "output_format": "text",
    }


def _number(points: float) -> float:
    return round(points, 4)
