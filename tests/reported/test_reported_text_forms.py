"""What is read is what the file says: marks, line ends, joiners, packed files, pipes."""

import json

import numpy as np
import pytest

import w2v_cli
from reported.inputs import (
    PAIRS,
    QUICK,
    SETTINGS,
    TEXT,
    VECTORS,
    WORDS,
)

BOM = "\ufeff".encode()
GLOVE = VECTORS.split("\n", 1)[1]


def counted(w2v, path, *options):
    """Count the words of a text; returns {word: count}."""
    result = w2v("vocab", path, "--min-count", "1", "--top", "1000", "--json", *options)
    assert result.code == 0, result.err
    return {row["word"]: row["count"] for row in json.loads(result.out)["top"]}


# A byte order mark is no part of the first word.


@pytest.mark.parametrize("content", [VECTORS, GLOVE], ids=["with header", "without"])
@pytest.mark.parametrize("name", ["v.txt", "v.vec", "v.glove.txt", "v"])
def test_a_mark_before_vectors_is_dropped(tmp_path, content, name):
    """Right: the first word is `king`."""
    (tmp_path / name).write_bytes(BOM + content.encode())
    assert list(w2v_cli.load(tmp_path / name).words) == WORDS


def test_a_mark_before_a_configuration_is_dropped(w2v, lines, tmp_path):
    """Right: the settings are read as without it."""
    (tmp_path / "c.toml").write_bytes(BOM + b"[model]\ndim = 3\n")
    quick = [*QUICK[2:], "--out", tmp_path / "r"]
    assert w2v("train", lines, "--config", tmp_path / "c.toml", *quick).code == 0
    assert w2v_cli.load(tmp_path / "r").dim == 3


LISTS = ["--stop-words", "--keep-words", "--vocab"]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", [b"", BOM], ids=["plain", "marked"])
@pytest.mark.parametrize("option", LISTS)
def test_word_lists_of_every_form_are_read(w2v, lines, tmp_path, option, mark, ends):
    """Right: the lists' words have neither a mark nor a line end in them."""
    (tmp_path / "w").write_bytes(mark + f"tea{ends}king{ends}milk{ends}".encode())
    out = tmp_path / "vocab.tsv"
    many = ["--min-count", "1000" if option == "--keep-words" else "1"]
    result = w2v("vocab", lines, option, tmp_path / "w", *many, "--out", out)
    assert result.code == 0, result.err
    words = {line.split("\t")[0] for line in out.read_text().splitlines()}
    named = {"tea", "king", "milk"}
    assert not words & named if option == "--stop-words" else words == named


@pytest.mark.parametrize("ends", ["\r\n", "\r"], ids=["CRLF", "CR"])
@pytest.mark.parametrize("mark", [b"", BOM], ids=["plain", "marked"])
def test_a_vocabulary_of_another_system_is_read(w2v, lines, tmp_path, mark, ends):
    """Right: words and counts of a vocab.tsv with CRLF or CR are those of LF."""
    rows = f"king\t20{ends}tea\t10{ends}milk\t10{ends}"
    (tmp_path / "vocab.tsv").write_bytes(mark + rows.encode())
    result = w2v("train", lines, "--vocab", tmp_path / "vocab.tsv", *QUICK, "--out", tmp_path / "r")
    assert result.code == 0, result.err
    assert set(w2v_cli.load(tmp_path / "r").words) == {"king", "tea", "milk"}


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", [b"", BOM], ids=["plain", "marked"])
def test_a_list_of_files_of_every_form_is_read(w2v, lines, tmp_path, mark, ends):
    """Right: the files that it names are found."""
    (tmp_path / "b.txt").write_text("butter\n")
    (tmp_path / "files.list").write_bytes(mark + f"lines.txt{ends}b.txt{ends}".encode())
    words = counted(w2v, f"@{tmp_path}/files.list")
    assert (words["king"], words["butter"]) == (20, 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [("t.csv", "text,id\ntea milk,1\n"), ("t.jsonl", '{"text": "tea milk"}\n')],
)
def test_a_mark_before_records_is_dropped(w2v, tmp_path, name, content):
    """Right: the first column and the first record are found."""
    (tmp_path / name).write_bytes(BOM + content.encode())
    assert counted(w2v, tmp_path / name, "--text-field", "text") == {"tea": 1, "milk": 1}


def test_a_mark_before_groups_and_words_of_a_picture_is_dropped(w2v, vec, tmp_path):
    """Right: every word is known."""
    (tmp_path / "g").write_bytes(BOM + b"royal: king queen\r\nothers: man woman\r\n")
    (tmp_path / "w").write_bytes(BOM + b"king\r\nqueen\r\nman\r\n")
    for option in ("--groups", "--words-file"):
        out = tmp_path / f"{option}.svg"
        result = w2v("plot", vec, option, tmp_path / option[2:3], "--out", out)
        assert result.code == 0, result.err
        assert "unknown" not in result.err
        assert "ufeff" not in result.err


# Line ends, zeros, other encodings.


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_lines_end_with_any_line_end(w2v, tmp_path, ends):
    """Right: the run has the same words, documents and vectors for each of them."""
    (tmp_path / "t.txt").write_bytes(TEXT.replace("\n", ends).encode())
    (tmp_path / "lf.txt").write_text(TEXT)
    for name in ("t", "lf"):
        command = ["train", tmp_path / f"{name}.txt", *QUICK, "--out", tmp_path / name]
        assert w2v(*command).code == 0
    runs = [w2v_cli.load(tmp_path / name) for name in ("t", "lf")]
    assert list(runs[0].words) == list(runs[1].words)
    np.testing.assert_array_equal(runs[0].matrix, runs[1].matrix)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_vectors_and_pairs_end_lines_in_any_way(w2v, tmp_path, ends):
    """Right: four words, three pairs."""
    (tmp_path / "v.txt").write_bytes(VECTORS.replace("\n", ends).encode())
    (tmp_path / "p.txt").write_bytes(PAIRS.replace("\n", ends).encode())
    assert list(w2v_cli.load(tmp_path / "v.txt").words) == WORDS
    assert "3 of 3" in w2v("evaluate", tmp_path / "v.txt", tmp_path / "p.txt").out


