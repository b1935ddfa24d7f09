"""The sampled engine: threads, repeatability, odd shapes, divergence."""

import threading

import numpy as np
import pytest
from chosen import settings_of
from chunk_twin import Window, cbow_twin, chunk_twin, zipf_corpus
from numba import config as numba_config

from w2v_cli.engines.base import Unit, initial_embeddings
from w2v_cli.engines.sampled import crews
from w2v_cli.engines.sampled.engine import SampledEngine
from w2v_cli.errors import RunError
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.vocabulary import Vocabulary

WITH_JIT = not numba_config.DISABLE_JIT
CORPUS = zipf_corpus(6000 if WITH_JIT else 1100, 60)


def engine_of(corpus=CORPUS, **settings):
    return SampledEngine(settings_of(**{"dim": 20, "epochs": 1, **settings}), corpus)


def train(engine, n_epochs=1, lr=0.025):
    """Train; return each epoch's mean loss."""
    losses = []
    for epoch in range(n_epochs):
        results = list(engine.train(Unit(epoch, i, lr) for i in range(engine.n_units)))
        assert sorted(u.index for u, _ in results) == list(range(engine.n_units))
        losses.append(sum(s.loss for _, s in results) / sum(s.n_pairs for _, s in results))
    return losses


def bits(engine):
    state = engine.state()
    return state["center"].tobytes() + state["outside"].tobytes()


#: CBOW moves once a token: on the short text of the run without the JIT it needs larger steps.
RATE = {"skip-gram": 0.025, "cbow": 0.025 if WITH_JIT else 0.2}
BOTH_MODELS = pytest.mark.parametrize("model", ["skip-gram", "cbow"])


@BOTH_MODELS
@pytest.mark.parametrize(
    ("n_threads", "deterministic"), [(1, False), (2, False), (1, True), (2, True)]
)
def test_training_lowers_the_loss(n_threads, deterministic, model):
    engine = engine_of(n_threads=n_threads, deterministic=deterministic, model=model)
    losses = train(engine, 4, RATE[model])
    assert losses[0] < 6 * np.log(2)
    assert losses[3] < losses[2] < losses[1] < losses[0]


