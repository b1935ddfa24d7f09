"""Intervals of shares and of paired differences, with truths that are known."""

import math

import numpy as np
import pytest
from scipy import stats

from w2v_cli.vectors.scores.intervals import paired_interval, wilson_interval


@pytest.mark.parametrize(("right", "n"), [(0, 1), (1, 1), (0, 40), (7, 40), (40, 40), (560, 10675)])
def test_the_interval_of_a_share_is_that_of_scipy(right, n):
    theirs = stats.binomtest(right, n).proportion_ci(method="wilson")
    assert wilson_interval(right, n) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_without_questions_there_is_no_interval():
    assert all(map(math.isnan, [*wilson_interval(0, 0), *paired_interval(0, 0, 0)]))


@pytest.mark.parametrize(("n", "p"), [(30, 0.1), (200, 0.5), (200, 0.95)])
def test_the_interval_of_a_share_covers_the_truth_as_often_as_it_says(n, p):
    drawn = np.random.default_rng(1).binomial(n, p, 2000)
    intervals = [wilson_interval(int(right), n) for right in drawn]
    covered = np.mean([low <= p <= high for low, high in intervals])
    assert 0.93 <= covered <= 0.98


@pytest.mark.parametrize(
    ("n", "only_first", "only_second"), [(40, 0.1, 0.1), (40, 0.02, 0.2), (500, 0.05, 0.08)]
)
def test_the_interval_of_a_difference_covers_the_planted_one(n, only_first, only_second):
    cells = [only_first, only_second, 1 - only_first - only_second]
    drawn = np.random.default_rng(2).multinomial(n, cells, 2000)
    intervals = [paired_interval(int(a), int(b), n) for a, b, _ in drawn]
    planted = only_second - only_first
    covered = np.mean([low <= planted <= high for low, high in intervals])
    assert 0.93 <= covered <= 0.99


def test_questions_that_both_answer_alike_narrow_a_difference():
    """50 % against 53 %: the two intervals overlap, yet no question was lost."""
    low, high = paired_interval(0, 6, 200)
    assert 0 < low < 0.03 < high
    assert wilson_interval(100, 200)[1] > wilson_interval(106, 200)[0]


def test_two_equal_runs_do_not_differ():
    low, high = paired_interval(0, 0, 50)
    assert low == -high < 0
    assert high < 0.05
