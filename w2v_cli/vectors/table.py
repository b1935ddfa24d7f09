"""Words with one vector each: what every format reads and writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError
from w2v_cli.vectors.formats.catalog import Precision


@dataclass(frozen=True)
class VectorTable:
    """V distinct words, frequent ones first by custom, and their vectors.

    words: V strings. matrix: float32 (V, D). counts: int64 (V,), or None when unknown.
    """

    words: list[str]
    matrix: NDArray[np.float32]
    counts: NDArray[np.int64] | None = None

    def top(self, n: int) -> VectorTable:
        """Return the first n words only."""
        counts = None if self.counts is None else self.counts[:n]
        return VectorTable(self.words[:n], self.matrix[:n], counts)


def encode_matrix(matrix: NDArray[np.float32], precision: Precision) -> dict[str, NDArray[Any]]:
    """Give the arrays that store a matrix at a precision: `vectors`, and for int8 `scales`.

    int8: each row is divided by scale = largest absolute entry / 127 and rounded, so an
    entry is off by at most half a scale; `scales` is float32 (V, 1).

    Raises:
        DataError: a number that float16 cannot hold.
    """
    if precision == "float32":
        return {"vectors": matrix}
    if precision == "float16":
        with np.errstate(over="ignore"):
            half = matrix.astype(np.float16)
        if not np.isfinite(half).all():
            raise DataError("numbers beyond 65,504 do not fit float16; use float32 or --normalize")
        return {"vectors": half}
    scales = (np.abs(matrix).max(axis=1, keepdims=True) / 127).astype(np.float32)
    scaled = np.divide(matrix, scales, out=np.zeros_like(matrix), where=scales > 0)
    return {"vectors": np.clip(np.rint(scaled), -127, 127).astype(np.int8), "scales": scales}


def decode_matrix(source: str, arrays: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
    """Undo `encode_matrix`; float32 is passed through, memory-mapped or not.

    Raises:
        DataError: no matrix of numbers there, or scales that do not fit it.
    """
    matrix = arrays.get("vectors")
    if matrix is None or matrix.ndim != 2 or 0 in matrix.shape:
        shape = None if matrix is None else matrix.shape
        raise DataError(f"{source}: no matrix of vectors (shape {shape})")
    if matrix.dtype == np.int8:
        scales = arrays.get("scales")
        if scales is None or scales.shape != (len(matrix), 1):
            raise DataError(f"{source}: int8 vectors without fitting scales")
        return matrix * scales.astype(np.float32)
    if matrix.dtype.kind != "f":
        raise DataError(f"{source}: the vectors are of type {matrix.dtype}, not numbers to use")
    return matrix.astype(np.float32, copy=False)
