"""Whole runs with subwords: stopped and resumed, watched, kept small, started from."""

import numpy as np
import pytest

from w2v_cli.settings.config import Config
from w2v_cli.training.assembly import resume, start
from w2v_cli.vectors.run_vectors import read_run_vectors
from w2v_cli.vectors.word_vectors import load

WORDS = ["run", "running", "runner", "gun", "gunning", "gunner", "ten", "tenner", "is", "a"]
HASHED = {"subwords": "2-4", "buckets": 97}
EXPLICIT = {"subwords": "1-3", "ngrams": "explicit"}
ENGINES = {
    "sampled": {"engine": "sampled", **HASHED},
    "in step": {"engine": "sampled", "deterministic": True, "n_threads": 2, **EXPLICIT},
    "exact": {"engine": "exact", "loss": "naive-softmax", **HASHED},
    "exact sampling": {"engine": "exact", "loss": "negative-sampling", **EXPLICIT},
    "reference": {"engine": "reference", **HASHED},
    "cbow": {"engine": "sampled", "model": "cbow", **HASHED},
    "adagrad": {"engine": "reference", "optimizer": "adagrad", **EXPLICIT},
}
EVERY_ENGINE = pytest.mark.parametrize("given", ENGINES.values(), ids=ENGINES)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    rng = np.random.default_rng(0)
    lines = [" ".join(rng.choice(WORDS, 8)) for _ in range(150)]
    path = tmp_path_factory.mktemp("corpus") / "text.txt"
    path.write_text("\n".join(lines))
    return str(path)


def config_of(corpus, given, **more):
    base = {"min_count": 1, "dim": 6, "window": 2, "epochs": 3, "checkpoint_every": 0.0}
    return Config(paths=corpus, **{"n_threads": 1, **base, **given, **more})


def train(session, stop_after=None):
    seen = 0

    def stop():
        return stop_after is not None and seen >= stop_after

    for _ in session.train(stop):
        seen += 1


@EVERY_ENGINE
def test_stopped_and_resumed_equals_never_stopped(corpus, tmp_path, given):
    config = config_of(corpus, given)
    train(start(config, tmp_path / "whole"))
    train(start(config, tmp_path / "stopped"), stop_after=2)
    session = resume(Config(), tmp_path / "stopped")
    assert not session.position.finished
    train(session)
    whole, stopped = (read_run_vectors(tmp_path / name) for name in ("whole", "stopped"))
    np.testing.assert_array_equal(stopped.embeddings.center, whole.embeddings.center)
    rows = stopped.embeddings.subwords.rows
    np.testing.assert_array_equal(rows, whole.embeddings.subwords.rows)
    assert whole.default == "center"
    assert "runs" in load(tmp_path / "whole")


@pytest.mark.parametrize("given", [EXPLICIT, HASHED], ids=["explicit", "hashed"])
def test_threads_in_step_give_the_same_bits_for_every_number_of_them(corpus, tmp_path, given):
    found = []
    for n_threads in (1, 2):
        out = tmp_path / str(n_threads)
        more = {"engine": "sampled", "deterministic": True, "n_threads": n_threads}
        train(start(config_of(corpus, {**given, **more}), out))
        found.append(read_run_vectors(out).embeddings.subwords.rows)
    np.testing.assert_array_equal(*found)


def test_the_best_epoch_is_kept_with_its_n_grams(corpus, tmp_path):
    more = {"holdout": 0.2, "patience": 1, "lr": 3.0, "epochs": 30}
    config = config_of(corpus, ENGINES["reference"], **more)
    train(start(config, tmp_path / "run"))
    vectors = tmp_path / "run" / "vectors.safetensors"
    before = read_run_vectors(vectors).embeddings
    rows, center = np.array(before.subwords.rows), np.array(before.center)
    vectors.unlink()
    resume(Config(), tmp_path / "run").close()  # written again, from the checkpoint
    after = read_run_vectors(vectors).embeddings
    np.testing.assert_array_equal(after.subwords.rows, rows)
    np.testing.assert_array_equal(after.center, center)


def test_snapshots_hold_centre_vectors(corpus, tmp_path):
    train(start(config_of(corpus, ENGINES["exact"], snapshots=2), tmp_path / "run"))
    *_, last = sorted((tmp_path / "run" / "snapshots").glob("*"))
    final = read_run_vectors(tmp_path / "run").embeddings.center
    np.testing.assert_allclose(read_run_vectors(last).embeddings.center, final, rtol=1e-6)


@EVERY_ENGINE
def test_a_run_goes_on_from_the_vectors_of_another(corpus, tmp_path, given):
    """Known words start where they ended; words that the new text lacks keep their vectors."""
    train(start(config_of(corpus, given), tmp_path / "first"))
    text = tmp_path / "new.txt"
    text.write_text("\n".join(["run gunner tenner runs is"] * 40))
    config = config_of(str(text), given, start_from=str(tmp_path / "first"), epochs=1, lr=1e-6)
    train(start(config, tmp_path / "second"))
    first, second = load(tmp_path / "first"), load(tmp_path / "second")
    for word in ("run", "gunner", "running", "ten"):
        np.testing.assert_allclose(second[word], first[word], atol=2e-4)
    assert "runs" in second.ids  # new: it starts where its n-grams have come to
    before, now = first["runs"], second["runs"]
    assert before @ now > 0.7 * np.linalg.norm(before) * np.linalg.norm(now)
    parts = second.parts
    own = len(second)
    word = second.ids["running"]  # not in the new text: its rows still make its vector
    _, rows = parts.subwords.rows(["running"])
    known = rows[rows >= 0]
    made = (parts.rows[word] + parts.rows[own + known].sum(axis=0)) / (1 + len(rows))
    np.testing.assert_allclose(made, second["running"], atol=1e-4)
