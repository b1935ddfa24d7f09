"""Coverage by loops, and Zipf's law on a text that obeys it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.text.vocabulary import coverage_by_min_count, coverage_by_size, fit_zipf

COUNTS = st.lists(st.integers(1, 3000), min_size=2, max_size=400).map(
    lambda counts: np.array(sorted(counts, reverse=True), np.int64)
)


@given(COUNTS, st.integers(0, 1000))
def test_coverage_is_what_a_loop_counts(counts, n_dropped):
    n_tokens = int(counts.sum()) + n_dropped
    for part in coverage_by_min_count(counts, n_tokens):
        kept = [n for n in counts.tolist() if n >= part.min_count]
        assert (part.n_words, part.share) == (len(kept), pytest.approx(sum(kept) / n_tokens))
    for part in coverage_by_size(counts, n_tokens):
        kept = counts[: part.n_words]
        assert (part.min_count, part.share) == (kept[-1], pytest.approx(kept.sum() / n_tokens))
    assert coverage_by_size(counts, n_tokens)[-1].n_words == len(counts)
    assert coverage_by_min_count(counts, n_tokens)[0].n_words == len(counts)


@pytest.mark.parametrize("exponent", [0.8, 1.0, 1.3])
def test_the_exponent_of_a_text_that_obeys_the_law(exponent):
    counts = (1e9 / np.arange(1, 5001) ** exponent).astype(np.int64)
    law = fit_zipf(counts)
    assert law.exponent == pytest.approx(exponent, abs=1e-3)
    assert law.r_squared == pytest.approx(1, abs=1e-6)


def test_two_words_are_enough():
    assert fit_zipf(np.array([4, 2])).exponent == pytest.approx(1)
    assert fit_zipf(np.array([3, 3])).exponent == pytest.approx(0, abs=1e-9)
