"""Compression and archives, recognised by content: one file in, one or more unpacked texts out."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from w2v_cli.errors import DataError
from w2v_cli.text.blocks import Readable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

# By name: which files of a folder or an archive are read, and which are left out.

TEXT_SUFFIXES = ("", ".txt", ".text", ".md", ".tok", ".tokens", ".jsonl", ".ndjson")
TABLE_SUFFIXES = (".csv", ".tsv", ".parquet", ".arrow")
ARCHIVE_SUFFIXES = (".zip", ".tar", ".tgz", ".tbz2", ".txz")
COMPRESSED_SUFFIXES = (".gz", ".bz2", ".xz", ".zst")


def inner_suffix(name: str) -> str:
    """Return the suffix in lower case, without a suffix of compression: `A.tsv.gz` → `.tsv`."""
    path = PurePath(name.lower())
    return PurePath(path.stem).suffix if path.suffix in COMPRESSED_SUFFIXES else path.suffix


def whole_suffix(name: str) -> str:
    """Return the suffix in lower case, with a suffix of compression."""
    path = PurePath(name.lower())
    inner = inner_suffix(name)
    return inner + path.suffix if path.suffix in COMPRESSED_SUFFIXES else inner


class Tally:
    """Chooses files by their suffixes and counts them.

    tables: whether tables are read too, because a column was named.
    """

    def __init__(self, tables: bool, archives: bool = True) -> None:
        wanted = TEXT_SUFFIXES + (TABLE_SUFFIXES if tables else ())
        self._wanted = wanted + (ARCHIVE_SUFFIXES if archives else ())
        self._tables = tables
        self._read: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()

    def takes(self, name: str) -> bool:
        """Tell whether to read the file of this path within the folder, and count it."""
        parts = PurePath(name).parts
        if any(part.startswith(".") or part == "__MACOSX" for part in parts):
            self.leave_out("hidden")
            return False
        kind = whole_suffix(PurePath(name).name) or "without suffix"
        wanted = inner_suffix(PurePath(name).name) in self._wanted
        (self._read if wanted else self._left_out)[kind] += 1
        return wanted

    def leave_out(self, kind: str) -> None:
        """Count something that is not read."""
        self._left_out[kind] += 1

    def note(self, name: str) -> str:
        """Say which files are read and which are not.

        Raises DataError where none are read.
        """
        left_out = ""
        if self._left_out:
            left_out = f"{_files(self._left_out)} left out{_listed(self._left_out)}"
            tables = [kind for kind in self._left_out if kind.startswith(TABLE_SUFFIXES)]
            if tables and not self._tables:
                left_out += "; --text-field COLUMN reads tables"
        if not self._read:
            raise DataError(
                f"{name} has no text files: {left_out or 'it is empty'};"
                " name files themselves to read them whatever their suffix"
            )
        read = f"{name}: {_files(self._read)} read{_listed(self._read)}"
        return f"{read}, {left_out}" if left_out else read


def _files(counts: Counter[str]) -> str:
    n = counts.total()
    return f"{n:,} file{'' if n == 1 else 's'}"


def _listed(counts: Counter[str]) -> str:
    kinds = [f"{n:,} {kind}" for kind, n in counts.most_common(8)]
    if len(counts) > len(kinds):
        kinds.append("…")
    return f" ({', '.join(kinds)})" if kinds else ""


# `.xz` in bounded memory: the file decides how large a dictionary its reader keeps.


#: `xz -9` needs 65 MiB. Without a bound a file can ask for 4 GiB.
MOST_MEMORY = 1 << 28
_PIECE_BYTES = 1 << 16


def open_xz(file: BinaryIO) -> IO[bytes]:
    """Read the unpacked bytes of a file: one stream, or several in a row.

    The stream raises lzma.LZMAError for data that are damaged or need too much memory, and EOFError
    for truncated data.
    """
    return io.BufferedReader(_XzStream(file), 1 << 20)


class _XzStream(io.RawIOBase):
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unpacker: lzma.LZMADecompressor | None = None
        self._packed = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        space = memoryview(buffer)
        while True:
            unpacker = self._unpacker or self._next_stream()
            if unpacker is None:
                return 0
            if unpacker.needs_input and not self._packed:
                self._packed = self._file.read(_PIECE_BYTES)
                if not self._packed:
                    raise EOFError("the file ends before the end of its stream")
            data = unpacker.decompress(self._packed, len(space))
            self._packed = b""
            self._unpacker = unpacker
            if unpacker.eof:
                self._packed, self._unpacker = unpacker.unused_data, None
            if data:
                space[: len(data)] = data
                return len(data)

    def _next_stream(self) -> lzma.LZMADecompressor | None:
        """Skip the zeros between streams; None at the end of the file."""
        while not (packed := self._packed.lstrip(b"\0")):
            packed = self._file.read(_PIECE_BYTES)
            if not packed:
                return None
            self._packed = packed
        self._packed = packed
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_MEMORY)


# By content: compression, archives, tables, and files that are not text.


_HEAD_BYTES = 1 << 16
_BINARY_BYTES = 4096  # are looked at
_BYTES_A_NUL = 100  # bytes; a file with more NULs is not text
_SKIP_BYTES = 1 << 20
#: The headers of one member of a tar archive; a long name takes a few hundred bytes.
_MOST_HEADER_BYTES = 1 << 22
_LATEST_BYTES = 4 * tarfile.RECORDSIZE
#: Other methods are refused: Python cannot bound the memory that they take.
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)


def _open_zst(file: Any) -> Any:
    try:
        from compression.zstd import ZstdFile  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        from backports.zstd import ZstdFile
    return _ZstStream(ZstdFile(file))


class _ZstStream:
    """Reads zstd data; the package's own errors become OSError."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def read(self, n: int = -1) -> bytes:
        try:
            data: bytes = self._file.read(n)
        except (OSError, EOFError, MemoryError):
            raise
        except Exception as error:
            raise OSError(str(error)) from error
        return data


