"""The binary format of word2vec.c: a header line, then word, space, D float32, newline or not."""

from __future__ import annotations

import mmap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError
from w2v_cli.memory import ask_for
from w2v_cli.vectors.formats.packed import check_promise, is_packed, open_input
from w2v_cli.vectors.formats.streams import Content, Reading, Writing, open_output
from w2v_cli.vectors.formats.word2vec_text import LONGEST_HEADER, decode_words, parse_header
from w2v_cli.vectors.table import (
    LONGEST_WORD,
    VectorTable,
    check_no_white_space,
    checked_table,
)

_SAMPLE_BYTES = 2 * LONGEST_WORD
_NEWLINE = 0x0A
_BLOCK_ROWS = 2048
_PIECE_BYTES = 1 << 24
_PRINTABLE = bytes(range(32, 127)) + b"\t\r"
_FEWER = "use a machine with more, or a file with fewer words"


def is_binary(content: Content) -> bool:
    """After a header `V D`: is the first word followed by D numbers as text, or by bytes?"""
    if not content.mark:
        return False
    with open_input(content.path) as file:
        header = parse_header(file.readline(LONGEST_HEADER))
        if header is None:
            return False
        sample = file.read(_SAMPLE_BYTES)
    numbers = sample.partition(b"\n")[0].partition(b" ")[2]
    if numbers.translate(None, _PRINTABLE):
        return True
    if len(numbers.split()) == header[1]:
        return False
    # A damaged text, or bytes that happen to look like text.
    return b"\0" in sample or ".bin" in content.path.suffixes[-2:]


def write_binary(table: VectorTable, path: Path, _: Writing) -> None:
    """Write a table as word2vec.c does, little-endian float32, a newline after each vector.

    Raises:
        DataError: a word with white space.
        OSError: the file cannot be written.
    """
    check_no_white_space(table.words, "word2vec's binary format")
    with open_output(path) as file:
        file.write(b"%d %d\n" % table.matrix.shape)
        for word, row in zip(table.words, table.matrix.astype("<f4", copy=False), strict=True):
            file.write(word.encode() + b" " + row.tobytes() + b"\n")


def read_binary(path: Path, how: Reading) -> VectorTable:
    """Read the binary format, as word2vec.c, gensim or `write_binary` wrote it.

    Raises:
        DataError: naming the byte: cut short, a word that does not end, bytes left over; NaN; if
            strict, a repeated word or one that is not UTF-8.
    """
    with open_input(path) as file:
        first = file.readline(LONGEST_HEADER)
        header = parse_header(first)
        if header is None:
            raise DataError(f"{path}: line 1 is not the header 'V D' of word2vec's binary format")
        n_words, dim = header
        check_promise(path, n_words, dim, n_words * (4 * dim + 2))
        what = f"{path}: {n_words:,} words of {dim:,} numbers"
        ask_for(4 * n_words * dim * (2 if is_packed(path) else 1), what, _FEWER)
        if is_packed(path):
            unpacked = _unpacked(path, file, n_words * (4 * dim + LONGEST_WORD + 2))
            return _parse(path, unpacked, 0, len(first), (n_words, dim), how)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _parse(path, data, len(first), 0, (n_words, dim), how)


def _unpacked(path: Path, file: BinaryIO, longest: int) -> bytearray:
    """Read a compressed file, up to `longest` bytes, and check the memory on the way."""
    data = bytearray()
    while len(data) < longest and (piece := file.read(_PIECE_BYTES)):
        ask_for(len(data) / 2, f"{path}: what it unpacks to", _FEWER)  # it may be moved as it grows
        data += piece
    return data


def _parse(
    path: Path,
    data: bytearray | mmap.mmap,
    position: int,
    before: int,
    shape: tuple[int, int],
    how: Reading,
) -> VectorTable:
    """Parse records from `position` on; `before`: bytes of the file that `data` leaves out."""
    words, starts, position = _scan(path, data, position, before, shape, how.limit)
    if how.limit is None and position < len(data):
        raise DataError(
            f"{path}: byte {position + before}: {len(data) - position} bytes follow the "
            f"{shape[0]} words that line 1 promises; line 1 is wrong"
        )
    decoded, notes = decode_words(str(path), words, how.strict, "word", 1)
    matrix = _gather(np.frombuffer(data, dtype=np.uint8), np.array(starts), shape[1])
    return checked_table(str(path), decoded, matrix, how.strict, notes=notes)


def _scan(
    path: Path,
    data: bytearray | mmap.mmap,
    position: int,
    before: int,
    shape: tuple[int, int],
    limit: int | None,
) -> tuple[list[bytes], list[int], int]:
    """Find every word, the byte at which its numbers begin, and the byte after the last."""
    words: list[bytes] = []
    starts: list[int] = []
    size = len(data)
    n_words, dim = shape
    width = dim * 4
    for _ in range(n_words if limit is None else min(n_words, limit)):
        space = data.find(b" ", position, position + LONGEST_WORD + 1)
        end = space + 1 + width
        if space < 0 or end > size:
            raise DataError(
                f"{path}: byte {position + before}: word {len(words) + 1} of {n_words} and "
                f"its {dim} numbers do not end within the {size + before} bytes of the file; "
                "it was cut short or is not a binary vector file"
            )
        words.append(bytes(data[position:space]))
        starts.append(space + 1)
        position = end + 1 if end < size and data[end] == _NEWLINE else end
    return words, starts, position


def _gather(data: NDArray[np.uint8], starts: NDArray[np.int64], dim: int) -> NDArray[np.float32]:
    """Copy the numbers at `starts`, which have no alignment, into a matrix; by several threads."""
    windows = np.lib.stride_tricks.sliding_window_view(data, dim * 4)
    matrix = np.empty((len(starts), dim), dtype="<f4")
    rows = matrix.view(np.uint8)

    def copy(first: int) -> None:
        rows[first : first + _BLOCK_ROWS] = windows[starts[first : first + _BLOCK_ROWS]]

    with ThreadPoolExecutor() as pool:
        list(pool.map(copy, range(0, len(starts), _BLOCK_ROWS)))
    return matrix.astype(np.float32, copy=False)
