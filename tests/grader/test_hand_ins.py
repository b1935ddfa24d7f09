"""Right hand-ins pass, whatever their names, shapes, imports and ways of computing."""

import pytest
from hand_ins import IMPORTS, NAIVE, SAMPLING, SIGMOID, SKIPGRAM, SOFTMAX
from source_files import graded_source  # noqa: F401
from student_files import student  # noqa: F401

from w2v_cli.grader.grade import grade_file

PIECES = [
    (kind, name, source)
    for kind, pieces in (
        ("sigmoid", SIGMOID),
        ("softmax", SOFTMAX),
        ("naive-softmax", NAIVE),
        ("negative-sampling", SAMPLING),
        ("skipgram", SKIPGRAM),
    )
    for name, source in pieces.items()
]


@pytest.mark.parametrize(
    ("kind", "source"), [(k, s) for k, _, s in PIECES], ids=[f"{k}: {n}" for k, n, _ in PIECES]
)
def test_a_right_function_in_any_style_passes(graded_source, kind, source):
    before = NAIVE["2019"] if kind == "skipgram" else ""
    grade = graded_source(before + source, kind)
    assert grade.right, grade


@pytest.mark.parametrize(
    ("kind", "source", "note"),
    [
        ("naive-softmax", NAIVE["a (1, D) centre vector"], "right for a (1, D) centre vector"),
        ("naive-softmax", NAIVE["a (D, 1) centre vector"], "right for a (D, 1) centre vector"),
        ("negative-sampling", SAMPLING["a (1, D) centre vector"], "right for a (1, D) centre"),
        (
            "naive-softmax",
            NAIVE["a loss of (1,), gradients of (1, D)"],
            "centre gradient: right, but of shape (1, n); expected (n,)",
        ),
        ("naive-softmax", NAIVE["gradient of (D, 1)"], "of shape (n, 1); expected (n,)"),
        ("softmax", SOFTMAX["vector"], "right for a vector of scores, but not for a matrix"),
    ],
)
def test_an_unusual_shape_earns_a_note(graded_source, kind, source, note):
    assert any(note in n for n in graded_source(source, kind).notes)


@pytest.mark.parametrize("imports", list(IMPORTS))
def test_a_course_s_own_modules_are_replaced(student, imports):
    sigmoid = "" if "sigmoid" in IMPORTS[imports] else SIGMOID["plain"]
    text = IMPORTS[imports] + sigmoid + NAIVE["2019"] + SAMPLING["2019"] + SKIPGRAM["2019"]
    grade = grade_file(student(text, "word2vec.py"))
    assert grade.right, grade
    assert set(grade.missing) <= {"sigmoid"}


def test_a_module_that_nobody_knows_stays_missing(student):
    grade = grade_file(student("from my_tools import softmax, train_it\n"))
    assert "No module named 'my_tools'" in grade.problem


def test_the_dataset_of_a_file_is_replaced_and_its_draws_are_known(student):
    text = f"import numpy as np\nimport random\n{SIGMOID['plain']}"
    text += SAMPLING["2014, a global dataset"] + SKIPGRAM["a dataset of the file"]
    grade = grade_file(student(text, "q3_word2vec.py"))
    assert [g.right for g in grade.grades] == [True, True, True], grade
    assert grade.missing == ("softmaxCostAndGradient",)


def test_other_seeds_give_other_numbers_and_the_same_verdicts(student):
    text = f"import numpy as np\n{SIGMOID['plain']}{SOFTMAX['2019 utils']}"
    path = student(text + NAIVE["2019"] + SAMPLING["2019"] + SKIPGRAM["2019"])
    for seed in (1, 2**40):
        assert grade_file(path, seed=seed).right
    path = student(text.replace("-x", "x") + NAIVE["2019"] + SAMPLING["2019"])
    first, second = (grade_file(path, seed=seed).grades[0].outputs[0].worst for seed in (0, 1))
    assert first[0].got != second[0].got
