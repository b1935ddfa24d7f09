import json
import shutil

import pytest

from w2v_cli.errors import DataError, RunError
from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve
from w2v_cli.settings.toml import read_config_file
from w2v_cli.training import run as run_module
from w2v_cli.training.assembly import Watcher, resume, start
from w2v_cli.training.checkpoint import checkpoint_files
from w2v_cli.training.trainer import Ticked
from w2v_cli.vectors.run_vectors import read_run_vectors

BASE = {
    "engine": "reference",
    "min_count": 1,
    "dim": 6,
    "epochs": 3,
    "window": 2,
    "negative-sampling.n_negatives": 2,
    "checkpoint_every": 0.0,
}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Several units an epoch."""
    monkeypatch.setattr("w2v_cli.engines.reference.engine.BLOCK_TOKENS", 700)


def config_of(text, **settings):
    return Config(**{**BASE, "paths": text, **settings})


def train(session, stop_after=None):
    ticks = 0

    def stop():
        return stop_after is not None and ticks >= stop_after

    for event in session.train(stop):
        ticks += isinstance(event, Ticked)
    return session


def figures(run_dir):
    """All metrics but those that the clock makes."""
    lines = [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text().splitlines()]
    timed = {"elapsed_seconds", "words_per_second"}
    return [{k: v for k, v in line.items() if k not in timed} for line in lines]


def test_a_run_leaves_what_the_design_lists(text, tmp_path):
    run = tmp_path / "run"
    train(start(config_of(text), run))
    assert sorted(p.name for p in run.iterdir()) == [
        "cache", "checkpoints", "config.toml", "metrics.jsonl", "vectors.safetensors", "vocab.tsv",
    ]  # fmt: skip
    vectors = read_run_vectors(run)
    assert vectors.matrix().shape == (60, 6)
    assert (run / "vocab.tsv").read_text().startswith(vectors.words[0] + "\t")
    assert resolve(read_config_file(run / "config.toml")) == resolve(config_of(text))
    epochs = [f for f in figures(run) if f["event"] == "epoch"]
    assert [f["epoch"] for f in epochs] == [1, 2, 3]
    assert epochs[-1]["n_tokens"] == 3 * 4000
    assert epochs[0]["loss"] > epochs[-1]["loss"]


@pytest.mark.parametrize("loss", ["negative-sampling", "naive-softmax"])
@pytest.mark.parametrize("stop_after", [1, 6, 7, 11])
def test_stopped_and_resumed_equals_never_stopped(text, tmp_path, loss, stop_after):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    config = config_of(text, loss=loss, optimizer="adagrad")
    train(start(config, whole))
    session = train(start(config, stopped), stop_after)
    assert not session.position.finished
    session = train(resume(Config(), stopped))
    assert session.position.finished
    assert figures(stopped) == figures(whole)
    for name in ("vectors.safetensors",):
        assert (stopped / name).read_bytes() == (whole / name).read_bytes()


def test_metrics_written_after_the_last_checkpoint_are_written_again(text, tmp_path):
    """As after a kill: the file is longer than the checkpoint knows."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    train(start(config_of(text), whole))
    train(start(config_of(text), killed), 4)
    with (killed / "metrics.jsonl").open("a") as file:
        file.write('{"event": "report", "half a li')
    train(resume(Config(), killed))
    assert figures(killed) == figures(whole)


def test_a_damaged_newest_checkpoint_is_skipped_with_a_notice(text, tmp_path):
    run, notices = tmp_path / "run", []
    train(start(config_of(text), run))
    newest, older = checkpoint_files(run / "checkpoints")
    newest.write_bytes(newest.read_bytes()[:-10])
    session = resume(Config(), run, Watcher(notices.append))
    assert session.position.done == int(older.stem)
    assert "damaged" in notices[0]
    older.write_bytes(b"")
    with pytest.raises(RunError, match="is whole"):
        resume(Config(), run)


