"""The exact softmax against the equations, summed pair by pair over every window."""

import itertools

import numpy as np
import pytest
from chosen import settings_of

from w2v_cli.engines.base import Unit
from w2v_cli.engines.catalog import create_engine
from w2v_cli.engines.exact import engine as exact_engine
from w2v_cli.engines.exact import tiles
from w2v_cli.engines.exact.engine import ExactEngine, note_long_training
from w2v_cli.engines.exact.problem import log_prior
from w2v_cli.equations import softmax
from w2v_cli.errors import RunError
from w2v_cli.pairs.cooccurrence import PairCounts, count_pairs
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.vocabulary import Vocabulary
from w2v_cli.text.windows import keep_prob

BASE = {
    "loss": "naive-softmax", "engine": "exact", "dim": 7, "window": 3, "subsample_threshold": 0.05
}  # fmt: skip


def corpus_of(rng, n_words=23, n_documents=30):
    p = 1 / np.arange(1, n_words + 1)
    documents = [
        rng.choice(n_words, rng.integers(1, 20), p=p / p.sum()) for _ in range(n_documents)
    ]
    tokens = np.concatenate(documents).astype(np.uint32)
    counts = np.maximum(1, np.bincount(tokens, minlength=n_words)).astype(np.int64)
    vocabulary = Vocabulary(tuple(f"w{i}" for i in range(n_words)), counts)
    ends = np.cumsum([len(d) for d in documents]).astype(np.int64)
    return EncodedCorpus(tokens, ends, len(tokens) + 11, vocabulary, str(rng.integers(2**32)))


def config_of(**settings):
    return settings_of(**{**BASE, **settings})


def engine_of(corpus, folder, **settings):
    return create_engine(config_of(**settings), corpus, folder, print)


def random_parameters(rng, n_words, dim, size=1.0):
    return {name: size * rng.standard_normal((n_words, dim)) for name in ("center", "outside")}


def place(engine, parameters):
    engine.load_state({**engine.state(), **parameters})
    return {name: array.copy() for name, array in engine.state().items()}


def naive(corpus, keep, window, parameters, prior):
    """Loss and gradients summed over all pairs of places, with the expected weight of each.

    A pair of places has as weight the chance that both words are kept, times the chance that the
    drawn radius reaches over the words kept between, summed over what is kept between.
    """
    V, U = parameters["center"], parameters["outside"]
    grads = {"center": np.zeros_like(V), "outside": np.zeros_like(U)}
    loss = n_pairs = 0.0
    y_hat = [softmax(U @ v + prior) for v in V]
    for document in np.split(corpus.tokens.astype(int), corpus.document_ends[:-1]):
        for i, j in itertools.permutations(range(len(document)), 2):
            c, o = document[i], document[j]
            between = np.ones(1)
            for w in document[min(i, j) + 1 : max(i, j)]:
                between = np.convolve(between, [1 - keep[w], keep[w]])
            reach = np.maximum(0, window - np.arange(len(between))) / window
            weight = keep[c] * keep[o] * float(between @ reach)
            loss -= weight * np.log(y_hat[c][o])
            error = y_hat[c].copy()
            error[o] -= 1
            grads["center"][c] += weight * (U.T @ error)
            grads["outside"] += weight * np.outer(error, V[c])
            n_pairs += weight
    return loss, n_pairs, grads


