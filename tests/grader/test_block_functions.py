"""Functions of numbers and scores: σ′, the Jacobian of softmax, leaky ReLU and its slope."""
# ruff: noqa: E501

import pytest
from source_files import graded_source  # noqa: F401
from student_files import student  # noqa: F401

from w2v_cli.grader.grade import grade_file
from w2v_cli.grader.kinds import kind_named

SLOPE, JACOBIAN = "sigmoid-derivative", "softmax-jacobian"
LEAKY, LEAKY_SLOPE = "leaky-relu", "leaky-relu-derivative"

RIGHT = [
    (SLOPE, "def sigmoid_derivative(x):\n    return sigmoid(x) * (1 - sigmoid(x))\n"),
    (SLOPE, "def sigmoidGrad(z):\n    return sigmoid(z) * sigmoid(-z)\n"),
    (JACOBIAN, "def softmax_jacobian(x):\n    p = softmax(x)\n    return np.diag(p) - np.outer(p, p)\n"),
    (JACOBIAN, "def softmax_derivative(x):\n    p = softmax(x).reshape(-1, 1)\n    return np.diagflat(p) - p @ p.T\n"),
    (LEAKY, "def leaky_relu(x, alpha=0.01):\n    return np.maximum(alpha * x, x)\n"),
    (LEAKY, "def LeakyReLU(z):\n    return np.where(z > 0, z, 0.2 * z)\n"),
    (LEAKY, "def lrelu(x, steepness=0.1):\n    return x * np.where(x > 0, 1, steepness)\n"),
    (LEAKY_SLOPE, "def leaky_relu_grad(x, negative_slope):\n    return np.where(x > 0, 1, negative_slope)\n"),
    (LEAKY_SLOPE, "def d_leaky_relu(x):\n    g = np.ones_like(x)\n    g[x < 0] = 0.3\n    return g\n"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "source"), RIGHT)
def test_what_students_write_is_right(graded_source, kind, source):
    if "g[x < 0]" in source:  # numbers have no places
        source = source.replace("g = ", "x = np.atleast_1d(x)\n    g = ")
    grade = graded_source(source, kind)
    assert grade.verdict == "right", grade
    assert not grade.notes or "g[x" in source


@pytest.mark.parametrize(
    ("kind", "source", "of"),
    [
        (SLOPE, "def sigmoid_grad(s):\n    return s * (1 - s)\n", "σ(x)"),
        (JACOBIAN, "def softmax_grad(p):\n    return np.diag(p) - np.outer(p, p)\n", "softmax(x)"),
    ],
)
def test_a_function_of_the_value_is_right_with_a_note(graded_source, kind, source, of):
    grade = graded_source(source, kind)
    assert grade.verdict == "right"
    assert f"{of} already" in grade.notes[0]


def test_overflow_is_unstable(graded_source):
    source = "def sigmoid_grad(x):\n    return np.exp(x) / (1 + np.exp(x)) ** 2\n"
    assert graded_source(source, SLOPE).verdict == "right, unstable"


