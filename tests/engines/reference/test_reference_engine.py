import numpy as np
import pytest
from chosen import settings_of

from w2v_cli.engines.base import Unit
from w2v_cli.engines.catalog import create_engine
from w2v_cli.errors import RunError
from w2v_cli.text.prepare import open_corpus, prepare_corpus
from w2v_cli.text.windows import RandomWindows, block_windows, generator

BASE = {
    "engine": "reference", "dim": 8, "epochs": 1, "subsample_threshold": 0.0, "window": 3
}  # fmt: skip


@pytest.fixture
def corpus(text, tmp_path):
    (tmp_path / "corpus").mkdir()
    prepare_corpus(settings_of(paths=text, min_count=1).corpus, tmp_path / "corpus")
    return open_corpus(tmp_path / "corpus")


def engine_of(corpus, tmp_path, **settings):
    return create_engine(settings_of(**{**BASE, **settings}), corpus, tmp_path, print)


def mean_losses(engine, n_epochs, lr):
    losses = []
    for epoch in range(n_epochs):
        results = list(engine.train(Unit(epoch, i, lr) for i in range(engine.n_units)))
        losses.append(sum(s.loss for _, s in results) / sum(s.n_pairs for _, s in results))
    return losses


@pytest.mark.parametrize("model", ["skip-gram", "cbow"])
@pytest.mark.parametrize("optimizer", ["sgd", "adagrad"])
@pytest.mark.parametrize("loss", ["negative-sampling", "naive-softmax"])
def test_training_lowers_the_loss(corpus, tmp_path, loss, optimizer, model):
    lr = {"sgd": 0.02, "adagrad": 0.1}[optimizer]
    engine = engine_of(corpus, tmp_path, loss=loss, optimizer=optimizer, model=model)
    losses = mean_losses(engine, 3, lr)
    start = {"negative-sampling": 6 * np.log(2), "naive-softmax": np.log(60)}[loss]
    assert losses[0] < start
    assert losses[2] < losses[0]


def test_the_first_loss_is_that_of_zero_scores(corpus, tmp_path):
    """Outside vectors start at zero: σ = 1/2 everywhere, −log ŷ = log V."""
    engine = engine_of(corpus, tmp_path, loss="naive-softmax")
    assert mean_losses(engine, 1, 1e-12)[0] == pytest.approx(np.log(60), rel=1e-5)


def test_an_epoch_passes_all_text_and_all_pairs(corpus, tmp_path):
    engine = engine_of(corpus, tmp_path, window=1)
    results = [s for _, s in engine.train([Unit(0, i, 0.01) for i in range(engine.n_units)])]
    assert sum(s.n_tokens for s in results) == corpus.n_tokens == 4000
    assert sum(s.n_pairs for s in results) == 400 * 18
    engine = engine_of(corpus, tmp_path, window=1, model="cbow")
    results = [s for _, s in engine.train([Unit(0, i, 0.01) for i in range(engine.n_units)])]
    assert sum(s.n_pairs for s in results) == 4000  # CBOW: each window counts once


def test_same_seed_same_bits_other_seed_other_bits(corpus, tmp_path):
    def vectors(seed):
        engine = engine_of(corpus, tmp_path, seed=seed)
        mean_losses(engine, 1, 0.05)
        return engine.embeddings().center.tobytes()

    assert vectors(1) == vectors(1)
    assert vectors(1) != vectors(2)


def test_state_taken_and_given_back_goes_on_bit_for_bit(corpus, tmp_path):
    units = [Unit(0, 0, 0.05), Unit(1, 0, 0.04)]
    whole = engine_of(corpus, tmp_path, optimizer="adagrad")
    list(whole.train(units))
    first = engine_of(corpus, tmp_path, optimizer="adagrad")
    list(first.train(units[:1]))
    second = engine_of(corpus, tmp_path, optimizer="adagrad")
    second.load_state({k: v.copy() for k, v in first.state().items()})
    list(second.train(units[1:]))
    assert set(whole.state()) == {"center", "outside", "center_squares", "outside_squares"}
    for name, array in whole.state().items():
        assert array.tobytes() == second.state()[name].tobytes()


def test_steps_draw_exactly_the_windows_asked_for(corpus, tmp_path):
    engine = engine_of(corpus, tmp_path, steps=250, epochs=None, batch_size=7, batch_mean=True)
    assert engine.n_units == 3
    results = [s for _, s in engine.train([Unit(0, i, 0.1) for i in range(3)])]
    assert [s.n_tokens for s in results] == [700, 700, 350]


@pytest.mark.parametrize("loss", ["negative-sampling", "naive-softmax"])
def test_divergence_is_noticed_within_the_unit(corpus, tmp_path, loss):
    engine = engine_of(corpus, tmp_path, loss=loss)
    with pytest.raises(RunError, match="lower --lr"):
        list(engine.train(Unit(e, 0, 1e30) for e in range(3)))


def test_block_windows_are_a_shuffle_of_all_windows(corpus):
    keep = np.ones(60)
    windows = block_windows(corpus, 0, 50, keep, (1, 2), generator(1, 0, 0))
    assert sorted(windows.centers) == sorted(corpus.tokens[:50].tolist())
    assert windows.centers.tolist() != corpus.tokens[:50].tolist()


def test_random_windows_have_pairs_and_stay_in_their_documents(corpus):
    drawn = RandomWindows(corpus, np.full(60, 0.5), (1, 3)).draw(500, generator(1, 0, 0))
    assert len(drawn.centers) == 500
    counts = np.bincount(drawn.which, minlength=500)
    assert counts.min() >= 1
    assert counts.max() <= 6
