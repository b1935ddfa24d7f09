"""Published files of vectors open: repeated words, words that are not UTF-8, large files."""

import re

import numpy as np
import pytest

import w2v_cli
from reported.inputs import VECTORS
from w2v_cli import W2VError

ROWS = [(b"king", 1, 0), (b"tea", 0, 1), (b"king", 5, 5), (b"caf\xe9", 1, 1), (b"tea", 7, 7)]


def published(path, rows):
    """Write rows as word2vec's text or binary format does, words as they are."""
    head = b"%d 2\n" % len(rows)
    if path.suffix == ".bin":
        body = b"".join(word + b" " + np.array(x, "<f4").tobytes() + b"\n" for word, *x in rows)
    else:
        body = b"".join(b"%s %d %d\n" % row for row in rows)
    path.write_bytes((head if path.suffix != ".glove" else b"") + body)
    return path


REPEATED = [row for row in ROWS if row[0] != b"caf\xe9"]
LATIN = [ROWS[0], ROWS[1], ROWS[3], (b"\xff\xfe", 2, 2)]
FILES = ["v.vec", "v.bin", "v.txt", "v.glove"]


def notes(text):
    return [line for line in text.splitlines() if "note" in line.lower() or "warning" in line]


@pytest.mark.parametrize("name", FILES)
def test_of_repeated_words_the_first_is_kept_and_one_note_counts_them(w2v, tmp_path, name):
    """Right: two words, a note that says 2 repeated rows were passed over."""
    path = published(tmp_path / name, REPEATED)
    result = w2v("info", path)
    assert result.code == 0, result.err
    assert len(notes(result.err)) == 1
    assert re.search(r"\b2\b", notes(result.err)[0])
    vectors = w2v_cli.load(path)
    assert list(vectors.words) == ["king", "tea"]
    np.testing.assert_array_equal(vectors["king"], [1, 0])


@pytest.mark.parametrize("name", FILES)
def test_words_that_are_not_utf_8_are_kept_with_replacement_characters(w2v, tmp_path, name):
    """Right: four words, a note that counts the 2 that were changed."""
    path = published(tmp_path / name, LATIN)
    result = w2v("info", path)
    assert result.code == 0, result.err
    assert len(notes(result.err)) == 1
    assert re.search(r"\b2\b", notes(result.err)[0])
    assert list(w2v_cli.load(path).words)[:3] == ["king", "tea", "caf\ufffd"]


def test_words_that_become_equal_by_replacement_are_repeated_words(tmp_path):
    """Right: the first is kept, as for any repeated word."""
    path = published(tmp_path / "v.vec", [(b"caf\xe9", 1, 0), (b"caf\xe8", 0, 1), (b"x", 1, 1)])
    vectors = w2v_cli.load(path)
    assert list(vectors.words) == ["caf\ufffd", "x"]
    np.testing.assert_array_equal(vectors["caf\ufffd"], [1, 0])


@pytest.mark.parametrize("rows", [REPEATED, LATIN], ids=["repeated", "not UTF-8"])
@pytest.mark.parametrize("name", FILES)
def test_strict_refuses_as_before(w2v, tmp_path, name, rows):
    """Right: with --strict exit 1 and the word or the line is named."""
    path = published(tmp_path / name, rows)
    for command in (["info", path], ["export", path, tmp_path / "o.npz"]):
        result = w2v(*command, "--strict")
        assert result.code == 1, result.err
        assert "Error" in result.err
    assert not (tmp_path / "o.npz").exists()
    with pytest.raises(W2VError):
        w2v_cli.load(path, strict=True)


@pytest.mark.parametrize("command", ["train", "neighbors", "evaluate", "export", "compare"])
def test_every_command_reads_them(w2v, lines, pairs, tmp_path, command):
    """Right: exit 0, and the note once."""
    path = published(tmp_path / "v.vec", REPEATED)
    more = {
        "train": ["train", lines, "--from", path, "--out", tmp_path / "r", "--epochs", "1",
                  "--dim", "2", "--min-count", "1"],
        "neighbors": ["neighbors", path, "king"],
        "evaluate": ["evaluate", path, pairs],
        "export": ["export", path, tmp_path / "o.npz"],
        "compare": ["compare", path, path],
    }  # fmt: skip
    if command == "evaluate":
        pairs.write_text("king tea 1\ntea king 2\nking king 3\n")
    result = w2v(*more[command])
    assert result.code == 0, result.err
    assert len([line for line in notes(result.err) if "repeat" in line or "twice" in line]) >= 1


@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v.npz", "v.safetensors", "v.glove"])
def test_load_takes_a_limit(vec, tmp_path, name):
    """Right: the first two words with their vectors; more than there are is all of them."""
    w2v_cli.load(vec).save(tmp_path / name)
    vectors = w2v_cli.load(tmp_path / name, limit=2)
    assert list(vectors.words) == ["king", "queen"]
    assert vectors.matrix.shape == (2, 2)
    assert len(w2v_cli.load(tmp_path / name, limit=99)) == 4
    for bad in (0, -1, 1.5, "two"):
        with pytest.raises(W2VError):
            w2v_cli.load(tmp_path / name, limit=bad)


def test_a_limit_reads_no_further(tmp_path):
    """Right: a damaged row behind the limit does not matter, as it does in gensim."""
    (tmp_path / "v.txt").write_text(VECTORS.replace("woman 0.1 0.9", "woman 0.1"))
    assert len(w2v_cli.load(tmp_path / "v.txt", limit=2)) == 2


@pytest.mark.parametrize("source", ["file", "run"])
def test_words_that_are_unknown_are_counted_and_the_rest_is_written(
    w2v, vec, make_run, tmp_path, source
):
    """Right: exit 0, the known words are in the file, a note counts the others."""
    source = vec if source == "file" else make_run("king queen man woman\n" * 20).path
    (tmp_path / "w").write_text("king\nunheard\nqueen\nnever\nof\n")
    result = w2v("export", source, tmp_path / "o.txt", "--words", tmp_path / "w")
    assert result.code == 0, result.err
    assert list(w2v_cli.load(tmp_path / "o.txt").words) == ["king", "queen"]
    assert "3" in result.err


def test_words_of_which_none_is_known_are_an_error(w2v, vec, tmp_path):
    """Right: nothing is written when there is nothing to write."""
    (tmp_path / "w").write_text("unheard\n")
    assert w2v("export", vec, tmp_path / "o.txt", "--words", tmp_path / "w").code == 1
    assert not (tmp_path / "o.txt").exists()