_OPENERS: tuple[tuple[bytes, Callable[..., Any]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\x00", open_xz),
    (b"\x28\xb5\x2f\xfd", _open_zst),
)
_FOREIGN = {
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\xff\xfe\0\0": "UTF-32 text",
    b"\0\0\xfe\xff": "UTF-32 text",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"%PDF": "a PDF document",
}
_NAMED = {
    ".gz": "gzip data",
    ".bz2": "bzip2 data",
    ".xz": "xz data",
    ".zst": "Zstandard data",
    ".zip": "a zip archive",
    ".tar": "a tar archive",
    ".tgz": "a tar archive",
    ".tbz2": "a tar archive",
    ".txz": "a tar archive",
    ".parquet": "a Parquet file",
    ".arrow": "an Arrow file",
}
_PARQUET, _ARROW_FILE, _ARROW_STREAM = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"


class Stream:
    """A stream whose first bytes can be inspected before they are read."""

    def __init__(self, raw: Readable) -> None:
        self._raw = raw
        self._head = b""
        self._ended = False

    def peek(self) -> bytes:
        """Return the first bytes, without reading them."""
        while len(self._head) < _HEAD_BYTES:
            more = self._read(_HEAD_BYTES - len(self._head))
            if not more:
                break
            self._head += more
        return self._head

    def read(self, n: int = -1) -> bytes:
        """Return at most n bytes; nothing at the end."""
        if self._head:
            n = len(self._head) if n < 0 else n
            data, self._head = self._head[:n], self._head[n:]
            return data
        return self._read(n)

    def _read(self, n: int) -> bytes:
        """Read on, unless the end was seen: web clients complain about reads beyond it."""
        data = b"" if self._ended else self._raw.read(n)
        self._ended = not data and n != 0
        return data


@dataclass(frozen=True)
class Content:
    """One text: its bytes unpacked.

    name: for messages, such as `a.zip/b.txt`. stream: its bytes. kind: "text", "parquet", "arrow"
    or "arrow stream". file: where the bytes can be read in any order, and nothing was packed.
    """

    name: str
    stream: Stream
    kind: str
    file: BinaryIO | None

    @property
    def suffix(self) -> str:
        """The suffix of the text itself, without a suffix of compression."""
        return inner_suffix(self.name)


def unpacked(
    file: BinaryIO, name: str, tables: bool, note: Callable[[str], None]
) -> Iterator[Content]:
    """Yield what is in a file: itself, or the members of an archive that are text.

    tables: whether to read tables among the members. note: is called with what is left out.

    Raises:
        DataError: a file that is not text, or not what its name says.
        OSError, EOFError, ValueError and the errors of the packages, for damaged files.
    """
    stream = Stream(file)
    head = stream.peek()
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        yield from _zip_members(file, name, tables, note)
        return
    content, is_packed = _decompressed(stream, name)
    if _is_tar(content.peek()):
        yield from _tar_members(content, name, tables, note)
    elif is_packed:
        yield _content(content, name, None)
    else:
        yield _content(content, name, file)


def _decompressed(stream: Stream, name: str) -> tuple[Stream, bool]:
    opener = _opener_of(stream.peek())
    if opener is None:
        return stream, False
    inner = Stream(opener(stream))
    if _opener_of(inner.peek()) is not None:
        raise DataError(f"{name} is compressed twice; unpack it once")
    return inner, True


def _opener_of(head: bytes) -> Callable[..., Any] | None:
    return next((opener for magic, opener in _OPENERS if head.startswith(magic)), None)


def _is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"


def _content(stream: Stream, name: str, file: BinaryIO | None) -> Content:
    """Return the content of an unpacked stream. Raises DataError if it is not text."""
    head = stream.peek()
    for magic, kind in (
        (_PARQUET, "parquet"),
        (_ARROW_FILE, "arrow"),
        (_ARROW_STREAM, "arrow stream"),
    ):
        if head.startswith(magic):
            return Content(name, stream, kind, file)
    for magic, what in _FOREIGN.items():
        if head.startswith(magic):
            raise DataError(f"{name} is {what}; convert it to plain UTF-8 text first")
    _check_text(head[:_BINARY_BYTES], name)
    suffix = "." + name.rpartition(".")[2].lower()
    if file is not None and suffix in _NAMED and head:
        raise DataError(
            f"{name} is named {suffix} but is not {_NAMED[suffix]}; rename it or download it again"
        )
    lines = by_lines(stream)
    return Content(name, lines, "text", file if lines is stream else None)


def by_lines(stream: Stream) -> Stream:
    """Return a stream of text whose lines end with a line feed.

    Old Macs, and some programs still, end them with a carriage return alone.
    """
    head = stream.peek()
    return Stream(_Lines(stream)) if b"\r" in head and b"\n" not in head else stream


class _Lines:
    """A stream in which a carriage return ends a line."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def read(self, n: int = -1) -> bytes:
        return self._stream.read(n).replace(b"\r", b"\n")


def _check_text(start: bytes, name: str) -> None:
    """Raise DataError if the start of a file is not text in UTF-8. It may have a few NULs."""
    zeros = [start[i::4].count(0) for i in range(4)]
    if 8 * min(zeros[1], zeros[2]) > len(start) > 8 * min(zeros[0], zeros[3]):
        raise DataError(f"{name} looks like UTF-32 text; convert it to UTF-8 text first")
    few, many = sorted((zeros[0] + zeros[2], zeros[1] + zeros[3]))
    if 3 * many > len(start) // 2 > 9 * few:
        raise DataError(f"{name} looks like UTF-16 text; convert it to UTF-8 text first")
    n_zeros = sum(zeros)
    if n_zeros > 1 + len(start) // _BYTES_A_NUL or (n_zeros and not _is_utf8(start)):
        raise DataError(f"{name} is a binary file, not text; give UTF-8 text")


def _is_utf8(start: bytes) -> bool:
    """Tell whether bytes begin valid UTF-8; the last character may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _zip_members(
    file: BinaryIO, name: str, tables: bool, note: Callable[[str], None]
) -> Iterator[Content]:
    if not file.seekable():
        raise DataError(f"{name}: a zip archive cannot be read from there; download it first")
    tally = Tally(tables, archives=False)
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            is_link = stat.S_ISLNK(info.external_attr >> 16)  # its content is a path, not text
            if info.filename.endswith("/") or is_link or not tally.takes(info.filename):
                continue
            member = f"{name}/{info.filename}"
            if info.flag_bits & 1:
                raise DataError(f"{member} is encrypted; unpack the archive first")
            if info.compress_type not in _ZIP_METHODS:
                raise DataError(
                    f"{member} is compressed with method {info.compress_type}, which w2v cannot"
                    " read; unpack the archive first"
                )
            with archive.open(info) as packed:
                yield _member(packed, member)
    note(tally.note(name))


class _Guarded:
    """The bytes of a tar archive; the size of a member's headers is bounded."""

    def __init__(self, stream: Stream, name: str) -> None:
        self._stream, self._name = stream, name
        self.left: int | None = None
        self._n_read = 0
        self._latest = b""

    def read(self, n: int = -1) -> bytes:
        data = self._stream.read(n)
        self._n_read += len(data)
        self._latest = (self._latest + data)[-_LATEST_BYTES:]
        if self.left is not None:
            self.left -= len(data)
            if self.left < 0:
                raise DataError(f"{self._name}: the header of a member is implausibly long")
        return data

    def check_end(self, offset: int) -> None:
        """Raise EOFError unless the end-of-archive mark is there; tarfile accepts any end."""
        start = offset - (self._n_read - len(self._latest))
        if self._latest[start : start + tarfile.BLOCKSIZE] != bytes(tarfile.BLOCKSIZE):
            raise EOFError("the archive ends before its mark of the end")


def _tar_members(
    stream: Stream, name: str, tables: bool, note: Callable[[str], None]
) -> Iterator[Content]:
    guarded = _Guarded(stream, name)
    tally = Tally(tables, archives=False)
    guarded.left = _MOST_HEADER_BYTES  # opening reads the first header
    with tarfile.open(fileobj=cast(BinaryIO, guarded), mode="r|") as archive:
        while True:
            guarded.left = _MOST_HEADER_BYTES
            member = archive.next()
            guarded.left = None
            archive.members = []  # type: ignore[attr-defined]  # or every member of the archive stays in memory
            if member is None:
                guarded.check_end(archive.offset)
                _skip(stream)  # so that a compressed archive's own checksum is checked
                break
            if not member.isfile():
                if not member.isdir():
                    tally.leave_out("link or device")
                continue
            packed = archive.extractfile(member)
            assert packed is not None
            if tally.takes(member.name):
                yield _member(packed, f"{name}/{member.name}")
            _skip(packed)
    note(tally.note(name))


def _skip(stream: Stream | IO[bytes]) -> None:
    while stream.read(_SKIP_BYTES):
        pass


def _member(packed: IO[bytes], name: str) -> Content:
    stream, _ = _decompressed(Stream(packed), name)
    if _is_tar(stream.peek()):
        raise DataError(f"{name} is an archive within an archive; unpack it first")
    return _content(stream, name, None)
