"""Unpack `.xz` in bounded memory: a file names the size of the dictionary that its reader keeps."""

from __future__ import annotations

import io
import lzma
from typing import IO, TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

#: `xz -9` needs 65 MiB. Without a bound a file can ask for 4 GiB.
MOST_MEMORY = 1 << 28
_PIECE_BYTES = 1 << 16


def open_xz(file: BinaryIO) -> IO[bytes]:
    """Read the unpacked bytes of a file, one or several streams after each other.

    The stream raises lzma.LZMAError for what is damaged or needs too much memory, and EOFError for
    what was cut short.
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