def test_a_resume_refuses_other_settings_and_names_them(text, tmp_path):
    run = tmp_path / "run"
    train(start(config_of(text), run), 1)
    with pytest.raises(RunError, match="has dim 6, you gave 7"):
        resume(Config(dim=7), run)
    with pytest.raises(RunError, match="paths"):
        resume(Config(paths="/elsewhere"), run)
    assert resume(Config(dim=6, checkpoint_every=5), run).settings.watch.checkpoint_every == 5


def test_a_changed_configuration_file_is_refused(text, tmp_path):
    run = tmp_path / "run"
    train(start(config_of(text), run), 1)
    path = run / "config.toml"
    path.write_text(path.read_text().replace("seed = 1", "seed = 2"))
    with pytest.raises(RunError, match="other settings"):
        resume(Config(), run)


def test_a_lost_cache_is_made_again_and_changed_text_is_refused(text, tmp_path):
    run = tmp_path / "run"
    train(start(config_of(text), run), 1)
    shutil.rmtree(run / "cache")
    assert resume(Config(), run).position.done == 1
    shutil.rmtree(run / "cache")
    text.write_text(text.read_text() + "w1 w2\n")
    with pytest.raises(RunError, match="another corpus"):
        resume(Config(), run)


def test_a_damaged_cache_is_refused(text, tmp_path):
    run = tmp_path / "run"
    train(start(config_of(text), run), 1)
    ids = run / "cache" / "corpus" / "corpus.ids"
    content = bytearray(ids.read_bytes())
    content[100] ^= 1
    ids.write_bytes(content)
    with pytest.raises(RunError, match="damaged"):
        resume(Config(), run)


def test_a_folder_that_holds_something_is_left_alone(text, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "mine.txt").write_text("precious")
    with pytest.raises(RunError, match="not an empty folder"):
        start(config_of(text), run)
    assert [p.name for p in run.iterdir()] == ["mine.txt"]
    other = tmp_path / "other"
    train(start(config_of(text), other), 1)
    before = (other / "config.toml").read_bytes()
    with pytest.raises(RunError, match="already contains a run"):
        start(config_of(text, dim=9), other)
    assert (other / "config.toml").read_bytes() == before


def test_a_bad_corpus_leaves_nothing_behind(tmp_path):
    empty = tmp_path / "empty.txt"
    empty.write_text("")
    with pytest.raises(DataError, match="empty"):
        start(config_of(empty), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_divergence_keeps_the_last_good_checkpoint(text, tmp_path, monkeypatch):
    run = tmp_path / "run"
    session = start(config_of(text, lr=0.05), run)
    train(session, 2)
    resumed = resume(Config(), run)
    monkeypatch.setattr(resumed.trainer.schedule.__class__, "lr_at", lambda *_: 1e30)
    with pytest.raises(RunError, match="diverged"):
        train(resumed)
    monkeypatch.undo()
    assert resume(Config(), run).position.done == 2


def test_there_must_be_a_run_to_resume(tmp_path):
    with pytest.raises(RunError, match="is not a run"):
        resume(Config(), tmp_path)


def test_checkpoints_fall_due_by_the_clock(text, tmp_path, monkeypatch):
    session = start(config_of(text, epochs=1, checkpoint_every=1e-9), tmp_path / "run")
    numbers = []
    original = run_module.write_checkpoint

    def spy(folder, number, checkpoint):
        numbers.append(number)
        return original(folder, number, checkpoint)

    monkeypatch.setattr(run_module, "write_checkpoint", spy)
    train(session)
    assert numbers == list(range(1, session.engine.n_units + 1))


def test_what_a_killed_run_left_half_written_is_cleared_away(text, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / ".config.toml.0123456789ab.tmp").write_text("half")
    train(start(config_of(text), run), 1)
    (run / "cache" / ".corpus.0123456789ab.tmp").mkdir()
    (run / "checkpoints" / ".000000000009.0123456789ab.tmp").write_text("half")
    resume(Config(), run)
    assert not [p for p in run.rglob("*") if p.name.endswith(".tmp")]
