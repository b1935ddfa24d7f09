"""Compressed files and archives: read by content, bounded, and never short in silence."""

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile

import pytest
from chosen import source_of

from w2v_cli.errors import DataError

zstd = pytest.importorskip("backports.zstd") if not hasattr(gzip, "zstd") else None
TEXT = b"one two\nthree\n\nfour five six\n"
PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
if zstd is not None:
    PACKERS["zst"] = zstd.compress


def lines(*paths, **reading):
    source = source_of(*paths, **reading)
    return [piece.text for piece in source.pieces()], source.notes


def zip_of(path, members, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def tar_of(path, members, mode="w"):
    with tarfile.open(path, mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


MEMBERS = {
    "a/b.txt": b"first\n",
    "c.jsonl.gz": gzip.compress(b'{"text": "second"}\n'),
    "d.png": b"\x89PNG\x00",
    ".hidden.txt": b"no",
    "__MACOSX/a.txt": b"no",
    "e.txt": b"third\n",
}


@pytest.mark.parametrize("kind", PACKERS)
def test_every_compression_is_recognised_whatever_the_name(tmp_path, kind):
    (tmp_path / "a.txt").write_bytes(PACKERS[kind](TEXT))
    assert lines(tmp_path / "a.txt")[0] == ["one two", "three", "", "four five six"]


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz"])
def test_members_of_archives_are_read_in_order_and_the_others_are_told(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    if kind == "zip":
        zip_of(path, MEMBERS)
    else:
        tar_of(path, MEMBERS, f"w:{kind.partition('.')[2]}")
    texts, notes = lines(path)
    assert texts == ["first", "second", "third"]
    assert notes == (
        f"{path}: 3 files read (2 .txt, 1 .jsonl.gz), 3 files left out (2 hidden, 1 .png)",
    )


def test_an_archive_without_text_is_an_error(tmp_path):
    with pytest.raises(DataError, match=r"has no text files: 1 file left out \(1 .xml\)"):
        lines(zip_of(tmp_path / "a.docx", {"word/document.xml": b"<x/>"}))


def test_an_archive_in_an_archive_or_a_file_packed_twice_is_named(tmp_path):
    inner = tar_of(tmp_path / "in.tar", {"a.txt": b"a"}).read_bytes()
    with pytest.raises(DataError, match=r"a.tar/in.txt is an archive within an archive"):
        lines(tar_of(tmp_path / "a.tar", {"in.txt": inner}))
    (tmp_path / "twice.gz").write_bytes(gzip.compress(gzip.compress(TEXT)))
    with pytest.raises(DataError, match=r"twice.gz is compressed twice"):
        lines(tmp_path / "twice.gz")


@pytest.mark.parametrize("suffix", [".gz", ".zst", ".zip", ".tar", ".tgz", ".parquet", ".arrow"])
def test_a_name_that_is_not_true_is_told(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_text("plain text")
    with pytest.raises(DataError, match=f"is named {suffix} but is not"):
        lines(path)


rng = random.Random(1)
BIG = {"a.txt": b" ".join(b"%x" % rng.getrandbits(40) for _ in range(9000)) + b"\n"}


@pytest.mark.parametrize("kind", [*PACKERS, "zip", "tar", "tar.gz"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_an_error_that_names_it(tmp_path, kind, share):
    path = tmp_path / f"a.{kind}"
    if kind == "zip":
        zip_of(path, BIG)
    elif kind.startswith("tar"):
        tar_of(path, {**BIG, "b.txt": b"end " * 9000}, f"w:{kind.partition('.')[2]}")
    else:
        path.write_bytes(PACKERS[kind](BIG["a.txt"]))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    if kind == "tar" and share == 0.999:
        path.write_bytes(content.rstrip(b"\0"))  # it ends with 10 kB of zeros
    with pytest.raises(DataError, match=rf"cannot read .*a.{kind}.*is the file complete"):
        lines(path)


def test_a_tar_cut_between_two_members_is_an_error(tmp_path):
    path = tar_of(tmp_path / "a.tar", {"a.txt": b"a" * 512, "b.txt": b"b" * 512})
    content = path.read_bytes()
    for end in (1024, 2048, 2048 + 100):
        path.write_bytes(content[:end])
        with pytest.raises(DataError, match="before its mark of the end"):
            lines(path)
    path.write_bytes(content[:2048] + b"x" * 5000)
    with pytest.raises(DataError, match="before its mark of the end"):
        lines(path)
    path.write_bytes(content[: 2048 + 1024])  # as some programs write it, without padding
    assert len(lines(path)[0]) == 2


@pytest.mark.parametrize("kind", [*PACKERS, "zip"])
def test_flipped_bits_are_noticed(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    packed = PACKERS[kind](BIG["a.txt"]) if kind != "zip" else zip_of(path, BIG).read_bytes()
    for _ in range(10):
        damaged = bytearray(packed)
        damaged[rng.randrange(len(packed) // 4, len(packed) // 2)] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        if kind == "zst":  # written without a checksum: the damage may leave text
            continue
        with pytest.raises(DataError, match=rf"a.{kind}"):
            lines(path)


def test_a_member_without_a_name_is_damage(tmp_path):
    content = zip_of(tmp_path / "a.zip", {"a": b"text"}).read_bytes()
    place = content.index(b"PK\x01\x02")
    nameless = (
        content[: place + 28] + b"\0\0" + content[place + 30 : place + 46] + content[place + 47 :]
    )
    (tmp_path / "a.zip").write_bytes(nameless)
    with pytest.raises(DataError, match=r"cannot read .*a.zip"):
        lines(tmp_path / "a.zip")


def test_an_encrypted_member_is_named(tmp_path):
    path = zip_of(tmp_path / "a.zip", {"a.txt": b"secret"})
    content = bytearray(path.read_bytes())
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(magic) + place] |= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"a.zip/a.txt is encrypted; unpack"):
        lines(path)


def test_a_tar_header_of_any_length_does_not_fill_the_memory(tmp_path):
    info = tarfile.TarInfo("a.txt")
    info.pax_headers = {"comment": "x" * (8 << 20)}
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO())
    with pytest.raises(DataError, match="implausibly long"):
        lines(path)


@pytest.mark.parametrize("kind", [*PACKERS, "zip"])
def test_a_bomb_of_one_endless_word_is_stopped_by_the_memory(tmp_path, kind):
    word = b"y" * (9 << 20)
    path = tmp_path / f"a.{kind}"
    if kind == "zip":
        zip_of(path, {"a.txt": word})
    else:
        path.write_bytes(PACKERS[kind](word))
    with pytest.raises(DataError, match="has no end of line"):
        lines(path, memory=0.25)
