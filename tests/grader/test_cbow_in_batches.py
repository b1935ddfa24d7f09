"""Coursera's C2_W4: CBOW with ReLU in batches, recognised by what a file defines."""
# ruff: noqa: E501

import json

import pytest
from source_files import graded_source  # noqa: F401
from student_files import student  # noqa: F401

from w2v_cli.grader.grade import grade_file
from w2v_cli.grader.grade_report import limited, render_file
from w2v_cli.grader.kinds import CBOW_IN_BATCHES, OF_ASSIGNMENT
from w2v_cli.grader.points import score_file

SOFTMAX = "def softmax(z):\n    e = np.exp(z - z.max(axis=0))\n    return e / np.sum(e, axis=0)\n"
FORWARD = """
def forward_prop(x, W1, W2, b1, b2):
    h = np.maximum(0, np.dot(W1, x) + b1)
    z = np.dot(W2, h) + b2
    return z, h
"""
COST = """
def compute_cost(y, yhat, batch_size):
    return -np.sum(y * np.log(yhat)) / batch_size
"""
BACK = """
def back_prop(x, yhat, y, h, W1, W2, b1, b2, batch_size):
    d = yhat - y
    l1 = np.dot(W2.T, d)
    l1[h <= 0] = 0
    grad_W1 = np.dot(l1, x.T) / batch_size
    grad_W2 = np.dot(d, h.T) / batch_size
    grad_b1 = np.sum(l1, axis=1, keepdims=True) / batch_size
    grad_b2 = np.sum(d, axis=1, keepdims=True) / batch_size
    return grad_W1, grad_W2, grad_b1, grad_b2
"""
ALL = f"import numpy as np\nfrom utils2 import get_batches, get_dict\nimport w4_unittest\n\n\n{SOFTMAX}{FORWARD}{COST}{BACK}"
KEY = ALL.replace("l1[h <= 0] = 0", "l1 = np.maximum(0, l1)")
FIRST = "-np.sum(y * np.log(yhat) + (1 - y) * np.log(1 - yhat)) / batch_size"
STARTER = """import numpy as np

def softmax(z):
    yhat = None
    return yhat

def forward_prop(x, W1, W2, b1, b2):
    h = None
    h = None
    z = None
    return z, h

def back_prop(x, yhat, y, h, W1, W2, b1, b2, batch_size):
    z1 = np.dot(W1, x) + b1
    l1 = None
    l1[z1 < 0] = 0
    grad_W1 = None
    grad_W2 = None
    grad_b1 = None
    grad_b2 = None
    return grad_W1, grad_W2, grad_b1, grad_b2
"""


def verdicts(grade):
    return {g.function: g.verdict for g in grade.grades}


def test_a_right_hand_in_is_right(student):
    grade = grade_file(student(ALL, "C2_W4.py"), require=(OF_ASSIGNMENT,))
    assert grade.assignment == CBOW_IN_BATCHES.title
    assert list(verdicts(grade)) == ["softmax", "forward_prop", "compute_cost", "back_prop"]
    assert set(verdicts(grade).values()) == {"right"}
    assert grade.stand_ins == ("utils2", "w4_unittest")


def test_the_name_of_the_file_does_not_matter(student):
    assert grade_file(student(ALL, "word2vec.py"), require=(OF_ASSIGNMENT,)).right


def test_a_notebook_is_recognised_too(student):
    cells = [{"cell_type": "code", "source": [part]} for part in (ALL, "print(undefined)\n")]
    path = student(json.dumps({"cells": cells}), "C2_W4_Assignment.ipynb")
    assert grade_file(path, require=(OF_ASSIGNMENT,)).right


def test_what_is_missing_fails(student):
    grade = grade_file(student(ALL.replace(BACK, ""), "hw.py"), require=(OF_ASSIGNMENT,))
    assert verdicts(grade)["back_prop"] == "missing"
    grade = grade_file(student(ALL.replace(COST, ""), "hw.py"), require=(OF_ASSIGNMENT,))
    assert grade.right  # the course hands it out


def test_the_starter_file_is_to_do(student):
    grade = grade_file(student(STARTER, "hw.py"))
    assert set(verdicts(grade).values()) == {"not implemented yet"}


def test_the_published_key_is_told_from_the_gradient(student):
    grade = grade_file(student(KEY, "hw.py"))
    assert verdicts(grade)["back_prop"] == "right, by the course's key"
    assert grade.right
    assert grade.passed()
    assert not grade.passed(strict=True)
    text = render_file(grade)
    assert "by the key back_prop" in text
    assert "equals the published key of Coursera" in text
    assert "ReLU is applied to the error, where its derivative" in text
    assert "1 of them by the key only" in text
    scores = {s.grade.function: s.points for s in score_file(grade)}
    assert scores["back_prop"] == 1
    assert {s.grade.function: s.points for s in score_file(grade, strict=True)}["back_prop"] == 0


