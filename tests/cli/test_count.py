"""`w2v count`, training on counts, `w2v count --merge`: as a user would."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SETTINGS = ("--window", 3, "--subsample-threshold", 0.01, "--min-count", 2)
TRAINING = ("--dim", 6, "--epochs", 3, "--seed", 2, "--n-threads", 1)


@pytest.fixture
def counts(w2v, text, tmp_path):
    done = w2v("count", text, "--out", tmp_path / "counts", *SETTINGS)
    assert done.code == 0, done.err
    assert done.out == f"{tmp_path / 'counts'}\n"
    return tmp_path / "counts"


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
def test_training_on_counts_gives_the_vectors_of_training_on_the_text(
    w2v, text, counts, tmp_path, loss
):
    common = ("--engine", "exact", "--loss", loss, *TRAINING)
    assert w2v("train", text, "--out", tmp_path / "text", *SETTINGS, *common).code == 0
    done = w2v("train", counts, "--out", tmp_path / "run", "--loss", loss, *TRAINING)
    assert done.code == 0, done.err
    for name in ("vocab.tsv",):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "text" / name).read_bytes()
    a, b = (w2v("neighbors", tmp_path / run, "w1", "--json").out for run in ("text", "run"))
    assert json.loads(a) == json.loads(b)
    config = (tmp_path / "run" / "config.toml").read_text()
    assert "window = 3" in config
    assert 'engine = "exact"' in config


def test_the_run_resumes_extends_and_can_be_used(w2v, counts, tmp_path):
    run = tmp_path / "run"
    assert w2v("train", counts, "--out", run, *TRAINING).code == 0
    assert w2v("train", "--resume", "--out", run, "--epochs", 4).code == 0
    for command in (("info", run), ("gradcheck", run), ("plot", run, "--top", 20)):
        done = w2v(*command)
        assert done.code == 0, done.err
    again = w2v("train", "--config", run / "config.toml", "--out", tmp_path / "again")
    assert again.code == 0, again.err


@pytest.mark.parametrize("loss", ["naive-softmax", "negative-sampling"])
def test_subwords_train_on_counts_as_on_the_text(w2v, text, counts, tmp_path, loss):
    common = ("--loss", loss, "--subwords", "2-3", "--buckets", 50, *TRAINING)
    done = w2v("train", counts, "--out", tmp_path / "run", *common)
    assert done.code == 0, done.err
    on_text = ("--engine", "exact", *SETTINGS, *common)
    assert w2v("train", text, "--out", tmp_path / "text", *on_text).code == 0
    a, b = (w2v("vector", tmp_path / run, "w1", "unseen").out for run in ("run", "text"))
    assert a == b
    assert len(a.splitlines()) == 2
    rated = tmp_path / "rated.tsv"
    rated.write_text("w1\tw2\t3\nw1\tw3\t2\nw2\tw4\t1\nw3\tw5\t5\n")
    for command in (
        ("info", tmp_path / "run"),
        ("evaluate", tmp_path / "run", rated),
        ("gradcheck", tmp_path / "run"),
        ("plot", tmp_path / "run", "--top", 20),
    ):
        done = w2v(*command)
        assert done.code == 0, done.err


def test_a_resume_notices_other_counts(w2v, text, counts, tmp_path):
    run = tmp_path / "run"
    assert w2v("train", counts, "--out", run, *TRAINING).code == 0
    for path in counts.iterdir():
        path.unlink()
    counts.rmdir()
    text.write_text(text.read_text() * 2)
    assert w2v("count", text, "--out", counts, *SETTINGS).code == 0
    done = w2v("train", "--resume", "--out", run, "--epochs", 9)
    assert done.code == 1
    assert "corpus" in done.err


def test_a_resume_without_its_counts_names_them(w2v, counts, tmp_path):
    run = tmp_path / "run"
    assert w2v("train", counts, "--out", run, *TRAINING).code == 0
    counts.rename(tmp_path / "moved")
    done = w2v("train", "--resume", "--out", run, "--epochs", 9)
    assert done.code == 1
    assert str(counts) in done.err


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (("--window", 4), "was made with --window 3, you gave 4"),
        (("--min-count", 7), "was made with --min-count 2, you gave 7"),
        (("--tokenizer", "whitespace"), "was made with --tokenizer words"),
        (("--holdout", 0.1), "--holdout needs the text"),
        (("--engine", "sampled"), "choose --engine exact"),
        (("--engine", "reference"), "choose --engine exact"),
    ],
)
def test_what_needs_the_text_is_refused(w2v, counts, tmp_path, option, message):
    done = w2v("train", counts, "--out", tmp_path / "run", *option)
    assert done.code == 2
    assert message in done.err
    assert not (tmp_path / "run").exists()


def test_settings_that_agree_with_the_counts_are_taken(w2v, counts, tmp_path):
    done = w2v("train", counts, "--out", tmp_path / "run", "--window", 3, *TRAINING)
    assert done.code == 0, done.err


def test_counts_are_the_only_corpus(w2v, text, counts, tmp_path):
    done = w2v("train", counts, text, "--out", tmp_path / "run")
    assert done.code == 2
    assert "count --merge" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("-",), 2, "give a file"),
        (("{text}", "--limit-tokens", 5), 2, "--limit-tokens"),
        (("missing.txt",), 1, "no such file"),
        (("{text}", "--cluster", "local:none"), 2, "local:2"),
        (("{text}", "--min-count", 100000), 1, "--min-count"),
    ],
)
def test_bad_input_leaves_nothing_behind(w2v, text, tmp_path, arguments, code, message):
    arguments = [text if a == "{text}" else a for a in arguments]
    done = w2v("count", *arguments, "--out", tmp_path / "counts")
    assert done.code == code, done.err
    assert message in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "counts" / "counts.json").exists()


@pytest.fixture
def halves(w2v, text, tmp_path):
    """Counts of two halves of a text and of both, by the vocabulary of the whole."""
    lines = text.read_text().splitlines(keepends=True)
    parts = {"a": lines[: len(lines) // 3], "b": lines[len(lines) // 3 :], "both": lines}
    for name, some in parts.items():
        (tmp_path / f"{name}.txt").write_text("".join(some))
    vocabulary = tmp_path / "v.tsv"
    assert w2v("vocab", text, "--min-count", 2, "--out", vocabulary).code == 0
    for name in parts:
        done = w2v(
            "count", tmp_path / f"{name}.txt", "--vocab", vocabulary, "--out", tmp_path / name,
            "--window", 3, "--subsample-threshold", 0.01,
        )  # fmt: skip
        assert done.code == 0, done.err
    return tmp_path


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_merged_counts_are_those_of_both_texts_byte_for_byte(w2v, halves):
    done = w2v("count", "--merge", halves / "a", halves / "b", "--out", halves / "sum")
    assert done.code == 0, done.err
    assert content(halves / "sum") == content(halves / "both")
    done = w2v("train", halves / "sum", "--out", halves / "run", *TRAINING)
    assert done.code == 0, done.err


def test_pruning_reports_what_is_lost(w2v, halves):
    done = w2v(
        "count",
        "--merge",
        halves / "both",
        "--out",
        halves / "few",
        "--min-pairs",
        1,
        "--max-vocab",
        20,
    )
    assert done.code == 0, done.err
    assert "were dropped" in done.err
    assert len((halves / "few" / "vocab.tsv").read_text().splitlines()) == 20
    done = w2v("count", "--merge", halves / "few", halves / "few", "--out", halves / "sum")
    assert done.code == 1
    assert "was pruned" in done.err


def test_counts_that_do_not_belong_together_are_not_merged(w2v, text, counts, halves):
    done = w2v("count", "--merge", counts, halves / "a", "--out", halves / "sum")
    assert done.code == 1
    assert "vocabulary of its own text" in done.err
    w2v(
        "count",
        text,
        "--vocab",
        halves / "v.tsv",
        "--out",
        halves / "wide",
        "--window",
        4,
        "--subsample-threshold",
        0.01,
    )
    done = w2v("count", "--merge", halves / "a", halves / "wide", "--out", halves / "sum")
    assert done.code == 1
    assert "window" in done.err
    assert not (halves / "sum").exists()
    common = ("--window", 3, "--subsample-threshold", 0.01, "--tokenizer", "whitespace")
    vocabulary = ("--vocab", halves / "v.tsv")
    assert w2v("count", text, *vocabulary, "--out", halves / "split", *common).code == 0
    done = w2v("count", "--merge", halves / "a", halves / "split", "--out", halves / "sum")
    assert done.code == 1
    assert "was made with" in done.err
    assert "tokenizer" in done.err
    assert not (halves / "sum").exists()


def test_a_list_of_words_without_counts_is_no_vocabulary(w2v, text, tmp_path):
    (tmp_path / "words.txt").write_text("w1\nw2\n")
    done = w2v("count", text, "--vocab", tmp_path / "words.txt", "--out", tmp_path / "out")
    assert done.code == 1
    assert "w2v vocab CORPUS --out" in done.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_within_seconds_and_the_same_command_continues(w2v, text, tmp_path, number):
    """The signal comes while pairs are counted: long with so wide a window and such documents."""
    out, command = tmp_path / "out", [sys.executable, "-m", "w2v_cli", "count"]
    big = tmp_path / "big.txt"
    document = " ".join(text.read_text().split())
    big.write_text(f"{document}\n" * 800)
    options = ["--out", out, "--n-threads", 1, "--window", 200, "--min-count", 1]
    process = subprocess.Popen(
        [*map(str, [*command, big, *options])], stderr=subprocess.PIPE, text=True
    )
    while not list(out.glob(".parts/count-words-*.safetensors")):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.02)
    start = time.monotonic()
    process.send_signal(number)
    assert process.wait(timeout=60) == 128 + number
    assert time.monotonic() - start < 5
    assert "repeat the command to continue" in process.stderr.read()
    assert not (out / "counts.json").exists()
    big.write_text(text.read_text())
    assert w2v("count", big, *options).code == 0


@pytest.mark.parametrize("option", ["--window", "--lowercase", "--cluster", "--n-threads"])
def test_an_option_that_a_sum_of_counts_cannot_follow_is_refused(w2v, halves, option):
    value = [] if option == "--lowercase" else ["local:2" if option == "--cluster" else "3"]
    done = w2v("count", "--merge", halves / "a", halves / "b", option, *value, "--out", "sum")
    assert done.code == 2
    assert f"omit {option}" in done.err
    assert not Path("sum").exists()
