"""Files of vectors that are packed, or come through a pipe: opened like plain ones."""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from w2v_cli.errors import DataError, W2VError
from w2v_cli.text.unpack import open_xz

MARK_BYTES = 16
#: The first bytes of zip archives, of Parquet and of fastText's models.
ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
PARQUET_MARK = b"PAR1"
FASTTEXT_MARK = struct.pack("<i", 793712314)

#: A packed file that is copied may become so many times larger, if it is large at all.
_MOST_RATIO = 200
_MOST_UNCHECKED = 1 << 26
_PIECE_BYTES = 1 << 20
_MOST_NAMED = 5


@dataclass(frozen=True)
class _Packing:
    """open: from a packed file to one of its bytes. most: what one byte can become."""

    open: Callable[[BinaryIO], Any]
    most: int


_PACKINGS = {
    b"\x1f\x8b": _Packing(gzip.open, 1032),
    b"BZh": _Packing(bz2.open, 50_000),
    b"\xfd7zXZ\x00": _Packing(open_xz, 50_000),
}


def _packing(path: Path) -> _Packing | None:
    """Recognise what packed a file; `.npz` is no archive of vectors but a format."""
    with open(path, "rb") as file:
        mark = file.read(MARK_BYTES)
    if mark[:4] in ZIP_MARKS and not holds_arrays(path):
        return _Packing(partial(_open_zip, path), 50_000)
    return next((each for start, each in _PACKINGS.items() if mark.startswith(start)), None)


@contextmanager
def open_input(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading its bytes once, unpacked if it is packed (gzip, bz2, xz, zip).

    Raises:
        DataError: the file is missing, its packed data are damaged or cut short, or it is an
            archive of several files.
    """
    try:
        packing = _packing(path)
        with open(path, "rb") as file, ExitStack() as stack:
            yield file if packing is None else stack.enter_context(packing.open(file))
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (
        EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, OSError
    ) as error:  # fmt: skip
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise DataError(f"{path}: the packed data are damaged or cut short: {error}") from None


def holds_arrays(path: Path) -> bool:
    """Tell whether a zip archive holds NumPy's arrays."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return True  # whose reader says what is wrong
    return path.suffix == ".npz" or not names or any(name.endswith(".npy") for name in names)


def _open_zip(path: Path, file: BinaryIO) -> Any:
    """Open the only file of an archive. Raises DataError that names the files if there are more."""
    archive = zipfile.ZipFile(file)
    members = [
        info
        for info in archive.infolist()
        if not info.filename.startswith(("__MACOSX/", ".")) and not info.filename.endswith("/")
    ]
    if len(members) != 1:
        names = ", ".join(info.filename for info in members[:_MOST_NAMED]) or "nothing"
        more = ", …" if len(members) > _MOST_NAMED else ""
        raise DataError(
            f"{path}: an archive of {len(members)} files ({names}{more}); unpack it and name one"
        )
    return archive.open(members[0])


def is_packed(path: Path) -> bool:
    """Recognise a packed file by its content."""
    return _packing(path) is not None


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
    size, packing = path.stat().st_size, _packing(path)
    if least_bytes > size * (1 if packing is None else packing.most):
        raise DataError(
            f"{path}: line 1 promises {n_words:,} words of {dim:,} numbers, which take at least "
            f"{least_bytes:,} bytes; the file has {size:,}: it was cut short, or line 1 is wrong"
        )


# Files that have to be plain: their readers go back and forth in them.


def is_stream(path: Path) -> bool:
    """Tell whether a path can be read only once: a pipe, a FIFO or a device."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


@contextmanager
def plain_file(path: Path) -> Iterator[Path]:
    """Yield a path that can be read several times and mapped: itself, or a temporary copy.

    A stream is copied, and a packed file of a format that is read out of order. Errors name `path`.

    Raises:
        DataError: a packed file that unpacks to far more than vectors do.
    """
    plain = path
    with ExitStack() as stack:
        try:
            if is_stream(path):
                with open(path, "rb") as file:
                    plain = stack.enter_context(_copied(file, path.name))
            if plain.is_file() and is_packed(plain):
                with open_input(plain) as file:
                    start = file.read(4)
                    if start in (FASTTEXT_MARK, PARQUET_MARK, *ZIP_MARKS):
                        most = max(_MOST_UNCHECKED, _MOST_RATIO * plain.stat().st_size)
                        plain = stack.enter_context(_copied(file, path.stem, start, most))
            yield plain
        except W2VError as error:
            error.args = (str(error).replace(str(plain), str(path)),)
            raise


@contextmanager
def _copied(
    file: BinaryIO, name: str, start: bytes = b"", most: int | None = None
) -> Iterator[Path]:
    """Copy a file, of which `start` was read, to a temporary one of at most `most` bytes."""
    with tempfile.NamedTemporaryFile(suffix=f"-{name}", delete=False) as copy:
        try:
            copy.write(start)
            while piece := file.read(_PIECE_BYTES):
                copy.write(piece)
                if most is not None and copy.tell() > most:
                    raise DataError(f"it unpacks to more than {most:,} bytes; unpack it first")
            copy.close()
            yield Path(copy.name)
        finally:
            with suppress(OSError):  # on Windows, while it is mapped
                Path(copy.name).unlink()
