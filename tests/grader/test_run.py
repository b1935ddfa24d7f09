"""One bad submission never harms the others."""

import csv
import json
from pathlib import Path

import pytest

from w2v_cli.grader import submissions
from w2v_cli.grader.points import Points
from w2v_cli.grader.process import Limits
from w2v_cli.grader.submissions import (
    FunctionResult,
    Job,
    Result,
    Submission,
    batch_as_data,
    find_submissions,
    grade_submission,
    grade_submissions,
    look_alikes,
    problem_lines,
    table_rows,
    write_csv,
)

MODULES = Path(__file__).parent / "modules"
SIGMOID = "import numpy as np\n\ndef sigmoid(x):\n    return {}\n"
RIGHT = SIGMOID.format("1 / (1 + np.exp(-x))")
CLASS = {
    "al.py": RIGHT,
    "bo.py": SIGMOID.format("1 / (1 + np.exp(x))"),
    "cy.py": "while True:\n    pass\n",
    "di.py": "import os\nos.abort()\n",
    "ed.py": "def sigmoid(x:\n",
    "fa.py": "x = 1\n",
    "ga/notes.txt": "sorry",
    "hy/word2vec.py": RIGHT,
}
JOB = Job(limits=Limits(seconds=2), require=("assignment",), points=Points({"sigmoid": 2.0}))


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    for name, text in CLASS.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    graded = list(grade_submissions(find_submissions(folder), JOB, n_jobs=3))
    return sorted(graded, key=lambda result: result.submission.name)


def by_name(results):
    return {result.submission.name: result for result in results}


def test_every_submission_gets_its_own_grade(results):
    graded = by_name(results)
    assert sorted(graded) == ["al", "bo", "cy", "di", "ed", "fa", "ga", "hy"]
    assert [name for name, result in graded.items() if result.passed] == ["al"]
    assert graded["al"].points == 2.0
    assert graded["bo"].functions[0].verdict == "wrong"
    assert "wrong sign" in graded["bo"].functions[0].diagnoses[0]
    assert "did not finish loading within 2 s" in graded["cy"].problem
    assert "SIGABRT" in graded["di"].problem
    assert "SyntaxError" in graded["ed"].problem
    assert "nothing to grade" in graded["fa"].problem
    assert graded["ga"].problem == "no Python file or notebook"


def test_a_known_assignment_without_its_functions_fails_though_the_rest_is_right(results):
    hy = by_name(results)["hy"]
    assert not hy.passed
    verdicts = {function.kind: function.verdict for function in hy.functions}
    assert verdicts["sigmoid"] == "right"
    assert verdicts["skipgram"] == "missing"


def test_the_table_has_a_line_for_each(results):
    header, *rows = table_rows(results)
    assert (header[:2], header[-1]) == (["submission", "sigmoid"], "points")
    assert [row[0] for row in rows] == ["al", "bo", "cy", "di", "ed", "fa", "ga", "hy"]
    assert rows[0] == ["al", "right", *["-"] * (len(header) - 3), "2/2"]
    assert any("nothing to grade" in line for line in problem_lines(results))


def test_the_csv_has_a_row_for_each_with_points(results, tmp_path):
    write_csv(tmp_path / "grades.csv", results)
    with open(tmp_path / "grades.csv", newline="") as file:
        rows = {row["submission"]: row for row in csv.DictReader(file)}
    assert len(rows) == len(CLASS)
    assert (rows["al"]["passed"], rows["al"]["points"]) == ("yes", "2.0")
    assert (rows["bo"]["passed"], rows["bo"]["sigmoid"], rows["bo"]["sigmoid points"]) == (
        "no",
        "wrong",
        "0.0",
    )
    assert "SyntaxError" in rows["ed"]["problem"]


def test_the_data_is_json(results):
    data = json.loads(json.dumps(batch_as_data(results), allow_nan=False))
    assert data["passed"] is False
    assert len(data["submissions"]) == len(CLASS)


def test_a_grader_that_dies_is_the_problem_of_one_submission(monkeypatch, tmp_path):
    monkeypatch.setattr(submissions, "_START", "import no_such_module")
    result = grade_submission(Submission("al", tmp_path / "al.py"), JOB)
    assert not result.passed
    assert "the grading failed" in result.problem
    assert "no_such_module" in result.problem


def test_whole_solutions_of_the_course_pass(tmp_path):
    for name in ("cs224n_right", "q3_word2vec_right"):
        (tmp_path / f"{name}.py").write_text((MODULES / f"{name}.py").read_text())
    job = Job(require=("assignment",))
    results = list(grade_submissions(find_submissions(tmp_path), job, n_jobs=2))
    assert all(result.passed for result in results), results


def test_the_table_and_the_problems_fit_80_columns():
    submission = Submission("a" * 100, None)
    kinds = ("sigmoid", "softmax", "naive-softmax", "negative-sampling", "skipgram", "cbow")
    functions = tuple(FunctionResult(kind, kind, "time limit", 0, 1) for kind in kinds)
    results = [Result(submission, problem="p" * 200, functions=functions)]
    for row in table_rows(results):
        assert len(row[0]) <= 80
    widths = [max(map(len, column)) for column in zip(*table_rows(results), strict=True)]
    assert sum(widths) + 2 * (len(widths) - 1) <= 80
    assert all(len(line) <= 80 for line in problem_lines(results))


def test_files_that_differ_in_names_and_comments_only_look_alike(tmp_path):
    texts = {
        "al": "def sigmoid(x):\n    return 1 / (1 + exp(-x))\n",
        "bo": "# mine\ndef sigmoid(score):\n    'mine'\n    return 1 / (1 +  exp(-score))\n",
        "cy": "def sigmoid(x):\n    return exp(x) / (1 + exp(x))\n",
    }
    results = []
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text)
        function = FunctionResult("sigmoid", "sigmoid", "wrong", 0, 1)
        submission = Submission(name, tmp_path / f"{name}.py")
        results.append(Result(submission, functions=(function,)))
    assert look_alikes(results) == [["al", "bo"]]
