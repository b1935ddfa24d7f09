"""Files appear whole or not at all."""

import os
from pathlib import Path

import pytest

from w2v_cli.storage import files
from w2v_cli.storage.atomic import atomic_folder, atomic_write


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def fail_halfway(target: Path, error: type[BaseException]) -> None:
    with atomic_write(target) as file:
        file.write(b"half")
        raise error


def fail_halfway_in_a_folder(target: Path) -> None:
    with atomic_folder(target) as folder:
        (folder / "a").write_text("1")
        raise LookupError


def test_a_new_file_appears_with_its_folder_and_nothing_else(tmp_path):
    target = tmp_path / "deep" / "file.bin"
    with atomic_write(target) as file:
        file.write(b"whole")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert names(target.parent) == ["file.bin"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_the_old_file_and_no_rubbish(tmp_path, error):
    target = tmp_path / "file.bin"
    target.write_bytes(b"old")
    with pytest.raises(error):
        fail_halfway(target, error)
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["file.bin"]


def test_the_order_is_sync_then_rename_then_sync_of_the_folder(tmp_path, monkeypatch):
    seen = []
    real_fsync, real_replace = os.fsync, os.replace

    def fsync(descriptor):
        seen.append("fsync")
        real_fsync(descriptor)

    def replace(source, target):
        seen.append("replace")
        real_replace(source, target)

    monkeypatch.setattr(files.os, "fsync", fsync)
    monkeypatch.setattr(files.os, "replace", replace)
    with atomic_write(tmp_path / "file") as file:
        file.write(b"x")
    assert seen == ["fsync", "replace", "fsync"]


def test_a_library_may_write_by_name(tmp_path):
    with atomic_write(tmp_path / "file") as file:
        Path(file.name).write_bytes(b"by name")
    assert (tmp_path / "file").read_bytes() == b"by name"


def test_a_symbolic_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with atomic_write(tmp_path / "link") as file:
        file.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_folders_and_devices_are_never_replaced(tmp_path):
    for path in (tmp_path, Path(os.devnull)):
        with pytest.raises(OSError, match="regular"), atomic_write(path):
            pass
    assert Path(os.devnull).is_char_device()


def test_the_usual_permissions_are_kept(tmp_path):
    (tmp_path / "plain").touch()
    with atomic_write(tmp_path / "atomic"):
        pass
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_folder_appears_whole(tmp_path):
    target = tmp_path / "model"
    target.mkdir()  # empty: may be replaced
    with atomic_folder(target) as folder:
        (folder / "a").write_text("1")
        (folder / "sub").mkdir()
        (folder / "sub" / "b").write_text("2")
        assert names(target) == []
    assert names(tmp_path) == ["model"]
    assert names(target) == ["a", "sub"]


def test_a_folder_that_fails_or_is_taken_changes_nothing(tmp_path):
    with pytest.raises(LookupError):
        fail_halfway_in_a_folder(tmp_path / "model")
    assert names(tmp_path) == []
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine").touch()
    with pytest.raises(OSError, match="not empty"), atomic_folder(tmp_path / "taken"):
        pass
    assert names(tmp_path / "taken") == ["mine"]
