"""Blocks of text between a file and the reader, and where documents end in them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from w2v_cli.errors import DataError
from w2v_cli.text.settings import Documents

#: How to read a line that is not plain text: (decoded line, its place for messages, line number) →
#: the text of its document, or None if it has none.
Form = Callable[[str, str, int], str | None]

#: Data without an end of line (in plain text: without white space) for this long are not text.
_MOST_LINE_BYTES, _LEAST_LINE_BYTES = 1 << 25, 1 << 16
_LINE_SHARE = 1 / 64  # of the memory
_LINE_END = re.compile("\r\n|\r|\n")
_BLANK_LINE = re.compile(rb"^[ \t\r\v\f]*\n", re.MULTILINE)


@dataclass(frozen=True)
class Piece:
    """Some text, whether its document ends with it, and where it comes from."""

    text: str
    ends_document: bool
    place: str


@dataclass(frozen=True)
class Block:
    """Bytes of a file: lines, of which the last may be incomplete.

    ends_document: whether a document ends with the block. name: of the file. number: of the first
    line (or row: `unit`), from 1. form: of the lines; None for plain text. bytes_read: of all
    files, up to here. documents: what ends one. starts_line: whether the first line starts here.
    n_invalid: lines with invalid UTF-8 that were already replaced.
    """

    data: bytes
    ends_document: bool
    name: str
    number: int
    form: Form | None = None
    bytes_read: int = 0
    documents: Documents = "line"
    starts_line: bool = True
    unit: str = "line"
    n_invalid: int = 0

    @property
    def place(self) -> str:
        """Where the block starts, for messages."""
        return f"{self.name}, {self.unit} {self.number}"

    def lines(self) -> Iterator["Block"]:
        """Yield the lines one by one, without their ends."""
        lines = self.data.split(b"\n")
        if len(lines) > 1 and not lines[-1]:  # the block ends with a whole line
            lines.pop()
        last = len(lines) - 1
        for i, line in enumerate(lines):
            yield Block(
                line,
                self._ends_with(i, last, line),
                self.name,
                self.number + i,
                self.form,
                self.bytes_read,
                unit=self.unit,
                n_invalid=self.n_invalid if i == 0 else 0,
            )

    def _ends_with(self, i: int, last: int, line: bytes) -> bool:
        if i == last and self.ends_document:
            return True
        if self.documents == "line":
            return i < last
        is_whole = (i > 0 or self.starts_line) and (i < last or self.data.endswith(b"\n"))
        return self.documents == "blank-line" and is_whole and not line.strip()

    def as_lines(self) -> bytes:
        """Return the data with every document on one line.

        Done here rather than where blocks are cut, so that messages name the right line of the file
        and each thread joins its own blocks.
        """
        if self.documents == "line":
            return self.data
        if self.documents == "file":
            return self.data.replace(b"\n", b" ")
        start = 0
        if not self.starts_line:
            start = self.data.find(b"\n") + 1 or len(self.data)
        paragraphs = _BLANK_LINE.split(self.data[start:])
        joined = b"\n".join(paragraph.replace(b"\n", b" ") for paragraph in paragraphs)
        return self.data[:start].replace(b"\n", b" ") + joined

    def text(self, encoding_errors: str) -> tuple[str | None, bool]:
        """Return the text of this one line, and whether it held invalid UTF-8.

        Raises DataError for invalid UTF-8 if encoding_errors is "strict".
        """
        text, invalid = decoded(self.data, encoding_errors, self.place)
        return (text if self.form is None else self.form(text, self.place, self.number)), invalid


def decoded(data: bytes, encoding_errors: str, place: str) -> tuple[str, bool]:
    """Return bytes as text, and whether they held invalid UTF-8.

    Raises DataError for invalid UTF-8 if encoding_errors is "strict".
    """
    try:
        return data.decode("utf-8"), False
    except UnicodeDecodeError as error:
        if encoding_errors == "strict":
            raise DataError(
                f"{place}: invalid UTF-8 ({error.reason} at byte {error.start}); convert the file,"
                " or use --encoding-errors replace or ignore"
            ) from error
    return data.decode("utf-8", errors=encoding_errors), True


def split_lines(text: str) -> list[str]:
    """Return the lines of a small file, whichever system wrote it."""
    return _LINE_END.split(text)


def most_line_bytes(memory: float) -> int:
    """Return how long one line may be when there are `memory` GiB."""
    return min(_MOST_LINE_BYTES, max(int(memory * 2**30 * _LINE_SHARE), _LEAST_LINE_BYTES))


class Readable(Protocol):
    """What `raw_blocks` reads from."""

    def read(self, n: int, /) -> bytes:
        """Return at most n bytes; nothing at the end."""


def raw_blocks(
    stream: Readable, name: str, cut_long_lines: bool, piece_bytes: int, most_line_bytes: int
) -> Iterator[tuple[bytes, bool]]:
    """Yield whole lines, True; or a part of a line longer than a piece, False."""
    begun: list[bytes] = []
    n_begun = 0
    in_line = first = True
    while chunk := stream.read(piece_bytes):
        if first and chunk.startswith(b"\xef\xbb\xbf"):
            chunk = chunk[3:]
        first = False
        cut = chunk.rfind(b"\n") + 1
        in_line = cut == 0
        if in_line and cut_long_lines and n_begun + len(chunk) > piece_bytes:
            cut = max(chunk.rfind(b" "), chunk.rfind(b"\t")) + 1
        if cut:
            yield b"".join([*begun, chunk[:cut]]), not in_line
            begun, n_begun = [], 0
        begun.append(chunk[cut:])
        n_begun += len(chunk) - cut
        if n_begun > most_line_bytes:
            raise DataError(
                f"{name} has no end of line for {n_begun:,} bytes, and no white space to cut"
                " at; is this text, one document a line?"
            )
    if n_begun or (in_line and not first):
        yield b"".join(begun), True
