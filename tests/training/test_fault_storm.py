"""Kill a run again and again at random moments; what comes out is what a calm run gives.

python -m pytest -m slow -s tests/training/test_fault_storm.py

Each training is a process of its own that ends by SIGKILL. It is forked from one that has imported
and compiled everything, so that a kill costs a fraction of a second.
"""

import json
import os
import random
import shutil
import signal
import time

import pytest
from conftest import ROOT
from faults.storm import finish

from w2v_cli.settings.config import Config

#: Settings of each run, and epochs for some seconds of work.
SOFTMAX = {"loss": "naive-softmax"}
RUNS = {
    "reference": {"engine": "reference", "epochs": 15},
    "reference-softmax": {"engine": "reference", **SOFTMAX, "optimizer": "adagrad", "epochs": 10},
    "sampled": {"engine": "sampled", "n_threads": 1, "epochs": 60},
    "sampled-deterministic": {
        "engine": "sampled", "n_threads": 2, "deterministic": True, "epochs": 60,
    },
    "exact": {"engine": "exact", "loss": "negative-sampling", "n_threads": 2, "epochs": 60},
    "exact-softmax": {"engine": "exact", **SOFTMAX, "n_threads": 2, "epochs": 60},
}  # fmt: skip
BASE = {
    "paths": str(ROOT / "data" / "sample.txt"), "dim": 20, "min_count": 2, "limit_tokens": 30000,
    "snapshots": 5, "checkpoint_every": 0.02,
}  # fmt: skip
KILLS = 52
TIMED = {"elapsed_seconds", "words_per_second"}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def fork(config, run):
    """Start or resume a run in a process of its own; return its number."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            finish(config, run)
            code = 0
        finally:
            os._exit(code)
    return child


def ended(child):
    """The status of a process that has ended, else None."""
    number, status = os.waitpid(child, os.WNOHANG)
    return status if number else None


def newest_checkpoint(run):
    return max((path.name for path in run.glob("checkpoints/0*")), default="")


def kill(child, run, further, delay):
    """Kill a process some time after its start, or after a new checkpoint; return its status."""
    before = newest_checkpoint(run)
    while further and newest_checkpoint(run) == before:
        if (status := ended(child)) is not None:
            return status
        time.sleep(0.002)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


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
    config = Config(**BASE, **RUNS[name])
    calm, storm = tmp_path / "calm", tmp_path / "storm"
    finish(config, tmp_path / "warm")  # compiles
    began = time.monotonic()
    finish(config, calm)
    seconds = time.monotonic() - began
    rng = random.Random(name)
    kills = runs = early = 0
    while kills < KILLS:
        child = fork(config, storm)
        # A third: while it starts, reads and counts, or whatever it does then.
        status = kill(child, storm, kills % 3 > 0, rng.uniform(0, min(0.5, 4 * seconds / KILLS)))
        if os.WIFSIGNALED(status):
            kills += 1
            early += not newest_checkpoint(storm)
            continue
        assert os.waitstatus_to_exitcode(status) == 0
        assert outcome(storm) == outcome(calm)  # it came to its end: begin again
        shutil.rmtree(storm)
        runs += 1
    finish(config, storm)
    assert outcome(storm) == outcome(calm)
    print(f"\n{name}: killed {kills} times, {early} before a checkpoint, {runs + 1} whole runs")
