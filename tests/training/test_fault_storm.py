"""Kill a run again and again at random moments; what comes out is what a calm run gives.

python -m pytest -m slow tests/training/test_fault_storm.py
"""

import random
import subprocess
import sys
import time

import pytest
from conftest import ROOT

#: Options of each engine, and epochs for some seconds of work.
ENGINES = {
    "reference": (["--engine", "reference"], 15),
    "reference-softmax": (
        ["--engine", "reference", "--loss", "naive-softmax", "--optimizer", "adagrad"],
        8,
    ),
    "sampled": (["--engine", "sampled", "--n-threads", "1"], 300),
    "sampled-deterministic": (["--engine", "sampled", "--n-threads", "2", "--deterministic"], 300),
    "exact": (["--loss", "naive-softmax", "--engine", "exact", "--n-threads", "2"], 300),
}
SETTINGS = ["--dim", "20", "--min-count", "2", "--limit-tokens", "60000"]
SAMPLE = ROOT / "data" / "sample.txt"
KILLS = 8


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


def kill_when_further(process, run, delay):
    """Kill the process some time after it has written a new checkpoint; False if it ended first."""
    before = newest_checkpoint(run)
    while newest_checkpoint(run) == before:
        if process.poll() is not None:
            return False
        time.sleep(0.002)
    time.sleep(delay)
    process.kill()
    process.communicate()
    return process.returncode == -9


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_killed_many_times_ends_in_the_same_bits(tmp_path, engine):
    options, epochs = ENGINES[engine]
    arguments = [*SETTINGS, *options, "--epochs", epochs, "--checkpoint-every", "0.02"]
    calm, storm = tmp_path / "calm", tmp_path / "storm"
    process = start(SAMPLE, "--out", calm, *arguments)
    _, err = process.communicate()
    assert process.returncode == 0, err
    assert "training goes on with the NumPy engine" not in err
    rng = random.Random(7)
    process = start(SAMPLE, "--out", storm, *arguments)
    kills = 0
    while kills < KILLS and kill_when_further(process, storm, rng.uniform(0, 0.2)):
        kills += 1
        process = start("--resume", "--out", storm)
    _, err = process.communicate()
    assert process.returncode == 0, err
    print(f"\n{engine}: killed {kills} times")
    assert kills == KILLS
    for name in ("vectors.safetensors", "vocab.tsv", "config.toml"):
        assert (storm / name).read_bytes() == (calm / name).read_bytes()
