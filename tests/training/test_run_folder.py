"""What may be done to a folder before it is trained in."""

import pytest

from w2v_cli.errors import RunError
from w2v_cli.storage import lock
from w2v_cli.training.run_folder import RunFolder


def test_a_file_is_not_a_folder(tmp_path):
    (tmp_path / "run").write_text("mine")
    with pytest.raises(RunError, match="not an empty folder"):
        RunFolder(tmp_path / "run").open_new()
    assert (tmp_path / "run").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RunError, match="cannot create"):
        RunFolder(tmp_path / "file" / "run").open_new()


def test_a_run_with_a_bad_configuration_is_not_kept_locked(tmp_path):
    (tmp_path / "config.toml").write_text("no = [")
    with pytest.raises(RunError, match="not valid TOML"):
        RunFolder(tmp_path).open_run()
    lock.FolderLock(tmp_path).release()


def test_unlocking_what_was_never_locked_does_nothing(tmp_path):
    RunFolder(tmp_path).unlock()


@pytest.mark.parametrize("existed", [True, False])
def test_a_failed_start_takes_only_the_folder_that_it_made(tmp_path, existed):
    path = tmp_path / "run"
    if existed:
        path.mkdir()
    folder = RunFolder(path)
    folder.open_new()
    folder.clear_failed_start()
    assert path.exists() == existed
    assert not existed or list(path.iterdir()) == []


def test_what_a_killed_start_made_is_removed_and_nothing_else(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.open_new()
    folder.will_make(folder.cache, folder.corpus / "corpus.ids", folder.vocabulary)
    folder.corpus.mkdir(parents=True)
    for path in (folder.corpus / "corpus.ids", folder.vocabulary, folder.corpus / "mine.txt"):
        path.write_text("words")
    folder.unlock()
    with pytest.raises(RunError, match="not an empty folder"):
        RunFolder(tmp_path / "run").open_new()
    assert folder.vocabulary.exists()
    (folder.corpus / "mine.txt").unlink()
    again = RunFolder(tmp_path / "run")
    again.open_new()
    assert [path.name for path in again.path.iterdir()] == [lock.NAME]
    again.unlock()


def test_a_forged_list_of_made_files_reaches_no_other_file(tmp_path):
    (tmp_path / "mine.txt").write_text("words")
    run = tmp_path / "run"
    run.mkdir()
    (run / ".unfinished").write_text("../mine.txt\ncache/corpus/../../../mine.txt\n/etc/passwd\n")
    folder = RunFolder(run)
    folder.open_new()
    folder.unlock()
    assert (tmp_path / "mine.txt").exists()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\n", b"vocab.tsv", b"\n\n", b"cache\ncache/x"])
def test_whatever_is_in_the_list_a_new_run_starts_or_is_refused(tmp_path, content):
    (tmp_path / ".unfinished").write_bytes(content)
    folder = RunFolder(tmp_path)
    folder.open_new()
    folder.unlock()
    assert list(tmp_path.iterdir()) == []
