"""Whatever a function returns gets a verdict, and harms no other function's."""

import dataclasses
import decimal
import fractions
import types
from collections import OrderedDict, deque, namedtuple

import numpy as np
import pytest
from student_files import student  # noqa: F401

from w2v_cli.grader.grade import grade_file, grade_function
from w2v_cli.grader.kinds import kind_named

RECURSIVE = []
RECURSIVE.append(RECURSIVE)
Named = namedtuple("Named", "a b c")


class Refuses:
    """An object every question to which fails."""

    def __array__(self, *arguments, **options):
        raise RuntimeError("no array")

    def __iter__(self):
        raise RuntimeError("no values")

    def __len__(self):
        raise RuntimeError("no length")


class Lies(list):
    def __len__(self):
        return len(ROW)

    def __getitem__(self, key):
        raise IndexError


def forever():
    while True:
        yield 1.0


NUMBER, ROW, MATRIX = 0.5, np.ones(4), np.ones((6, 4))
MASKED = np.ma.masked_array([1.0, 2.0], mask=[True, False])
VALUES = {
    "empty": np.array([]),
    "empty list": [],
    "empty matrix": np.zeros((0, 4)),
    "ragged": [[1.0], [1.0, 2.0]],
    "recursive": RECURSIVE,
    "masked": MASKED,
    "all masked": np.ma.masked_all((6, 4)),
    "the masked constant": np.ma.masked,
    "object array": np.array([1.0, None], dtype=object),
    "object number": np.array(1.0, dtype=object),
    "complex": 1j,
    "complex array": np.ones(4) * (1 + 2j),
    "text": "0.5",
    "bytes": b"0.5",
    "text array": np.array(["a", "b"]),
    "dict": {"loss": 1.0},
    "ordered dict": OrderedDict(a=1.0),
    "set": {1.0, 2.0},
    "deque": deque([1.0, 2.0]),
    "generator": (x for x in (1.0, 2.0)),
    "endless": forever(),
    "range": range(4),
    "function": np.sum,
    "class": Refuses,
    "refuses": Refuses(),
    "lies": Lies(),
    "module": np,
    "not a number": np.nan,
    "infinite": np.inf,
    "huge integer": 10**400,
    "huge": np.float64(1e308),
    "longdouble": np.longdouble("1e400"),
    "half": np.float16(0.5),
    "decimal": decimal.Decimal("0.5"),
    "fraction": fractions.Fraction(1, 2),
    "bool": True,
    "bool array": np.ones((6, 4), bool),
    "date": np.datetime64("2020-01-01"),
    "record": np.zeros(3, dtype=[("a", float), ("b", int)]),
    "np.matrix": np.asmatrix(MATRIX),
    "many axes": np.ones((1,) * 30),
    "very large": np.zeros(200_000),
    "ellipsis": ...,
    "not implemented": NotImplemented,
    "exception": ValueError("no"),
    "namespace": types.SimpleNamespace(loss=1.0),
    "slice": slice(3),
    "memory": memoryview(b"abc"),
}
RESULTS = (
    VALUES
    | {f"loss: {name}": (value, ROW, MATRIX) for name, value in VALUES.items()}
    | {f"outside: {name}": (NUMBER, ROW, value) for name, value in VALUES.items()}
    | {
        "None": None,
        "two": (NUMBER, ROW),
        "four": (NUMBER, ROW, MATRIX, MATRIX),
        "none of three": (None, None, NUMBER),
        "named tuple": Named(NUMBER, ROW, MATRIX),
    }
)


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("kind", ["sigmoid", "negative-sampling"])
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_odd_results_get_a_verdict(name, kind):
    grade = grade_function(lambda *arguments: RESULTS[name], kind_named(kind))
    assert grade.verdict in ("wrong", "error", "not implemented yet")


def test_an_odd_result_of_one_function_leaves_the_others_alone(student):
    text = (
        "import numpy as np\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n"
        "def negSamplingLossAndGradient(v, o, U, dataset, K=10):\n"
        "    return np.array([]), v, np.ma.masked_all(U.shape)\n"
    )
    grade = grade_file(student(text))
    assert {g.kind: g.verdict for g in grade.grades if g.verdict != "missing"} == {
        "sigmoid": "right",
        "negative-sampling": "wrong",
    }


def test_an_error_of_the_grader_stays_with_one_function(student, monkeypatch):
    def fails(judgement):
        raise ZeroDivisionError("of the grader")

    monkeypatch.setattr("w2v_cli.grader.verdict.diagnose", fails)
    text = (
        "import numpy as np\ndef sigmoid(x):\n    return x + 1\n"
        "def softmax(x):\n    e = np.exp(x - np.max(x))\n    return e / e.sum()\n"
    )
    grade = grade_file(student(text, "mine.py"))
    assert [g.verdict for g in grade.grades] == ["error", "right"]
    assert "ZeroDivisionError: of the grader" in grade.grades[0].message
    assert not grade.right


@dataclasses.dataclass
class Result:
    loss: float
    grad_center: np.ndarray
    grad_outside: np.ndarray


def naive(v, o, U):
    scores = U @ v
    p = np.exp(scores - scores.max())
    p /= p.sum()
    loss = scores.max() + np.log(np.exp(scores - scores.max()).sum()) - scores[o]
    p[o] -= 1
    return loss, U.T @ p, np.outer(p, v)


def as_object_array(*values):
    array = np.empty(3, dtype=object)
    array[:] = values
    return array


class Unpacks:
    def __init__(self, *values):
        self.values = values

    def __iter__(self):
        return iter(self.values)


class Tensor:
    """As much of a torch tensor as a result shows."""

    def __init__(self, array):
        self.array = array

    def __array__(self, *arguments, **options):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")

    def detach(self):
        return self.array


HOLDERS = {
    "list": lambda *values: list(values),
    "dataclass": Result,
    "named tuple": Named,
    "generator": lambda *values: (value for value in values),
    "map": lambda *values: map(np.asarray, values),
    "object array": as_object_array,
    "object": Unpacks,
    "tensors": lambda *values: tuple(Tensor(value) for value in values),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_results_that_unpack_are_unpacked(holder):
    def softmax_loss(v, o, U, dataset):
        return HOLDERS[holder](*naive(v, o, U))

    assert grade_function(softmax_loss, kind_named("naive-softmax")).verdict == "right"
