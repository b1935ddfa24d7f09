"""From files, folders, archives, tables and addresses to blocks of text.

A document is a line, or what `documents` says; in records and tables it is a record. Blocks hold
whole lines; only a line longer than a block is cut, at white space. What a file is, its content
says; its name decides only between text and CSV. What this file does not do: guess encodings (text
is UTF-8).
"""

import bisect
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import BinaryIO, Protocol

from w2v_cli.errors import DataError, W2VError
from w2v_cli.text.blocks import Block, Documents, Form, Piece
from w2v_cli.text.find import Found, find_text
from w2v_cli.text.places import LocalFile, Place, Reading, State
from w2v_cli.text.records import JsonRecords, arrow_blocks, csv_blocks, delimiter_of, is_records
from w2v_cli.text.unpack import Content, Stream, unpacked

# A block of text on its way from a file to the scanners, and where its documents end.


# From files, folders, archives, tables and addresses to blocks of text.


PIECE_BYTES = 1 << 20
#: Blocks for what splits slowly, so that progress is seen.
SMALL_PIECE_BYTES = 1 << 15

_DAMAGED = (
    *(OSError, EOFError, lzma.LZMAError, zlib.error, zipfile.BadZipFile, tarfile.TarError),
    *(struct.error, LookupError, OverflowError, RuntimeError, ValueError),
)


