"""From files, folders and globs to blocks of text.

A document is a line (in `.jsonl` files: the `text` of a record). Blocks hold whole lines; only a
line longer than a block is cut, at white space. Compression is recognised by content, not by name.
What this file does not do: guess encodings (text is UTF-8), unpack archives, or read the network.
"""

import bisect
import bz2
import glob
import gzip
import lzma
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import IO, Any, BinaryIO

from w2v_cli.corpus.bounded_xz import open_xz
from w2v_cli.corpus.forms import Form, is_treebank, json_text, treebank_sentences
from w2v_cli.errors import DataError

PIECE_BYTES = 1 << 20
#: What has no end of line (in plain text: no white space) for so long is not text.
MOST_LINE_BYTES = 1 << 25
_TEXT_SUFFIXES = {"", ".txt", ".text", ".md", ".jsonl", ".tok", ".tokens"}
_COMPRESSED_SUFFIXES = {".gz", ".bz2", ".xz"}
_OPENERS: tuple[tuple[bytes, Callable[..., Any]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\x00", open_xz),
)
_FOREIGN = {
    b"PK\x03\x04": "a zip archive",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"7z\xbc\xaf": "a 7z archive",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"%PDF": "a PDF document",
}


@dataclass(frozen=True)
class Piece:
    """Some text, whether its document ends with it, and where it comes from."""

    text: str
    ends_document: bool
    path: Path
    number: int


@dataclass(frozen=True)
class Block:
    """Bytes of a file: lines, the last one perhaps begun only.

    number: of the first line, from 1. ends_document: whether the last line is whole.
    form: what the lines are; None for plain text. bytes_read: of all files, up to here.
    """

    data: bytes
    ends_document: bool
    path: Path
    number: int
    form: Form | None
    bytes_read: int

    def lines(self) -> Iterator["Block"]:
        """Yield the lines one by one, without their ends."""
        lines = self.data.split(b"\n")
        if len(lines) > 1 and not lines[-1]:  # the block ends with a whole line
            lines.pop()
        last = len(lines) - 1
        for i, line in enumerate(lines):
            ends = i < last or self.ends_document
            yield Block(line, ends, self.path, self.number + i, self.form, self.bytes_read)

    def text(self, encoding_errors: str) -> tuple[str | None, bool]:
        """Return the text of this one line, and whether it held invalid UTF-8.

        Raises DataError, for what is invalid if encoding_errors is "strict".
        """
        invalid = False
        try:
            text = self.data.decode("utf-8")
        except UnicodeDecodeError as error:
            if encoding_errors == "strict":
                raise DataError(
                    f"{self.path}, line {self.number}: invalid UTF-8 ({error.reason} at byte"
                    f" {error.start}); convert the file, or use --encoding-errors replace or ignore"
                ) from error
            invalid = True
            text = self.data.decode("utf-8", errors=encoding_errors)
        return (text if self.form is None else self.form(text, self.path, self.number)), invalid


class TextSource:
    """The text of several files, which can be read more than once.

    During a pass over `pieces`, bytes_read rises to n_bytes (on disk, compressed ones as such);
    after it, n_invalid is the number of lines (or pieces of long lines) with invalid UTF-8.
    """

    def __init__(
        self, files: Sequence[Path], encoding_errors: str = "replace", form: Form | None = None
    ) -> None:
        self.files = list(files)
        self.encoding_errors = encoding_errors
        self.bytes_read = self.n_invalid = 0
        self._form = form
        self._states = [_state(path.stat()) for path in self.files]
        self._last_bytes = list(accumulate(size for size, _ in self._states))
        self.n_bytes = self._last_bytes[-1] if self._last_bytes else 0

    def states(self) -> list[tuple[str, int, int]] | None:
        """Return path, size and time of change (in ns) of each file, which tell it from others.

        None where they do not: the text is then read anew for every run.
        """
        pairs = zip(self.files, self._states, strict=True)
        return [(os.path.abspath(path), *state) for path, state in pairs]

    def file_at(self, bytes_read: int) -> tuple[int, int]:
        """Return which file a number of bytes read leads into, from 1, and how many there are."""
        place = bisect.bisect_left(self._last_bytes, bytes_read)
        return min(place + 1, len(self.files)), len(self.files)

    def blocks(self) -> Iterator[Block]:
        """Yield all text in order. Raises DataError for what cannot be read."""
        done = 0
        for path, state in zip(self.files, self._states, strict=True):
            try:
                yield from self._file_blocks(path, done, state)
            except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
                raise DataError(
                    f"cannot read {path}: {error}; is the file whole? unpack or fetch it again"
                ) from error
            done += state[0]

    def lines(self) -> Iterator[Block]:
        """Yield the text as blocks of one line (or a piece of a long one)."""
        for block in self.blocks():
            yield from block.lines()

    def pieces(self) -> Iterator[Piece]:
        """Yield the decoded text, one document (or a piece of a long line) at a time."""
        self.bytes_read = self.n_invalid = 0
        for line in self.lines():
            text, invalid = line.text(self.encoding_errors)
            self.n_invalid += invalid
            self.bytes_read = line.bytes_read
            if text is not None:
                yield Piece(text, line.ends_document, line.path, line.number)

    def _file_blocks(self, path: Path, done: int, state: tuple[int, int]) -> Iterator[Block]:
        form = self._form or (json_text if _suffix(path) == ".jsonl" else None)
        number = 1
        with path.open("rb") as file:
            stream = open_stream(file, path)
            for data, ends in raw_blocks(stream, path, cut_long_lines=form is None):
                yield Block(data, ends, path, number, form, done + file.tell())
                number += data.count(b"\n")
            if _state(os.fstat(file.fileno())) != state:
                raise DataError(
                    f"{path} was changed while it was read; wait until it is complete,"
                    " or train on a copy"
                )


def open_source(
    patterns: Sequence[str], encoding_errors: str = "replace", split: str = "all"
) -> TextSource:
    """Find the files that paths, folders and globs name and return their text.

    Raises DataError for a path that is missing or a folder without text.
    """
    files = [file for pattern in patterns for file in _expand(pattern)]
    if not files:
        raise DataError("no corpus given; name text files or folders, or - for standard input")
    if any(is_treebank(Path(pattern)) for pattern in patterns):
        if len(patterns) > 1:
            raise DataError("a Stanford Sentiment Treebank folder has to be the only corpus")
        form = treebank_sentences(Path(patterns[0]), split)
        return TextSource(files, encoding_errors, form)
    if split != "all":
        raise DataError("--split needs a Stanford Sentiment Treebank folder as the corpus")
    return TextSource(files, encoding_errors)


def _state(status: os.stat_result) -> tuple[int, int]:
    """Return size and time of change."""
    return status.st_size, status.st_mtime_ns


def _expand(pattern: str) -> list[Path]:
    path = Path(pattern)
    if path.is_dir():
        if is_treebank(path):
            return [path / "datasetSentences.txt"]
        found = sorted(file for file in path.rglob("*") if _is_text(file, path))
        if not found:
            suffixes = " ".join(sorted(_TEXT_SUFFIXES - {""}))
            raise DataError(f"the folder {path} has no text files ({suffixes}, or compressed)")
        return found
    if path.exists():
        return [path]
    found = sorted(Path(name) for name in glob.glob(pattern, recursive=True))
    found = [file for file in found if file.is_file()]
    if not found:
        raise DataError(f"no such file or folder: {pattern}")
    return found


def _is_text(file: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
    return file.is_file() and not hidden and _suffix(file) in _TEXT_SUFFIXES


def _suffix(path: Path) -> str:
    """Return the suffix without the one of a compression: `a.jsonl.gz` → `.jsonl`."""
    return Path(path.stem).suffix if path.suffix in _COMPRESSED_SUFFIXES else path.suffix


def open_stream(file: BinaryIO, path: Path) -> IO[bytes]:
    """Return the unpacked content of a file; plain text is the file itself.

    Raises DataError for what is not text.
    """
    head = file.read(4096)
    file.seek(0)
    for magic, opener in _OPENERS:
        if head.startswith(magic):
            stream: IO[bytes] = opener(file)
            return stream
    for magic, name in _FOREIGN.items():
        if head.startswith(magic):
            raise DataError(f"{path} is {name}; convert it to plain UTF-8 text first")
    if b"\x00" in head:
        raise DataError(f"{path} is a binary file, not text; give UTF-8 text")
    if path.suffix in _COMPRESSED_SUFFIXES and head:
        raise DataError(
            f"{path} is named {path.suffix} but is not compressed so; rename it or fetch it again"
        )
    return file


def raw_blocks(stream: IO[bytes], path: Path, cut_long_lines: bool) -> Iterator[tuple[bytes, bool]]:
    """Yield whole lines, True; or a part of a line longer than PIECE_BYTES, False."""
    begun: list[bytes] = []
    n_begun = 0
    in_line = first = True
    while chunk := stream.read(PIECE_BYTES):
        if first and chunk.startswith(b"\xef\xbb\xbf"):
            chunk = chunk[3:]
        first = False
        cut = chunk.rfind(b"\n") + 1
        in_line = cut == 0
        if in_line and cut_long_lines and n_begun + len(chunk) > PIECE_BYTES:
            cut = max(chunk.rfind(b" "), chunk.rfind(b"\t")) + 1
        if cut:
            yield b"".join([*begun, chunk[:cut]]), not in_line
            begun, n_begun = [], 0
        begun.append(chunk[cut:])
        n_begun += len(chunk) - cut
        if n_begun > MOST_LINE_BYTES:
            raise DataError(
                f"{path} has no end of line for {n_begun:,} bytes, and no white space to cut"
                " at; is this text, one document a line?"
            )
    if n_begun or (in_line and not first):
        yield b"".join(begun), True


def stream_pieces(
    stream: IO[bytes], name: Path, encoding_errors: str = "replace"
) -> Iterator[Piece]:
    """Yield the decoded text of a stream that can be read only once, line by line.

    name: for messages. Raises DataError for invalid UTF-8 if encoding_errors is "strict".
    """
    number = 1
    for data, ends in raw_blocks(stream, name, cut_long_lines=True):
        for line in Block(data, ends, name, number, None, 0).lines():
            text, _ = line.text(encoding_errors)
            yield Piece(text or "", line.ends_document, name, line.number)
        number += data.count(b"\n")
