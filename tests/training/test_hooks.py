"""--holdout and --patience over whole runs."""

import json
import math

import pytest

from w2v_cli.errors import DataError, UsageError
from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve
from w2v_cli.training.assembly import resume, start
from w2v_cli.training.preparation import Watcher
from w2v_cli.vectors.run_vectors import read_run_vectors

BASE = {"min_count": 1, "dim": 6, "window": 2, "checkpoint_every": 0.0, "n_threads": 1}


def config_of(text, **settings):
    return Config(paths=text, **{**BASE, "holdout": 0.1, **settings})


def run(session, stop_after=None):
    events = 0

    def stop():
        return stop_after is not None and events >= stop_after

    for _ in session.train(stop):
        events += 1


def epochs(run_dir):
    lines = [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text().splitlines()]
    return [line for line in lines if line["event"] == "epoch"]


@pytest.mark.parametrize("engine", ["reference", "sampled", "exact"])
def test_each_epoch_tells_the_held_out_loss(text, tmp_path, engine):
    loss = "naive-softmax" if engine == "exact" else "negative-sampling"
    config = config_of(text, engine=engine, loss=loss, epochs=3)
    notices = []
    run(start(config, tmp_path / "run", Watcher(notices.append)))
    lines = epochs(tmp_path / "run")
    losses = [line["held_out_loss"] for line in lines]
    assert len(losses) == 3
    assert losses[2] < losses[0]
    assert losses[2] == pytest.approx(lines[2]["loss"], rel=0.25)
    assert not [n for n in notices if "stopping" in n]


def test_perplexity_stands_beside_naive_softmax(text, tmp_path):
    run(start(config_of(text, loss="naive-softmax", epochs=2), tmp_path / "run"))
    (_, last) = epochs(tmp_path / "run")
    assert last["perplexity"] == pytest.approx(math.exp(last["loss"]))
    assert last["held_out_perplexity"] == pytest.approx(math.exp(last["held_out_loss"]))
    assert 1 < last["perplexity"] < 60


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
def test_training_ends_when_the_held_out_loss_stops_falling(text, tmp_path, loss):
    """A high constant rate makes the loss rise after some epochs; the best epoch's vectors stay."""
    settings = {"loss": loss, "engine": "reference", "lr_schedule": "constant", "patience": 2}
    config = config_of(text, lr=0.1, epochs=60, **settings)
    notices = []
    run(start(config, tmp_path / "run", Watcher(notices.append)))
    losses = [line["held_out_loss"] for line in epochs(tmp_path / "run")]
    best = losses.index(min(losses))
    assert len(losses) == best + 3 < 60
    assert any(f"since epoch {best + 1}," in n for n in notices)
    # The same run cut off at its best epoch has the same vectors.
    shorter = config_of(text, lr=0.1, epochs=best + 1, **settings)
    run(start(shorter, tmp_path / "shorter"))
    found, expected = (read_run_vectors(tmp_path / name).matrix() for name in ("run", "shorter"))
    assert (found == expected).all()
    # Resuming a finished run trains no more.
    run(resume(Config(), tmp_path / "run"))
    assert len(epochs(tmp_path / "run")) == len(losses)


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
def test_a_resumed_run_has_the_same_held_out_losses(text, tmp_path, loss):
    config = config_of(text, loss=loss, epochs=4, patience=3)
    run(start(config, tmp_path / "whole"))
    run(start(config, tmp_path / "cut"), stop_after=3)
    run(resume(Config(), tmp_path / "cut"))
    whole, cut = (
        [(line["held_out_loss"], line["loss"]) for line in epochs(tmp_path / name)]
        for name in ("whole", "cut")
    )
    assert whole == cut
    a, b = (read_run_vectors(tmp_path / name).matrix() for name in ("whole", "cut"))
    assert (a == b).all()


def test_patience_needs_a_holdout(text):
    with pytest.raises(UsageError, match="--holdout"):
        resolve(config_of(text, holdout=0.0, patience=2))


def test_one_document_cannot_be_held_out(tmp_path):
    path = tmp_path / "one.txt"
    path.write_text("the king saw the queen\n")
    with pytest.raises(DataError, match="--holdout"):
        start(config_of(path), tmp_path / "run")
    assert not (tmp_path / "run").exists()
