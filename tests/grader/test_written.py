"""CS224n's written assignment as functions: one gradient each, words as columns."""

import pytest
from source_files import graded_source  # noqa: F401
from student_files import student  # noqa: F401

from w2v_cli.grader.grade import grade_file
from w2v_cli.grader.kinds import OF_ASSIGNMENT, WORD2VEC, WRITTEN, assignment_of, kind_named

CENTER, TARGET, OTHER, OUTSIDE = "dj-dvc", "dj-duo", "dj-duw", "dj-du"
NAMES = {CENTER: "dJ_dvc", TARGET: "dJ_du_o", OTHER: "dJ_du_w", OUTSIDE: "dJ_dU"}

RIGHT = [
    (CENTER, "y, y_hat, U", "U @ (y_hat - y)"),
    (CENTER, "U, yhat, y", "np.dot(U, yhat) - U @ y"),
    (CENTER, "y, y_hat, U", "U @ (y_hat.reshape(-1, 1) - y.reshape(-1, 1))"),
    (CENTER, "v_c, o, U", "U @ softmax(U.T @ v_c) - U[:, o]"),
    (CENTER, "a, b, c", "sum((b[w] - a[w]) * c[:, w] for w in range(len(a)))"),
    (TARGET, "y, y_hat, v_c", "(y_hat[np.argmax(y)] - 1) * v_c"),
    (TARGET, "y_hat, v_c, o", "(y_hat[o] - 1) * v_c"),
    (OTHER, "y_hat, v_c, w", "y_hat[w] * v_c"),
    (OUTSIDE, "y, y_hat, v_c", "np.outer(v_c, y_hat - y)"),
    (OUTSIDE, "y, y_hat, v_c", "v_c.reshape(-1, 1) @ (y_hat - y).reshape(1, -1)"),
]


def function(kind, parameters, expression):
    return f"def {NAMES[kind]}({parameters}):\n    return {expression}\n"


@pytest.mark.parametrize(("kind", "parameters", "expression"), RIGHT)
def test_a_right_answer_is_right(graded_source, kind, parameters, expression):
    grade = graded_source(function(kind, parameters, expression), kind)
    assert grade.verdict == "right", grade


def test_columns_are_vectors_too(graded_source):
    source = "def dJ_dU(y, y_hat, v_c):\n    return v_c @ (y_hat - y).T\n"
    grade = graded_source(source, OUTSIDE)
    assert grade.verdict == "right"
    assert grade.center == "column"


#: (kind, expression of y, p = ŷ, U, v, o and w, words of the name)
PLANTED = [
    (CENTER, "U @ (y - p)", "y − ŷ"),
    (CENTER, "U @ (p + y)", "ŷ + y"),
    (CENTER, "U @ p", "the −1 of the true word"),
    (CENTER, "-U[:, o]", "expected outside vector is missing"),
    (CENTER, "U.sum(axis=1) - U @ y", "without their probabilities"),
    (CENTER, "U.T @ (p - y)", "formula for words as rows"),
    (TARGET, "(1 - p[o]) * v", "y − ŷ"),
    (TARGET, "(1 + p[o]) * v", "ŷ + y"),
    (TARGET, "p[o] * v", "the −1 of the true word"),
    (TARGET, "p[o] - 1", "missing centre vector"),
    (TARGET, "-v", "denominator of softmax is forgotten"),
    (OTHER, "(p[w] - 1) * v", "1 is subtracted for every word"),
    (OTHER, "-p[w] * v", "wrong sign"),
    (OTHER, "p[w]", "missing centre vector"),
    (OTHER, "0.0 * v + 1e-30", "only the outside word has a gradient"),
    (OTHER, "v", "the probability ŷ_w is missing"),
    (OUTSIDE, "np.outer(v, y - p)", "y − ŷ"),
    (OUTSIDE, "np.outer(v, p + y)", "ŷ + y"),
    (OUTSIDE, "np.outer(v, p)", "the −1 of the true word"),
    (OUTSIDE, "np.outer(p - y, v)", "transposed: words as rows"),
    (OUTSIDE, "p - y", "missing centre vector"),
    (OUTSIDE, "np.outer(v, p - 1)", "1 is subtracted for every word"),
    (OUTSIDE, "np.outer(v, (p - y) * y)", "only the outside word has a gradient"),
    # right in some places only
    (CENTER, "U[:, :100] @ (p - y)[:100]", "right in small calls"),
    (CENTER, "SEEN.setdefault(U.shape, U @ (p - y))", "an earlier call"),
    (TARGET, "(p[1] - 1) * v", ""),
]
PARAMETERS = "y, y_hat, U, v_c, o, w"
HEAD = "    p, v = y_hat.ravel(), v_c.ravel()\n    y = y.ravel()\n"


@pytest.mark.parametrize(("kind", "expression", "words"), PLANTED)
def test_a_planted_mistake_is_named(graded_source, kind, expression, words):
    parameters = PARAMETERS if kind == OTHER else PARAMETERS.removesuffix(", w")
    source = f"SEEN = {{}}\ndef {NAMES[kind]}({parameters}):\n{HEAD}    return {expression}\n"
    grade = graded_source(source, kind)
    assert grade.verdict in ("wrong", "error"), grade
    titles = [d.title for d in grade.diagnoses]
    assert len(titles) == 1 or not words, titles
    assert any(words in title for title in [*titles, ""]), titles


def test_a_file_of_answers_is_recognised(student):
    source = "import numpy as np\n\n" + "\n".join(
        function(*row) for row in (RIGHT[0], RIGHT[5], RIGHT[7], RIGHT[8])
    )
    grade = grade_file(student(source, "word2vec.py"), require=(OF_ASSIGNMENT,))
    assert grade.assignment == WRITTEN.title
    assert [g.verdict for g in grade.grades] == ["right"] * 4
    assert grade.right
    grade = grade_file(student(source, "a2.py"), require=("dJ_dvc", "leaky_relu_grad"))
    assert grade.grades[-1].verdict == "missing"


def test_answers_beside_the_losses_make_no_other_assignment():
    names = ["naiveSoftmaxLossAndGradient", "skipgram", "dJ_dvc"]
    kinds = [kind_named(name) for name in names]
    assert assignment_of("hw2", names, kinds) == WORD2VEC


def test_names_in_any_spelling():
    for name, kind in (("dJ_dv_c", CENTER), ("dJduo", TARGET), ("dj_du_w", OTHER)):
        assert kind_named(name).key == kind
