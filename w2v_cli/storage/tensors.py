"""Named arrays in one safetensors file: atomic, checksummed, memory-mapped, no pickle.

The layout is that of https://github.com/huggingface/safetensors, so any tool that
knows the format reads these files. On top of it the metadata carries a CRC-32 of
every tensor (key ``crc32:NAME``), because the format itself cannot tell a flipped
bit from a number. Files of other tools, without checksums, are read too.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.errors import DataError
from w2v_cli.json_types import Json
from w2v_cli.storage.atomic import atomic_write
from w2v_cli.storage.mapped import release

_CRC = "crc32:"
_BLOCK_BYTES = 1 << 20
#: Of an array that is a map of a file.
_BLOCKS_IN_MEMORY = 8
_DTYPES = {
    "BOOL": "?",
    "U8": "u1",
    "I8": "i1",
    "U16": "<u2",
    "I16": "<i2",
    "F16": "<f2",
    "U32": "<u4",
    "I32": "<i4",
    "F32": "<f4",
    "U64": "<u8",
    "I64": "<i8",
    "F64": "<f8",
}
_NAMES = {dtype.lstrip("<").replace("?", "b1"): name for name, dtype in _DTYPES.items()}


def write_tensors(
    path: str | os.PathLike[str],
    tensors: Mapping[str, Array],
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write the arrays, whole or not at all, with a checksum each.

    The same arrays and metadata give the same bytes; the library's own writer orders the metadata
    at random. Wide types come first, so that every array is aligned.

    Raises:
        OSError: the file cannot be written.
    """
    names = sorted(tensors, key=lambda name: (-tensors[name].itemsize, name))
    checksums = {_CRC + name: _crc32(array) for name, array in tensors.items()}
    header: Json = {"__metadata__": dict(sorted({**(metadata or {}), **checksums}.items()))}
    end = 0
    for name in names:
        array = tensors[name]
        start, end = end, end + array.nbytes
        header[name] = {
            "dtype": _NAMES[array.dtype.str.lstrip("<>|")],
            "shape": list(array.shape),
            "data_offsets": [start, end],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with atomic_write(path) as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in names:
            for block in _blocks(tensors[name]):
                file.write(block)
            release(tensors[name])


def read_tensors(
    path: str | os.PathLike[str],
) -> tuple[dict[str, Array], dict[str, str]]:
    """Map a safetensors file into memory; returns (arrays, metadata).

    The arrays are read-only views of the file. Sizes are checked against the file
    before it is mapped; then every checksum in the file is compared.

    Raises:
        DataError: not a safetensors file, cut short, or a checksum that differs.
        OSError: the file cannot be read.
    """
    file, header, start = _open(Path(path))
    metadata = dict(header.pop("__metadata__", {}))
    tensors = {}
    with file:
        for name, entry in header.items():
            if entry["dtype"] not in _DTYPES:
                raise DataError(f"{path}: tensor {name!r} has type {entry['dtype']}, unknown here")
            tensors[name] = _map(file, _DTYPES[entry["dtype"]], entry, start)
    checksums = {key: metadata.pop(key) for key in list(metadata) if key.startswith(_CRC)}
    if checksums and checksums.keys() != {_CRC + name for name in tensors}:
        raise DataError(f"{path}: the names of the tensors are not those of their checksums")
    with ThreadPoolExecutor() as pool:  # zlib lets other threads run meanwhile
        found = dict(zip(tensors, pool.map(_crc32, tensors.values()), strict=True))
    for name in tensors:
        if checksums and checksums[_CRC + name] != found[name]:
            raise DataError(
                f"{path}: the checksum of tensor {name!r} (from byte "
                f"{start + header[name]['data_offsets'][0]}) differs: the file was damaged "
                "after it was written; restore it from a copy or train again"
            )
    return tensors, metadata


def read_metadata(path: str | os.PathLike[str]) -> dict[str, str]:
    """Read only the strings of a safetensors file.

    Raises:
        DataError: not a safetensors file, or cut short.
    """
    file, header, _ = _open(Path(path))
    file.close()
    return dict(header.get("__metadata__", {}))


def identity(path: str | os.PathLike[str]) -> str:
    """Return what identifies a file: the CRC-32 of its header, which contains its checksums.

    The arrays are not read; `read_tensors` says whether they fit their checksums.

    Raises:
        DataError: not a safetensors file, or cut short.
    """
    file, _, start = _open(Path(path))
    with file:
        file.seek(0)
        return f"{zlib.crc32(file.read(start)):08x}"


def _open(path: Path) -> tuple[BinaryIO, Json, int]:
    """The open file, its JSON header and the byte at which the data starts.

    A training may replace the file at any moment, and the library opens it by name to check it. So
    the file must still be the same one after the check.
    """
    if not path.is_file():
        reason = "is a folder" if path.is_dir() else "no such file"
        raise DataError(f"{path}: {reason}; a .safetensors file was expected")
    while True:
        file = open(path, "rb")  # noqa: SIM115 - the caller closes it
        try:
            _check(path)
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                length = int.from_bytes(file.read(8), "little")
                header = json.loads(file.read(length))
                if header.get("__metadata__", {}) is None:  # the library takes it for none
                    raise DataError(f"{path} is not a whole safetensors file: no metadata")
                return file, header, 8 + length
        except BaseException:
            file.close()
            raise
        file.close()


def _check(path: Path) -> None:
    """Let the library check header, offsets and file length, which it does on opening."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy"):
            pass
    except SafetensorError as error:
        size = path.stat().st_size
        raise DataError(
            f"{path} ({size} bytes) is not a whole safetensors file: {error}; "
            "it may have been cut short, copy it again"
        ) from None


def _map(file: BinaryIO, dtype: str, entry: Mapping[str, Any], start: int) -> Array:
    shape = tuple(entry["shape"])
    if 0 in shape:  # nothing to map
        return np.zeros(shape, dtype)
    offset = start + entry["data_offsets"][0]
    return np.memmap(file, dtype, "r", offset, shape or (1,)).reshape(shape)


def _blocks(array: Array) -> Iterator[memoryview]:
    """Yield the bytes of an array, little-endian, row by row, without a copy of the whole."""
    little = array.dtype.newbyteorder("<")
    rows = array.reshape(1) if array.ndim == 0 else array
    step = max(1, _BLOCK_BYTES * len(rows) // max(1, rows.nbytes))
    for start in range(0, len(rows), step):
        block = np.asarray(rows[start : start + step], dtype=little, order="C")
        yield block.reshape(-1).view(np.uint8).data


def _crc32(array: Array) -> str:
    """Checksum of type, shape and content."""
    checksum = zlib.crc32(f"{array.dtype.newbyteorder('<').str} {array.shape}".encode())
    for number, block in enumerate(_blocks(array), 1):
        checksum = zlib.crc32(block, checksum)
        if number % _BLOCKS_IN_MEMORY == 0:
            release(array)
    release(array)
    return f"{checksum:08x}"