def test_a_hint_tells_no_formula_of_the_key(student):
    text = render_file(limited(grade_file(student(KEY, "hw.py")), "hint"))
    assert "published key" in text
    assert "δ" not in text


def test_the_cost_of_the_first_editions_is_the_key_too(graded_source):
    source = COST.replace("-np.sum(y * np.log(yhat)) / batch_size", FIRST)
    grade = graded_source(source, "compute-cost")
    assert grade.verdict == "right, by the course's key"
    assert "first editions" in grade.message


def test_the_key_with_another_mistake_is_wrong(graded_source):
    source = BACK.replace("l1[h <= 0] = 0", "l1 = np.maximum(0, l1)")
    changed = source.replace("np.dot(d, h.T) /", "-np.dot(d, h.T) /")
    assert graded_source(changed, "back-prop").verdict == "wrong"
    changed = source.replace("    d = yhat - y\n", "    d = yhat - y\n    h *= 1.5\n")
    assert graded_source(changed, "back-prop").verdict == "wrong"


#: (kind, source, what is written, what is written instead, words of the name)
PLANTED = [
    ("forward-prop", FORWARD, "np.maximum(0, np.dot(W1, x) + b1)", "np.dot(W1, x) + b1", "ReLU is missing"),
    ("forward-prop", FORWARD, "np.maximum(0, np.dot(W1, x) + b1)", "np.maximum(0, np.dot(W1, x)) + b1", "before b1"),
    ("forward-prop", FORWARD, "np.dot(W2, h) + b2", "np.maximum(0, np.dot(W2, h) + b2)", "applied to the scores too"),
    ("forward-prop", FORWARD, "np.dot(W1, x) + b1", "np.dot(W1, x)", ""),
    ("compute-cost", COST, "/ batch_size", "", "not divided by the batch size"),
    ("compute-cost", COST, "-np.sum", "np.sum", "minus of the loss"),
    ("back-prop", BACK, "    l1[h <= 0] = 0\n", "", "the derivative of ReLU is missing"),
    ("back-prop", BACK, "l1[h <= 0] = 0", "l1 = l1 * h", "ReLU itself where its derivative"),
    ("back-prop", BACK, "d = yhat - y", "d = y - yhat", "wrong sign"),
    ("back-prop", BACK, "/ batch_size", "", "sum for mean"),
    ("back-prop", BACK, "keepdims=True) / batch_size", "keepdims=True)", "biases are not divided"),
    ("back-prop", BACK, "l1[h <= 0] = 0", "l1[np.dot(W1, x) <= 0] = 0", ""),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "source", "old", "new", "words"), PLANTED)
def test_a_planted_mistake_is_named(graded_source, kind, source, old, new, words):
    assert old in source
    grade = graded_source(source.replace(old, new), kind)
    assert grade.verdict == "wrong", grade
    titles = [d.title for d in grade.diagnoses]
    assert len(titles) == 1 or not words, titles
    assert any(words in title for title in [*titles, ""]), titles


def test_biases_that_are_not_summed_are_named(graded_source):
    source = BACK.replace("np.sum(l1, axis=1, keepdims=True) / batch_size", "l1")
    source = source.replace("np.sum(d, axis=1, keepdims=True) / batch_size", "d")
    grade = graded_source(source, "back-prop")
    assert ["not summed over the batch" in d.title for d in grade.diagnoses] == [True]


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("e / np.sum(e, axis=1, keepdims=True)", "by rows instead of by columns"),
        ("e / np.sum(e, axis=1)", "by rows instead of by columns"),
        ("e / np.sum(e)", "normalised as a whole"),
    ],
)
def test_a_softmax_over_the_wrong_axis_is_named(student, new, words):
    source = ALL.replace("z - z.max(axis=0)", "z").replace("e / np.sum(e, axis=0)", new)
    grade = grade_file(student(source, "hw.py"))
    softmax = grade.grades[0]
    assert softmax.verdict in ("wrong", "error")
    assert words in softmax.diagnoses[0].title


def test_the_same_names_of_another_course_are_let_alone(student):
    other = "import numpy as np\n\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n\n"
    other += (
        "def compute_cost(A2, Y):\n    return 0\n\ndef back_prop(X, Y, cache):\n    return {}\n"
    )
    grade = grade_file(student(other, "hw.py"))
    assert verdicts(grade) == {"sigmoid": "right"}
    assert not grade.assignment


def test_other_names_are_mapped(student):
    source = ALL.replace("forward_prop", "forward").replace("back_prop", "backward")
    mapping = {"forward_prop": "forward", "back_prop": "backward"}
    grade = grade_file(student(source, "hw.py"), mapping)
    assert grade.right
    assert len(grade.grades) == 4
