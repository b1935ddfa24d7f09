"""The proof of moves is itself repeatable: two runs note the same."""

import subprocess
import sys

import pytest
from conftest import ROOT


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_runs_note_the_same(tmp_path):
    script = [sys.executable, str(ROOT / "tests" / "proof_of_moves.py")]
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    subprocess.run([*script, "--out", str(first)], check=True)
    again = [*script, "--out", str(second), "--against", str(first)]
    compared = subprocess.run(again, capture_output=True, text=True, check=False)
    assert compared.returncode == 0, compared.stdout
