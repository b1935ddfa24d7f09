"""Bundles and sums against a slow twin in plain Python, written from the equations."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from w2v_cli import memory
from w2v_cli.equations import change_of_meaning as eq
from w2v_cli.errors import DataError
from w2v_cli.meaning import meaning_kernels as kernels
from w2v_cli.meaning.deals import Documents, lay_out, split, sum_up
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.vocabulary import build_vocabulary

N_WORDS, N_TESTED, DIM = 40, 30, 6
WEIGHTS = np.array([1.0, 2 / 3, 1 / 3], np.float32)


def made(n_slices=2, with_units=False, n=300, seed=0):
    """Documents of random words, with slices and units."""
    rng = np.random.default_rng(seed)
    texts = [(rng.zipf(1.4, rng.integers(1, 25)) % N_WORDS).tolist() for _ in range(n)]
    tokens = np.array([w for text in texts for w in text], np.uint32)
    ends = np.cumsum([len(text) for text in texts])
    vocabulary = build_vocabulary({f"w{i:02}": 9 for i in range(N_WORDS)})
    slices = rng.integers(0, n_slices, n)
    units = rng.integers(0, n // 4, n) if with_units else None
    corpus = EncodedCorpus(tokens, ends, len(tokens), vocabulary)
    return texts, Documents(corpus, slices, n_slices, units)


def context(seed=1):
    return np.random.default_rng(seed).standard_normal((N_WORDS, DIM)).astype(np.float32)


def summed(documents, **options):
    words = np.arange(N_TESTED)
    return sum_up(documents, words, context(), WEIGHTS, **{"enough": 8.0, "seed": 3, **options})


def twin(texts, documents, layout, word, seed=3):
    """The documents of each bundle of a word, dealt unit by unit as the kernels' docstring says."""
    shuffled = documents.shuffled(seed)
    bundles = defaultdict(list)
    n_free, groups = Counter(), []
    start = 0
    for stop in shuffled.unit_ends:
        own = [d for d in shuffled.documents[start:stop] if word in texts[d]]
        start = stop
        by_slice = defaultdict(list)
        for d in own:
            by_slice[int(documents.slices[d])].append(texts[d])
        if len(by_slice) == 1:
            [(s, those)] = by_slice.items()
            first, n, size = layout.dealt[word, s]
            if n_free[s] < n * size:
                bundles[first + n_free[s] % n] += those
            n_free[s] += 1
        elif by_slice:
            kind = sorted(by_slice)
            if len(groups) < kernels.MOST_GROUPS:
                groups.append([kind, 0])
                g = len(groups) - 1
            else:
                fitting = [i for i, (other, _) in enumerate(groups) if other == kind]
                if not fitting:
                    continue
                g = min(fitting, key=lambda i: (groups[i][1], i))
            groups[g][1] += 1
            most = min(map(len, by_slice.values()))
            for k, s in enumerate(kind):
                bundles[layout.group_start[word, g] + k] += by_slice[s][:most]
    return bundles


@pytest.mark.parametrize(("n_slices", "with_units"), [(2, False), (3, False), (2, True), (3, True)])
def test_sums_are_those_of_the_equations(n_slices, with_units):
    texts, documents = made(n_slices, with_units)
    found = summed(documents, n_threads=2)
    x = context().astype(float)
    for word in (0, 1, 7, 20, 29):
        bundles = twin(texts, documents, found.layout, word)
        own = range(*found.layout.start[word : word + 2])
        assert set(bundles) <= set(own)
        for b in own:
            expected = eq.context_sum(bundles[b], word, x, WEIGHTS)
            np.testing.assert_allclose(found.sums[b], expected, atol=1e-4)
        sides = found.layout.sides
        for s in range(n_slices):
            n = sum(text.count(word) for b in own if sides[b] == s for text in bundles[b])
            assert n == found.n_tokens[word, s]
    if not with_units:  # a document is a unit: all bundles of a word are equally large
        sizes = {len(bundle) for bundle in twin(texts, documents, found.layout, 0).values()}
        assert len(sizes) == 1


def test_slices_are_the_sums_of_their_bundles():
    _, documents = made(3, with_units=True)
    found = summed(documents)
    sides, start = found.layout.sides, found.layout.start
    expected = np.zeros((N_TESTED, 3, DIM))
    for word in range(N_TESTED):
        for b in range(start[word], start[word + 1]):
            expected[word, sides[b]] += found.sums[b]
    np.testing.assert_allclose(found.of_slices(), expected, atol=1e-5)


@pytest.mark.parametrize("with_units", [False, True])
def test_any_number_of_threads_gives_the_same_bits(with_units):
    _, documents = made(2, with_units)
    one, four = summed(documents, n_threads=1), summed(documents, n_threads=4)
    assert one.sums.tobytes() == four.sums.tobytes()
    assert (one.n_tokens == four.n_tokens).all()


def test_a_unit_in_several_slices_exchanges_them_within_itself():
    _, documents = made(2, with_units=True)
    layout = summed(documents).layout
    for word in range(10):
        own = slice(*layout.start[word : word + 2])
        sides, strata = layout.sides[own], layout.strata[own]
        for group in set(strata.tolist()) - {0}:
            assert sides[strata == group].tolist() == [0, 1]


@pytest.mark.parametrize("shares", [(1, 1), (9, 1), (1, 1, 1), (30, 3, 1)])
def test_bundles_are_equal_many_enough_and_leave_out_little(shares):
    n_units = np.array([[100 * s + 7 * i for i, s in enumerate(shares)]])
    bundles, size = split(n_units, np.log(1e5))
    used = bundles[0] * size[0]
    assert (used <= n_units[0]).all()
    assert ((n_units[0] - used) / n_units[0] < 0.07).all()
    assert bundles.sum() >= 64
    ways = lay_out(n_units, np.zeros((1, kernels.MOST_GROUPS), int), np.log(1e5)).n_deals
    assert ways[0] > np.log(1e5)


def test_a_word_of_few_documents_has_a_bundle_for_each():
    bundles, sizes = split(np.array([[7, 5], [3, 0]]), np.log(1e5))
    assert bundles.tolist() == [[7, 5], [3, 0]]
    assert sizes.tolist() == [1, 1]


def test_the_ways_to_deal_are_counted():
    groups = np.zeros((2, kernels.MOST_GROUPS), int)
    groups[1, :5] = 0b11
    ways = lay_out(np.array([[4, 2], [0, 0]]), groups, 3.0).n_deals
    # Which slice is called which does not matter to the score: half as many.
    assert np.exp(ways) == pytest.approx([15 / 2, 2**5 / 2])


def test_memory_is_asked_for_first(monkeypatch):
    _, documents = made()
    monkeypatch.setattr(memory, "available_memory", lambda: 1000)
    with pytest.raises(DataError, match=r"bundles of 30 words .* lower --top or --dim"):
        summed(documents)
