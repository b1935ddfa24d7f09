import json
import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT

from w2v_cli.vectors.run_vectors import read_run_vectors

QUICK = ["--engine", "reference", "--dim", "5", "--epochs", "2", "--min-count", "1"]
KEEP_ALL = ["--subsample-threshold", "0"]


def test_train_then_plot(w2v, text, tmp_path):
    run = tmp_path / "run"
    result = w2v("train", text, "--out", run, *QUICK)
    assert (result.code, result.out) == (0, f"{run}\n")
    assert "epoch 2: loss" in result.err
    result = w2v("plot", run, "--words", "w1, w2 unknown", "--out", tmp_path / "p.svg")
    assert result.code == 0
    assert "not in the vocabulary: unknown" in result.err
    assert ">w1<" in (tmp_path / "p.svg").read_text()


def test_metrics_hold_what_the_documentation_promises(w2v, text, tmp_path):
    w2v("train", text, "--out", tmp_path / "run", *QUICK)
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    wanted = {
        "epoch", "progress", "n_tokens", "elapsed_seconds", "words_per_second", "loss", "lr",
    }  # fmt: skip
    for line in lines:
        assert wanted <= json.loads(line).keys()
    assert json.loads(lines[-1])["event"] == "epoch"


def test_the_command_line_beats_the_file_which_beats_the_defaults(w2v, text, tmp_path):
    (tmp_path / "c.toml").write_text(
        '[corpus]\npaths = ["text.txt"]\nmin_count = 1\n[model]\ndim = 7\nwindow = 2\n'
        '[training]\nengine = "reference"\nepochs = 1\n'
    )
    run = tmp_path / "run"
    assert w2v("train", "--config", tmp_path / "c.toml", "--out", run, "--dim", 3).code == 0
    written = (run / "config.toml").read_text()
    assert "dim = 3\n" in written
    assert "window = 2\n" in written
    assert "n_negatives = 5\n" in written
    again = tmp_path / "again"
    assert w2v("train", "--config", run / "config.toml", "--out", again).code == 0
    for name in ("config.toml", "vectors.safetensors", "vocab.tsv"):
        assert (again / name).read_bytes() == (run / name).read_bytes()


def test_without_out_the_run_is_named_after_its_source(w2v, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert w2v("train", text, *QUICK).out == "runs/text\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the corpus is empty"),
        ("a b c d\n", "lower --min-count to 1"),
        ("a a a a a a a a\n", "only 'a'"),
    ],
)
def test_a_corpus_too_small_exits_1_and_leaves_nothing(w2v, tmp_path, content, message):
    (tmp_path / "t.txt").write_text(content)
    result = w2v("train", tmp_path / "t.txt", "--out", tmp_path / "run", "--min-count", "2")
    assert result.code == 1
    assert message in result.err
    assert not (tmp_path / "run").exists()


def test_two_lines_are_enough(w2v, tmp_path):
    (tmp_path / "t.txt").write_text("a b\nb a\n")
    result = w2v("train", tmp_path / "t.txt", "--out", tmp_path / "run", *QUICK, *KEEP_ALL)
    assert result.code == 0
    assert read_run_vectors(tmp_path / "run").matrix().shape == (2, 5)


def test_documents_of_one_word_have_no_pairs_and_exit_1(w2v, tmp_path):
    """Review D8: random vectors and exit 0."""
    (tmp_path / "t.txt").write_text("a\nb\na\nb\n")
    result = w2v("train", tmp_path / "t.txt", "--out", tmp_path / "run", *QUICK)
    assert result.code == 1
    assert "no pairs to learn from" in result.err
    assert not (tmp_path / "run").exists()


def test_a_text_whose_words_are_all_subsampled_away_exits_1_without_vectors(w2v, tmp_path):
    (tmp_path / "t.txt").write_text("a b\nb a\n")
    threshold = ["--subsample-threshold", "1e-12"]
    result = w2v("train", tmp_path / "t.txt", "--out", tmp_path / "run", *QUICK, *threshold)
    assert result.code == 1
    assert "--subsample-threshold 0" in result.err
    assert not (tmp_path / "run" / "vectors.safetensors").exists()


