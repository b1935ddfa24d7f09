"""Kill a run again and again at random moments; what comes out is what a calm run gives.

python -m pytest -m slow -s tests/training/test_fault_storm.py
"""

import json
import random
import shutil
import subprocess
import sys
import time

import pytest
from conftest import ROOT

#: Options of each run, and epochs for some seconds of work.
SOFTMAX = ["--loss", "naive-softmax"]
RUNS = {
    "reference": (["--engine", "reference"], 60),
    "reference-softmax": (["--engine", "reference", *SOFTMAX, "--optimizer", "adagrad"], 40),
    "sampled": (["--engine", "sampled", "--n-threads", "1"], 400),
    "sampled-deterministic": (["--engine", "sampled", "--n-threads", "2", "--deterministic"], 400),
    "exact": (["--engine", "exact", "--loss", "negative-sampling", "--n-threads", "2"], 300),
    "exact-softmax": (["--engine", "exact", *SOFTMAX, "--n-threads", "2"], 300),
}
SETTINGS = ["--dim", "20", "--min-count", "2", "--limit-tokens", "60000", "--snapshots", "5"]
SAMPLE = ROOT / "data" / "sample.txt"
KILLS = 52
TIMED = {"elapsed_seconds", "words_per_second"}


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "w2v_cli", "train", *map(str, arguments)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


def newest_checkpoint(run):
    return max((path.name for path in run.glob("checkpoints/0*")), default="")


def kill_at_any_time(process, delay):
    """Kill the process some time after its start; False if it ended first."""
    time.sleep(delay)
    process.kill()
    process.communicate()
    return process.returncode == -9


def kill_when_further(process, run, delay):
    """Kill the process some time after it has written a new checkpoint; False if it ended first."""
    before = newest_checkpoint(run)
    while newest_checkpoint(run) == before:
        if process.poll() is not None:  # it ended
            return False
        time.sleep(0.002)
    return kill_at_any_time(process, delay)


def outcome(run):
    """All bits of a run that the clock does not make, and which files there are."""
    names = [str(path.relative_to(run)) for path in run.rglob("*")]
    names = [name for name in names if not name.startswith("checkpoints/0")]  # by the clock
    bits = {name: (run / name).read_bytes() for name in names if name.endswith(".safetensors")}
    for name in ("vocab.tsv", "config.toml"):
        bits[name] = (run / name).read_bytes()
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    metrics = [{key: x for key, x in line.items() if key not in TIMED} for line in lines]
    return bits, metrics, sorted(names)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", RUNS)
def test_a_run_killed_many_times_ends_in_the_same_bits(tmp_path, name):
    options, epochs = RUNS[name]
    arguments = [*SETTINGS, *options, "--epochs", epochs, "--checkpoint-every", "0.02"]
    calm, storm = tmp_path / "calm", tmp_path / "storm"
    began = time.monotonic()
    process = start(SAMPLE, "--out", calm, *arguments)
    _, err = process.communicate()
    assert process.returncode == 0, err
    calm_seconds = time.monotonic() - began
    rng = random.Random(name)
    kills = starts = early = 0
    while kills < KILLS:
        is_run = (storm / "config.toml").exists()
        process = start(*(["--resume"] if is_run else [SAMPLE, *arguments]), "--out", storm)
        if kills % 3 == 0:  # while it starts, reads, counts, compiles, or trains
            killed = kill_at_any_time(process, rng.uniform(0, 1.5))
        else:
            killed = kill_when_further(
                process, storm, rng.uniform(0, min(1.0, calm_seconds / KILLS))
            )
        if not killed:  # it came to its end: begin again
            assert process.returncode == 0, process.communicate()[1]
            assert outcome(storm) == outcome(calm)
            shutil.rmtree(storm)
            starts += 1
            continue
        kills += 1
        early += not newest_checkpoint(storm)
    process = start(*(["--resume"] if (storm / "config.toml").exists() else [SAMPLE, *arguments]),
                    "--out", storm)  # fmt: skip
    _, err = process.communicate()
    assert process.returncode == 0, err
    assert outcome(storm) == outcome(calm)
    print(f"\n{name}: killed {kills} times, {early} before a checkpoint, {starts + 1} whole runs")
