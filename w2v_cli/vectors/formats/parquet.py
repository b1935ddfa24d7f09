"""Vectors as a Parquet table: columns `word`, `count` if known, `vector`; needs pyarrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.errors import DataError, MissingExtraError
from w2v_cli.storage.atomic import atomic_write
from w2v_cli.vectors.formats.catalog import Precision
from w2v_cli.vectors.storable import check_finite, check_words
from w2v_cli.vectors.table import VectorTable, decode_matrix, encode_matrix


def _pyarrow() -> Any:
    try:
        import pyarrow as pa
        import pyarrow.parquet  # reached as pa.parquet
    except ImportError:
        raise MissingExtraError("Parquet", "parquet") from None
    return pa


def write_parquet(table: VectorTable, path: Path, precision: Precision) -> None:
    """Write a table; int8 adds a column `scale`.

    Raises:
        MissingExtraError: pyarrow is not installed.
        DataError: a word that UTF-8 cannot hold.
        OSError: the file cannot be written.
    """
    pa = _pyarrow()
    check_words("the words to write", table.words)
    arrays = encode_matrix(table.matrix, precision)
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


def read_parquet(path: Path) -> VectorTable:
    """Read a table with the columns `word` and `vector`.

    Raises:
        MissingExtraError: pyarrow is not installed.
        DataError: damaged, a column missing, vectors of different lengths.
    """
    pa = _pyarrow()
    try:
        content = pa.parquet.read_table(path, memory_map=True)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: not a complete Parquet file: {error}") from None
    missing = {"word", "vector"} - set(content.column_names)
    if missing:
        raise DataError(f"{path}: no column {', '.join(sorted(missing))}")
    words = content["word"].to_pylist()
    if not all(isinstance(word, str) for word in words):
        raise DataError(f"{path}: the column 'word' holds values that are not text")
    arrays = {"vectors": _matrix(path, pa, content["vector"].combine_chunks(), len(words))}
    if "scale" in content.column_names:
        arrays["scales"] = content["scale"].to_numpy().astype(np.float32)[:, None]
    matrix = decode_matrix(str(path), arrays)
    check_words(str(path), words)
    check_finite(str(path), matrix, words)
    counts = content["count"].to_numpy() if "count" in content.column_names else None
    return VectorTable(words, matrix, counts)


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
