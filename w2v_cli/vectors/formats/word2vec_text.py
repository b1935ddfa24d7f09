"""Vectors as text, one word per line: word2vec and fastText `.vec` (header `V D`), GloVe (none).

Numbers are written with nine digits, which float32 needs to read back to the same bits.
Reading accepts all three. A word may contain spaces, as some of GloVe's do, because the number of
numbers in a row is known.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError
from w2v_cli.memory import ask_for
from w2v_cli.vectors.answers import Precision
from w2v_cli.vectors.formats.packed import check_promise, open_input
from w2v_cli.vectors.formats.streams import Reading, Writing, open_output
from w2v_cli.vectors.table import (
    LONGEST_WORD,
    VectorTable,
    check_no_white_space,
    checked_table,
    encode_matrix,
)

#: Bytes of a first line. It says how many numbers a row has, which bounds the later lines.
_LONGEST_LINE = 2**24
#: Characters of a line that a message shows.
_SHOWN = 40
_LONGEST_NUMBER = 64
_BLOCK_BYTES = 2**24
LONGEST_HEADER = 200
_BLOCK_ROWS = 4096
_FEWER = "use a machine with more, or a file with fewer words"
_BOM = b"\xef\xbb\xbf"


def write_text(table: VectorTable, path: Path, how: Writing) -> None:
    """Write a table, the line `V D` first.

    Raises:
        DataError: a word with white space, which no reader would read back.
        OSError: the file cannot be written.
    """
    _write(table, path, how.precision, header=True)


def write_glove(table: VectorTable, path: Path, how: Writing) -> None:
    """Write a table without the line `V D`. Raises as `write_text` does."""
    _write(table, path, how.precision, header=False)


def _write(table: VectorTable, path: Path, precision: Precision, header: bool) -> None:
    check_no_white_space(table.words, "text")
    if not header and table.words[0].startswith("\ufeff"):
        raise DataError(f"the first word, {table.words[0]!r}, begins with the mark of a file")
    digits = {"float32": "%.9g", "float16": "%.5g"}[precision]
    if table.matrix.shape[1] == 1 and not header:
        digits = digits.replace("%", "%#")  # "7 2" would look like a header; "7 2.0000" does not
    row_format = "%s" + f" {digits}" * table.matrix.shape[1] + "\n"
    matrix = encode_matrix(table.matrix, precision)["vectors"]
    with open_output(path) as file:
        if header:
            file.write(b"%d %d\n" % table.matrix.shape)
        for start in range(0, len(matrix), _BLOCK_ROWS):
            rows = matrix[start : start + _BLOCK_ROWS].tolist()
            words = table.words[start : start + _BLOCK_ROWS]
            lines = [row_format % (word, *row) for word, row in zip(words, rows, strict=True)]
            file.write("".join(lines).encode())


def parse_header(line: bytes) -> tuple[int, int] | None:
    """Read `V D` off a first line; None if it is not one."""
    fields = line.removeprefix(_BOM).split()
    if len(fields) == 2 and all(field.isdigit() and len(field) < 19 for field in fields):
        return int(fields[0]), int(fields[1])
    return None


def read_text(path: Path, how: Reading) -> VectorTable:
    """Read vectors as text, with header or without; lines end in LF, CR LF or CR.

    Raises:
        DataError: naming the line: a row too short, too long or with something that is not a
            number; NaN; fewer or more rows than the header promises; if strict, a repeated word
            or one that is not UTF-8.
    """
    with open_input(path) as opened:
        file: _Lines = opened
        first = file.readline(_LONGEST_LINE)
        if b"\r" in first.rstrip():
            file = _Returns(first, opened)
            first = file.readline(_LONGEST_LINE)
        if b"\0" in first:
            raise DataError(
                f"{path} is a binary file, in no format of vectors that w2v knows; give a run or"
                " a file of vectors"
            )
        header = parse_header(first)
        if header is not None:
            n_words, dim = header
            check_promise(path, n_words, dim, n_words * (2 * dim + 2))
            ask_for(4 * n_words * dim, f"{path}: {n_words:,} words of {dim:,} numbers", _FEWER)
            words, matrix = _read_rows(path, file, dim, 2, how.limit)
            if len(words) != min(n_words, how.limit or n_words):
                raise DataError(
                    f"{path}: line 1 promises {n_words:,} words, but {len(words):,} follow; "
                    "the file was cut short, or line 1 is wrong"
                )
        else:
            if len(first) == _LONGEST_LINE:
                raise DataError(f"{path}: line 1 has {_LONGEST_LINE:,} bytes or more: no vectors")
            first = first.removeprefix(_BOM)
            dim = len(first.split()) - 1
            words, matrix = _read_rows(path, _Begun(first, file), dim, 1, how.limit)
    first_line = 1 if header is None else 2
    decoded, notes = decode_words(str(path), words, how.strict, "line", first_line)
    return checked_table(
        str(path), decoded, matrix, how.strict, notes=notes, unit="line", first=first_line
    )


class _Lines(Protocol):
    """What gives lines of bytes."""

    def readline(self, size: int, /) -> bytes:
        """Return a line of at most `size` bytes; nothing at the end."""


class _Begun:
    """A file whose first line was read."""

    def __init__(self, first: bytes, file: _Lines) -> None:
        self._first, self._file = first, file

    def readline(self, size: int, /) -> bytes:
        """Return the first line, then the others."""
        line, self._first = self._first, b""
        return line or self._file.readline(size)


class _Returns:
    """Lines that end in a carriage return alone, as old Macs wrote them."""

    def __init__(self, begun: bytes, file: BinaryIO) -> None:
        self._data, self._file = begun, file

    def readline(self, size: int, /) -> bytes:
        """Return a line of at most `size` bytes, nothing at the end."""
        while b"\r" not in self._data and len(self._data) < size:
            more = self._file.read(size)
            if not more:
                break
            self._data += more
        end = self._data.find(b"\r", 0, size) + 1 or size
        line, self._data = self._data[:end], self._data[end:]
        return line


def decode_words(
    source: str, words: list[bytes], strict: bool, unit: str, first: int
) -> tuple[list[str], list[str]]:
    """Return the words as text, and a note that counts those that are not UTF-8.

    Raises:
        DataError: if strict, naming the first word that is not UTF-8; the place counts `unit`s
            from `first`.
    """
    try:
        decoded = b"\n".join(words).decode().split("\n")  # at once is faster than one by one
        if len(decoded) == len(words):  # a damaged binary file may have a line feed in a word
            return decoded, []
        return [word.decode() for word in words], []
    except UnicodeDecodeError:
        decoded = [word.decode("utf-8", "replace") for word in words]
    bad = [i for i, word in enumerate(words) if decoded[i].encode() != word]
    if strict:
        raise DataError(
            f"{source}: {unit} {bad[0] + first}: the word {words[bad[0]]!r} is not UTF-8"
            " (word2vec.c cuts long words in the middle of a character); correct the file, or omit"
            " --strict"
        )
    are = "word is" if len(bad) == 1 else "words are"
    note = f"{len(bad):,} {are} not UTF-8; U+FFFD stands where they cannot be read"
    return decoded, [note]


def _read_rows(
    path: Path, file: _Lines, dim: int, line_number: int, limit: int | None
) -> tuple[list[bytes], NDArray[np.float32]]:
    if dim < 1:
        raise DataError(f"{path}: line 1 is neither a header 'V D' nor a word with numbers")
    words: list[bytes] = []
    blocks = []
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # numpy's way to say "no number"
        for lines in _line_blocks(path, file, dim, line_number, limit):
            ask_for(4 * dim * (len(words) + len(lines)), f"{path}: its vectors", _FEWER)
            block = np.empty((len(lines), dim), dtype=np.float32)
            for i, line in enumerate(lines):
                try:
                    word, block[i] = _parse_row(line, dim)
                    words.append(word)
                except ValueError as error:
                    number = line_number + len(words)
                    hint = "" if words else "; is this a file of vectors?"
                    raise DataError(f"{path}: line {number}: {error}{hint}") from None
            blocks.append(block)
    if not blocks:
        raise DataError(f"{path}: it contains no vectors")
    return words, np.concatenate(blocks)


def _line_blocks(
    path: Path, file: _Lines, dim: int, number: int, limit: int | None
) -> Iterator[list[bytes]]:
    """Yield lines in blocks, at most `limit` of them; empty ones at the end are dropped."""
    block: list[bytes] = []
    empty = n_bytes = 0
    longest = min(LONGEST_WORD + 1 + _LONGEST_NUMBER * dim, 4 * _LONGEST_LINE)
    end = None if limit is None else number + limit
    while number != end and (line := file.readline(longest)):
        if len(line) == longest:
            raise DataError(
                f"{path}: line {number} is too long for a word and {dim:,} numbers: {_start(line)}"
            )
        number += 1
        line = line.rstrip()
        if not line:
            empty += 1
            continue
        block += [b""] * min(empty, 1)  # an empty line inside is an error that the parser names
        empty = 0
        block.append(line)
        n_bytes += len(line)
        if len(block) >= _BLOCK_ROWS or n_bytes >= _BLOCK_BYTES:
            yield block
            block, n_bytes = [], 0
    if block:
        yield block


def _parse_row(line: bytes, dim: int) -> tuple[bytes, NDArray[np.float32]]:
    """Split `word n n n …`. Raises ValueError saying what is wrong."""
    word, _, rest = line.partition(b" ")
    try:
        numbers = _numbers(rest)
    except ValueError:
        numbers = np.zeros(0, np.float32)
    if len(numbers) == dim:
        return word, numbers
    fields = line.split()
    if not fields:
        raise ValueError("the line is empty")
    parts = line.rsplit(None, dim)  # a word with spaces, or a faulty row
    if len(fields) != dim + 1 and (len(parts) <= dim or is_number(parts[0].split()[-1])):
        raise ValueError(f"expected {dim} numbers, got {len(fields) - 1}: {_start(line)}")
    try:
        return parts[0], _numbers(b" ".join(parts[1:]))
    except ValueError:
        strange = next((field for field in parts[1:] if not is_number(field)), b"")
        raise ValueError(
            f"expected numbers after the word, not {_start(strange)}: {_start(line)}"
        ) from None


def _start(line: bytes) -> str:
    text = line.decode("utf-8", "replace")
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def is_number(text: bytes) -> bool:
    """Tell whether a piece of text is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _numbers(text: bytes) -> NDArray[np.float32]:
    try:
        return np.fromstring(text, dtype=np.float32, sep=" ")
    except DeprecationWarning:
        raise ValueError("not a number") from None