class TextSource:
    """The text of several files, which can be read more than once.

    During a pass over `pieces`, bytes_read rises to n_bytes (on disk, compressed ones as such);
    after it, n_invalid is the number of lines (or pieces of long lines) with invalid UTF-8. notes:
    what a user should know about the files; those on archives come with the first pass.
    """

    def __init__(self, found: Found, reading: Reading) -> None:
        self.encoding_errors = reading.encoding_errors
        self.bytes_read = self.n_invalid = 0
        self._reading = reading
        self._places = found.places
        self._form = found.form
        self._notes = dict.fromkeys(found.notes)
        self._field_used = False
        try:
            self._states = [place.state() for place in self._places]
        except Exception as error:
            raise DataError(f"cannot read the corpus: {error}") from error
        self._last_bytes = list(accumulate(size for size, _ in self._states))
        self.n_bytes = self._last_bytes[-1] if self._last_bytes else 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know about the files."""
        return tuple(self._notes)

    def parts(self) -> Iterator[tuple[Place, State, bool]]:
        """Yield each file with its state, and whether each of its lines is a document."""
        for place, state in zip(self._places, self._states, strict=True):
            with place.open() as file:
                content = next(unpacked(file, place.name, False, lambda note: None), None)
                by_line = content is not None and content.file is file and self._by_line(content)
            yield place, state, by_line

    def form_of(self, file: BinaryIO, name: str) -> Form | None:
        """Return what the lines of a file are that is not compressed; None: plain text."""
        content = next(unpacked(file, name, False, lambda note: None), None)
        return None if content is None else self._look(content)[0]

    def states(self) -> list[tuple[str, int, int]] | None:
        """Return path, size and time of change (in ns) of each file, which tell it from others.

        None where they do not: the text is then read anew for every run.
        """
        found = []
        for place, (size, changed) in zip(self._places, self._states, strict=True):
            if not isinstance(place, LocalFile):
                return None
            found.append((str(place.path.absolute()), size, int(changed)))
        return found

    def file_at(self, bytes_read: int) -> tuple[int, int]:
        """Return which file a number of bytes read leads into, from 1, and how many there are."""
        place = bisect.bisect_left(self._last_bytes, bytes_read)
        return min(place + 1, len(self._places)), len(self._places)

    def blocks(self) -> Iterator[Block]:
        """Yield all text in order. Raises DataError for what cannot be read."""
        done = 0
        for place, state in zip(self._places, self._states, strict=True):
            try:
                file = place.open()
            except Exception as error:
                raise DataError(_cannot_read(place.name, error)) from error
            with file:
                yield from self._file_blocks(file, place, done)
                if place.state(file) != state:
                    raise DataError(
                        f"{place.name} was changed while it was read; wait until it is complete,"
                        " or train on a copy"
                    )
            done += state[0]
        is_useless = self._reading.text_field is not None and not self._field_used
        if is_useless and not self._reading.is_part:
            raise DataError(
                f"--text-field {self._reading.text_field}: no file has records or a table with"
                " that column; check the name, or omit it"
            )

    def lines(self) -> Iterator[Block]:
        """Yield the text as blocks of one line (or a piece of a long one)."""
        for block in self.blocks():
            yield from block.lines()

    def pieces(self) -> Iterator[Piece]:
        """Yield the decoded text, one document (or a part of one) at a time."""
        self.bytes_read = self.n_invalid = 0
        for line in self.lines():
            text, invalid = line.text(self.encoding_errors)
            self.n_invalid += invalid + line.n_invalid
            self.bytes_read = line.bytes_read
            if text is not None:
                yield Piece(text, line.ends_document, line.place)

    def _file_blocks(self, file: BinaryIO, place: Place, done: int) -> Iterator[Block]:
        damaged = _DAMAGED if isinstance(place, LocalFile) else Exception
        tables = self._reading.text_field is not None
        name = place.name
        try:
            contents = unpacked(file, place.name, tables, self._note)
            if self._reading.as_it_is:
                contents = iter([Content(name, Stream(file), "text", file)])
            for content in contents:
                name = content.name
                for block in self._content_blocks(content):
                    yield replace(block, bytes_read=done + file.tell())
        except W2VError:
            raise
        except damaged as error:
            raise DataError(_cannot_read(name, error, file.tell())) from error

    def _content_blocks(self, content: Content) -> Iterator[Block]:
        reading, limits = self._reading, self._reading.limits()
        form, delimiter = self._look(content)
        is_table = content.kind != "text" or delimiter is not None
        self._field_used |= is_table or isinstance(form, JsonRecords)
        if content.kind != "text":
            yield from arrow_blocks(content, reading.field, limits)
        elif delimiter is not None:
            errors = reading.encoding_errors
            yield from csv_blocks(content, reading.field, delimiter, errors, limits)
        else:
            documents = "line" if form else reading.documents
            pieces = SMALL_PIECE_BYTES if reading.small_pieces else PIECE_BYTES
            raw = raw_blocks(content.stream, content.name, form is None, pieces, limits.line_bytes)
            yield from _numbered(raw, content.name, form, documents)

    def _look(self, content: Content) -> tuple[Form | None, str | None]:
        """Return what the lines of a text are, and what separates its columns if it is a table."""
        if self._form is not None or content.kind != "text" or self._reading.as_it_is:
            return self._form, None
        head = content.stream.peek()
        if is_records(head, content.suffix, content.name):
            return JsonRecords(self._reading.field), None
        if content.suffix in (".csv", ".tsv") or self._reading.text_field is not None:
            return None, delimiter_of(head, content.suffix, self._reading.field)
        return None, None

    def _by_line(self, content: Content) -> bool:
        """Whether each line of a content is a document: of plain text, or of JSON records."""
        if content.kind != "text" or self._form is not None:
            return False
        form, delimiter = self._look(content)
        return delimiter is None and (form is not None or self._reading.documents == "line")

    def _note(self, text: str) -> None:
        self._notes[text] = None


def open_source(
    patterns: Sequence[str],
    encoding_errors: str = "replace",
    split: str = "all",
    reading: Reading | None = None,
    aliases: Mapping[str, str] | None = None,
) -> TextSource:
    """Find the files that paths, folders, globs, lists and addresses name and return their text.

    reading: how it is taken, encoding_errors too. aliases: path → what messages call it.
    Raises DataError for what is missing and for a folder without text.
    """
    reading = reading or Reading(encoding_errors)
    found = find_text(patterns, reading.text_field, split)
    for place in found.places:
        if isinstance(place, LocalFile):
            place.name = (aliases or {}).get(str(place.path), place.name)
    return TextSource(found, reading)


def _cannot_read(name: str, error: Exception, place: int | None = None) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"cannot read {name}: {error.strerror}"
    text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    before = "" if place is None else f" (before byte {place:,} of the file)"
    return f"cannot read {name}: {text}{before}; is the file whole? unpack or fetch it again"


def _numbered(
    raw: Iterator[tuple[bytes, bool]], name: str, form: Form | None, documents: Documents
) -> Iterator[Block]:
    """Make blocks of raw ones; where lines are not documents, an empty block ends the file."""
    number, starts_line, by_line = 1, True, documents == "line"
    for data, ends in raw:
        yield Block(
            data, ends and by_line, name, number, form, documents=documents, starts_line=starts_line
        )
        number += data.count(b"\n")
        starts_line = ends
    if not by_line:
        yield Block(b"", True, name, number)


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


def stream_pieces(stream: Readable, name: str, encoding_errors: str = "replace") -> Iterator[Piece]:
    """Yield the decoded text of a stream that can be read only once, line by line.

    name: for messages. Raises DataError for invalid UTF-8 if encoding_errors is "strict".
    """
    number = 1
    most = Reading().limits().line_bytes
    for data, ends in raw_blocks(stream, name, True, PIECE_BYTES, most):
        for line in Block(data, ends, name, number).lines():
            text, _ = line.text(encoding_errors)
            yield Piece(text or "", line.ends_document, line.place)
        number += data.count(b"\n")
