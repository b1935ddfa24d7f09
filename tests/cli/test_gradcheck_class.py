"""`gradcheck` for a class: starter, requirements, points, folders, Gradescope."""

import csv
import json
import os
import subprocess
import sys

import pytest
from conftest import ROOT

SIGMOID = "import numpy as np\n\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n"


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return write


def test_the_empty_starter_is_not_implemented_and_the_key_is_right(w2v, tmp_path):
    box = tmp_path / "box"
    result = w2v("gradcheck", "--starter", box, "--teacher", "--seed", "7")
    assert result.code == 0
    assert f"{box / 'my_word2vec.py'}\n" in result.out
    points = box / "teacher" / "autograder" / "points.toml"
    empty = w2v("gradcheck", "--file", box / "my_word2vec.py", "--points", points)
    assert empty.code == 1
    assert empty.out.count("not implemented yet") == 6
    assert "0 of 23 points." in empty.out
    key = w2v("gradcheck", "--file", box / "teacher" / "my_word2vec.py", "--points", points)
    assert key.code == 0, key.out
    assert key.out.count("  right  ") == 6
    assert "unstable" not in key.out
    assert "23 of 23 points." in key.out


def test_a_starter_overwrites_nothing(w2v, tmp_path):
    result = w2v("gradcheck", "--starter", tmp_path / "box")
    assert result.code == 0
    result = w2v("gradcheck", "--starter", tmp_path / "box")
    assert result.code == 2
    assert "already exists" in result.err


def test_a_known_file_must_have_all_functions_unless_told_otherwise(w2v, write):
    file = write("word2vec.py", SIGMOID)
    result = w2v("gradcheck", "--file", file)
    assert result.code == 1
    assert "MISSING    skipgram: the file does not define it" in result.out
    assert "--require none" in result.out
    assert w2v("gradcheck", "--file", file, "--require", "none").code == 0
    assert w2v("gradcheck", "--file", file, "--require", "sigmoid").code == 0
    assert w2v("gradcheck", "--file", file, "--require", "sigmoid, cbow").code == 1


def test_points_are_in_the_json(w2v, write):
    file, points = write("hw.py", SIGMOID), write("p.toml", "[points]\nsigmoid = 2\ncbow = 3\n")
    data = json.loads(w2v("gradcheck", "--file", file, "--points", points, "--json").out)
    shown = {f["function"]: (f["verdict"], f["points"], f["most"]) for f in data["functions"]}
    assert shown == {"sigmoid": ("right", 2, 2), "cbow": ("missing", 0, 3)}


def test_a_folder_becomes_a_table_and_csv(w2v, write, tmp_path):
    write("class/al.py", SIGMOID)
    write("class/bo.py", SIGMOID.replace("-x", "x"))
    folder, out, page = tmp_path / "class", tmp_path / "grades.csv", tmp_path / "grades.html"
    result = w2v("gradcheck", "--folder", folder, "--csv", out, "--html", page, "--jobs", "2")
    assert result.code == 1
    lines = result.out.splitlines()
    assert lines[0].split() == ["submission", "sigmoid", "points"]
    assert lines[2].split() == ["al", "right", "1/1"]
    assert lines[-1] == "1 of 2 submissions pass."
    assert "2/2" in result.err
    assert [row["passed"] for row in csv.DictReader(out.open())] == ["yes", "no"]
    assert '>bo</a></th><td class="bad">wrong</td>' in page.read_text()
    assert "should be" in page.read_text()  # the full report of bo
    data = json.loads(w2v("gradcheck", "--folder", folder, "--json").out)
    assert [s["submission"] for s in data["submissions"]] == ["al", "bo"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--folder", "{here}", "--file", "{file}"],
        ["--folder", "{here}/empty"],
        ["--folder", "{here}/nowhere"],
        ["--folder", "{here}", "--gradescope", "r.json"],
        ["--folder", "{here}", "--jobs", "0"],
        ["--folder", "{here}", "--require", "skipgrams"],
        ["--file", "{file}", "--csv", "x.csv"],
        ["--file", "{file}", "--html", "x.html"],
        ["--file", "{file}", "--require", "skipgrams"],
        ["--file", "{file}", "--points", "{file}"],
        ["--file", "{file}", "--teacher"],
        ["--teacher"],
        ["--require", "all"],
        ["--starter", "{here}/new", "--seed", "1", "--seed", "2"],
        ["--starter", "{here}/new", "--json"],
    ],
)
def test_wrong_usage_exits_with_2(w2v, write, tmp_path, arguments):
    (tmp_path / "empty").mkdir()
    names = {"here": str(tmp_path), "file": str(write("hw.py", SIGMOID))}
    result = w2v("gradcheck", *[a.format(**names) for a in arguments])
    assert result.code == 2
    assert result.out == ""
    assert "rror" in result.err


@pytest.mark.parametrize("submitted", [True, False])
def test_the_autograder_of_the_box_writes_results(w2v, tmp_path, submitted):
    box, grader = tmp_path / "box", tmp_path / "autograder"
    w2v("gradcheck", "--starter", box, "--teacher")
    for name in ("submission", "results"):
        (grader / name).mkdir(parents=True)
    (box / "teacher" / "autograder").rename(grader / "source")
    if submitted:
        (box / "teacher" / "my_word2vec.py").rename(grader / "submission" / "my_word2vec.py")
    program = tmp_path / "w2v"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m w2v_cli "$@"\n')
    program.chmod(0o755)
    done = subprocess.run(
        [grader / "source" / "run_autograder"],
        env=os.environ | {"W2V": str(program), "AUTOGRADER": str(grader), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = json.loads((grader / "results" / "results.json").read_text())
    assert results["score"] == (23 if submitted else 0)