def one_step(engine, lr):
    (result,) = list(engine.train([Unit(0, 0, lr)]))
    return result[1]


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("prior", ["none", "unigram"])
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("seed", range(3))
def test_a_step_is_the_sum_over_all_windows(
    tmp_path, monkeypatch, seed, precision, prior, n_threads
):
    monkeypatch.setattr(tiles, "TILE_SCORES", 23 * 5)  # several tiles
    monkeypatch.setattr("w2v_cli.pairs.cooccurrence.TAIL", 1e-15)
    rng = np.random.default_rng(seed)
    corpus = corpus_of(rng)
    settings = {"precision": precision, "prior": prior, "n_threads": n_threads}
    engine = engine_of(corpus, tmp_path, optimizer="sgd", lr=1.0, **settings)
    before = place(engine, random_parameters(rng, 23, 7))
    keep = keep_prob(corpus.vocabulary.counts, 0.05)
    pairs = count_pairs(corpus, keep, 3, folder=tmp_path, tail=0.0)
    constant = log_prior(pairs.row_sums(), prior)
    loss, n_pairs, grads = naive(
        corpus, keep, 3, {k: v.astype(float) for k, v in before.items()}, constant
    )
    stats = one_step(engine, 1.0)
    rtol = {"float32": 2e-6, "float64": 1e-10}[precision]
    assert stats.n_pairs == pytest.approx(n_pairs, rel=1e-10)
    assert stats.loss == pytest.approx(loss, rel=rtol)
    for name, after in engine.state().items():
        scale = np.abs(grads[name]).max()
        np.testing.assert_allclose((before[name] - after) / scale, grads[name] / scale, atol=rtol)
    engine.close()


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
@pytest.mark.parametrize("optimizer", ["adagrad", "adam", "sgd"])
def test_full_batch_descent_never_raises_the_loss(tmp_path, optimizer, loss):
    rng = np.random.default_rng(4)
    corpus = corpus_of(rng)
    lr = {"adagrad": 0.02, "adam": 0.002, "sgd": 0.2}[optimizer]
    engine = engine_of(corpus, tmp_path, optimizer=optimizer, batch_mean=True, loss=loss)
    place(engine, random_parameters(rng, 23, 7, size=0.3))
    losses = [stats.loss for _, stats in engine.train(Unit(i, 0, lr) for i in range(60))]
    assert np.all(np.diff(losses) < 0)
    engine.close()


def trained(corpus, folder, units=None, state=None, **settings):
    engine = engine_of(corpus, folder, batch_size=5, **settings)
    if state is not None:
        engine.load_state(state)
    units = units or [(epoch, i) for epoch in range(3) for i in range(engine.n_units)]
    losses = [s.loss for _, s in engine.train(Unit(e, i, 0.1 / (1 + e)) for e, i in units)]
    state = {name: array.copy() for name, array in engine.state().items()}
    engine.close()
    return losses, state


def assert_same(a, b):
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
def test_the_same_bits_with_any_number_of_threads(tmp_path, monkeypatch, loss):
    monkeypatch.setattr(tiles, "TILE_SCORES", 17)
    corpus = corpus_of(np.random.default_rng(5))
    losses, state = trained(corpus, tmp_path / "1", loss=loss)
    for n_threads in (1, 2, 3, 8):
        again, same = trained(corpus, tmp_path / str(n_threads), n_threads=n_threads, loss=loss)
        assert losses == again
        assert_same(state, same)
    other = trained(corpus, tmp_path / "1", seed=2, loss=loss)[1]
    assert not np.array_equal(other["center"], state["center"])


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
@pytest.mark.parametrize("optimizer", ["adagrad", "adam", "sgd"])
def test_stopped_and_resumed_gives_the_same_bits(tmp_path, optimizer, loss):
    corpus = corpus_of(np.random.default_rng(6))
    settings = {"optimizer": optimizer, "batch_mean": True, "loss": loss}
    units = [(epoch, i) for epoch in range(3) for i in range(5)]
    losses, state = trained(corpus, tmp_path, units, **settings)
    first, half = trained(corpus, tmp_path, units[:7], **settings)
    second, whole = trained(corpus, tmp_path, units[7:], half, **settings)
    assert first + second == losses
    assert_same(whole, state)


def test_an_epoch_passes_every_word_once_and_all_tokens(tmp_path):
    corpus = corpus_of(np.random.default_rng(7))
    engine = engine_of(corpus, tmp_path, batch_size=5)
    stats = [s for _, s in engine.train(Unit(0, i, 1e-9) for i in range(engine.n_units))]
    assert sum(s.n_tokens for s in stats) == corpus.n_tokens
    keep = keep_prob(corpus.vocabulary.counts, 0.05)
    pairs = count_pairs(corpus, keep, 3, folder=tmp_path)
    assert sum(s.n_pairs for s in stats) == pytest.approx(pairs.weights.sum())
    engine.close()


def pairs_of(X):
    rows, columns = np.nonzero(X)
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(X)))])
    return PairCounts(starts, columns.astype(np.uint32), X[rows, columns])


def engine_on(X, **settings):
    word_counts = np.arange(1, len(X) + 1)
    return ExactEngine(config_of(**settings), pairs_of(X), word_counts, 100)