def test_an_epoch_passes_all_text():
    engine = engine_of()
    stats = [s for _, s in engine.train(Unit(0, i, 0.01) for i in range(engine.n_units))]
    assert sum(s.n_tokens for s in stats) == CORPUS.n_tokens
    assert engine.n_units == -(-len(CORPUS.tokens) // 1000)


@BOTH_MODELS
@pytest.mark.parametrize("deterministic", [False, True])
def test_the_loss_is_the_true_one(deterministic, model):
    """At a learning rate of next to nothing: that of the slow twin, and the number of pairs."""
    corpus = zipf_corpus(100, 12)
    engine = engine_of(corpus, window=3, deterministic=deterministic, model=model)
    rng = np.random.default_rng(0)
    engine.load_state({k: rng.uniform(-1, 1, (12, 20)) for k in ("center", "outside")})
    loss, n_pairs = 0.0, 0
    for windows, negatives in engine.draws(Unit(0, 0, 1e-12)):
        twins = [Window(*window) for window in windows]
        twin = cbow_twin if model == "cbow" else chunk_twin
        loss += twin(engine.embeddings(), twins, negatives, 5)[0]
        n_pairs += sum(bool(w.outsides) if model == "cbow" else len(w.outsides) for w in twins)
    ((_, stats),) = engine.train([Unit(0, 0, 1e-12)])
    assert stats.n_pairs == n_pairs
    assert stats.loss == pytest.approx(loss, rel=1e-6)


@BOTH_MODELS
def test_one_thread_is_repeatable_bit_for_bit(model):
    first, second, other = (engine_of(model=model, seed=seed) for seed in (1, 1, 2))
    for engine in (first, second, other):
        train(engine, 2)
    assert bits(first) == bits(second) != bits(other)


@pytest.mark.parametrize(("model", "dim"), [("skip-gram", 20), ("skip-gram", 100), ("cbow", 100)])
def test_deterministic_gives_the_same_bits_for_every_number_of_threads(model, dim):
    results, losses = set(), set()
    for n_threads in (1, 2, 3, 8, 2) if WITH_JIT else (1, 3):
        engine = engine_of(n_threads=n_threads, deterministic=True, dim=dim, model=model)
        losses.add(tuple(train(engine, 2)))
        results.add(bits(engine))
    assert len(results) == len(losses) == 1


@BOTH_MODELS
@pytest.mark.parametrize(("n_threads", "deterministic"), [(1, False), (1, True), (2, True)])
def test_a_resume_gives_the_same_bits(n_threads, deterministic, model):
    settings = {"n_threads": n_threads, "deterministic": deterministic, "model": model}
    whole = engine_of(**settings)
    train(whole, 2)
    part = engine_of(**settings)
    units = [Unit(epoch, i, 0.025) for epoch in (0, 1) for i in range(part.n_units)]
    list(part.train(units[:3]))
    state = {k: v.copy() for k, v in part.state().items()}
    rest = engine_of(**settings)
    rest.load_state(state)
    list(rest.train(units[3:]))
    assert bits(rest) == bits(whole)


@pytest.mark.parametrize("deterministic", [False, True])
@pytest.mark.parametrize(
    "settings",
    [
        {"dim": 1, "window": 1, "n_negatives": 1, "lr": 0.5},
        {"dim": 16, "window": 50, "n_negatives": 100, "lr": 0.002},
        {"dim": 113, "window": 2, "subsample_threshold": 0.0, "lr": 0.1},
        {"dim": 33, "window": 50, "n_negatives": 100, "lr": 0.05, "model": "cbow"},
        {"dim": 1, "window": 1, "n_negatives": 1, "lr": 0.5, "model": "cbow"},
    ],
)
def test_odd_shapes(settings, deterministic):
    corpus = zipf_corpus(3000 if WITH_JIT else 600, 500)
    engine = engine_of(corpus, n_threads=2, deterministic=deterministic, **settings)
    losses = train(engine, 3, settings.get("lr", 0.025))
    assert losses[2] < losses[0]


@BOTH_MODELS
@pytest.mark.parametrize("deterministic", [False, True])
@pytest.mark.parametrize("n_tokens", [1, 2, 3, 63, 65])
def test_corpora_shorter_than_a_chunk_and_more_threads_than_blocks(n_tokens, deterministic, model):
    tokens = (np.arange(n_tokens) % 2).astype(np.uint32)
    vocabulary = Vocabulary(("a", "b"), np.array([2, 1]))
    corpus = EncodedCorpus(tokens, np.array([n_tokens]), n_tokens, vocabulary)
    given = {"deterministic": deterministic, "subsample_threshold": 0.0, "model": model}
    engine = engine_of(corpus, n_threads=8, **given)
    ((_, stats),) = engine.train([Unit(0, 0, 0.025)])
    assert stats.n_tokens == n_tokens
    assert (stats.n_pairs > 0) == (n_tokens > 1)


def test_empty_documents_are_passed_over():
    ends = np.array([0, 0, 3, 3, 3, 6, 6])
    tokens = np.array([0, 1, 0, 1, 0, 1], np.uint32)
    corpus = EncodedCorpus(tokens, ends, 6, Vocabulary(("a", "b"), np.array([3, 3])))
    engine = engine_of(corpus, window=50, subsample_threshold=0.0)
    ((_, stats),) = engine.train([Unit(0, 0, 0.025)])
    assert 2 * 4 <= stats.n_pairs <= 2 * 6


@BOTH_MODELS
@pytest.mark.parametrize(
    ("n_threads", "deterministic"), [(1, False), (3, False), (1, True), (3, True)]
)
def test_divergence_stops_the_run(n_threads, deterministic, model):
    engine = engine_of(n_threads=n_threads, deterministic=deterministic, model=model)
    before = threading.active_count()
    with pytest.raises(RunError, match="lower --lr"):
        train(engine, 20, lr=1e6)
    assert threading.active_count() == before


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["center", "outside"])
def test_a_poisoned_state_is_not_given_away(name, bad):
    engine = engine_of()
    state = {k: v.copy() for k, v in engine.state().items()}
    state[name][59, 19] = bad
    engine.load_state(state)
    with pytest.raises(RunError, match="diverged"):
        engine.state()
    with pytest.raises(RunError, match="diverged"):
        engine.embeddings()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_poisoned_vector_is_noticed_within_one_block(bad):
    """The most frequent word occurs in every block."""
    engine = engine_of()
    state = {k: v.copy() for k, v in engine.state().items()}
    state["center"][0, 3] = bad
    engine.load_state(state)
    with pytest.raises(RunError, match="diverged"):
        list(engine.train([Unit(0, 1, 0.01)]))


@pytest.mark.parametrize("deterministic", [False, True])
def test_units_that_fail_end_the_threads(deterministic):
    engine = engine_of(n_threads=3, deterministic=deterministic)

    def units():
        yield Unit(0, 0, 0.01)
        yield Unit(0, 1, 0.01)
        raise ValueError("no more")

    before = threading.active_count()
    with pytest.raises(ValueError, match="no more"):
        list(engine.train(units()))
    assert threading.active_count() == before
    train(engine)


@pytest.mark.parametrize("deterministic", [False, True])
def test_a_consumer_that_stops_ends_the_threads(deterministic):
    engine = engine_of(n_threads=3, deterministic=deterministic)
    before = threading.active_count()
    results = engine.train(Unit(0, i, 0.01) for i in range(engine.n_units))
    next(iter(results))
    results.close()
    assert threading.active_count() == before
    train(engine)


def test_it_starts_as_the_other_engines_do():
    start = initial_embeddings(60, 20, seed=1)
    mine = engine_of().embeddings()
    np.testing.assert_array_equal(mine.center, start.center)
    np.testing.assert_array_equal(mine.outside, start.outside)


def test_a_slow_compilation_is_announced(monkeypatch):
    monkeypatch.setattr(crews, "NOTICE_AFTER_SECONDS", 0.01)
    notices: list[str] = []
    ready = threading.Event()
    threading.Timer(0.1, ready.set).start()
    crews.compile_with_notice(ready.wait, notices.append)
    assert notices == ["compiling the engine, only once (about ten seconds)"]
    crews.compile_with_notice(lambda: None, notices.append)
    assert len(notices) == 1
    with pytest.raises(ZeroDivisionError):
        crews.compile_with_notice(lambda: 1 / 0, notices.append)
