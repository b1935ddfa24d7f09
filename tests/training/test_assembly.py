import json
import shutil
from dataclasses import replace

import pytest

from w2v_cli.errors import DataError, RunError, UsageError
from w2v_cli.settings.config import Config, read_config_file
from w2v_cli.settings.resolve import resolve
from w2v_cli.training import saved_state
from w2v_cli.training.assembly import resume, start
from w2v_cli.training.preparation import Watcher
from w2v_cli.training.saved_state import checkpoint_files, read_checkpoint, write_checkpoint
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
    session.close()
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
    with pytest.raises(RunError, match=r"settings other than.*: seed was 1, is 2; change"):
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
    original = saved_state.write_checkpoint

    def spy(folder, number, checkpoint):
        numbers.append(number)
        return original(folder, number, checkpoint)

    monkeypatch.setattr(saved_state, "write_checkpoint", spy)
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


def test_a_finished_run_can_be_extended(text, tmp_path):
    run = tmp_path / "run"
    train(start(config_of(text), run))
    with pytest.raises(RunError, match="can only raise"):
        resume(Config(epochs=2), run)
    train(resume(Config(epochs=5), run))
    assert [f["epoch"] for f in figures(run) if f["event"] == "epoch"] == [1, 2, 3, 4, 5]
    assert resolve(read_config_file(run / "config.toml")).training.epochs == 5
    assert train(resume(Config(), run)).position.finished


def test_an_extension_can_be_stopped_and_resumed(text, tmp_path):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    for run in (whole, stopped):
        train(start(config_of(text), run))
    train(resume(Config(epochs=5), whole))
    train(resume(Config(epochs=5), stopped), 3)
    assert train(resume(Config(), stopped)).position.finished
    assert (stopped / "vectors.safetensors").read_bytes() == (
        whole / "vectors.safetensors"
    ).read_bytes()


def test_a_run_that_is_not_finished_is_not_extended(text, tmp_path):
    run = tmp_path / "run"
    train(start(config_of(text), run), 1)
    with pytest.raises(RunError, match="is not finished"):
        resume(Config(epochs=9), run)
    assert resolve(read_config_file(run / "config.toml")).training.epochs == 3


def test_a_config_with_open_settings_resumes_a_run(text, tmp_path):
    """Review §4.2: its open settings counted as differences."""
    run = tmp_path / "run"
    train(start(config_of(text), run), 1)
    assert train(resume(config_of(text), run)).position.finished


def test_patience_without_a_holdout_is_refused_on_a_resume_too(text, tmp_path):
    """Review §4.2: it was accepted, and the vectors were never written again."""
    run = tmp_path / "run"
    train(start(config_of(text), run), 1)
    with pytest.raises(UsageError, match="--holdout"):
        resume(Config(patience=3), run)


def test_patience_given_on_a_resume_counts_from_there(text, tmp_path):
    """Review D2: an earlier epoch was called the best, over vectors of a later one."""
    run, notices = tmp_path / "run", []
    chosen = {"holdout": 0.2, "lr_schedule": "constant", "lr": 0.3}
    training = start(config_of(text, epochs=40, **chosen), run)
    train(training, 8 * training.engine.n_units)
    done = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])["epoch"]
    train(resume(Config(patience=2), run, Watcher(notices.append)))
    epochs = [f for f in figures(run) if f["event"] == "epoch"]
    later = {f["epoch"]: f["held_out_loss"] for f in epochs if f["epoch"] > done}
    best = min(later, key=later.__getitem__)
    assert any(f"since epoch {best}," in notice for notice in notices)
    assert len(epochs) == best + 2


def test_a_checkpoint_of_another_engine_is_refused(text, tmp_path, monkeypatch):
    run = tmp_path / "run"
    train(start(config_of(text), run), 1)
    monkeypatch.setattr("w2v_cli.engines.reference.engine.ReferenceEngine.state_version", 2)
    with pytest.raises(RunError, match="engine reference, version 1; this is reference, version 2"):
        resume(Config(), run)


def test_a_killed_start_leaves_a_folder_that_can_be_used(text, tmp_path):
    run = tmp_path / "run"
    (run / "cache" / "corpus").mkdir(parents=True)
    (run / "vocab.tsv").write_text("half")
    (run / ".unfinished").write_text("cache\ncache/corpus/corpus.ids\nvocab.tsv\n")
    assert train(start(config_of(text), run)).position.finished


def test_vectors_are_on_disk_before_the_checkpoint_that_ends_a_run(text, tmp_path, monkeypatch):
    """Review D1: a run that was killed between the two never got its last vectors."""
    run = tmp_path / "run"
    training = start(config_of(text, epochs=1), run)

    def killed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(saved_state, "write_checkpoint", killed)
    with pytest.raises(KeyboardInterrupt):
        train(training)
    assert (run / "vectors.safetensors").exists()
    monkeypatch.undo()
    assert train(resume(Config(), run)).position.finished


