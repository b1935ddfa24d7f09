"""Scores of deals against the equations; p-values against what they promise."""

import numpy as np
import pytest

from w2v_cli.equations import change_of_meaning as eq
from w2v_cli.meaning import chance
from w2v_cli.meaning import meaning_kernels as kernels
from w2v_cli.meaning.deals import Sums, lay_out
from w2v_cli.text.plan import no_progress

DIM = 8


def bundled(n_each, n_words=60, groups=0, seed=0, moved=0.0):
    """Sums of random bundles: words with n_each free bundles by slice, and groups of two slices.

    moved: by how much the first word's bundles of slice 0 point elsewhere.
    """
    rng = np.random.default_rng(seed)
    kinds = np.zeros((n_words, kernels.MOST_GROUPS), int)
    kinds[:, :groups] = 0b11
    layout = lay_out(np.tile(n_each, (n_words, 1)), kinds, 3.0)
    sums = rng.standard_normal((layout.start[-1], DIM)).astype(np.float32) + 1
    own = slice(0, layout.start[1])
    sums[own][layout.sides[own] == 0, 0] += moved
    return Sums(layout, sums, np.ones((n_words, len(n_each)), np.int64))


def judged(sums, n_threads=1, seed=5):
    tested = np.arange(len(sums.n_tokens))
    return chance.judge(sums, tested, seed=seed, n_threads=n_threads, progress=no_progress)


def dealt(sums, w, order):
    """The slices' sums after a deal, stratum by stratum, in plain Python."""
    own = slice(*sums.layout.start[w : w + 2])
    bundles, sides, strata = sums.sums[own], sums.layout.sides[own], sums.layout.strata[own]
    totals = np.zeros((sums.n_tokens.shape[1], DIM))
    for stratum in set(strata.tolist()):
        receives = iter(sides[strata == stratum].tolist())
        for b in order:
            if b < len(sides) and strata[b] == stratum:
                totals[next(receives)] += bundles[b]
    return totals


@pytest.mark.parametrize(
    ("n_each", "groups"), [((9, 7), 0), ((20, 3), 0), ((5, 6), 4), ((4, 5, 6), 0)]
)
def test_scores_are_those_of_the_equations(n_each, groups):
    sums = bundled(n_each, 3, groups)
    deals = chance._Deals(sums, np.arange(3), 1, range(1), 50)
    orders = chance._orders(1, 32, 0, 50)
    for w in range(3):
        found = deals._scores(deals._word(w), orders)
        expected = [eq.score(dealt(sums, w, order.tolist())) for order in orders]
        np.testing.assert_allclose(found[:, -1], expected, atol=2e-6)
    real = deals._scores(deals._word(0), np.arange(32, dtype=np.uint32)[None])[0]
    assert real[-1] == pytest.approx(eq.score(sums.of_slices()[0]), abs=2e-6)
    a, b = sums.of_slices()[0][:2]
    assert real[0] == pytest.approx(eq.cosine(a, b), abs=2e-6)


def test_any_number_of_threads_gives_the_same_bits():
    sums = bundled((9, 7), moved=3.0)
    one, three = judged(sums, 1), judged(sums, 3)
    assert one.p.tobytes() == three.p.tobytes()
    assert one.pairs.tobytes() == three.pairs.tobytes()


def test_orders_are_drawn_by_number_and_are_all_permutations():
    orders = chance._orders(3, 16, 4, 200)
    assert (np.sort(orders, axis=1) == np.arange(16)).all()
    assert (orders == chance._orders(3, 16, 4, 200)).all()
    assert (orders != chance._orders(3, 16, 5, 200)).any()
    assert np.abs(orders.mean(axis=0) - 7.5).max() < 1.5


def test_a_moved_word_is_found_and_the_others_are_not():
    found = judged(bundled((12, 12), moved=4.0))
    assert found.deviations.argmin() == 0
    assert found.adjusted[0] < 0.05
    assert (found.adjusted[1:] > 0.05).all()
    assert found.n_deals[0] == chance.stages(60)[-1]
    assert found.cosine[0] < found.mean[0] - 3 * found.spread[0]


@pytest.mark.parametrize(
    ("n_each", "groups"), [((20, 20), 0), ((36, 4), 0), ((8, 8), 8), ((9, 9, 9), 0)]
)
def test_p_values_of_words_that_did_not_move_are_uniform(n_each, groups):
    p = judged(bundled(n_each, 1000, groups)).p
    for level in (0.01, 0.05, 0.5):
        spread = np.sqrt(level * (1 - level) / len(p))
        assert abs((p <= level).mean() - level) < 3.5 * spread


def test_stages_go_as_far_as_the_correction_needs():
    assert chance.stages(10) == [2000]
    assert chance.stages(5000) == [2000, 16_000, 128_000, 200_000]
    last = chance.stages(5000)[-1]
    assert 5000 * eq.p_value(np.array(1), np.array(last)) <= chance.FALSE_SHARE


def test_p_values_with_more_deals_for_few_words_are_valid():
    """For any spread of a word's scores: here exceedances are drawn at their true rate."""
    rng = np.random.default_rng(2)
    n, done = 200_000, 0
    rate = rng.random(n)  # of deals that score as low: uniform where nothing moved
    b, m = np.zeros(n, np.int64), np.zeros(n, np.int64)
    here = np.arange(n)
    for until in (50, 400, 3200):
        b[here] += rng.binomial(until - done, rate[here])
        m[here], done = until, until
        here = here[b[here] < chance.FEW]
    p = eq.p_value(b, m)
    for level in (0.001, 0.005, 0.01, 0.02, 0.05, 0.2, 0.5):
        assert (p <= level).mean() <= level + 3 * np.sqrt(level / n)


def test_the_correction_is_that_of_benjamini_and_hochberg():
    p = np.array([0.01, 0.04, 0.03, 0.005])
    ordered = sorted(p)
    expected = [min(4 * q / (i + 1) for i, q in enumerate(ordered) if q >= x) for x in p]
    np.testing.assert_allclose(eq.adjusted(p), expected)


def test_context_vectors_are_centred_and_skip_unknown_words():
    rng = np.random.default_rng(0)
    basis, counts, keep = rng.standard_normal((30, 5)), np.arange(30, 0, -1), rng.random(30)
    basis[7] = 0
    x = eq.context_vectors(basis, counts, keep)
    assert not x[7].any()
    np.testing.assert_allclose(counts @ x, 0, atol=1e-12)
