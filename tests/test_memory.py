"""Memory is asked for before it is taken."""

import subprocess
import sys

import pytest

from w2v_cli import memory
from w2v_cli.errors import DataError, RunError


def test_what_the_machine_has_free_is_known():
    free = memory.available_memory()
    assert free is None or 0 < free < 2**60


def test_the_least_of_machine_container_and_process_counts(tmp_path, monkeypatch):
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(memory, "_CONTAINERS", (str(limit),))
    for content, most in (("max\n", 2**60), (f"{2**62}\n", 2**60), ("1000\n", 1)):
        limit.write_text(content)
        assert memory.available_memory() <= most


def test_a_limit_of_the_process_counts():
    pytest.importorskip("resource")
    script = (
        "import resource; from w2v_cli.memory import available_memory;"
        "resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30));"
        "print(available_memory())"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert 0 < int(result.stdout) < 2**30


def test_too_much_is_refused_with_both_sizes(monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: 2**30)
    memory.ask_for(2**30, "v.bin: vectors", "take fewer")
    with pytest.raises(DataError, match=r"vectors need at least 2\.0 GiB .* 1\.0 GiB are free; ta"):
        memory.ask_for(2**31, "v.bin: vectors", "take fewer")
    with pytest.raises(RunError):
        memory.ask_for(2**31, "vectors", "take fewer", RunError)


def test_a_system_that_says_nothing_refuses_nothing(monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: None)
    memory.ask_for(1e300, "vectors", "take fewer")
