"""Runs that an older version of w2v started."""

from dataclasses import replace

import pytest
from test_assembly import config_of, figures, small_blocks, train  # noqa: F401

from w2v_cli.errors import RunError
from w2v_cli.settings.config import Config, read_config_file
from w2v_cli.settings.resolve import resolve
from w2v_cli.settings.run_settings import _FIRST
from w2v_cli.training import saved_state as checkpoint
from w2v_cli.training.assembly import resume, start
from w2v_cli.training.saved_state import checkpoint_files, read_checkpoint, write_checkpoint

#: What the version of 21 November wrote (commit 3388e8a), and its fingerprint of that.
OLD_FINGERPRINT = "8f7bd06e9486f5cf"
OLD_CONFIG = """
[corpus]
paths = ["/corpus.txt"]
tokenizer = "words"
lowercase = true
split = "all"
encoding_errors = "replace"
min_count = 5

[model]
loss = "naive-softmax"
dim = 100
window = 5
subsample_threshold = 0.001

[training]
engine = "exact"
optimizer = "adam"
epochs = 25
lr = 0.03
lr_schedule = "linear"
min_lr = 3e-06
seed = 1
n_threads = 2

[exact]
batch_size = 256
batch_mean = false
prior = "unigram"
precision = "float32"
memory = 1.0

[watch]
holdout = 0.1
checkpoint_every = 300.0
snapshots = 0
eval_files = []
"""


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        (("", ""), True),
        (("n_threads = 2", "n_threads = 1"), True),
        (("dim = 100", "dim = 101"), False),
        (("min_count = 5", "min_count = 5\nphrases = 1"), False),
        (("window = 5", 'window = 5\nsubwords = "3-6"'), False),
    ],
)
def test_the_settings_of_an_old_run_have_its_fingerprint(tmp_path, change, fits):
    path = tmp_path / "config.toml"
    path.write_text(OLD_CONFIG.replace(*change))
    settings = resolve(read_config_file(path))
    assert (settings.first_fingerprint() == OLD_FINGERPRINT) is fits
    assert settings.fingerprint() != OLD_FINGERPRINT


def make_old(run, monkeypatch):
    """Turn a stopped run into one of the version that kept a fingerprint, and fewer settings."""
    config = run / "config.toml"
    found = read_config_file(config)
    later = [name for name in resolve(found).kept_by_resume() if name not in _FIRST]
    lines = config.read_text().splitlines()
    config.write_text("\n".join(x for x in lines if x.partition(" = ")[0] not in later))
    settings = resolve(read_config_file(config))
    monkeypatch.setattr(checkpoint, "VERSION", "3")
    for path in checkpoint_files(run / "checkpoints"):
        found = read_checkpoint(path)
        old = replace(found, settings=None, config_fingerprint=settings.first_fingerprint())
        write_checkpoint(path.parent, int(path.stem), old)
    monkeypatch.undo()


def test_an_old_run_is_resumed_to_the_same_vectors(text, tmp_path, monkeypatch):
    whole, old = tmp_path / "whole", tmp_path / "old"
    train(start(config_of(text), whole))
    train(start(config_of(text), old), 4)
    with monkeypatch.context() as patch:
        make_old(old, patch)
    assert "documents" not in (old / "config.toml").read_text()
    train(resume(Config(), old))
    assert figures(old) == figures(whole)
    assert len(read_checkpoint(checkpoint_files(old / "checkpoints")[0]).settings) > 20


def test_an_old_run_of_other_settings_is_refused_with_the_next_step(text, tmp_path, monkeypatch):
    run = tmp_path / "run"
    train(start(config_of(text), run), 1)
    with monkeypatch.context() as patch:
        make_old(run, patch)
    config = run / "config.toml"
    config.write_text(config.read_text().replace("seed = 1", "seed = 2"))
    with pytest.raises(RunError, match="resume with the version that started the run"):
        resume(Config(), run)


def hold_settings(run, settings):
    """Let the checkpoint of a run hold other settings."""
    path = checkpoint_files(run / "checkpoints")[0]
    changed = replace(read_checkpoint(path), settings=settings)
    write_checkpoint(path.parent, int(path.stem), changed)


def test_a_setting_that_came_later_is_no_change_while_it_has_its_default(text, tmp_path):
    run = tmp_path / "run"
    session = train(start(config_of(text), run), 1)
    kept = session.settings.kept_by_resume()
    del kept["documents"], kept["normalize"]
    hold_settings(run, kept)
    assert resume(Config(), run).position.done == 1
    config = run / "config.toml"
    config.write_text(config.read_text().replace('documents = "line"', 'documents = "file"'))
    with pytest.raises(RunError, match="documents was not set, is file; change them back"):
        resume(Config(), run)


def test_a_setting_that_is_gone_is_named(text, tmp_path):
    run = tmp_path / "run"
    session = train(start(config_of(text), run), 1)
    hold_settings(run, {**session.settings.kept_by_resume(), "momentum": 0.9})
    with pytest.raises(RunError, match=r"momentum was 0\.9, is not set"):
        resume(Config(), run)


def test_a_new_best_value_does_not_change_a_run_that_was_before_it(text, tmp_path):
    """The penalty came later: without it in config.toml, a run has none, as before."""
    run = tmp_path / "run"
    config = run / "config.toml"
    train(start(config_of(text, engine="sampled", l2=0.0), run), 1)
    for path in checkpoint_files(run / "checkpoints"):
        found = read_checkpoint(path)
        kept = {name: value for name, value in found.settings.items() if name != "l2"}
        write_checkpoint(path.parent, int(path.stem), replace(found, settings=kept))
    config.write_text(config.read_text().replace("l2 = 0.0\n", ""))
    assert "l2" not in config.read_text()
    assert resume(Config(), run).settings.own.l2 == 0
