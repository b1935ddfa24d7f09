"""Corpora of every form from the command line: what they give, and that bad ones leave nothing."""

import gzip
import io
import json
import tarfile
import zipfile

import pytest

from w2v_cli.text.places import SCHEMES

QUICK = ["--dim", "4", "--epochs", "1", "--min-count", "1", "--subsample-threshold", "0"]
LINES = ["the cat sat on the mat", "the dog sat on the log"] * 5


@pytest.fixture(autouse=True)
def _addresses_of_files(monkeypatch):
    monkeypatch.setitem(SCHEMES, "file", "remote")


@pytest.fixture
def expected(w2v, tmp_path):
    (tmp_path / "plain.txt").write_text("\n".join(LINES) + "\n")
    assert w2v("train", tmp_path / "plain.txt", *QUICK, "--out", tmp_path / "plain").code == 0
    return (tmp_path / "plain" / "vocab.tsv").read_text()


def in_zip(folder):
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("in/a.txt", "\n".join(LINES))
        archive.writestr("in/b.png", b"\0")
    return "a.zip", []


def in_tar(folder):
    with tarfile.open(folder / "a.tar.gz", "w:gz") as archive:
        data = gzip.compress("\n".join(LINES).encode())
        info = tarfile.TarInfo("a.txt.gz")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return "a.tar.gz", []


def in_records(folder):
    rows = [json.dumps({"body": line, "n": 1}) for line in LINES]
    (folder / "a.jsonl").write_text("\n".join(rows))
    return "a.jsonl", ["--text-field", "body"]


def in_csv(folder):
    (folder / "a.csv").write_text("n;text\n" + "".join(f'1;"{line}"\n' for line in LINES))
    return "a.csv", []


def in_parquet(folder):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pa.table({"text": LINES}), folder / "a.parquet")
    return "a.parquet", []


def in_paragraphs(folder):
    text = "\n\n".join(line.replace(" sat ", "\nsat ") for line in LINES)
    (folder / "a.txt").write_text(text)
    return "a.txt", ["--documents", "blank-line"]


def in_a_list(folder):
    (folder / "files").mkdir()
    for i, line in enumerate(LINES):
        (folder / "files" / f"{i}.text").write_text(line)
    (folder / "a.list").write_text("files/*.text\n")
    return "@a.list", ["--documents", "file"]


def at_an_address(folder):
    pytest.importorskip("fsspec")
    (folder / "a.txt").write_text("\n".join(LINES))
    return f"file://{folder}/a.txt", []


FORMS = [in_zip, in_tar, in_records, in_csv, in_parquet, in_paragraphs, in_a_list, at_an_address]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_corpus_gives_the_same_run(w2v, tmp_path, monkeypatch, expected, form):
    monkeypatch.chdir(tmp_path)
    name, options = form(tmp_path)
    result = w2v("train", name, *options, *QUICK, "--out", "run")
    assert result.code == 0, result.err
    assert (tmp_path / "run" / "vocab.tsv").read_text() == expected
    ends = (tmp_path / "run" / "cache" / "corpus" / "corpus.ends").read_bytes()
    assert ends == (tmp_path / "plain" / "cache" / "corpus" / "corpus.ends").read_bytes()
    address = [name] if form is at_an_address else []  # one that only a file names is not opened
    again = w2v("train", *address, "--config", "run/config.toml", "--out", "again")
    assert again.code == 0, again.err
    assert (tmp_path / "again" / "vocab.tsv").read_text() == expected


def test_standard_input_may_be_packed_and_is_called_by_its_name(tmp_path):
    import subprocess
    import sys

    def train(data, *options):
        command = [sys.executable, "-m", "w2v_cli", "train", "-", *QUICK, *options]
        run = [*command, "--out", str(tmp_path / "run")]
        return subprocess.run(run, input=data, capture_output=True, check=False)

    bad = gzip.compress(b'{"text": "a b"}\n{"body": "a"}\n')
    result = train(bad)
    assert result.returncode == 1
    assert b"Error: standard input, line 2: the record has no 'text'" in result.stderr
    assert not (tmp_path / "run").exists()
    result = train(gzip.compress("\n".join(LINES).encode()))
    assert result.returncode == 0, result.stderr


def utf16(folder):
    (folder / "a.txt").write_text("the cat sat", encoding="utf-16")


def utf16_without_mark(folder):
    (folder / "a.txt").write_bytes("the cat sat\n".encode("utf-16-le"))


def cut(folder):
    (folder / "a.txt").write_bytes(gzip.compress(b"the cat\n" * 500)[:-9])


def no_column(folder):
    (folder / "a.txt").write_text("plain text\n")


BAD = [
    (utf16, [], "a.txt is UTF-16 text; convert it"),
    (utf16_without_mark, [], "a.txt looks like UTF-16 text"),
    (cut, [], "cannot read .*a.txt: Compressed file ended before .*is the file complete"),
    (no_column, ["--text-field", "body"], "--text-field body: no file has records or a table"),
    (no_column, ["--text-field", ""], "text_field must be a text"),
    (no_column, ["--split", "dev"], "--split dev needs a Stanford Sentiment Treebank folder"),
]


@pytest.mark.parametrize(("make", "options", "message"), BAD)
def test_a_bad_corpus_leaves_no_run(w2v, tmp_path, make, options, message):
    import re

    make(tmp_path)
    result = w2v("train", tmp_path / "a.txt", *options, *QUICK, "--out", tmp_path / "run")
    assert result.code in (1, 2)
    assert re.search(message, result.err), result.err
    assert "Traceback" not in result.err
    assert not (tmp_path / "run").exists()


def test_a_folder_tells_what_it_left_out(w2v, tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("\n".join(LINES))
    (folder / "b.xml").write_text("<no/>")
    result = w2v("train", folder, *QUICK, "--out", tmp_path / "run")
    assert f"note: {folder}: 1 file read (1 .txt), 1 file left out (1 .xml)" in result.err
    (folder / "a.txt").unlink()
    result = w2v("train", folder, *QUICK, "--out", tmp_path / "none")
    assert result.code == 1
    assert "texts has no text files: 1 file left out (1 .xml); name files themselves" in result.err
