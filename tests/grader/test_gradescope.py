"""Gradescope's results.json."""

import json

import pytest
from student_files import planted, student  # noqa: F401

from w2v_cli.grader.grade import grade_file
from w2v_cli.grader.grade_report import write_results
from w2v_cli.grader.points import Points, score_file

POINTS = Points({"sigmoid": 1.0, "naive-softmax": 6.0, "skipgram": 4.0, "cbow": 2.0}, partial=True)


def results_of(path, tmp_path, points=POINTS):
    grade = grade_file(path, require=points.required)
    write_results(tmp_path / "results.json", grade, score_file(grade, points))
    text = (tmp_path / "results.json").read_text()
    return json.loads(text, parse_constant=pytest.fail)


def test_one_test_a_function_with_its_points(planted, tmp_path):
    path = planted("cs224n_right", ("def skipgram", "def skip"))
    results = results_of(path, tmp_path)
    tests = {test["name"]: test for test in results["tests"]}
    assert results["score"] == 7.0
    sigmoid, missing = tests["sigmoid"], tests["skipgram"]
    assert (sigmoid["score"], sigmoid["max_score"], sigmoid["status"]) == (1.0, 1.0, "passed")
    assert (missing["score"], missing["max_score"], missing["status"]) == (0.0, 4.0, "failed")
    assert "the file does not define it" in missing["output"]
    assert tests["negSamplingLossAndGradient"]["max_score"] == 0
    allowed = {"name", "score", "max_score", "status", "output", "output_format"}
    assert all(test.keys() == allowed for test in results["tests"])


def test_a_file_that_does_not_load_earns_nothing_and_says_why(student, tmp_path):
    results = results_of(student("def sigmoid(x:\n"), tmp_path)
    assert results["score"] == 0
    assert "SyntaxError" in results["output"]
    assert {test["status"] for test in results["tests"]} == {"failed"}
