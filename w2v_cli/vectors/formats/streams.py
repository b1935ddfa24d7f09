"""Opening vector files, plain or gzip-compressed, and how much a file of some size can hold."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from w2v_cli.errors import DataError
from w2v_cli.storage.atomic import atomic_write

GZIP_MAGIC = b"\x1f\x8b"
_DEFLATE_LIMIT = 1032  # deflate cannot compress more than this many bytes into one


@contextmanager
def open_input(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading bytes; gzip is unpacked, whatever the name says.

    Raises:
        DataError: the file is missing, or its compressed data are damaged or cut short.
    """
    try:
        with open(path, "rb") as file:
            if not is_gzip(path):
                yield file
                return
            with gzip.open(file, "rb") as unpacked:
                yield cast(BinaryIO, unpacked)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path}: the gzip data are damaged or cut short: {error}") from None
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None


def is_gzip(path: Path) -> bool:
    """Recognize a gzip file by its first bytes."""
    with open(path, "rb") as file:
        return file.read(2) == GZIP_MAGIC


def check_promise(path: Path, n_words: int, dim: int, least_bytes: int) -> None:
    """Refuse a header that promises more than the file can hold, before memory is taken.

    least_bytes: what n_words vectors need at the very least.

    Raises:
        DataError: with both sizes.
    """
    if n_words < 1 or dim < 1:
        raise DataError(
            f"{path}: line 1 promises {n_words} words of {dim} numbers: nothing to read"
        )
    size = os.path.getsize(path)
    most = size * _DEFLATE_LIMIT if is_gzip(path) else size
    if least_bytes > most:
        raise DataError(
            f"{path}: line 1 promises {n_words:,} words of {dim:,} numbers, which take at least "
            f"{least_bytes:,} bytes; the file has {size:,}: it was cut short, or line 1 is wrong"
        )


@contextmanager
def open_output(path: Path) -> Iterator[BinaryIO]:
    """Open a file that appears whole or not at all; a name in `.gz` compresses."""
    with atomic_write(path) as file:
        if path.suffix != ".gz":
            yield file
            return
        # No name and no time inside: the same vectors give the same bytes.
        with gzip.GzipFile("", "wb", 6, fileobj=file, mtime=0) as packed:
            yield cast(BinaryIO, packed)
