"""The held-out losses against the equations, pair by pair."""

import numpy as np
import pytest
from chosen import settings_of

from w2v_cli.engines import held_out
from w2v_cli.engines.base import Embeddings
from w2v_cli.engines.held_out import held_out_pairs, naive_softmax_loss
from w2v_cli.equations import cbow_mean, naive_softmax, negative_sampling
from w2v_cli.text.prepare import open_corpus, prepare_corpus


@pytest.fixture
def corpus(text, tmp_path):
    (tmp_path / "corpus").mkdir()
    prepare_corpus(settings_of(paths=text, min_count=1).corpus, tmp_path / "corpus")
    return open_corpus(tmp_path / "corpus")


def vectors(corpus, dim=5):
    rng = np.random.default_rng(1)
    return Embeddings(*rng.standard_normal((2, len(corpus.vocabulary), dim)))


def some(pairs, n=None):
    return pairs.drawn.which[:n], pairs.drawn.targets[:n]


@pytest.mark.parametrize("model", ["skip-gram", "cbow"])
def test_naive_softmax(corpus, model):
    settings = settings_of(engine="reference", loss="naive-softmax", model=model)
    pairs = held_out_pairs(settings, corpus)
    embeddings = vectors(corpus)
    inputs, which, targets = pairs.drawn.inputs(embeddings.center), *some(pairs, 300)
    losses = [
        naive_softmax(inputs[row], int(o), embeddings.outside).loss
        for row, o in zip(which, targets, strict=True)
    ]
    found = naive_softmax_loss(inputs, embeddings.outside, 0.0, which, targets)
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
    total, words = 0.0, pairs.drawn.words
    for row, o, drawn in zip(*some(pairs), pairs.negatives, strict=True):
        kept = [k for k in drawn if k != o]
        v_c = embeddings.center[words[row]]
        total += negative_sampling(v_c, o, kept, embeddings.outside).loss
    expected = total / len(pairs)
    assert pairs.mean_loss(embeddings, None) == pytest.approx(expected, rel=1e-12)


def test_cbow_measures_each_window_once_as_the_equations_do(corpus):
    settings = settings_of(model="cbow", n_negatives=2, window=3, subsample_threshold=0.0)
    pairs, e = held_out_pairs(settings, corpus), vectors(corpus)
    drawn, total, first = pairs.drawn, 0.0, 0
    for row, n in enumerate(drawn.n):
        around = drawn.words[first : first + n].tolist()
        first += n
        negatives = [k for k in pairs.negatives[row] if k != drawn.targets[row]]

        def loss(h, o, U, drawn=negatives):
            return negative_sampling(h, o, drawn, U)

        words = [*around, int(drawn.targets[row])]
        total += cbow_mean(words, n, n, e.center, e.outside, loss).loss
    assert pairs.mean_loss(e, None) == pytest.approx(total / len(pairs), rel=1e-12)
    assert len(pairs) == len(corpus.tokens)  # no document of one word


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
def test_the_same_pairs_each_time_and_not_too_many(corpus, loss, monkeypatch):
    monkeypatch.setattr(held_out, "MOST_PAIRS", 500)
    monkeypatch.setattr(held_out, "_BLOCK_TOKENS", 50)
    first, second = (held_out_pairs(settings_of(loss=loss), corpus) for _ in range(2))
    assert 500 <= len(first) < 1500
    np.testing.assert_array_equal(first.drawn.targets, second.drawn.targets)
    assert first.mean_loss(vectors(corpus), None) == second.mean_loss(vectors(corpus), None)


def test_scores_of_thousands_do_not_overflow(corpus):
    pairs = held_out_pairs(settings_of(loss="naive-softmax"), corpus)
    e = vectors(corpus)
    assert np.isfinite(pairs.mean_loss(Embeddings(100 * e.center, 100 * e.outside), None))


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
def test_pairs_with_a_word_that_no_trained_pair_has_are_left_out(corpus, loss):
    pairs = held_out_pairs(settings_of(loss=loss), corpus)
    e, prior = vectors(corpus), np.zeros(len(corpus.vocabulary))
    prior[pairs.drawn.targets[0]] = -1e30
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
    which, targets = some(pairs)
    found = sorted(zip(pairs.drawn.words[which].tolist(), targets.tolist(), strict=True))
    assert found == [(i, j) for i in range(8) for j in range(8) if 0 < abs(i - j) <= 3]
