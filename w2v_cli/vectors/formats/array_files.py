"""Vectors as named arrays: one safetensors file, a Hugging Face-style folder, or `.npz`.

All three hold `vectors` (V, D) as float32, float16 or int8 (then with `scales` (V, 1)), and
`counts` where known. The words are UTF-8 text joined by line feeds: in the array `words`
(uint8), in a folder in `vocab.txt`. Nothing is ever unpickled.
"""

from __future__ import annotations

import json
import lzma
import os
import struct
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.errors import DataError
from w2v_cli.json_types import Json
from w2v_cli.memory import ask_for
from w2v_cli.storage import files
from w2v_cli.storage.atomic import atomic_folder, atomic_write
from w2v_cli.storage.tensors import read_tensors, write_tensors
from w2v_cli.vectors.answers import Precision
from w2v_cli.vectors.formats.packed import ZIP_MARKS, holds_arrays
from w2v_cli.vectors.formats.streams import Content, Reading, Writing
from w2v_cli.vectors.table import (
    VectorTable,
    check_counts,
    checked_table,
    decode_matrix,
    encode_matrix,
    pack_words,
    unpack_words,
)

FORMAT = "w2v-table"
WEIGHT = "embedding.weight"
VOCABULARY = "vocab.txt"
MODEL = "model.safetensors"

#: A compressed array may be so many times its packed size, if it is large at all (64 MiB).
_MOST_RATIO = 100
_MOST_UNCHECKED = 1 << 26
_NAMES = ("words", "vectors", "scales", "counts")
_FEWER = "use a machine with more, or export fewer words (w2v export --top)"
_LONGEST_LIST = 300


def is_safetensors(content: Content) -> bool:
    """Recognise safetensors that are not the matrix of a folder."""
    return content.is_tensors and not content.has("tokenizer.json") and not content.has(VOCABULARY)


def write_safetensors(table: VectorTable, path: Path, how: Writing) -> None:
    """Write one safetensors file with checksums.

    Raises:
        DataError: a word with a line feed.
        OSError: the file cannot be written.
    """
    arrays = {**_arrays(table, how.precision), "words": pack_words(table.words)}
    write_tensors(path, arrays, {"format": FORMAT, "version": "1"})


def read_safetensors(path: Path, how: Reading) -> VectorTable:
    """Read what `write_safetensors` wrote; float32 vectors are memory-mapped.

    Raises:
        DataError: damaged, or without words; if strict, a repeated word.
    """
    arrays, _ = read_tensors(path)
    if "words" not in arrays:
        raise DataError(
            f"{path}: holds the tensors {', '.join(sorted(arrays)) or '(none)'}, but no words; "
            "if vocab.txt is beside it, give the folder instead of the file"
        )
    return _table(str(path), arrays, unpack_words(str(path), arrays["words"]), how)


def is_folder(content: Content) -> bool:
    """Recognise a model folder, or its matrix; with a tokenizer it is of `model2vec`."""
    whole = content.is_folder or content.has(VOCABULARY)
    return whole and content.has(MODEL) and not content.has("tokenizer.json")


def write_folder(table: VectorTable, path: Path, how: Writing) -> None:
    """Write a model folder in the style of Hugging Face.

    `config.json`, `model.safetensors` (the matrix as `embedding.weight`), `vocab.txt` (line
    i is row i) and `README.md` (the model card, with the text `card`).

    Raises:
        DataError: a word that contains a line break of any kind.
        OSError: the folder exists and is not empty, or cannot be written.
    """
    check_lines(table.words, VOCABULARY)
    arrays = _arrays(table, how.precision)
    arrays[WEIGHT] = arrays.pop("vectors")
    config = {
        "model_type": "word-vectors",
        "vocab_size": len(table.words),
        "hidden_size": table.matrix.shape[1],
        "torch_dtype": how.precision,
    }
    with atomic_folder(path) as folder:
        write_tensors(folder / MODEL, arrays, {"format": "pt"})
        files.write_bytes(folder / "config.json", (json.dumps(config, indent=2) + "\n").encode())
        files.write_bytes(folder / VOCABULARY, ("\n".join(table.words) + "\n").encode())
        files.write_bytes(folder / "README.md", how.card.encode())


def read_folder(path: Path, how: Reading) -> VectorTable:
    """Read a folder with `model.safetensors`, which may be given instead, and `vocab.txt`.

    Raises:
        DataError: a part is missing or damaged, or they do not fit together; if strict, a repeated
            word.
    """
    path = path if path.is_dir() else path.parent
    arrays, _ = read_tensors(path / MODEL)
    matrices = [name for name, array in arrays.items() if array.ndim == 2 and name != "scales"]
    if WEIGHT not in arrays and len(matrices) != 1:
        raise DataError(f"{path / MODEL}: no tensor {WEIGHT}, and {len(matrices)} other matrices")
    arrays["vectors"] = arrays.pop(WEIGHT if WEIGHT in arrays else matrices[0])
    try:
        text = (path / VOCABULARY).read_bytes()
    except OSError as error:
        raise DataError(f"{path / VOCABULARY}: {error.strerror}; it names the rows") from None
    words = unpack_words(
        str(path / VOCABULARY), np.frombuffer(text.removesuffix(b"\n"), dtype=np.uint8)
    )
    return _table(str(path), arrays, words, how)