@pytest.mark.parametrize("harm", ["removed", "damaged", "of another epoch"])
@pytest.mark.parametrize("patience", [None, 2])
def test_vectors_that_do_not_belong_to_the_checkpoint_are_written_again(
    text, tmp_path, harm, patience
):
    """Review D1, D2: resume said "trained", and the file was an epoch old or missing, for ever."""
    run, notices = tmp_path / "run", []
    chosen = {"holdout": 0.2, "lr_schedule": "constant", "lr": 0.3, "epochs": 40}
    train(start(config_of(text, **(chosen if patience else {}), patience=patience), run))
    vectors = run / "vectors.safetensors"
    right = vectors.read_bytes()
    if harm == "removed":
        vectors.unlink()
    elif harm == "damaged":
        vectors.write_bytes(right[:-1] + bytes([right[-1] ^ 1]))
    else:
        train(start(config_of(text, seed=9), tmp_path / "other"))
        vectors.write_bytes((tmp_path / "other" / "vectors.safetensors").read_bytes())
    assert train(resume(Config(), run, Watcher(notices.append))).position.finished
    assert vectors.read_bytes() == right
    assert "has been written again from it" in notices[0]
    notices.clear()
    resume(Config(), run, Watcher(notices.append))
    assert not notices


def test_an_extension_that_was_killed_before_its_first_checkpoint_is_not_forgotten(text, tmp_path):
    """The checkpoint said "finished", and the resume believed it."""
    run = tmp_path / "run"
    train(start(config_of(text), run))
    resume(Config(epochs=5), run)
    assert train(resume(Config(), run)).position.done == 5 * 6
    assert [f["epoch"] for f in figures(run) if f["event"] == "epoch"] == [1, 2, 3, 4, 5]


def test_a_shorter_file_of_metrics_is_noticed(text, tmp_path):
    run, notices = tmp_path / "run", []
    train(start(config_of(text), run), 8)
    metrics = run / "metrics.jsonl"
    metrics.write_bytes(metrics.read_bytes()[:50])
    train(resume(Config(), run, Watcher(notices.append)))
    assert any("lost lines" in notice for notice in notices)


def test_leftovers_of_killed_pair_counting_are_removed(text, tmp_path):
    """Review D11."""
    run = tmp_path / "run"
    train(start(config_of(text), run), 1)
    (run / "vocab.tsv").unlink()
    left = run / "cache" / "cooccurrence" / ".0123456789ab.tmp"
    left.mkdir(parents=True)
    (left / "columns.u32").write_bytes(b"1")
    resume(Config(), run)
    assert not left.exists()
    assert (run / "vocab.tsv").exists()


@pytest.mark.parametrize("name", [".mine.tmp", "cache", "vocab.tsv"])
def test_a_folder_of_somebody_else_is_not_cleared(text, tmp_path, name):
    """A hidden .tmp file of the user's was removed, and only then the folder refused."""
    run = tmp_path / "run"
    (run / "cache").mkdir(parents=True)
    (run / ("cache/precious" if name == "cache" else name)).write_text("precious")
    (run / "other").write_text("precious")
    before = sorted(run.rglob("*"))
    with pytest.raises(RunError, match="not an empty folder"):
        start(config_of(text), run)
    assert sorted(run.rglob("*")) == before


def test_an_abandoned_run_gives_its_folder_back(text, tmp_path):
    run = tmp_path / "run"
    train(start(config_of(text), run), 1)
    held = resume(Config(), run)
    with pytest.raises(RunError, match="in use"):
        resume(Config(), run)
    held.close()
    assert resume(Config(), run).position.done == 1
    assert resume(Config(), run).position.done == 1


def test_vectors_that_do_not_fit_in_memory_are_refused_before_they_are_made(
    text, tmp_path, monkeypatch
):
    monkeypatch.setattr("w2v_cli.memory.available_memory", lambda: 1000)
    with pytest.raises(RunError, match="lower --dim or --max-vocab"):
        start(config_of(text), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("then", "told"),
    [
        ({"seed": 2}, "seed was 2, is 1; change them back"),
        ({"momentum": 0.9}, r"momentum was 0\.9, is not set"),
        ({"dim": None}, "dim was not set, is 6"),
    ],
)
def test_a_setting_that_differs_from_the_checkpoints_is_named(text, tmp_path, then, told):
    run = tmp_path / "run"
    train(start(config_of(text), run), 1)
    path = checkpoint_files(run / "checkpoints")[0]
    found = read_checkpoint(path)
    changed = replace(found, settings={**found.settings, **then})
    write_checkpoint(path.parent, int(path.stem), changed)
    with pytest.raises(RunError, match=told):
        resume(Config(), run)
