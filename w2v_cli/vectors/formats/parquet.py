"""Vectors as a Parquet table: columns `word`, `count` if known, `vector`; needs pyarrow."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.errors import DataError, MissingExtraError
from w2v_cli.memory import ask_for
from w2v_cli.storage.atomic import atomic_write
from w2v_cli.vectors.formats.packed import PARQUET_MARK
from w2v_cli.vectors.formats.streams import Content, Reading, Writing
from w2v_cli.vectors.table import (
    VectorTable,
    check_counts,
    check_words,
    checked_table,
    decode_matrix,
    encode_matrix,
)

_BATCH_ROWS = 4096


def _ends_with(path: Path, mark: bytes) -> bool:
    with open(path, "rb") as file:
        file.seek(-len(mark), os.SEEK_END)
        return file.read() == mark


def _pyarrow() -> Any:
    try:
        import pyarrow as pa
        import pyarrow.parquet  # reached as pa.parquet
    except ImportError:
        raise MissingExtraError("Parquet", "parquet") from None
    return pa


def is_parquet(content: Content) -> bool:
    """Recognise the mark at both ends, or the name."""
    if not content.mark:
        return False
    return content.path.suffix == ".parquet" or (
        content.mark[:4] == PARQUET_MARK and _ends_with(content.path, PARQUET_MARK)
    )


def write_parquet(table: VectorTable, path: Path, how: Writing) -> None:
    """Write a table; int8 adds a column `scale`.

    Raises:
        MissingExtraError: pyarrow is not installed.
        DataError: a word that UTF-8 cannot hold.
        OSError: the file cannot be written.
    """
    pa = _pyarrow()
    check_words("the words to write", table.words)
    arrays = encode_matrix(table.matrix, how.precision)
    vectors = arrays["vectors"]
    try:
        columns = {"word": pa.array(table.words, pa.string())}
    except (UnicodeEncodeError, pa.ArrowInvalid) as error:
        raise DataError(f"a word is not valid Unicode text: {error}") from None
    if table.counts is not None:
        columns["count"] = pa.array(np.asarray(table.counts, dtype=np.int64))
    if "scales" in arrays:
        columns["scale"] = pa.array(arrays["scales"][:, 0])
    flat = pa.array(np.ascontiguousarray(vectors).reshape(-1))
    columns["vector"] = pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])
    with atomic_write(path) as file:
        pa.parquet.write_table(pa.table(columns), file, compression="zstd")


def read_parquet(path: Path, how: Reading) -> VectorTable:
    """Read a table with the columns `word`, `vector` and, where there are, `count` and `scale`.

    Types are checked before anything is read.

    Raises:
        MissingExtraError: pyarrow is not installed.
        DataError: damaged, a column missing or of another type, vectors of different lengths; if
            strict, a repeated word.
    """
    pa = _pyarrow()
    try:
        with pa.parquet.ParquetFile(path, memory_map=True) as file:
            names = _check_columns(path, pa, file.schema_arrow)
        # Words as a dictionary: a word that is repeated a million times takes its space once.
        with pa.parquet.ParquetFile(path, memory_map=True, read_dictionary=["word"]) as file:
            content = _read(path, pa, file, names)
        words = _words(path, content["word"])
        arrays = {"vectors": _matrix(path, pa, content["vector"].combine_chunks(), len(words))}
        for name in set(names) & {"scale", "count"}:
            if content[name].null_count:
                raise DataError(f"{path}: the column {name!r} has missing values")
            arrays[name] = content[name].to_numpy()
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        first_line = str(error).split("\n", 1)[0]
        raise DataError(f"{path}: not a complete Parquet file: {first_line}") from None
    if "scale" in arrays:
        arrays["scales"] = arrays.pop("scale").astype(np.float32)[:, None]
    matrix = decode_matrix(str(path), arrays)
    check_counts(str(path), arrays.get("count"), len(words))
    return checked_table(str(path), words, matrix, how.strict, counts=arrays.get("count"))


def _check_columns(path: Path, pa: Any, schema: Any) -> list[str]:
    """Return the columns to read. Refuse missing or repeated ones, and those of another type."""
    missing = {"word", "vector"} - set(schema.names)
    if missing:
        raise DataError(f"{path}: no column {', '.join(sorted(missing))}")
    types, expected = pa.types, _expected(pa.types)
    names = [name for name in expected if name in schema.names]
    for name in names:
        if schema.names.count(name) > 1:
            raise DataError(f"{path}: two columns are called {name!r}")
        kind = schema.field(name).type
        if types.is_dictionary(kind):
            kind = kind.value_type
        is_right, what = expected[name]
        if not is_right(kind):
            raise DataError(f"{path}: the column {name!r} holds {kind}; expected {what}")
    return names


def _expected(types: Any) -> dict[str, tuple[Callable[[Any], bool], str]]:
    """What each column may hold."""

    def is_number(kind: Any) -> bool:
        return bool(types.is_floating(kind) or types.is_int8(kind))

    def is_vector(kind: Any) -> bool:
        is_list = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
        return bool(is_list and is_number(kind.value_type))

    def is_text(kind: Any) -> bool:
        return bool(types.is_string(kind) or types.is_large_string(kind))

    return {
        "word": (is_text, "text"),
        "vector": (is_vector, "lists of floats or int8"),
        "count": (types.is_integer, "integers"),
        "scale": (types.is_floating, "floats"),
    }


def _read(path: Path, pa: Any, file: Any, names: list[str]) -> Any:
    """Read batch by batch and check the memory: a few bytes can stand for a million rows.

    The sizes in the file's metadata are not used: if it is damaged, pyarrow ends the process
    instead of raising an error.
    """
    batches, n_bytes = [], 0
    for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=names):
        n_bytes += batch.nbytes
        ask_for(n_bytes, f"{path}: its rows", "use a machine with more")  # for the matrix
        batches.append(batch)
    content = pa.Table.from_batches(batches) if batches else file.read(names)
    content.validate(full=True)
    return content


def _words(path: Path, column: Any) -> list[str]:
    column = column.unify_dictionaries().combine_chunks()
    if column.null_count:
        raise DataError(f"{path}: the column 'word' has missing values")
    if hasattr(column, "dictionary"):
        # The words have to be distinct, so this takes no more memory than they do.
        dictionary, places = column.dictionary.to_pylist(), column.indices.to_pylist()
        return [dictionary[place] for place in places]
    return list(column.to_pylist())


def _matrix(path: Path, pa: Any, vectors: Any, n_words: int) -> Array:
    if isinstance(vectors, pa.ChunkedArray):
        vectors = vectors.combine_chunks() if vectors.num_chunks != 1 else vectors.chunk(0)
    flat = vectors.flatten()
    if vectors.null_count or flat.null_count or not n_words or len(flat) % n_words:
        raise DataError(f"{path}: vectors are missing, or of different lengths")
    if not pa.types.is_fixed_size_list(vectors.type):
        lengths = np.unique(vectors.value_lengths().to_numpy())
        if len(lengths) != 1:
            raise DataError(f"{path}: vectors of different lengths")
    return np.asarray(flat.to_numpy(zero_copy_only=False)).reshape(n_words, -1)