def check_lines(words: Sequence[str], name: str) -> None:
    """Refuse words that some reader would break into two lines.

    Raises:
        DataError: naming the first such word.
    """
    for i, word in enumerate(words, 1):
        if word.splitlines() != [word]:
            raise DataError(
                f"word {i}, {word!r}, is empty or has a line break, which {name} cannot carry; "
                "choose safetensors, npz or parquet"
            )


def is_npz(content: Content) -> bool:
    """Recognise a zip archive of arrays."""
    return content.mark[:4] in ZIP_MARKS and holds_arrays(content.path)


def write_npz(table: VectorTable, path: Path, how: Writing) -> None:
    """Write NumPy's `.npz`, uncompressed.

    Raises:
        DataError: a word with a line feed.
        OSError: the file cannot be written.
    """
    arrays = {**_arrays(table, how.precision), "words": pack_words(table.words)}
    with atomic_write(path) as file:
        np.savez(file, allow_pickle=False, **cast(Json, arrays))


def read_npz(path: Path, how: Reading) -> VectorTable:
    """Read `.npz` without ever unpickling; sizes are compared before memory is taken.

    Arrays of other names are left alone.

    Raises:
        DataError: cut short, damaged, holding objects, or without words and vectors; if strict, a
            repeated word.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            members = {name: names[name] for name in _NAMES if name in names}
            size = sum(info.file_size for info in members.values())
            ask_for(size, f"{path}: its arrays", _FEWER)
            arrays = {name: _read_member(path, archive, info) for name, info in members.items()}
    except (
        zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, RuntimeError, ValueError,
        struct.error,
    ) as error:  # fmt: skip
        raise DataError(
            f"{path}: not a complete .npz file ({error}); copy or write it again"
        ) from None
    if "words" not in arrays or arrays["words"].dtype != np.uint8:
        held = ", ".join(sorted(names)) or "nothing"
        raise DataError(
            f"{path}: no array 'words' as w2v writes it (uint8, UTF-8 joined by line feeds); "
            f"it holds {held if len(held) < _LONGEST_LIST else held[:_LONGEST_LIST] + '…'}"
        )
    return _table(str(path), arrays, unpack_words(str(path), arrays["words"]), how)


def _read_member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    """Read one array, after comparing what its header promises with what the file holds."""
    if info.compress_type == zipfile.ZIP_STORED and info.file_size > os.path.getsize(path):
        raise DataError(f"{path}: {info.filename} promises more bytes than the file has")
    if info.file_size > max(_MOST_UNCHECKED, _MOST_RATIO * info.compress_size):
        raise DataError(
            f"{path}: {info.filename} has {info.compress_size:,} bytes and unpacks to"
            f" {info.file_size:,}; no vectors are packed so tightly"
        )
    with archive.open(info) as file:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # of a header that Python 2 wrote
                shape, dtype = _npy_header(cast(BinaryIO, file))
        except (ValueError, SyntaxError, tokenize.TokenError) as error:
            raise DataError(f"{path}: {info.filename} is not a NumPy array: {error}") from None
        if dtype.hasobject:
            raise DataError(f"{path}: {info.filename} holds Python objects; w2v never unpickles")
        promised = int(np.prod(shape, dtype=object)) * dtype.itemsize
        if promised != info.file_size - file.tell():
            raise DataError(
                f"{path}: {info.filename} promises shape {shape}, {promised:,} bytes, but has "
                f"{info.file_size - file.tell():,}"
            )
        return np.frombuffer(file.read(), dtype=dtype).reshape(shape)


def _npy_header(file: BinaryIO) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    reader = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if reader is None:
        raise ValueError(f"version {version} of the array format")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about a header that Python 2 wrote
            shape, fortran_order, dtype = reader(file)
    except (SyntaxError, tokenize.TokenError, RecursionError, MemoryError, TypeError) as error:
        raise ValueError("its header cannot be read") from error
    if fortran_order and len(shape) > 1:
        raise ValueError("column order; write it again in row order")
    return shape, dtype


def _arrays(table: VectorTable, precision: Precision) -> dict[str, Array]:
    arrays = encode_matrix(table.matrix, precision)
    if table.counts is not None:
        arrays["counts"] = np.asarray(table.counts, dtype=np.int64)
    return arrays


def _table(source: str, arrays: dict[str, Array], words: list[str], how: Reading) -> VectorTable:
    matrix = decode_matrix(source, arrays)
    counts = arrays.get("counts")
    if len(words) != len(matrix):
        raise DataError(f"{source}: {len(words)} words, vectors of shape {matrix.shape}")
    check_counts(source, counts, len(words))
    return checked_table(source, words, matrix, how.strict, counts=counts)
