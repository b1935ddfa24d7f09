"""Nothing is removed that w2v did not make, whatever its name is."""

import os
from contextlib import suppress

import pytest

import w2v_cli
from reported.inputs import QUICK, SETTINGS, VECTORS, tree
from w2v_cli import W2VError

#: Files of a user's that have names which w2v uses, too.
FOLDERS = {
    "thesis": ["cache/corpus/thesis.txt", "vocab.tsv"],
    "cache": ["cache/corpus/corpus.ids"],
    "holdout": ["cache/holdout/notes.txt"],
    "pairs": ["cache/cooccurrence/mine.txt"],
    "vocab": ["vocab.tsv"],
    "start": ["start.safetensors"],
    "all": ["cache/corpus/vocab.tsv", "cache/corpus/corpus.json", "vocab.tsv", "start.safetensors"],
    "counts": ["counts.json", "vocab.tsv", "counts.safetensors"],
    "others": ["vocab.tsv", "diary.txt"],
}
COMMANDS = [
    "train /nonexistent --out mine",
    "train lines.txt --out mine",
    "train --resume --out mine",
    "train lines.txt --from vec.txt --out mine",
    "train lines.txt --holdout 0.2 --out mine",
    "count lines.txt --out mine",
    "count /nonexistent --out mine",
    "export vec.txt mine --format huggingface",
    "export vec.txt mine --format tensorboard",
]


@pytest.fixture
def mine(lines, vec, tmp_path, monkeypatch):
    """Make a folder with files of the user's: `mine(names)`."""
    monkeypatch.chdir(tmp_path)

    def make(names):
        for name in names:
            path = tmp_path / "mine" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"work of years: {name}\n")
        return tmp_path / "mine"

    return make


def assert_kept(folder, before):
    after = tree(folder)
    assert {name: after.get(name) for name in before} == before


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", FOLDERS)
def test_files_of_the_user_stay(w2v, mine, kind, command):
    """Right: every file that was there is there afterwards, with its bytes."""
    folder = mine(FOLDERS[kind])
    before = tree(folder)
    w2v(*command.split(), *(QUICK if command.startswith("train l") else []))
    assert_kept(folder, before)


@pytest.mark.parametrize("kind", FOLDERS)
def test_python_removes_nothing_either(mine, kind):
    """Right: `w2v_cli.train` leaves the files alone, like the command line."""
    folder = mine(FOLDERS[kind])
    before = tree(folder)
    for more in ({"paths": "nonexistent.txt"}, {"paths": "lines.txt"}, {"resume": True}):
        with suppress(W2VError):
            w2v_cli.train(out=folder, **SETTINGS, **more)
        assert_kept(folder, before)


def test_files_beside_an_unfinished_start_stay(w2v, mine, tmp_path):
    """Right: what a failed start left goes, what the user put beside it stays."""
    assert w2v("train", "/nonexistent", "--out", "mine").code != 0
    folder = mine(["cache/corpus/thesis.txt", "notes.txt"])
    before = tree(folder)
    w2v("train", "lines.txt", *QUICK, "--out", "mine")
    assert_kept(folder, before)


def test_a_failed_start_leaves_no_folder(w2v, tmp_path):
    """Right: as before, a training that cannot begin leaves nothing behind."""
    assert w2v("train", "/nonexistent", "--out", tmp_path / "new").code != 0
    assert not (tmp_path / "new").exists()


def test_clearing_the_cache_leaves_what_is_not_of_it(w2v, lines, corpus_cache, tmp_path):
    """Right: `w2v cache clear` removes entries, and nothing else in that folder."""
    corpus_cache.mkdir(parents=True)
    names = ["notes.txt", "corpora/thesis.txt", "corpora/photos/a.txt", "corpora/vocab.tsv"]
    for name in names:
        path = corpus_cache.parent / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(VECTORS)
    os.utime(corpus_cache / "photos", (1e9, 1e9))
    before = tree(corpus_cache.parent)
    assert w2v("train", lines, *QUICK, "--out", tmp_path / "r").code == 0
    assert w2v("cache", "clear").code == 0
    assert_kept(corpus_cache.parent, before)
