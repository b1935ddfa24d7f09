import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import pairs_of

from w2v_cli.text.windows import (
    alias_table,
    draw_noise,
    draw_radii,
    generator,
    keep_prob,
    noise_distribution,
    window_pairs,
)


def test_same_key_same_draws_other_key_other_draws():
    draws = {
        key: tuple(generator(*key).integers(0, 1 << 40, 4))
        for key in [(1, 0, 0), (1, 0, 1), (1, 1, 0), (2, 0, 0), (0, 1, 0)]
    }
    assert len(set(draws.values())) == len(draws)
    assert tuple(generator(1, 0, 1).integers(0, 1 << 40, 4)) == draws[1, 0, 1]


def test_keep_prob_is_word2vecs_rule():
    keep = keep_prob(np.array([900, 99, 1]), 0.01)
    share = 0.9
    assert keep[0] == pytest.approx((0.01 / share) ** 0.5 + 0.01 / share)
    assert keep[2] == 1
    assert keep_prob(np.array([5, 1]), 0).tolist() == [1, 1]


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=40), st.floats(0, 2))
def test_the_alias_table_is_the_distribution(counts, power):
    p = noise_distribution(np.array(counts), power)
    assert p.sum() == pytest.approx(1)
    threshold, alias = alias_table(p)
    rebuilt = threshold / len(p)
    np.add.at(rebuilt, alias, (1 - threshold) / len(p))
    assert rebuilt == pytest.approx(p, abs=1e-12)


def test_noise_is_drawn_by_its_distribution():
    p = noise_distribution(np.array([100, 10, 1]), 0.75)
    drawn = draw_noise(alias_table(p), (200, 1000), generator(1, 0, 0))
    assert np.bincount(drawn.ravel()) / drawn.size == pytest.approx(p, abs=0.005)


def test_radii_are_uniform_from_one_to_the_window():
    radii = draw_radii(50_000, (1, 5), generator(3, 0, 0))
    assert np.bincount(radii, minlength=6)[1:] / 50_000 == pytest.approx([0.2] * 5, abs=0.01)
    assert set(draw_radii(100, (5, 5), generator(3, 0, 0))) == {5}


@given(st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=7), min_size=1), st.integers(1, 6))
def test_window_pairs_are_those_of_the_naive_loop(documents, window):
    tokens = np.array([w for d in documents for w in d])
    document = np.repeat(np.arange(len(documents)), [len(d) for d in documents])
    radii = draw_radii(len(tokens), (1, window), generator(1, 2, 3))
    firsts = np.cumsum([0] + [len(d) for d in documents])
    expected = pairs_of(documents, lambda d, t: radii[firsts[d] + t])
    positions = np.arange(len(tokens))
    which, outsides = window_pairs(tokens, document, radii, positions)
    assert list(zip(tokens[which].tolist(), outsides.tolist(), strict=True)) == expected
    assert np.all(np.diff(which) >= 0)


def test_a_large_noise_power_does_not_overflow():
    """Review D14: NaN, and a traceback."""
    p = noise_distribution(np.array([10**9, 10**6, 1]), 100.0)
    np.testing.assert_allclose(p, [1, 0, 0], atol=1e-12)