@pytest.mark.parametrize("engine", ["reference", "sampled"])
def test_a_loss_far_above_its_start_exits_1(w2v, text, tmp_path, engine):
    """Review D8: a loss of 2e28, vectors written and exit 0."""
    settings = ["--engine", engine, "--min-count", "1", "--lr", "30"]
    result = w2v("train", text, "--out", tmp_path / "run", *settings)
    assert result.code == 1
    assert "training diverged" in result.err
    assert "lower --lr" in result.err
    assert not (tmp_path / "run" / "vectors.safetensors").exists()


def test_vectors_that_hardly_moved_get_a_warning(w2v, text, tmp_path):
    result = w2v("train", text, "--out", tmp_path / "run", *QUICK, "--lr", "1e-9")
    assert result.code == 0
    assert "the vectors hardly moved" in result.err
    learned = w2v("train", text, "--out", tmp_path / "two", *QUICK, "--lr", "0.1")
    assert "note:" not in learned.err


def test_a_text_in_another_encoding_gets_a_plain_warning(w2v, text, tmp_path):
    bad = tmp_path / "latin1.txt"
    bad.write_bytes(text.read_bytes().replace(b"w1 ", b"w\xe9 "))
    result = w2v("train", bad, "--out", tmp_path / "run", *QUICK)
    assert result.code == 0
    assert "probably in another encoding" in result.err


def test_a_text_that_changes_between_the_passes_exits_1(w2v, text, tmp_path, monkeypatch):
    """Review D8: 65,112 words counted, 30 encoded, and no notice."""
    import reference_reader

    from w2v_cli.text import plan as reading
    from w2v_cli.text import prepare

    original = reading.build_vocabulary

    def change(*arguments, **options):
        text.write_text(text.read_text()[:1000])
        return original(*arguments, **options)

    monkeypatch.setattr(reading, "build_vocabulary", change)
    monkeypatch.setattr(prepare, "read_corpus", reference_reader.read_corpus)  # it reads twice
    result = w2v("train", text, "--out", tmp_path / "run", *QUICK)
    assert result.code == 1
    assert "changed while it was read" in result.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nowhere.txt"], 1, "no such file or folder: "),
        ([], 2, "no corpus"),
        (["text.txt", "--dim", "0"], 2, "0 is not in the range 1<=x<=100000"),
        (["text.txt", "--dim", "many"], 2, "not a valid integer"),
        (["text.txt", "--loss", "hs"], 2, "negative-sampling"),
        (["text.txt", "--config", "none.toml"], 2, "none.toml"),
        (["text.txt", "--out", "text.txt"], 1, "not an empty folder"),
    ],
)
def test_wrong_calls(w2v, text, tmp_path, monkeypatch, arguments, code, message):
    monkeypatch.chdir(tmp_path)
    out = [] if "--out" in arguments else ["--out", "run"]
    result = w2v("train", *arguments, *out)
    assert result.code == code
    assert message in result.err
    assert result.out == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == ["text.txt"]


@pytest.mark.parametrize(
    ("flag", "ours"),
    [
        ("--size", "--dim"),
        ("-size", "--dim"),
        ("--vector-size", "--dim"),
        ("--vector_size", "--dim"),
        ("--iter", "--epochs"),
        ("--ws", "--window"),
        ("-window", "--window"),
        ("--negative", "--n-negatives"),
        ("-minCount", "--min-count"),
        ("--workers", "--n-threads"),
        ("--alpha", "--lr"),
        ("--n_negatives", "--n-negatives"),
        ("--wndow", "--window"),
        ("--cbow", "--model cbow"),
    ],
)
def test_names_of_other_tools_are_answered_with_ours(w2v, flag, ours):
    result = w2v("train", "corpus.txt", flag, "5")
    assert result.code == 2
    assert ours in result.err


