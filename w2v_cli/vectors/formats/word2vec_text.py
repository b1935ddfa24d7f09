"""Vectors as text, one word per line: word2vec and fastText `.vec` (header `V D`), GloVe (none).

Numbers are written with nine digits, which float32 needs to read back to the same bits.
Reading accepts all three. A word may contain spaces, as some of GloVe's do, because the number of
numbers in a row is known.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError
from w2v_cli.memory import ask_for
from w2v_cli.vectors.answers import Precision
from w2v_cli.vectors.formats.streams import Writing, check_promise, open_input, open_output
from w2v_cli.vectors.table import (
    VectorTable,
    check_finite,
    check_no_white_space,
    check_words,
    encode_matrix,
)

#: Bytes of a first line. It says how many numbers a row has, which bounds the later lines.
_LONGEST_LINE = 2**24
_LONGEST_WORD = 2**16
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


def read_text(path: Path) -> VectorTable:
    """Read vectors as text, with header or without.

    Raises:
        DataError: naming the line: a row too short, too long or with something that is not a
            number; a repeated word; NaN; not UTF-8; fewer or more rows than the header promises.
    """
    with open_input(path) as file:
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
            words, matrix = _read_rows(path, file, dim, 2)
            if len(words) != n_words:
                raise DataError(
                    f"{path}: line 1 promises {n_words:,} words, but {len(words):,} follow; "
                    "the file was cut short, or line 1 is wrong"
                )
        else:
            if len(first) == _LONGEST_LINE:
                raise DataError(f"{path}: line 1 has {_LONGEST_LINE:,} bytes or more: no vectors")
            file.seek(0)
            words, matrix = _read_rows(path, file, len(first.split()) - 1, 1)
    first_line = 1 if header is None else 2
    check_words(str(path), words, "line", first_line)
    check_finite(str(path), matrix, words, "line", first_line)
    return VectorTable(words, matrix)


def _read_rows(
    path: Path, file: BinaryIO, dim: int, line_number: int
) -> tuple[list[str], NDArray[np.float32]]:
    if dim < 1:
        raise DataError(f"{path}: line 1 is neither a header 'V D' nor a word with numbers")
    words: list[str] = []
    blocks = []
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # numpy's way to say "no number"
        for lines in _line_blocks(path, file, dim, line_number):
            ask_for(4 * dim * (len(words) + len(lines)), f"{path}: its vectors", _FEWER)
            block = np.empty((len(lines), dim), dtype=np.float32)
            for i, line in enumerate(lines):
                try:
                    word, block[i] = _parse_row(line, dim)
                    words.append(word.decode())
                except UnicodeDecodeError:
                    raise DataError(
                        f"{path}: line {line_number + len(words)}: the word is not UTF-8"
                    ) from None
                except ValueError as error:
                    number = line_number + len(words)
                    hint = "" if words else "; is this a file of vectors?"
                    raise DataError(f"{path}: line {number}: {error}{hint}") from None
            blocks.append(block)
    if not blocks:
        raise DataError(f"{path}: it contains no vectors")
    return words, np.concatenate(blocks)


def _line_blocks(path: Path, file: BinaryIO, dim: int, number: int) -> Iterator[list[bytes]]:
    """Lines in blocks; empty ones at the end of the file are dropped."""
    block: list[bytes] = []
    empty = n_bytes = 0
    longest = min(_LONGEST_WORD + _LONGEST_NUMBER * dim, 4 * _LONGEST_LINE)
    while line := file.readline(longest):
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
    parts = line.rsplit(None, dim)  # a word with spaces, or a faulty row
    if len(parts) <= dim or is_number(parts[0].split()[-1]):
        raise ValueError(f"expected {dim} numbers, got {len(line.split()) - 1}: {_start(line)}")
    try:
        return parts[0], _numbers(b" ".join(parts[1:]))
    except ValueError:
        raise ValueError(f"expected numbers after the word: {_start(line)}") from None


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
