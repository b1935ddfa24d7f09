"""Stopping a training: signals, closed streams, and other processes in its folder."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from conftest import ROOT

from w2v_cli.commands.progress import StopSignals
from w2v_cli.vectors.run_vectors import read_run_vectors

LONG = ["--engine", "reference", "--dim", "5", "--min-count", "1", "--epochs", "60"]
SHORT = [*LONG[:-1], "2"]
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
ENGINES = {
    "reference": ["--engine", "reference", "--epochs", "4000"],
    "sampled": ["--engine", "sampled", "--epochs", "100000"],
    "deterministic": ["--engine", "sampled", "--deterministic", "--epochs", "100000"],
    "exact": ["--loss", "naive-softmax", "--engine", "exact", "--epochs", "100000"],
}


def w2v_process(*arguments, **streams):
    return subprocess.Popen(
        [sys.executable, "-m", "w2v_cli", "train", *map(str, arguments)],
        cwd=ROOT,
        text=True,
        **{"stderr": subprocess.PIPE, "stdout": subprocess.PIPE, **streams},
    )


def wait_for(condition, process, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def has_trained(run):
    return (run / "vectors.safetensors").exists


@pytest.mark.parametrize(
    ("engine", "number"),
    [("reference", number) for number in CODES]
    + [(engine, signal.SIGTERM) for engine in ENGINES if engine != "reference"],
)
def test_a_signal_writes_a_checkpoint_with_every_engine(text, tmp_path, engine, number):
    run = tmp_path / "run"
    process = w2v_process(text, "--out", run, "--min-count", 1, "--dim", 5, *ENGINES[engine])
    wait_for(has_trained(run), process)
    os.kill(process.pid, number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (CODES[number], ""), err
    assert f"w2v train --resume --out {run}" in err
    assert "Traceback" not in err
    assert not (run / ".lock").exists()
    newest = max(run.glob("checkpoints/0*"))
    from w2v_cli.training.saved_state import read_checkpoint

    lines = (run / "metrics.jsonl").stat().st_size
    assert read_checkpoint(newest).position["metrics_bytes"] == lines


@pytest.mark.parametrize("number", CODES)
def test_a_signal_while_text_is_read_stops_within_two_seconds(tmp_path, number):
    big = tmp_path / "big.txt"
    ids = np.random.default_rng(1).integers(0, 50_000, size=(200_000, 20))
    big.write_text("\n".join(" ".join(map(str, line)) for line in ids.tolist()))
    run = tmp_path / "run"
    process = w2v_process(big, "--out", run, *SHORT, "--tokenizer", "whitespace")
    wait_for((run / "cache").exists, process)
    began = time.monotonic()
    os.kill(process.pid, number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == CODES[number], err
    assert time.monotonic() - began < 2
    assert "Traceback" not in err
    assert not run.exists()


def test_a_second_signal_ends_at_once(text, tmp_path):
    """The first one cannot be obeyed: the unit at work never ends."""
    script = """
import os, signal, sys, time
from w2v_cli.commands.progress import StopSignals
with StopSignals() as signals:
    signals.defer()
    os.kill(os.getpid(), signal.SIGTERM)
    assert signals.received == signal.SIGTERM
    os.kill(os.getpid(), signal.SIGHUP)
    time.sleep(30)