def run_in_background(arguments, **kwargs):
    return subprocess.Popen(
        [sys.executable, "-m", "w2v_cli", "train", *map(str, arguments)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **kwargs,
    )


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


LONG = [
    "--engine", "reference", "--dim", "5", "--min-count", "1", "--epochs", "40",
    "--checkpoint-every", "0.01",
]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_stopped_by_a_signal_and_resumed_gives_the_same_bits(w2v, text, tmp_path, number, code):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    assert w2v("train", text, "--out", whole, *LONG).code == 0
    process = run_in_background([text, "--out", stopped, *LONG])
    wait_for(lambda: list(stopped.glob("checkpoints/0*")) or process.poll() is not None)
    os.kill(process.pid, number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert "Traceback" not in err
    if code > 0:
        assert f"w2v train --resume --out {stopped}" in err
    assert w2v("train", "--resume", "--out", stopped).code == 0
    assert (stopped / "vectors.safetensors").read_bytes() == (
        whole / "vectors.safetensors"
    ).read_bytes()
    assert w2v("train", "--resume", "--out", stopped).code == 0


def test_standard_input(tmp_path):
    process = run_in_background(
        ["-", "--out", tmp_path / "run", *QUICK, *KEEP_ALL], stdin=subprocess.PIPE
    )
    _, err = process.communicate("the cat\nthe dog\n", timeout=60)
    assert process.returncode == 0, err
    assert read_run_vectors(tmp_path / "run").words == ["the", "cat", "dog"]


def test_training_can_end_with_the_picture(w2v, text, tmp_path):
    (tmp_path / "words.txt").write_text("king queen man woman rain snow\n" * 20)
    run = tmp_path / "run"
    result = w2v("train", tmp_path / "words.txt", "--out", run, *QUICK, "--plot")
    assert result.code == 0, result.err
    assert result.out.split("\n")[:2] == [str(run), str(run / "plot.png")]
    assert (run / "plot.png").stat().st_size > 1000


def test_the_default_says_what_it_chose_and_config_toml_holds_it(w2v, text, tmp_path):
    result = w2v("train", text, "--out", tmp_path / "run", "--dim", 4)
    assert result.code == 0
    assert "note: 100 epochs, learning rate" in result.err
    written = (tmp_path / "run" / "config.toml").read_text()
    assert "epochs = 100\n" in written
    assert "auto" not in written
    assert result.err.count("epoch ") < 40  # not a line for each


def test_minutes_become_epochs_and_then_it_is_an_ordinary_run(w2v, text, tmp_path):
    run, again = tmp_path / "run", tmp_path / "again"
    quick = ["--engine", "reference", "--dim", 4, "--min-count", 1, "--seed", 3]
    result = w2v("train", text, "--out", run, "--minutes", 0.02, *quick)
    assert result.code == 0, result.err
    assert "into 0.02 minutes" in result.err or "left of 0.02 minutes" in result.err
    assert "minutes =" not in (run / "config.toml").read_text()
    assert w2v("train", "--config", run / "config.toml", "--out", again).code == 0
    for name in ("config.toml", "vectors.safetensors"):
        assert (again / name).read_bytes() == (run / name).read_bytes()
    assert w2v("train", "--resume", "--out", run, "--epochs", "auto").code == 0
    result = w2v("train", "--resume", "--out", run, "--minutes", 1)
    assert (result.code, "--minutes sets the number of epochs" in result.err) == (2, True)


def test_minutes_and_epochs_contradict_each_other(w2v, text, tmp_path):
    result = w2v("train", text, "--out", tmp_path / "run", "--minutes", 1, "--epochs", 3)
    assert result.code == 2
    assert "--epochs and --minutes exclude each other" in result.err
    assert not (tmp_path / "run").exists()
