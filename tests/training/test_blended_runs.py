"""Runs whose vectors are a blend: against `w2v blend`, killed and resumed, asked, and bad input."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

import w2v_cli
from w2v_cli.engines.spectral.engine import SpectralEngine
from w2v_cli.errors import DataError, UsageError
from w2v_cli.settings.config import Config
from w2v_cli.training import saved_state, second_part
from w2v_cli.training.assembly import resume, start
from w2v_cli.training.preparation import Watcher
from w2v_cli.vectors.formats.vector_files import read_table
from w2v_cli.vectors.run_vectors import read_run_vectors
from w2v_cli.vectors.scores.datasets import read_dataset
from w2v_cli.vectors.scores.scoring import score as score_of

BLEND = {"blend": "spectral", "min_count": 1, "dim": 8, "epochs": 3, "n_threads": 1}
ENGINES = {
    "sampled": {"blend_weight": 1.0},
    "cbow": {"model": "cbow"},
    "exact": {"engine": "exact"},
    "reference": {"engine": "reference"},
    "subwords": {"subwords": "2-3", "buckets": 50},
    "held out": {"holdout": 0.1},
    "patience": {"holdout": 0.1, "patience": 1, "lr": 0.2},
}
EVERY_ENGINE = pytest.mark.parametrize("given", ENGINES.values(), ids=ENGINES)


@pytest.fixture(scope="module")
def topics(tmp_path_factory):
    """A text in which words of eight topics stand together."""
    rng = np.random.default_rng(5)
    words = np.array([f"w{i}x{i % 8}" for i in range(120)])
    lines = [" ".join(words[(rng.zipf(1.4, 30) * 8 + rng.integers(8)) % 120]) for _ in range(200)]
    path = tmp_path_factory.mktemp("corpus") / "topics.txt"
    path.write_text("\n".join(lines))
    return path


def train(topics, folder, **given):
    session = start(Config(paths=topics, **{**BLEND, **given}), folder)
    list(session.train())
    return folder


def blend_of(run):
    return read_run_vectors(run).matrix("blend")


@EVERY_ENGINE
def test_the_blend_is_that_of_two_trainings(topics, tmp_path, given):
    run = train(topics, tmp_path / "run", **given)
    stored = read_run_vectors(run)
    assert stored.default == "blend"
    assert w2v_cli.load(run).matrix.tobytes() == stored.matrix("blend").tobytes()
    if "holdout" in given:  # then spectral vectors alone see another text
        return
    spectral = train(topics, tmp_path / "spectral", engine="spectral", blend="none", epochs=30)
    which = "sum" if given.get("engine") == "exact" else "center"
    weights = [1, given.get("blend_weight", 0.5)]
    expected = w2v_cli.blend(w2v_cli.load(run, vectors=which), spectral, weights=weights)
    np.testing.assert_array_equal(stored.matrix("blend"), expected.matrix)


@EVERY_ENGINE
def test_stopped_and_resumed_equals_never_stopped(topics, tmp_path, given):
    whole = train(topics, tmp_path / "whole", **given)
    config = Config(paths=topics, **{**BLEND, **given, "checkpoint_every": 0.0})
    seen = []
    session = start(config, tmp_path / "stopped")
    for event in session.train(lambda: len(seen) > 1):
        seen.append(event)
    assert not session.position.finished
    assert np.isfinite(blend_of(tmp_path / "stopped")).all()
    list(resume(Config(), tmp_path / "stopped").train())
    assert blend_of(tmp_path / "stopped").tobytes() == blend_of(whole).tobytes()


class KilledError(Exception):
    """Stands for a process that ends at once."""


def killed(*_, **__):
    raise KilledError


@pytest.mark.parametrize("where", ["write_checkpoint", "write_run_vectors", "identity"])
def test_killed_when_the_last_vectors_are_written(topics, tmp_path, monkeypatch, where):
    whole = train(topics, tmp_path / "whole")
    session = start(Config(paths=topics, **BLEND), tmp_path / "run")
    with pytest.raises(KilledError):
        for event in session.train():
            if getattr(event, "report", None) and event.report.epoch == BLEND["epochs"]:
                monkeypatch.setattr(saved_state, where, killed)
    monkeypatch.undo()
    list(resume(Config(), tmp_path / "run").train())
    assert blend_of(tmp_path / "run").tobytes() == blend_of(whole).tobytes()
    assert not read_table(tmp_path / "run").notes


def test_killed_while_the_second_part_is_made(topics, tmp_path, monkeypatch):
    run = tmp_path / "run"
    monkeypatch.setattr(second_part, "write_tensors", killed)
    with pytest.raises(KilledError):
        start(Config(paths=topics, **BLEND), run)
    assert not run.exists()
    monkeypatch.undo()
    train(topics, run, epochs=1)
    monkeypatch.setattr(second_part, "write_tensors", killed)
    (run / "cache" / "blend" / "second_part.safetensors").unlink()
    with pytest.raises(KilledError):
        resume(Config(epochs=3), run)
    monkeypatch.undo()
    list(resume(Config(epochs=3), run).train())
    assert np.isfinite(blend_of(run)).all()


@pytest.mark.parametrize("damage", ["missing", "cut", "another"])
def test_a_second_part_that_is_damaged_is_made_again(topics, tmp_path, damage):
    run = train(topics, tmp_path / "run", epochs=1)
    file = run / "cache" / "blend" / "second_part.safetensors"
    content = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        mark = content.replace(b'"origin":"', b'"origin":"x')
        file.write_bytes(content[:-100] if damage == "cut" else mark)
    list(resume(Config(epochs=3), run).train())
    assert file.read_bytes() == content
    whole = train(topics, tmp_path / "whole", lr_schedule="linear", epochs=3)
    assert blend_of(run).shape == blend_of(whole).shape


def test_extended_runs_are_blended_again(topics, tmp_path):
    run = train(topics, tmp_path / "run", lr_schedule="constant", epochs=1)
    first = blend_of(run).tobytes()
    list(resume(Config(epochs=3), run).train())
    whole = train(topics, tmp_path / "whole", lr_schedule="constant")
    assert first != blend_of(run).tobytes() == blend_of(whole).tobytes()


def test_scores_of_an_epoch_are_those_of_the_blend(topics, tmp_path):
    pairs = tmp_path / "pairs.tsv"
    words = [f"w{i}x{i % 8}" for i in range(8, 40)]
    pairs.write_text(
        "".join(f"{a}\t{b}\t{i % 7}\n" for i, (a, b) in enumerate(itertools.pairwise(words)))
    )
    for subwords in ({}, {"subwords": "2-3", "buckets": 50}):
        run = train(topics, tmp_path / f"run{len(subwords)}", eval_files=(str(pairs),), **subwords)
        (found,) = w2v_cli.Run(run).metrics[-1]["eval"].values()
        result = score_of(w2v_cli.load(run), read_dataset(pairs))
        assert found == pytest.approx(result.spearman, abs=1e-6)


def test_words_that_training_has_not_seen(topics, tmp_path):
    run = train(topics, tmp_path / "run", subwords="2-3", buckets=50)
    center, blend = w2v_cli.load(run, vectors="center"), w2v_cli.load(run)
    assert "w8x9" not in center.ids
    turn = read_run_vectors(run).embeddings.blend_turn
    np.testing.assert_allclose(blend["w8x9"], center["w8x9"] @ turn, atol=1e-5)
    # Known words are the means of their rows, as every format with n-grams needs.
    blend.save(tmp_path / "model.bin", format="fasttext-bin")
    again = w2v_cli.load(tmp_path / "model.bin")
    np.testing.assert_allclose(again.matrix, blend.matrix, atol=1e-5)
    np.testing.assert_allclose(again["w8x9"], blend["w8x9"], atol=1e-5)
    part = w2v_cli.blend(
        center, train(topics, tmp_path / "s", engine="spectral", blend="none"), weights=[1, 0.5]
    )
    np.testing.assert_allclose(part["w8x9"], blend["w8x9"], atol=1e-5)


def test_every_command_knows_the_blend(topics, tmp_path, w2v):
    run = train(topics, tmp_path / "run", snapshots=3)
    out = w2v("info", run).out
    assert "default: blend" in out
    assert "blend = spectral" in out
    for command in (
        ("neighbors", run, "w8x0"),
        ("export", run, tmp_path / "out.npz"),
        ("compare", run, run),
        ("embed", run, topics, "--out", tmp_path / "rows.npy"),
        ("plot", run, "--top", 20, "--out", tmp_path / "p.png"),
        ("plot", run, "--animate", tmp_path / "p.gif", "--top", 20),
        ("vector", run, "w8x0", "--vectors", "blend"),
    ):
        result = w2v(*command)
        assert result.code == 0, (command, result.err)
    result = w2v("plot", run, "--animate", tmp_path / "q.gif", "--top", 20, "--vectors", "blend")
    assert result.code == 2
    assert "snapshots keep the trained vectors" in result.err
    result = w2v("train", "--resume", "--blend", "none", "--out", run)
    assert "the run has blend spectral, you gave none" in result.err
    exported = w2v_cli.load(tmp_path / "out.npz").matrix
    np.testing.assert_array_equal(exported, blend_of(run))
    plain = train(topics, tmp_path / "plain", blend="none")
    result = w2v("neighbors", plain, "w8x0", "--vectors", "blend")
    assert result.code == 2
    assert "train with --blend" in result.err


def test_from_counts(topics, tmp_path, w2v):
    assert w2v("count", topics, "--min-count", 1, "--out", tmp_path / "counts").code == 0
    run = tmp_path / "run"
    given = ("--engine", "exact", "--dim", 8, "--epochs", 2, "--blend", "spectral", "--out", run)
    assert w2v("train", tmp_path / "counts", *given).code == 0
    assert read_run_vectors(run).default == "blend"


REFUSED = {
    "its own": (
        {"engine": "spectral", "epochs": 30},
        UsageError,
        "another engine, not of spectral",
    ),
    "a weight alone": ({"blend": None, "blend_weight": 1.0}, UsageError, "needs a --blend"),
    "an unknown one": ({"blend": "exact"}, UsageError, "choose from: none, spectral"),
    "a weight of 0": ({"blend_weight": 0.0}, UsageError, "blend_weight is 0"),
    "few words": ({"dim": 500}, DataError, "lower --dim"),
}


@pytest.mark.parametrize(("given", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_blended_is_refused_before_training(topics, tmp_path, given, error, message):
    with pytest.raises(error, match=message):
        start(Config(paths=topics, **{**BLEND, **given}), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_other_vectors_to_start_from_are_refused(topics, tmp_path):
    plain = train(topics, tmp_path / "plain", blend="none")
    with pytest.raises(UsageError, match="--from keeps others"):
        train(topics, tmp_path / "run", start_from=str(plain))


def test_passes_that_do_not_suffice_are_said(topics, tmp_path, monkeypatch):
    monkeypatch.setattr("w2v_cli.engines.spectral.settings._EPOCHS", 2)
    stats = SpectralEngine._stats
    monkeypatch.setattr(
        SpectralEngine, "_stats", lambda *found: replace(stats(*found), is_enough=False)
    )
    told = []
    start(Config(paths=topics, **BLEND), tmp_path / "run", Watcher(told.append)).close()
    assert any("2 passes did not reach the tolerance" in note for note in told)