@pytest.mark.parametrize("place", ["start", "word", "later"])
def test_one_zero_byte_does_not_make_a_text_binary(w2v, tmp_path, place):
    """Right: the text is read; the NUL is no part of a word."""
    before = {"start": "\0", "word": "tea\0milk\n", "later": TEXT * 100 + "a\0b\n"}[place]
    (tmp_path / "t.txt").write_text(before + TEXT)
    words = counted(w2v, tmp_path / "t.txt")
    assert words["king"] >= 20
    assert not [word for word in words if "\0" in word]


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be"])
def test_utf_32_is_called_by_its_name(w2v, tmp_path, encoding):
    """Right: one line that says UTF-32 and how to convert, not UTF-16."""
    mark = "" if encoding == "utf-32" else "\ufeff"
    (tmp_path / "t.txt").write_bytes((mark + TEXT).encode(encoding))
    result = w2v("vocab", tmp_path / "t.txt")
    assert result.code == 1
    assert "UTF-32" in result.err
    assert "UTF-16" not in result.err


# Joiners belong to words, soft hyphens do not.

JOINED = {
    "می\u200cخواهم": "می\u200cخواهم",
    "ශ්\u200dරී": "ශ්\u200dරී",
    "क्\u200dष": "क्\u200dष",
    "hand\u00adschuh": "handschuh",
    "Donau\u00addampf\u00adschiff": "donaudampfschiff",
}


@pytest.mark.parametrize("word", JOINED)
def test_joiners_stay_and_soft_hyphens_go(w2v, tmp_path, word):
    """Right: one word each, in vocab and in train."""
    (tmp_path / "t.txt").write_text(f"tea {word} milk\n" * 20)
    assert counted(w2v, tmp_path / "t.txt") == {"tea": 20, JOINED[word]: 20, "milk": 20}
    assert w2v("train", tmp_path / "t.txt", *QUICK, "--out", tmp_path / "r").code == 0
    assert set(w2v_cli.load(tmp_path / "r").words) == {"tea", JOINED[word], "milk"}


@pytest.mark.parametrize("word", JOINED)
def test_texts_and_tables_are_cut_like_files(w2v, tmp_path, word):
    """Right: Python's texts, CSV columns and embed see the same words as plain files."""
    lines = [f"tea {word} milk"] * 20
    # Subsampling would leave nothing of a text of three words.
    run = w2v_cli.train(lines, out=tmp_path / "r", **SETTINGS)
    assert set(run.vectors.words) == {"tea", JOINED[word], "milk"}
    (tmp_path / "t.csv").write_text("text\n" + "\n".join(lines) + "\n")
    assert JOINED[word] in counted(w2v, tmp_path / "t.csv", "--text-field", "text")
    np.testing.assert_allclose(run.vectors.embed([word])[0], run.vectors[JOINED[word]], rtol=1e-5)


def test_joiners_at_the_edge_of_a_word_are_no_part_of_it(w2v, tmp_path):
    """Right: as UAX 29 says of nothing to join; a lone joiner is no word."""
    (tmp_path / "t.txt").write_text("\u200cتی\u200c \u200d tea\u00ad \u00ad\n" * 5)
    assert counted(w2v, tmp_path / "t.txt") == {"تی": 5, "tea": 5}


SPELLED = {"hand\u00adschuh": "handschuh", "Hand\u00adSchuh\u00ad": "handschuh", "don’t": "don't"}


@pytest.mark.parametrize("word", SPELLED)
def test_lists_and_questions_are_spelled_as_texts_are(w2v, tmp_path, word):
    """Right: with a soft hyphen or a typographic apostrophe, a listed word is the text's word."""
    (tmp_path / "t.txt").write_text(f"tea {word} milk sugar honey\n" * 20)
    (tmp_path / "w").write_text(f"{word}\ntea\nmilk\n")
    command = ["--min-count", "1", "--out", tmp_path / "vocab.tsv"]
    for option in LISTS:
        result = w2v("vocab", tmp_path / "t.txt", option, tmp_path / "w", *command)
        assert result.code == 0, result.err
        rows = (tmp_path / "vocab.tsv").read_text().splitlines()
        is_there = SPELLED[word] in {row.split("\t")[0] for row in rows}
        assert is_there == (option != "--stop-words")
        assert "not in the text" not in result.err
        assert "do not occur" not in result.err
    assert w2v("train", tmp_path / "t.txt", *QUICK, "--out", tmp_path / "r").code == 0
    assert w2v("neighbors", tmp_path / "r", word).code == 0
    assert word in w2v_cli.load(tmp_path / "r")


@pytest.mark.parametrize("tokenizer", ["words", "whitespace", "uax29", "reported.inputs:at_spaces"])
def test_a_zero_byte_ends_a_word_in_every_tokenizer(w2v, tmp_path, tokenizer):
    """Right: `tea NUL milk` are two words; in plain text and in records."""
    (tmp_path / "t.txt").write_text(TEXT * 100 + "oat\0meal\n")
    (tmp_path / "t.jsonl").write_text(json.dumps({"text": "oat\0meal tea"}) + "\n")
    for name in ("t.txt", "t.jsonl"):
        words = counted(w2v, tmp_path / name, "--tokenizer", tokenizer)
        assert words["oat"] == words["meal"] == 1
