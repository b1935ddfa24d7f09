"""Whatever a student's function returns, the grader has a verdict, and never a traceback."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from w2v_cli.grader.grade import grade_function
from w2v_cli.grader.kinds import KINDS
from w2v_cli.grader.worker.wire import returned_parts


class Lying:
    """Says that it is an array, long, and iterable, and is none of it."""

    def __array__(self, *arguments, **options):
        raise RuntimeError("no")

    def __len__(self):
        return 10**9

    def __iter__(self):
        raise KeyError(self)

    def __repr__(self):
        raise ValueError("no name either")


def of_itself():
    inside = []
    inside.append(inside)
    return inside


ODD = [
    None, Lying(), Lying, of_itself(), iter(range(3)), object(), NotImplemented, ..., 10**400,
    -0.0, float("nan"), float("inf"), "text", "\ud800", b"\xff", complex(1, 2), {1: 2}, {3}, [[]],
    np.datetime64("2020-01-01"), np.array(["a"]), np.zeros((0, 3)),
    np.zeros((3, 0)), np.array(2.5), np.float16(1), np.longdouble("1e4000"), np.zeros(3, "i4,f8"),
    np.broadcast_to(np.float64(1), (10**6, 10**4)), np.ma.masked_array([1.0, 2.0], [True, False]),
    np.ones((1,) * 40), np.array([np.nan, np.inf, -np.inf]), memoryview(b"abc"), np.bool_(True),
    np.array([1e308, -1e308]), np.array([2**64 - 1], np.uint64), (1, 2, 3, 4, 5, 6), Exception("x"),
]  # fmt: skip
PARTS = st.one_of(
    st.sampled_from(ODD),
    st.floats(),
    st.integers(),
    st.text(max_size=5),
    st.lists(st.floats(), max_size=6),
    st.lists(st.lists(st.floats(), max_size=3), max_size=3),
    st.lists(st.integers(0, 3), max_size=3).map(np.ones),
)
RESULTS = st.one_of(PARTS, st.tuples(PARTS, PARTS), st.tuples(PARTS, PARTS, PARTS), st.lists(PARTS))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
@settings(max_examples=15)
@given(result=RESULTS)
@pytest.mark.filterwarnings("ignore")
def test_any_result_has_a_verdict(kind, result):
    def of_numbers(x):
        return result

    def of_words(center, outside, U, dataset, *more):
        return result

    def of_anything(*arguments):
        return result

    functions = {"block": of_numbers, "pair": of_words, "window": of_words}
    function = functions.get(kind.group, of_anything)
    function.__name__ = kind.key
    grade = grade_function(function, kind)
    assert "how to call it" not in grade.message
    assert not grade.right
    json.dumps(returned_parts(result))  # what the grader's process is sent


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
@pytest.mark.filterwarnings("ignore")
def test_odd_results_one_by_one(odd):
    kind = next(kind for kind in KINDS if kind.key == "sigmoid")
    assert not grade_function(lambda x: odd, kind).right
