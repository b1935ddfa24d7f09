"""Folders with all that is in them, and file systems that lack something."""

import errno
import os

import pytest

from w2v_cli.errors import RunError
from w2v_cli.storage import files, lock
from w2v_cli.storage.folders import make_folders, remove_leftovers, remove_tree


def test_a_tree_is_removed_but_not_what_its_links_point_at(tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("mine")
    tree = tmp_path / "tree"
    make_folders(tree / "a" / "b")
    (tree / "a" / "file").write_text("x")
    (tree / "a" / "link").symlink_to(tmp_path / "precious")
    (tmp_path / "link").symlink_to(tmp_path / "precious")
    remove_tree(tree)
    remove_tree(tmp_path / "link")
    remove_tree(tmp_path / "missing")
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]
    assert (tmp_path / "precious" / "file").read_text() == "mine"


def test_only_our_own_leftovers_are_removed(tmp_path):
    for name in (".mine.tmp", ".x.0123456789ab.tmp.bak", "x.0123456789ab.tmp"):
        (tmp_path / name).write_text("precious")
    (tmp_path / ".x.0123456789ab.tmp").write_text("half")
    (tmp_path / ".0123456789ab.tmp").mkdir()
    remove_leftovers(tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(("number", "passes"), [(errno.EINVAL, True), (errno.EIO, False)])
def test_a_file_system_that_syncs_no_folders_is_used_all_the_same(
    tmp_path, monkeypatch, number, passes
):
    def refuse(descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(files.os, "fsync", refuse)
    if passes:
        files.sync_folder(tmp_path)
    else:
        with pytest.raises(OSError, match="Input/output"):
            files.sync_folder(tmp_path)


@pytest.mark.parametrize(("number", "passes"), [(errno.ENOLCK, True), (errno.EIO, False)])
def test_a_file_system_without_locks_is_used_all_the_same(tmp_path, monkeypatch, number, passes):
    fcntl = pytest.importorskip("fcntl")

    def refuse(*arguments):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    if passes:
        lock.FolderLock(tmp_path).release()
    else:
        with pytest.raises((OSError, RunError), match="Input/output"):
            lock.FolderLock(tmp_path)


def test_windows_needs_no_flush_of_a_folder(monkeypatch, tmp_path):
    opened = []
    monkeypatch.setattr(files.os, "open", lambda *arguments: opened.append(arguments))
    with monkeypatch.context() as patch:
        patch.setattr(files.os, "name", "nt")
        files.sync_folder(tmp_path)
    assert opened == []


def test_a_link_is_a_second_name(tmp_path):
    (tmp_path / "a").write_text("x")
    files.link(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a").stat().st_ino == (tmp_path / "b").stat().st_ino
    with pytest.raises(FileExistsError):
        files.link(tmp_path / "a", tmp_path / "b")