def symmetric(rng, n_words):
    X = rng.random((n_words, n_words)) * (rng.random((n_words, n_words)) < 0.5)
    return X + X.T


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
@pytest.mark.parametrize("prior", ["none", "unigram"])
def test_words_in_no_pair_stay_as_they_are_and_cost_nothing(prior, loss):
    rng = np.random.default_rng(8)
    X = symmetric(rng, 9)
    X[3] = X[:, 3] = 0
    engine = engine_on(X, prior=prior, loss=loss)
    before = place(engine, random_parameters(rng, 9, 7))
    stats = one_step(engine, 0.1)
    assert np.isfinite(stats.loss)
    assert np.array_equal(engine.state()["center"][3], before["center"][3])
    # With the prior its probability is zero; without, it is as likely as its score says.
    unmoved = np.array_equal(engine.state()["outside"][3], before["outside"][3])
    assert unmoved == (prior == "unigram")


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
def test_a_corpus_without_pairs_trains_nothing_and_fails_nowhere(loss):
    engine = engine_on(np.zeros((4, 4)), loss=loss)
    assert engine.n_units == 1
    stats = one_step(engine, 0.1)
    assert (stats.loss, stats.n_pairs, stats.n_tokens) == (0.0, 0.0, 100)


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
@pytest.mark.parametrize("optimizer", ["adagrad", "adam"])
def test_counts_far_beyond_float32_train_like_small_ones(optimizer, loss):
    rng = np.random.default_rng(9)
    X = symmetric(rng, 30)
    states = []
    for factor in (1.0, 2.0**300):
        engine = engine_on(X * factor, optimizer=optimizer, loss=loss)
        stats = [one_step(engine, 0.1) for _ in range(3)]
        assert stats[-1].loss / factor < stats[0].loss / factor < np.inf
        states.append(engine.state())
    assert_same(*states)


def test_scores_that_differ_by_hundreds_stay_exact(monkeypatch):
    """Where exp of one tile is nothing beside another's, its counts still pull."""
    monkeypatch.setattr(tiles, "TILE_SCORES", 1)
    rng = np.random.default_rng(10)
    X = symmetric(rng, 8) + 0.1
    losses, moved = {}, {}
    for precision in ("float32", "float64"):
        engine = engine_on(X, precision=precision, optimizer="sgd", lr=1.0, prior="none", dim=2)
        center = np.tile([30.0, 1.0], (8, 1)) + 0.01 * np.arange(8)[:, None]
        outside = np.stack([np.linspace(-8, 8, 8), np.ones(8)], axis=1)
        before = place(engine, {"center": center, "outside": outside})
        losses[precision] = one_step(engine, 1.0).loss
        moved[precision] = {k: before[k] - v for k, v in engine.state().items()}
    assert losses["float32"] == pytest.approx(losses["float64"], rel=1e-5)
    for name, expected in moved["float64"].items():
        np.testing.assert_allclose(moved["float32"][name], expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
def test_divergence_is_noticed_and_named(tmp_path, loss):
    corpus = corpus_of(np.random.default_rng(11))
    engine = engine_of(corpus, tmp_path, optimizer="sgd", lr=1e30, loss=loss)
    with pytest.raises(RunError, match=r"lower --lr .*--batch-mean"):
        list(engine.train(Unit(i, 0, 1e30) for i in range(5)))
    engine.close()


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
def test_a_long_training_is_announced_with_what_to_change(loss):
    notices = []
    config = config_of(n_threads=2, epochs=10, loss=loss)
    note_long_training(config, 3_000_000, notices.append, rate=1e11)
    assert len(notices) == 1
    assert "3,000,000 words" in notices[0]
    assert "--max-vocab" in notices[0]
    assert "--min-count" in notices[0]
    note_long_training(config, 10_000, notices.append, rate=1e11)
    assert len(notices) == 1


def test_the_rate_is_measured_where_it_matters():
    notices = []
    note_long_training(config_of(n_threads=1), 5_000_000, notices.append)
    assert "days" in notices[0]


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
def test_memory_stays_bounded_for_any_vocabulary(monkeypatch, loss):
    monkeypatch.setattr(exact_engine, "STEP_SCORES", 60)
    engine = engine_on(symmetric(np.random.default_rng(12), 20) + 0.1, loss=loss)
    assert engine.n_units == 7  # 3 centre words a step, not 256
    assert sum(s.n_pairs for _, s in engine.train(Unit(0, i, 0.1) for i in range(7))) > 0
