import bz2
import gzip
import json
import lzma

import pytest
from chosen import source_of

from w2v_cli.errors import DataError
from w2v_cli.text import sources

TEXT = "one two\nthree\n\nfour five six\n"


def lines(*patterns, **kwargs):
    return [piece.text for piece in source_of(*patterns, **kwargs).pieces()]


@pytest.mark.parametrize(
    ("name", "pack"),
    [("a.txt", bytes), ("a.gz", gzip.compress), ("a.bz2", bz2.compress), ("a.xz", lzma.compress)],
)
def test_plain_and_compressed_files_give_the_same_lines(tmp_path, name, pack):
    (tmp_path / name).write_bytes(pack(TEXT.encode()))
    assert lines(tmp_path / name) == ["one two", "three", "", "four five six"]


def test_compression_is_recognised_by_content_not_by_name(tmp_path):
    (tmp_path / "a.txt").write_bytes(gzip.compress(b"hidden text"))
    assert lines(tmp_path / "a.txt") == ["hidden text"]


def test_a_file_named_gz_that_is_not_is_refused(tmp_path):
    (tmp_path / "a.gz").write_text("plain")
    with pytest.raises(DataError, match="not gzip data"):
        lines(tmp_path / "a.gz")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04rest", "not a zip file"),
        (b"\xff\xfea\x00b\x00", "UTF-16"),
        (b"ELF\x00\x00\x01", "binary"),
        (b"\x28\xb5\x2f\xfdxx", "ended before the end-of-stream"),
    ],
)
def test_what_is_not_text_is_named_and_refused(tmp_path, content, message):
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(DataError, match=message):
        lines(tmp_path / "a.txt")


def test_a_cut_gz_file_is_an_error_not_a_short_corpus(tmp_path):
    packed = gzip.compress(TEXT.encode() * 1000)
    (tmp_path / "a.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(DataError, match="is the file complete"):
        lines(tmp_path / "a.gz")


def test_folders_and_globs_are_read_in_order_of_names(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("b.txt", "a.txt", "sub/c.txt", ".hidden.txt", "image.png"):
        (tmp_path / name).write_text(name)
    assert lines(tmp_path) == ["a.txt", "b.txt", "sub/c.txt"]
    assert lines(tmp_path / "*.txt") == ["a.txt", "b.txt"]
    assert lines(tmp_path / "b.txt", tmp_path / "a.txt") == ["b.txt", "a.txt"]


def test_missing_files_and_folders_without_text_are_named(tmp_path):
    with pytest.raises(DataError, match=r"no such file or folder: .*nowhere"):
        source_of(tmp_path / "nowhere.txt")
    with pytest.raises(DataError, match="has no text files"):
        source_of(tmp_path)


def test_jsonl_gives_the_text_and_names_the_bad_line(tmp_path):
    good = tmp_path / "a.jsonl"
    good.write_text(json.dumps({"text": "a b"}) + "\n\n" + json.dumps({"text": "c\nd"}) + "\n")
    assert lines(good) == ["a b", "", "c\nd"]
    good.write_text('{"text": "a"}\n{"body": "b"}\n')
    with pytest.raises(DataError, match="line 2"):
        lines(good)


def test_invalid_utf8_is_counted_replaced_ignored_or_refused(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"good\nb\xffd\nalso \xfe\n")
    source = source_of(path)
    assert [p.text for p in source.pieces()] == ["good", "b\ufffdd", "also \ufffd"]
    assert source.n_invalid == 2
    assert lines(path, encoding_errors="ignore") == ["good", "bd", "also "]
    with pytest.raises(DataError, match="line 2: invalid UTF-8"):
        lines(path, encoding_errors="strict")


def test_a_byte_order_mark_is_no_part_of_the_first_word(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfword\n")
    assert lines(tmp_path / "a.txt") == ["word"]


def test_long_lines_come_in_pieces_that_keep_every_word(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "PIECE_BYTES", 64)
    words = [f"wörd{i}" for i in range(200)]
    (tmp_path / "a.txt").write_text(" ".join(words) + "\nlast\n")
    pieces = list(source_of(tmp_path / "a.txt").pieces())
    assert len(pieces) > 3
    assert " ".join(p.text for p in pieces).split() == [*words, "last"]
    assert [p.ends_document for p in pieces].count(True) == 2
    assert max(len(p.text) for p in pieces) < 3 * 64


def treebank(tmp_path):
    (tmp_path / "datasetSentences.txt").write_text(
        "sentence_index\tsentence\n1\tA fine film .\n2\tDull .\n3\tGood\tfun .\n"
    )
    (tmp_path / "datasetSplit.txt").write_text("sentence_index,splitset_label\n1,1\n2,2\n3,3\n")
    return tmp_path


def test_the_treebank_loses_header_and_index_and_has_splits(tmp_path):
    folder = treebank(tmp_path)
    assert lines(folder) == ["A fine film .", "Dull .", "Good\tfun ."]
    assert lines(folder, split="train") == ["A fine film ."]
    assert lines(folder, split="test") == ["Dull ."]
    assert lines(folder, split="dev") == ["Good\tfun ."]


def test_a_split_needs_the_treebank(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT)
    with pytest.raises(DataError, match="needs a Stanford Sentiment Treebank"):
        source_of(tmp_path, split="train")


def test_the_real_treebank(sst):
    assert len(lines(sst)) == 11855
    assert [len(lines(sst, split=s)) for s in ("train", "dev", "test")] == [8544, 1101, 2210]
    assert lines(sst)[2] == "Effective but too-tepid biopic"


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_lines_end_as_another_system_writes_them(tmp_path, end):
    path = tmp_path / "a.txt"
    path.write_bytes(f"one two{end}three{end}".encode())
    assert [line.strip() for line in lines(path)] == ["one two", "three"]
    path.write_bytes(f'{{"text": "one"}}{end}{{"text": "two"}}{end}'.encode())
    assert lines(path) == ["one", "two"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("the cat".encode("utf-32"), "UTF-32"),
        ("the cat sat".encode("utf-32-le"), "UTF-32"),
        ("the cat sat".encode("utf-32-be"), "UTF-32"),
        ("the cat sat".encode("utf-16-be"), "UTF-16"),
        (b"\x7fELF\2\1\1" + bytes(40) + b"text", "a binary file"),
        (b"\0\xff\xfa" + b"text" * 99, "a binary file"),
    ],
)
def test_what_is_no_utf_8_text_is_named(tmp_path, content, what):
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(DataError, match=what):
        lines(tmp_path / "a.txt")


def test_a_few_nuls_are_read(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"one\0two" + "é".encode() * 3000)
    assert lines(tmp_path / "a.txt")[0].startswith("one\0two")
