"""The held-out losses against the equations, pair by pair."""

import numpy as np
import pytest
from chosen import settings_of

from w2v_cli.corpus.prepare import open_corpus, prepare_corpus
from w2v_cli.engines import held_out
from w2v_cli.engines.held_out import held_out_pairs, naive_softmax_loss
from w2v_cli.engines.parameters import Embeddings
from w2v_cli.equations import naive_softmax, negative_sampling


@pytest.fixture
def corpus(text, tmp_path):
    (tmp_path / "corpus").mkdir()
    prepare_corpus(settings_of(paths=text, min_count=1).corpus, tmp_path / "corpus")
    return open_corpus(tmp_path / "corpus")


def vectors(corpus, dim=5):
    rng = np.random.default_rng(1)
    return Embeddings(*rng.standard_normal((2, len(corpus.vocabulary), dim)))


def test_naive_softmax(corpus):
    pairs = held_out_pairs(settings_of(loss="naive-softmax"), corpus)
    embeddings = vectors(corpus)
    losses = [
        naive_softmax(embeddings.center[c], int(o), embeddings.outside).loss
        for c, o in zip(pairs.centers[:300], pairs.outsides[:300], strict=True)
    ]
    found = naive_softmax_loss(
        embeddings.center, embeddings.outside, 0.0, pairs.centers[:300], pairs.outsides[:300]
    )
    assert found == pytest.approx(np.mean(losses), rel=1e-12)


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
def test_a_prior_is_one_more_coordinate(corpus, loss):
    pairs = held_out_pairs(settings_of(loss=loss), corpus)
    e = vectors(corpus)
    prior = np.random.default_rng(2).standard_normal(e.n_words)
    longer = Embeddings(
        np.column_stack([e.center, np.ones(e.n_words)]), np.column_stack([e.outside, prior])
    )
    assert pairs.mean_loss(e, prior) == pytest.approx(pairs.mean_loss(longer, None), rel=1e-12)


def test_negative_sampling_skips_a_pairs_own_word(corpus):
    pairs = held_out_pairs(settings_of(n_negatives=3), corpus)
    embeddings = vectors(corpus)
    total = 0.0
    for c, o, drawn in zip(pairs.centers, pairs.outsides, pairs.negatives, strict=True):
        kept = [k for k in drawn if k != o]
        total += negative_sampling(embeddings.center[c], o, kept, embeddings.outside).loss
    expected = total / len(pairs.centers)
    assert pairs.mean_loss(embeddings, None) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
def test_the_same_pairs_each_time_and_not_too_many(corpus, loss, monkeypatch):
    monkeypatch.setattr(held_out, "MOST_PAIRS", 500)
    monkeypatch.setattr(held_out, "_BLOCK_TOKENS", 50)
    first, second = (held_out_pairs(settings_of(loss=loss), corpus) for _ in range(2))
    assert 500 <= len(first.centers) < 1500
    np.testing.assert_array_equal(first.centers, second.centers)
    assert first.mean_loss(vectors(corpus), None) == second.mean_loss(vectors(corpus), None)


def test_scores_of_thousands_do_not_overflow(corpus):
    pairs = held_out_pairs(settings_of(loss="naive-softmax"), corpus)
    e = vectors(corpus)
    assert np.isfinite(pairs.mean_loss(Embeddings(100 * e.center, 100 * e.outside), None))


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
def test_pairs_with_a_word_that_no_trained_pair_has_are_left_out(corpus, loss):
    pairs = held_out_pairs(settings_of(loss=loss), corpus)
    e, prior = vectors(corpus), np.zeros(len(corpus.vocabulary))
    prior[pairs.outsides[0]] = -1e30
    found = pairs.mean_loss(e, prior)
    assert 0 < found < 100


def test_fixed_windows_reach_as_far_as_the_window_on_both_sides(tmp_path):
    path, folder = tmp_path / "one.txt", tmp_path / "corpus"
    path.write_text("a b c d e f g h\n")
    folder.mkdir()
    fixed = settings_of(
        paths=path, min_count=1, window=3, subsample_threshold=0.0, shrink_windows=False
    )
    prepare_corpus(fixed.corpus, folder)
    pairs = held_out_pairs(fixed, open_corpus(folder))
    found = sorted(zip(pairs.centers.tolist(), pairs.outsides.tolist(), strict=True))
    assert found == [(i, j) for i in range(8) for j in range(8) if 0 < abs(i - j) <= 3]