#: (kind, expression of x, α and p = softmax(x), words of the name)
PLANTED = [
    (SLOPE, "sigmoid(x)", "sigmoid is returned"),
    (SLOPE, "1 - sigmoid(x)", "the factor σ(x) is missing"),
    (SLOPE, "sigmoid(x) ** 2", "σ(x)² instead"),
    (SLOPE, "1 / (1 + np.exp(x)) * np.exp(-x) / (1 + np.exp(-x))", "mixed: σ(−x)²"),
    (SLOPE, "sigmoid(x) * (sigmoid(x) - 1)", "wrong sign"),
    (SLOPE, "sigmoid(x) * (1 + sigmoid(x))", "1 + σ(x)"),
    (JACOBIAN, "p * (1 - p)", "only the diagonal"),
    (JACOBIAN, "np.diag(p * (1 - p))", "beside the diagonal are missing"),
    (JACOBIAN, "np.outer(p, p) + np.diag(p - 2 * p * p)", "wrong sign beside the diagonal"),
    (JACOBIAN, "-np.outer(p, p)", "the diagonal lacks its ŷ_i"),
    (JACOBIAN, "np.diag(p + p * p) - np.outer(p, p)", "ŷ_i on the diagonal"),
    (JACOBIAN, "np.eye(len(p)) - p", "the factor ŷ_i is missing"),
    (JACOBIAN, "np.outer(p, p) - np.diag(p)", "wrong sign"),
    (JACOBIAN, "p", "softmax is returned"),
    (LEAKY, "np.minimum(alpha * x, x)", "the two sides are swapped"),
    (LEAKY, "np.maximum(0, x)", "this is ReLU"),
    (LEAKY, "np.where(x > 0, x, -alpha * x)", "wrong sign below 0"),
    (LEAKY, "np.where(x > 0, x, alpha)", "α instead of αx"),
    (LEAKY, "np.where(x > 0, 1, alpha)", "the derivative of leaky ReLU is returned"),
    (LEAKY_SLOPE, "np.where(x > 0, alpha, 1)", "the two sides are swapped"),
    (LEAKY_SLOPE, "np.where(x > 0, 1, 0)", "the derivative of ReLU"),
    (LEAKY_SLOPE, "np.where(x > 0, 1, -alpha)", "wrong sign below 0"),
    (LEAKY_SLOPE, "np.where(x > 0, 1, alpha * x)", "αx instead of α"),
    (LEAKY_SLOPE, "np.maximum(alpha * x, x)", "leaky ReLU is returned"),
    # right in some places only
    (SLOPE, "np.where(np.arange(np.size(x)).reshape(np.shape(x)) < 30, sigmoid(x) * (1 - sigmoid(x)), 0)", ""),
    (JACOBIAN, "(np.diag(p) - np.outer(p, p)) * (len(p) < 100)", "right in small calls"),
    (LEAKY, "SEEN.setdefault(np.shape(x), np.maximum(alpha * x, x))", "an earlier call"),
    (LEAKY, "np.maximum(0.1 * x, x)", ""),
]  # fmt: skip
NAMES = {SLOPE: "sigmoid_grad", JACOBIAN: "softmax_jacobian", LEAKY: "leaky_relu", LEAKY_SLOPE: "leaky_relu_grad"}  # fmt: skip


def function(kind, expression):
    parameters = "x, alpha" if "leaky" in kind else "x"
    start = "SEEN = {}\n" + f"def {NAMES[kind]}({parameters}):\n"
    of_scores = "    p = softmax(x)\n" if kind == JACOBIAN else ""
    return f"{start}{of_scores}    return {expression}\n"


@pytest.mark.parametrize(("kind", "expression", "words"), PLANTED)
def test_a_planted_mistake_is_named(graded_source, kind, expression, words):
    grade = graded_source(function(kind, expression), kind)
    assert grade.verdict == "wrong", grade
    titles = [d.title for d in grade.diagnoses]
    assert len(titles) == 1 or not words, titles
    assert any(words in title for title in [*titles, ""]), titles


def test_a_slope_of_its_own_is_told_from_a_swap(graded_source):
    source = "def leaky_relu_grad(x):\n    return np.where(x > 0, 0.05, 1.0)\n"
    assert "sides are swapped" in graded_source(source, LEAKY_SLOPE).diagnoses[0].title
    source = "def leaky_relu(x):\n    return np.maximum(0, x)\n"
    assert "this is ReLU" in graded_source(source, LEAKY).diagnoses[0].title


HEAD = "import numpy as np\n\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n"
BACKWARD = "def leaky_relu_backward(dout, x):\n    return dout * (x > 0)\n"


def test_a_function_that_only_has_the_name_does_not_count(student):
    grade = grade_file(student(HEAD + BACKWARD, "hw.py"))
    assert [g.verdict for g in grade.grades] == ["right", "another function"]
    assert grade.right
    alone = student(f"import numpy as np\n{BACKWARD}", "hw.py")
    assert not grade_file(alone).right
    mapped = grade_file(alone, {"leaky_relu_grad": "leaky_relu_backward"})
    assert [g.verdict for g in mapped.grades] == ["error"]


def test_helpers_make_no_assignment(student):
    source = HEAD + "def leaky_relu(x, a):\n    return np.maximum(a * x, x)\n"
    source += "def leaky_relu_grad(x, a):\n    return np.where(x > 0, 1, a)\n"
    grade = grade_file(student(source, "hw.py"), require=("assignment",))
    assert grade.right
    assert not grade.assignment


def test_names_in_any_spelling():
    for name in ("sigmoidGrad", "sigmoid_prime", "dSigmoid", "grad_sigmoid"):
        assert kind_named(name).key == SLOPE
    for name in ("softmaxJacobian", "softmax_gradient", "leakyReluDerivative", "lrelu_grad"):
        assert kind_named(name).helper
