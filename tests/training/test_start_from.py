"""`--from`: known words go on from their vectors, new words join, nothing is lost."""

import json
import shutil

import numpy as np
import pytest

import w2v_cli
from w2v_cli.errors import DataError, RunError, UsageError
from w2v_cli.settings.config import Config
from w2v_cli.training import assembly
from w2v_cli.training.assembly import resume, start
from w2v_cli.training.preparation import Watcher
from w2v_cli.training.start_vectors import read_start
from w2v_cli.training.trainer import Ticked
from w2v_cli.vectors.run_vectors import read_run_vectors

BASE = {"engine": "reference", "dim": 6, "epochs": 2, "min_count": 1, "window": 2}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Several units an epoch."""
    monkeypatch.setattr("w2v_cli.engines.reference.engine.BLOCK_TOKENS", 200)


@pytest.fixture
def old(tmp_path):
    """A run that knows tea, coffee, cup, king and queen."""
    text = tmp_path / "old.txt"
    text.write_text("Tea coffee cup tea coffee\nking queen king queen\n" * 30)
    return w2v_cli.train(paths=text, out=tmp_path / "old", **BASE)


@pytest.fixture
def new_text(tmp_path):
    """A text with tea and coffee, two new words, and one that is rare."""
    path = tmp_path / "new.txt"
    path.write_text("tea matcha coffee tea matcha latte\n" * 40 + "cup once\n")
    return path


def go_on(text, out, old, **settings):
    return w2v_cli.train(paths=text, out=out, start_from=old, **{"epochs": 2, **settings})


def test_new_words_join_and_none_is_lost(old, new_text, tmp_path):
    run = go_on(new_text, tmp_path / "new", old)
    before, after = old.vectors, run.vectors
    assert set(after.words) == {*before.words, "matcha", "latte"}
    assert run.settings.model.dim == 6, "taken over"
    assert (after["king"] == before["king"]).all(), "not in the text: bit for bit"
    assert (after["tea"] != before["tea"]).any()
    assert "cup" in after, "known words count from their first occurrence"
    assert "once" not in after, "new words need min_count"


def test_counts_are_added_up_and_words_stay_in_their_order(old, new_text, tmp_path):
    run = go_on(new_text, tmp_path / "new", old)
    counts = dict(zip(run.vectors.words, run.vectors.counts.tolist(), strict=True))
    assert counts == {
        "tea": 60 + 80, "coffee": 60 + 40, "matcha": 80, "king": 60, "queen": 60, "latte": 40,
        "cup": 31,
    }  # fmt: skip
    assert list(counts.values()) == sorted(counts.values(), reverse=True)
    rows = [line.split("\t") for line in (run.path / "vocab.tsv").read_text().splitlines()]
    assert {word: int(count) for word, count in rows} == counts


def test_known_words_start_where_they_were(old, new_text, tmp_path):
    config = Config(paths=str(new_text), start_from=str(old.path), epochs=1)
    run = start(config, tmp_path / "new")
    stored = read_run_vectors(old.path)
    now, ids = run.engine.embeddings(), run.corpus.vocabulary.ids
    row = stored.words.index("tea")
    assert (now.center[ids["tea"]] == stored.embeddings.center[row]).all()
    assert (now.outside[ids["tea"]] == stored.embeddings.outside[row]).all()
    assert not now.outside[ids["matcha"]].any()
    run.close()


def test_frozen_words_do_not_move(old, new_text, tmp_path):
    run = go_on(new_text, tmp_path / "new", old, freeze="known")
    for word in old.vectors.words:
        assert (run.vectors[word] == old.vectors[word]).all()
    assert run.metrics[-1]["start_cosine"] == pytest.approx(1)
    assert (run.vectors["matcha"] != 0).any()
    assert run.settings.training.lr == old.settings.training.lr, "nothing to lose: the usual one"


def test_drift_is_the_mean_cosine_of_known_words(old, new_text, tmp_path):
    run = go_on(new_text, tmp_path / "new", old, lr=0.3)
    cosines = [
        float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
        for a, b in ((old.vectors[w], run.vectors[w]) for w in ("tea", "coffee", "cup"))
    ]
    assert run.metrics[-1]["start_cosine"] == pytest.approx(np.mean(cosines), abs=1e-6)
    assert run.metrics[-1]["start_cosine"] < 0.999
    assert "start_cosine" not in old.metrics[-1]


def test_the_step_is_half_of_the_usual_one(old, new_text, tmp_path):
    run = go_on(new_text, tmp_path / "new", old)
    assert run.settings.training.lr == old.settings.training.lr / 2


def train_units(session, n):
    ticks = 0

    def enough():
        return ticks >= n

    for event in session.train(enough):
        ticks += isinstance(event, Ticked)


@pytest.mark.parametrize("name", ["old.txt", "old.bin", "old.npz", "old.safetensors"])
def test_any_file_of_vectors_is_a_start(old, new_text, tmp_path, name):
    file = tmp_path / f"vectors-{name}"
    old.vectors.save(file)
    run = go_on(new_text, tmp_path / "new", file, **dict(BASE, epochs=1))
    near = pytest.approx(old.vectors["king"], rel=1e-5)
    assert run.vectors["king"] == near
    start = read_start(run.path / "start.safetensors")
    assert start.outside is None
    assert start.center == pytest.approx(old.vectors.matrix, rel=1e-5)


def test_only_given_vectors_are_frozen(old, new_text, tmp_path):
    """A file has centre vectors alone: without outside vectors that learn, nothing could."""
    old.vectors.save(tmp_path / "old.npz")
    given = dict(BASE, epochs=1, freeze="known")
    run = go_on(new_text, tmp_path / "new", tmp_path / "old.npz", **given)
    stored = read_run_vectors(run.path)
    assert (stored.embeddings.outside[stored.words.index("tea")] != 0).any()
    assert (run.vectors["tea"] == old.vectors["tea"]).all()


@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_a_resume_needs_neither_the_old_run_nor_the_cache(old, new_text, tmp_path, stop_after):
    whole = go_on(new_text, tmp_path / "whole", old)
    config = Config(paths=str(new_text), start_from=str(old.path), epochs=2)
    train_units(start(config, tmp_path / "stopped"), stop_after)
    shutil.rmtree(old.path)
    shutil.rmtree(tmp_path / "stopped" / "cache")
    for _ in resume(Config(), tmp_path / "stopped").train():
        pass
    for name in ("vectors.safetensors", "vocab.tsv"):
        assert (whole.path / name).read_bytes() == (tmp_path / "stopped" / name).read_bytes()


def test_a_resume_without_copy_or_source_says_so(old, new_text, tmp_path):
    run = go_on(new_text, tmp_path / "new", old)
    (run.path / "start.safetensors").unlink()
    assert w2v_cli.train(out=run.path, resume=True).path == run.path, "the old run still has them"
    old.vectors.save(tmp_path / "other.npz")
    shutil.rmtree(old.path)
    (tmp_path / "other.npz").rename(old.path)
    with pytest.raises(RunError, match=r"does not hold the vectors that the run started from"):
        w2v_cli.train(out=run.path, resume=True)


def test_the_configuration_reproduces_the_run_while_the_start_is_the_same(old, new_text, tmp_path):
    run = go_on(new_text, tmp_path / "new", old)
    again = w2v_cli.train(run.path / "config.toml", out=tmp_path / "again")
    copy = run.path / "start.safetensors"
    from_copy = w2v_cli.train(run.path / "config.toml", out=tmp_path / "copy", start_from=copy)
    for other in (again, from_copy):
        assert (other.vectors.matrix == run.vectors.matrix).all()
    w2v_cli.train(out=old.path, resume=True, epochs=3)
    with pytest.raises(UsageError, match=r"no longer has the vectors .*start\.safetensors"):
        w2v_cli.train(run.path / "config.toml", out=tmp_path / "changed")
    assert not (tmp_path / "changed").exists()


def test_what_does_not_fit_is_said_before_anything_is_written(old, new_text, tmp_path):
    for given, message in (
        ({"dim": 7}, "has dimension 6, you gave --dim 7"),
        ({"tokenizer": "whitespace"}, "trained with tokenizer words, you gave whitespace"),
        ({"lowercase": False}, "trained with lowercase yes, you gave no"),
    ):
        with pytest.raises(UsageError, match=message):
            go_on(new_text, tmp_path / "new", old, **given)
    with pytest.raises(UsageError, match="needs vectors to start from"):
        w2v_cli.train(paths=new_text, out=tmp_path / "new", freeze="known")
    with pytest.raises(DataError, match="no such file or folder"):
        go_on(new_text, tmp_path / "new", tmp_path / "missing")
    with pytest.raises(UsageError, match="start_from is an empty name"):
        assembly.start(Config(paths=str(new_text), start_from=""), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_file_in_a_run_is_as_good_as_the_run(old, new_text, tmp_path):
    run = go_on(new_text, tmp_path / "new", old.path / "vectors.safetensors")
    assert run.settings.training.engine == "reference", "taken over"
    assert (run.vectors["king"] == old.vectors["king"]).all()


def test_what_a_killed_start_has_left_is_cleared(old, new_text, tmp_path):
    """Killed between the copy of the start and the end of the reading."""
    (tmp_path / "new" / "cache").mkdir(parents=True)
    (tmp_path / "new" / "start.safetensors").write_bytes(b"half")
    (tmp_path / "new" / ".unfinished").write_text("start.safetensors\ncache\n")
    assert len(go_on(new_text, tmp_path / "new", old).vectors) == 7


def test_a_text_without_known_words_is_refused(old, tmp_path):
    text = tmp_path / "foreign.txt"
    text.write_text("uno due tre quattro\n" * 20)
    with pytest.raises(DataError, match=r"none of the 5 words of .*--tokenizer"):
        go_on(text, tmp_path / "new", old)
    assert not (tmp_path / "new").exists()


def test_words_in_upper_case_are_pointed_out(tmp_path, new_text):
    (tmp_path / "given.txt").write_text("3 2\ntea 1 2\nTea 2 3\nKing 1 1\n")
    notices = []
    config = Config(
        paths=str(new_text), start_from=str(tmp_path / "given.txt"), min_count=1, engine="reference"
    )
    start(config, tmp_path / "new", Watcher(notices.append)).close()
    assert any("2 words of" in each and "--no-lowercase" in each for each in notices)


def test_a_resume_does_not_take_another_start(old, new_text, tmp_path):
    run = go_on(new_text, tmp_path / "new", old)
    with pytest.raises(UsageError, match=r"its own copy .* omit --from"):
        w2v_cli.train(out=run.path, resume=True, start_from=old)


def test_patience_keeps_the_words_that_are_not_in_the_text(old, new_text, tmp_path):
    given = {"holdout": 0.3, "patience": 1, "epochs": 6, "lr": 0.05, "subsample_threshold": 0}
    run = go_on(new_text, tmp_path / "new", old, **given)
    (run.path / "vectors.safetensors").unlink()
    resume(Config(), run.path).close()
    assert set(w2v_cli.load(run.path).words) == {*old.vectors.words, "matcha", "latte"}


def test_scores_are_of_all_words(old, new_text, tmp_path):
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("king\tqueen\t9\ntea\tcoffee\t8\nmatcha\tlatte\t7\n")
    run = go_on(new_text, tmp_path / "new", old, eval_files=str(pairs))
    assert run.metrics[-1]["eval"]["pairs"] is not None


def test_the_command_line_shows_what_happened(old, new_text, tmp_path, w2v):
    run = tmp_path / "new"
    result = w2v("train", new_text, "--from", old.path, "--out", run, "--epochs", 1)
    assert result.code == 0, result.err
    assert "3 of its 5 words are in the text, 2 keep their vectors; 2 words are new" in result.err
    assert "to the vectors they started from" in result.err
    shown = w2v("info", run).out
    assert f"started from   {old.path}, 5 words; known words at cosine" in shown
    assert json.loads(w2v("info", run, "--json").out)["n_start_words"] == 5
    refused = w2v("train", new_text, "--from", old.path, "--out", tmp_path / "x", "--dim", 9)
    assert refused.code == 2
    assert "has dimension 6, you gave --dim 9" in refused.err
