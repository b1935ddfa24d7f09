"""A folder is held by one process at a time, and by none that has ended."""

import json
import os
import signal
import subprocess
import sys

import pytest
from conftest import ROOT

from w2v_cli.errors import RunError
from w2v_cli.storage.lock import NAME, FolderLock

HOLD = """
import sys
from pathlib import Path
from w2v_cli.storage.lock import FolderLock
lock = FolderLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def test_the_second_process_is_told_who_holds_the_folder(tmp_path, holder):
    with pytest.raises(RunError, match=rf"in use by process {holder.pid} since \d{{4}}-"):
        FolderLock(tmp_path)
    assert json.loads((tmp_path / NAME).read_text())["pid"] == holder.pid


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_is_killed_leaves_no_lock(tmp_path, holder, number):
    os.kill(holder.pid, number)
    holder.wait()
    FolderLock(tmp_path).release()


def test_a_released_lock_leaves_no_file(tmp_path):
    lock = FolderLock(tmp_path)
    with pytest.raises(RunError, match="in use"):
        FolderLock(tmp_path)
    lock.release()
    lock.release()
    assert list(tmp_path.iterdir()) == []
    FolderLock(tmp_path).release()


def test_a_lock_that_is_forgotten_is_released(tmp_path):
    FolderLock(tmp_path)
    FolderLock(tmp_path).release()


def test_a_damaged_note_does_not_hide_the_lock(tmp_path, holder):
    (tmp_path / NAME).write_bytes(b"\xff{")
    with pytest.raises(RunError, match="in use by another process"):
        FolderLock(tmp_path)


def test_a_file_that_was_removed_while_it_was_opened_is_not_the_lock(tmp_path, monkeypatch):
    """The holder removes it between our open and our lock: we must lock the new one."""
    from w2v_cli.storage import lock as lock_module

    original, removed = lock_module._lock, []

    def lock_late(file):
        if not removed:
            removed.append(True)
            (tmp_path / NAME).unlink()
        return original(file)

    monkeypatch.setattr(lock_module, "_lock", lock_late)
    held = FolderLock(tmp_path)
    with pytest.raises(RunError, match="in use"):
        FolderLock(tmp_path)
    held.release()


def test_on_windows_a_byte_far_behind_the_note_is_locked(tmp_path, monkeypatch):
    """The branch for Windows, with a stand-in for its module: what it locks, and who is refused."""
    import importlib.util
    import types

    from w2v_cli.storage import lock

    locked = []

    def locking(descriptor, mode, n_bytes):
        place = os.lseek(descriptor, 0, os.SEEK_CUR)
        if place in locked:
            raise PermissionError
        locked.append(place)
        assert (mode, n_bytes) == (2, 1)

    stand_in = types.SimpleNamespace(locking=locking, LK_NBLCK=2)
    monkeypatch.setitem(sys.modules, "msvcrt", stand_in)
    monkeypatch.setattr(sys, "platform", "win32")
    spec = importlib.util.spec_from_file_location("lock_of_windows", lock.__file__)
    windows = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(windows)
    held = windows.FolderLock(tmp_path)
    with pytest.raises(RunError, match=f"in use by process {os.getpid()}"):
        windows.FolderLock(tmp_path)
    assert locked == [1 << 20]
    held.release()
