"""A moved run resumes with the same bits, the text moved too or not, or says what to add."""

import shutil

import pytest

import w2v_cli
from reported.inputs import QUICK, TEXT

AGAIN = ["train", "--resume", "--out", "run", "--epochs", "2"]


@pytest.fixture
def home(w2v, tmp_path, monkeypatch):
    """A folder with a text, a list, a set of pairs and a run of one epoch; we are in it."""
    (home := tmp_path / "home").mkdir()
    (home / "t.txt").write_text(TEXT)
    (home / "stop.txt").write_text("the\n")
    (home / "pairs.tsv").write_text("king\tqueen\t9\nman\ttea\t1\nqueen\tmilk\t2\n")
    monkeypatch.chdir(home)
    lists = ["--stop-words", "stop.txt", "--eval", "pairs.tsv"]
    assert w2v("train", "t.txt", *QUICK, *lists, "--out", "run").code == 0
    return home


@pytest.fixture
def right(w2v, home, tmp_path, monkeypatch):
    """The bits of two epochs at home."""
    shutil.copytree(home / "run", home / "copy")
    assert w2v("train", "--resume", "--out", "copy", "--epochs", "2").code == 0
    found = bits("copy")
    shutil.rmtree(home / "copy")
    return found


def bits(run):
    """The words and the vectors of a run of the current folder."""
    vectors = w2v_cli.load(run, vectors="concat")
    return vectors.words, vectors.matrix.tobytes()


@pytest.mark.parametrize("cache", ["with its encoded text", "without"])
def test_a_moved_run_resumes_from_anywhere(w2v, home, right, tmp_path, monkeypatch, cache):
    """Right: the same bits as at home, whatever the current folder."""
    (there := tmp_path / "there").mkdir()
    shutil.move(home / "run", there / "run")
    if cache == "without":
        shutil.rmtree(there / "run" / "cache")
    monkeypatch.chdir(there)
    result = w2v(*AGAIN)
    assert result.code == 0, result.err
    assert bits("run") == right


def test_where_the_text_was_moved_too_the_message_says_what_to_add(
    w2v, home, right, tmp_path, monkeypatch
):
    """Right: each missing file is named with its option; once all are given, the run knows them."""
    shutil.rmtree(home / "run" / "cache")
    home.rename(there := tmp_path / "there")
    monkeypatch.chdir(there)
    given = []
    for asked, more in (
        ("--eval FOLDER/pairs.tsv", ["--eval", "pairs.tsv"]),
        ("FOLDER/t.txt", ["t.txt"]),
        ("--stop-words FOLDER/stop.txt", ["--stop-words", "stop.txt"]),
    ):
        result = w2v(*AGAIN, *given)
        assert result.code == 1
        assert f"add {asked}" in result.err
        given += more
    result = w2v(*AGAIN, *given)
    assert result.code == 0, result.err
    assert bits("run") == right
    shutil.rmtree(there / "run" / "cache")
    assert w2v(*AGAIN[:-1], "3").code == 0  # nothing has to be named again
    assert str(home) not in (there / "run" / "config.toml").read_text()


def test_with_its_encoded_text_a_run_needs_only_its_pairs(w2v, home, right, tmp_path, monkeypatch):
    """Right: the text and the lists may be gone for good."""
    (there := tmp_path / "there").mkdir()
    for name in ("run", "pairs.tsv"):
        shutil.move(home / name, there / name)
    shutil.rmtree(home)
    monkeypatch.chdir(there)
    result = w2v(*AGAIN, "--eval", "pairs.tsv")
    assert result.code == 0, result.err
    assert bits("run") == right


def test_another_text_or_another_file_is_no_moved_one(w2v, home, right, tmp_path, monkeypatch):
    """Right: what is in a file decides; a wrong one is refused, and the right one then read."""
    (other := tmp_path / "other").mkdir()
    (other / "t.txt").write_text(TEXT + "another line\n")
    result = w2v(*AGAIN, other / "t.txt")  # ours is still there
    assert result.code == 1
    assert "other settings" in result.err
    shutil.rmtree(home / "run" / "cache")
    (home / "t.txt").rename(home / "renamed.txt")
    result = w2v(*AGAIN, "renamed.txt")
    assert result.code == 1
    result = w2v(*AGAIN, other / "t.txt")
    assert result.code == 1
    assert "the text has changed" in result.err
    (home / "renamed.txt").rename(home / "t.txt")
    result = w2v(*AGAIN)
    assert result.code == 0, result.err
    assert bits("run") == right
