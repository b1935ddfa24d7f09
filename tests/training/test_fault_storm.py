"""Kill a run again and again at random moments; what comes out is what a calm run gives.

python -m pytest -m slow tests/training/test_fault_storm.py
"""

import random
import subprocess
import sys
import time

import pytest
from conftest import ROOT

ENGINES = {
    "numpy": ["--engine", "numpy"],
    "numpy-softmax": ["--engine", "numpy", "--loss", "naive-softmax", "--optimizer", "adagrad"],
    "numba": ["--engine", "numba", "--n-threads", "1"],
    "numba-deterministic": ["--engine", "numba", "--n-threads", "2", "--deterministic"],
    "softmax": ["--loss", "naive-softmax", "--engine", "softmax", "--n-threads", "2"],
}
SETTINGS = ["--dim", "20", "--epochs", "30", "--min-count", "2", "--checkpoint-every", "0.05"]
SAMPLE = ROOT / "data" / "sample.txt"


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "w2v_cli", "train", *map(str, arguments)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_killed_many_times_ends_in_the_same_bits(tmp_path, engine):
    arguments = [*SETTINGS, *ENGINES[engine], "--limit-tokens", "60000"]
    calm = start(SAMPLE, "--out", tmp_path / "calm", *arguments)
    began = time.monotonic()
    _, err = calm.communicate()
    seconds = time.monotonic() - began
    assert calm.returncode == 0, err
    assert "training goes on with the NumPy engine" not in err
    rng = random.Random(7)
    storm = tmp_path / "storm"
    kills = 0
    for _ in range(200):
        resume = (storm / "config.toml").exists()
        how = ["--resume", "--out", storm] if resume else [SAMPLE, "--out", storm, *arguments]
        process = start(*how)
        try:
            _, err = process.communicate(timeout=rng.uniform(0.3, 0.6) * seconds)
            assert process.returncode == 0, err
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
    print(f"\n{engine}: killed {kills} times")
    assert kills >= 2
    for name in ("vectors.safetensors", "vocab.tsv", "config.toml"):
        assert (storm / name).read_bytes() == (tmp_path / "calm" / name).read_bytes()
