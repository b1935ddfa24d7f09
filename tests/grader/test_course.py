"""The course in a box: what is written fits together, and no number is typed."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from w2v_cli import equations as eq
from w2v_cli.errors import UsageError
from w2v_cli.grader.course.box import (
    cells,
    fill,
    places,
    question_names,
    questions,
    solution,
    starter,
    template,
    worksheet,
    write_course,
)
from w2v_cli.grader.course.worked_example import OUTSIDE, compute, make_example, vector
from w2v_cli.version import package_version

ROOT = Path(__file__).resolve().parents[2]
STUDENT = {"README.md", "worksheet.md", "my_word2vec.py", "test_my_word2vec.py"}
FILLED = ["worksheet.md.txt", "test_my_word2vec.py.txt", "teacher_README.md.txt"]
FILLED += [f"autograder/{name}" for name in ("setup.sh", "run_autograder", "points.toml")]


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course") / "box"
    write_course(folder, teacher=True)
    return folder


def answers_of(name):
    return template(name).split("<!-- answer -->")[1]


def functions(text):
    return {n.name: n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)}


def test_a_student_gets_the_starter_and_nothing_of_the_key(tmp_path):
    write_course(tmp_path / "new")
    assert {path.name for path in (tmp_path / "new").iterdir()} == STUDENT
    sheet = (tmp_path / "new" / "worksheet.md").read_text()
    values = compute(make_example())
    for question in questions(values):
        assert question.title in sheet
        assert question.answer.splitlines()[0] not in sheet


def test_a_teacher_gets_the_key_the_autograder_and_the_notebook_too(box):
    files = {str(path.relative_to(box)) for path in box.rglob("*") if path.is_file()}
    teacher = {"README.md", "worksheet_key.md", "my_word2vec.py", "notebook.ipynb"}
    teacher |= {f"autograder/{name}" for name in ("setup.sh", "run_autograder", "points.toml")}
    assert STUDENT | {f"teacher/{name}" for name in teacher} <= files
    for script in ("setup.sh", "run_autograder"):
        path = box / "teacher" / "autograder" / script
        assert os.access(path, os.X_OK)
        assert subprocess.run(["bash", "-n", path], check=False).returncode == 0
    setup = (box / "teacher" / "autograder" / "setup.sh").read_text()
    assert f"w2v {package_version()} is missing" in setup


@pytest.mark.parametrize("seed", [2026, 0, 1])
def test_no_two_words_of_the_example_have_the_same_vector(seed):
    example = make_example(seed)
    assert len(set(map(tuple, example.V))) == len(set(map(tuple, example.U))) == 4


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "mine").mkdir()
    write_course(tmp_path / "mine")  # an empty folder is as good as none
    (tmp_path / "mine" / "my_word2vec.py").write_text("three days of work")
    with pytest.raises(UsageError, match="overwrites nothing"):
        write_course(tmp_path / "mine")
    assert (tmp_path / "mine" / "my_word2vec.py").read_text() == "three days of work"
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError):
        write_course(tmp_path / "file")


@pytest.mark.parametrize("name", question_names())
def test_no_number_of_an_answer_is_typed(name):
    without_places = re.sub(r"<<\w+>>", "", answers_of(name))
    assert not re.search(r"\d\.\d", without_places)
    assert re.search(r"<<\w+>>", answers_of(name))


def test_every_place_has_a_value_and_every_value_a_place():
    wanted = set().union(*(places(template(name)) for name in [*question_names(), *FILLED]))
    assert wanted == set(compute(make_example())) | {"version"}


def test_a_place_without_a_value_is_an_error_and_blocks_keep_their_indent():
    assert fill("a <<x>>\n  <<y>>", {"x": "1", "y": "2\n3"}) == "a 1\n  2\n  3"
    with pytest.raises(KeyError):
        fill("<<nowhere>>", {})


def test_the_numbers_of_the_key_are_those_of_the_equations(box):
    e = make_example()
    key = (box / "teacher" / "worksheet_key.md").read_text()
    loss, grad_center, _ = eq.naive_softmax(e.v_c, OUTSIDE, e.U)
    assert f"= {round(loss, 5)}$" in key
    assert all(str(round(x, 5)) in key for x in grad_center)
    assert "<<" not in key


def test_numpy_adds_to_a_repeated_index_once_as_the_key_says():
    e, values = make_example(), compute(make_example())
    grad, indices = np.zeros_like(e.U), [OUTSIDE, *e.negatives]
    errors = eq.sigmoid(e.U[indices] @ e.v_c) - eq.one_hot(0, len(indices))
    grad[indices] += np.outer(errors, e.v_c)
    assert vector(grad[int(values["repeated_id"])]) == values["repeated_once"]


def test_exp_is_infinite_from_the_score_on_that_the_key_names():
    x = float(compute(make_example())["overflow"])
    with np.errstate(over="ignore"):
        assert np.isinf(np.exp(x))
    assert np.isfinite(np.exp(x - 1))


def test_the_starter_has_the_signatures_of_the_solution_and_no_bodies():
    empty, whole = functions(starter()), functions(solution())
    assert empty.keys() == whole.keys()
    for name, function in empty.items():
        assert ast.dump(function.args) == ast.dump(whole[name].args)
        assert ast.get_docstring(function) == ast.get_docstring(whole[name])
        raises = [node for node in ast.walk(function) if isinstance(node, ast.Raise)]
        assert len(raises) == (name != "getNegativeSamples")
    assert "logaddexp" not in starter()


def run_tests(text, module):
    """Run the tests of the box in this process, but for the one that runs gradcheck."""
    sys.modules["my_word2vec"] = module
    try:
        namespace = {}
        exec(compile(text, "test_my_word2vec.py", "exec"), namespace)
        for name, test in namespace.items():
            if name.startswith("test_") and name != "test_gradcheck":
                test()
    finally:
        del sys.modules["my_word2vec"]


def module_of(text):
    module = type(sys)("my_word2vec")
    exec(compile(text, "my_word2vec.py", "exec"), module.__dict__)
    return module


@pytest.mark.parametrize("seed", range(8))
def test_the_solution_passes_the_tests_of_every_seed(seed):
    tests = fill(template("test_my_word2vec.py.txt"), compute(make_example(seed)))
    run_tests(tests, module_of(solution()))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("delta[outsideWordIdx] -= 1.0", "pass"),
        ("np.add.at(gradOutsideVecs, indices, ", "gradOutsideVecs[indices] += ("),
        ("g = sigmoid(scores) - labels", "g = labels - sigmoid(scores)"),
        ("gradCenterVecs[center] += pair[1]", "gradCenterVecs[center] = pair[1]"),
        ("gradCenterVecs[word] += gradSum", "gradCenterVecs[word] = gradSum"),
        ("gradCenterVecs[word] += gradSum", "gradCenterVecs[word] += gradSum / len(around)"),
        ("small = np.exp(-np.abs(x))", "small = np.exp(np.abs(x))"),
        ("axis=-1, keepdims=True)\n    ###", "keepdims=True)\n    ###"),
    ],
)
def test_a_planted_mistake_fails_the_tests_of_the_box(right, wrong):
    assert right in solution()
    tests = fill(template("test_my_word2vec.py.txt"), compute(make_example()))
    with pytest.raises(AssertionError), np.errstate(all="ignore"):
        run_tests(tests, module_of(solution().replace(right, wrong)))


def test_another_seed_is_another_worksheet():
    first, second = compute(make_example(0)), compute(make_example(1))
    assert worksheet(first) == worksheet(compute(make_example(0)))
    assert first["V_table"] != second["V_table"]
    assert first["naive_loss"] != second["naive_loss"]


@pytest.mark.parametrize("seed", range(40))
def test_the_questions_make_sense_for_every_seed(seed):
    e, values = make_example(seed), compute(make_example(seed))
    assert np.abs(e.x).min() > 0  # leaky ReLU has no slope at 0
    assert values["repeated_once"] != values["repeated_right"]
    assert values["picture_close"] == "good and bad" != values["space_close"]
    assert values["very_bad_score"] != values["not_bad_score"]


def test_the_notebook_is_valid(box):
    text = (box / "teacher" / "notebook.ipynb").read_text()
    nbformat.validate(nbformat.reads(text, as_version=4))
    kinds = [cell["cell_type"] for cell in json.loads(text)["cells"]]
    assert kinds[:2] == ["markdown", "code"]
    assert not any(line.startswith("#%%") for line in text.splitlines())


def test_text_is_cut_into_cells():
    text = "# %% [markdown]\n# # Head\n#\n# words\n\n# %%\nx = 1  # one\n\n# two\n"
    assert cells(text) == [(True, "# Head\n\nwords"), (False, "x = 1  # one\n\n# two")]


def run_notebook(box, folder):
    """Run the cells of code as one program, in a folder with a corpus in it."""
    notebook = json.loads((box / "teacher" / "notebook.ipynb").read_text())
    code = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", "\n".join(code)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )


def test_the_notebook_trains_draws_and_reads_the_sample_corpus(box, tmp_path):
    (tmp_path / "sample.txt").write_bytes((ROOT / "data" / "sample.txt").read_bytes())
    result = run_notebook(box, tmp_path)
    assert result.returncode == 0, result.stderr
    assert "of the variance is in the picture" in result.stdout
    assert "king: queen" in result.stdout
    assert list(tmp_path.rglob("plot.png"))


def test_the_notebook_says_what_it_needs(box, tmp_path):
    result = run_notebook(box, tmp_path)
    assert result.returncode == 1
    assert "put stanfordSentimentTreebank/ or sample.txt next to" in result.stderr


@pytest.mark.slow
def test_the_notebook_reads_the_treebank(box, sst, tmp_path):
    (tmp_path / "stanfordSentimentTreebank").symlink_to(sst)
    result = run_notebook(box, tmp_path)
    assert result.returncode == 0, result.stderr
    assert "of the variance is in the picture" in result.stdout