"""
    began = time.monotonic()
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert result.returncode == 129
    assert time.monotonic() - began < 20


def test_a_training_under_nohup_goes_on_when_the_terminal_closes(text, tmp_path):
    run = tmp_path / "run"
    process = w2v_process(
        text, "--out", run, *LONG, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    )
    wait_for(has_trained(run), process)
    os.kill(process.pid, signal.SIGHUP)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err


@pytest.mark.parametrize("stream", ["broken", "full", "closed"])
def test_a_stderr_that_nobody_reads_ends_no_training(text, tmp_path, stream):
    run = tmp_path / "run"
    command = [sys.executable, "-m", "w2v_cli", "train", str(text), "--out", str(run), *LONG]
    reader, writer = os.pipe()
    os.close(reader)
    if stream == "closed":
        process = subprocess.Popen(
            ["sh", "-c", 'exec "$@" 2>&-', "sh", *command], cwd=ROOT, stdout=subprocess.PIPE
        )
    else:
        full = open("/dev/full", "w")  # noqa: SIM115
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=full if stream == "full" else writer,
        )
        full.close()
    os.close(writer)
    out, _ = process.communicate(timeout=120)
    assert (process.returncode, out) == (0, f"{run}\n".encode())
    assert read_run_vectors(run).matrix().shape == (60, 5)


@pytest.mark.parametrize("command", ["start", "resume"])
def test_a_second_process_is_refused_and_told_who_trains(text, tmp_path, w2v, command):
    """Review D3: it deleted the running one's files, or wrote into the same metrics."""
    run = tmp_path / "run"
    process = w2v_process(text, "--out", run, *LONG[:-1], "4000", "--checkpoint-every", "0.01")
    wait_for(has_trained(run), process)
    half_written = run / ".vectors.safetensors.0123456789ab.tmp"
    half_written.write_text("of the running one")
    arguments = ["--resume"] if command == "resume" else [text]
    result = w2v("train", *arguments, "--out", run)
    assert result.code == 1
    assert f"in use by process {process.pid} since" in result.err
    assert half_written.exists()
    assert w2v("info", run).code == 0
    assert w2v("neighbors", run, "w1").code == 0
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(60) == 143
    process.communicate()
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [line["n_tokens"] for line in lines] == sorted(line["n_tokens"] for line in lines)


@pytest.mark.parametrize("kind", ["starts", "resumes"])
def test_of_rival_processes_one_trains_and_the_others_are_told(text, tmp_path, w2v, kind):
    run, calm = tmp_path / "run", tmp_path / "calm"
    assert w2v("train", text, "--out", calm, *LONG).code == 0
    arguments = [text, "--out", run, *LONG]
    if kind == "resumes":
        assert w2v("train", text, "--out", run, *SHORT).code == 0
        arguments = ["--resume", "--out", run, "--epochs", "60"]
    rivals = [w2v_process(*arguments) for _ in range(3)]
    errors = [rival.communicate(timeout=120)[1] for rival in rivals]
    codes = [rival.returncode for rival in rivals]
    assert 0 in codes
    for code, error in zip(codes, errors, strict=True):
        assert "Traceback" not in error
        assert code == 0 or "in use" in error or "already contains" in error, error
    assert w2v("train", "--resume", "--out", run).code == 0
    if kind == "starts":
        name = "vectors.safetensors"
        assert (run / name).read_bytes() == (calm / name).read_bytes()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_fifty_pairs_of_rivals(text, tmp_path):
    """Two starts at once, 25 times, and each time two resumes at once."""
    refused = 0
    for i in range(25):
        run = tmp_path / f"run{i}"
        for arguments in ([text, "--out", run, *SHORT], ["--resume", "--out", run]):
            rivals = [w2v_process(*arguments) for _ in range(2)]
            errors = [rival.communicate(timeout=120)[1] for rival in rivals]
            codes = [rival.returncode for rival in rivals]
            assert 0 in codes
            for code, error in zip(codes, errors, strict=True):
                assert code == 0 or "in use" in error or "already contains" in error, error
            refused += codes.count(1)
        names = sorted(path.name for path in run.iterdir())
        assert ".lock" not in names
        assert read_run_vectors(run).matrix().shape == (60, 5)
        lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        assert [line["epoch"] for line in lines if line["event"] == "epoch"] == [1, 2]
    print(f"\n50 pairs of rivals, {refused} refused, none harmed")


def test_a_signal_during_a_call_from_c_code_is_not_lost():
    """Python ignores what a callback raises; compiled code is loaded with such calls."""

    @ctypes.CFUNCTYPE(None)
    def called_back():
        signal.raise_signal(signal.SIGTERM)

    with pytest.raises(SystemExit) as stopped, StopSignals():
        called_back()
        for _ in range(1000):
            time.sleep(0.01)
    assert stopped.value.code == 143
