"""Folders, lists and addresses: what is read, in which order, and what is left out."""

import functools
import http.server
import os
import threading

import pytest
from chosen import source_of

from w2v_cli.errors import DataError, MissingExtraError
from w2v_cli.text.places import SCHEMES, absolute_path, check_address, is_address


def read(*patterns, **reading):
    source = source_of(*patterns, **reading)
    return [piece.text for piece in source.pieces()], source.notes


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "corpus"
    for name in ("b.txt", "a.TXT", "sub/c.md", "sub/.git/x.txt", "d.png", "e.csv", "README"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"text\n{name}\n" if name.endswith("csv") else f"{name}\n")
    return root


def test_a_folder_tells_what_it_read_and_what_not(folder):
    texts, notes = read(folder)
    assert texts == ["README", "a.TXT", "b.txt", "sub/c.md"]
    assert notes == (
        f"{folder}: 4 files read (2 .txt, 1 without suffix, 1 .md), 3 files left out"
        " (1 .png, 1 .csv, 1 hidden); --text-field COLUMN reads tables",
    )
    texts, notes = read(folder, text_field="text")
    assert "e.csv" in texts
    assert "5 files read" in notes[0]


def test_links_are_followed_to_files_but_not_to_folders(folder, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "f.txt").write_text("linked\n")
    (folder / "z.txt").symlink_to(tmp_path / "other" / "f.txt")
    (folder / "loop").symlink_to(folder)
    (folder / "gone.txt").symlink_to(tmp_path / "none")
    os.mkfifo(folder / "pipe.txt")
    texts, notes = read(folder)
    assert texts[-1] == "linked"
    for part in ("1 linked folder", "1 broken link", "1 not a file"):
        assert part in notes[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_an_error(folder):
    (folder / "sub").chmod(0)
    with pytest.raises(DataError, match=r"cannot read the folder .*sub: Permission denied"):
        read(folder)
    (folder / "sub").chmod(0o755)


def test_a_list_names_files_from_its_own_folder(folder, tmp_path):
    files = tmp_path / "files.list"
    files.write_text("corpus/b.txt\n\ncorpus/s*/*.md\r\n" + str(folder / "README") + "\n")
    assert read(f"@{files}")[0] == ["b.txt", "sub/c.md", "README"]
    for content, message in [
        ("corpus/b.txt\nnone.txt\n", "files.list, line 2: no such file or folder"),
        ("@other\n", "line 1: a list cannot name '@other'"),
        ("-\n", "line 1: a list cannot name '-'"),
        ("\n", "names no files"),
    ]:
        files.write_text(content)
        with pytest.raises(DataError, match=message):
            read(f"@{files}")
    with pytest.raises(DataError, match=r"cannot read the list of files .*none"):
        read("@none")


def test_names_become_absolute_and_addresses_stay(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert absolute_path("a.txt") == str(tmp_path / "a.txt")
    assert absolute_path("../a.txt", tmp_path / "b") == str(tmp_path / "a.txt")
    assert absolute_path("@a.list") == f"@{tmp_path}/a.list"
    for name in ("-", "s3://bucket/a.txt", "memory://a", "simplecache::s3://b/c"):
        assert absolute_path(name) == name
    assert not is_address("a://")
    assert not is_address("no scheme://x")


@pytest.mark.parametrize(
    "address",
    [
        *("https://a.org/b.txt", "HTTP://a.org/b", "http://[::1]:80/a.txt"),
        *("s3://b/c", "gs://b/c", "hf://datasets/a/b"),
    ],
)
def test_known_schemes_are_opened(address):
    assert is_address(address)
    assert check_address(address) in SCHEMES


@pytest.mark.parametrize(
    "address",
    [
        *("dask://a/b", "file:///etc/passwd", "memory://a", "zip://a::http://b", "nosuch://a"),
        *("http://a::file:///b", "http://[::1]/a::b", "http::http://b", "https://a/b::c"),
    ],
)
def test_other_schemes_and_chains_are_refused_by_name(address):
    assert is_address(address)
    with pytest.raises(DataError, match=rf"w2v opens no {address.partition(':')[0]}"):
        read("none.txt", address)


@pytest.fixture
def schemes_of_tests(monkeypatch):
    for scheme in ("memory", "file"):
        monkeypatch.setitem(SCHEMES, scheme, "remote")


@pytest.mark.usefixtures("schemes_of_tests")
def test_addresses_of_fsspec_are_read_as_files_and_folders_are(folder):
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.put(str(folder), "/kept/corpus", recursive=True)
    try:
        assert read("memory://kept/corpus/b.txt")[0] == ["b.txt"]
        assert read("memory://kept/corpus/*.txt")[0] == ["b.txt"]
        texts, notes = read("memory://kept/corpus")
        assert texts == ["README", "a.TXT", "b.txt", "sub/c.md"]
        assert notes[0].startswith("memory://kept/corpus: 4 files read")
        assert source_of("memory://kept/corpus/b.txt").states() is None
        source = source_of("memory://kept/corpus/b.txt")
        memory.pipe("/kept/corpus/b.txt", b"another\n")
        with pytest.raises(DataError, match="was changed while it was read"):
            list(source.pieces())
    finally:
        memory.rm("/kept", recursive=True)
    assert read(f"file://{folder}/b.txt")[0] == ["b.txt"]
    for address in ("memory://kept/none.txt", "memory://kept/*.txt", f"file://{folder}/none"):
        with pytest.raises(DataError, match=r"none|no such file"):
            read(address)
    (folder / "files.list").write_text(f"file://{folder}/b.txt\na.TXT\n")
    with pytest.raises(DataError, match=r"line 1: the list names .*b.txt.* the command line"):
        read(f"@{folder}/files.list")
    both = f"@{folder}/files.list", f"file://{folder}/b.txt"
    assert read(*both)[0] == ["a.TXT", "b.txt"]


def test_what_an_address_takes_is_named_when_it_is_missing(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.setitem(sys.modules, "fsspec.implementations.s3", None)
    with pytest.raises(MissingExtraError, match=r"reading s3:// addresses needs .*\[s3\]"):
        read("s3://bucket/a.txt")
    monkeypatch.setitem(sys.modules, "fsspec", None)
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(MissingExtraError, match=r"reading https:// addresses needs .*\[remote\]"):
        read("https://example.org/a.txt")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


def test_a_file_of_a_web_server(folder):
    pytest.importorskip("aiohttp")
    pytest.importorskip("fsspec")
    import gzip

    (folder / "big.gz").write_bytes(gzip.compress(b"some words\n" * 50_000))
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert read(f"{address}/b.txt")[0] == ["b.txt"]
        assert read(f"{address}/big.gz")[0] == ["some words"] * 50_000
        with pytest.raises(DataError, match=r"none.txt"):
            read(f"{address}/none.txt")
        server.shutdown()
        thread.join()
