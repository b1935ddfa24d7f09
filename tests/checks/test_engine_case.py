"""The expectations that engines are compared with, by enumeration and by hand."""

import itertools

import numpy as np
import pytest
from chosen import settings_of

from w2v_cli.checks.engine_checks import EngineCase, Pair, outside_share, sum_of_pairs
from w2v_cli.engines.base import Embeddings
from w2v_cli.engines.exact import checked
from w2v_cli.equations import naive_softmax, negative_sampling
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.vocabulary import Vocabulary


def corpus_of(*documents):
    tokens = np.concatenate(documents).astype(np.uint32)
    ends = np.cumsum([len(d) for d in documents])
    n_words = int(tokens.max()) + 1
    counts = np.maximum(1, np.bincount(tokens))
    vocabulary = Vocabulary(tuple(f"w{i}" for i in range(n_words)), counts)
    return EncodedCorpus(tokens, ends, len(tokens), vocabulary)


@pytest.mark.parametrize("window", [1, 2, 3])
def test_expected_pairs_by_enumeration(window, monkeypatch):
    """All ways to keep or drop each token, all radii of each centre."""
    documents = [[0, 1, 2, 1, 0, 2], [2], [1, 1]]
    keep = np.array([0.3, 0.9, 0.5])
    expected = np.zeros((3, 3))
    for document in documents:
        for kept in itertools.product([False, True], repeat=len(document)):
            p = np.prod(
                [keep[w] if k else 1 - keep[w] for w, k in zip(document, kept, strict=True)]
            )
            left = [w for w, k in zip(document, kept, strict=True) if k]
            for i, c in enumerate(left):
                for radius in range(1, window + 1):
                    for o in left[max(0, i - radius) : i] + left[i + 1 : i + radius + 1]:
                        expected[c, o] += p / window
    found = np.zeros((3, 3))
    monkeypatch.setattr(checked, "keep_prob", lambda counts, threshold: keep)
    case = EngineCase("", 0, corpus_of(*documents), parameters(np.random.default_rng(0)))
    for pair in checked.expected_pairs(None, settings_of(window=window), case.corpus):
        found[pair.c, pair.o] += pair.weight
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def parameters(rng):
    return Embeddings(rng.standard_normal((4, 3)), rng.standard_normal((4, 3)))


def test_a_weighted_pair_is_its_terms_weighted():
    p = parameters(np.random.default_rng(0))
    v_c, U = p.center[2], p.outside
    pair = Pair(2, 1, [0, 3, 3], weight=0.7, noise_weight=0.25)
    true_word, whole = negative_sampling(v_c, 1, [], U), negative_sampling(v_c, 1, [0, 3, 3], U)
    expected = 0.7 * (true_word.loss + 0.25 * (whole.loss - true_word.loss))
    assert sum_of_pairs(p, [pair]).loss == pytest.approx(expected)


def test_a_prior_shifts_the_scores():
    p = parameters(np.random.default_rng(1))
    pairs = [Pair(0, 3, weight=3.0), Pair(0, 1, weight=1.0)]
    share = outside_share(pairs, 4)
    np.testing.assert_array_equal(share, [0, 0.25, 0, 0.75])
    found = sum_of_pairs(p, pairs, np.log(np.maximum(share, 1e-300)))
    scores = (p.outside @ p.center[0])[[1, 3]] + np.log([0.25, 0.75])
    y_hat = np.exp(scores) / np.exp(scores).sum()  # the other words have no share, so never occur
    assert found.loss == pytest.approx(-np.log(y_hat[0]) - 3 * np.log(y_hat[1]))
    delta = 4 * y_hat - [1, 3]
    np.testing.assert_allclose(found.grad_center[0], delta @ p.outside[[1, 3]])
    assert found.grad_outside.shape == p.outside.shape
    plain = sum_of_pairs(p, [Pair(0, 3)])
    assert plain.loss == pytest.approx(naive_softmax(p.center[0], 3, p.outside).loss)


def test_a_pair_with_expected_noise_is_the_mean_over_all_draws():
    """Two draws from P, all sixteen of them; the outside word among them is left out."""
    p = parameters(np.random.default_rng(2))
    P = np.array([0.1, 0.2, 0.3, 0.4])
    total = 0.0
    for drawn in itertools.product(range(4), repeat=2):
        kept = [k for k in drawn if k != 1]
        term = negative_sampling(p.center[2], 1, kept, p.outside)
        total += 1.5 * P[list(drawn)].prod() * term.loss
    found = sum_of_pairs(p, [Pair(2, 1, weight=1.5, noise=2 * P)])
    assert found.loss == pytest.approx(total)
