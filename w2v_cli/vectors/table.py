"""Words with one vector each: what every format reads and writes, and what questions ask."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.engines.base import SubwordVectors
from w2v_cli.errors import DataError
from w2v_cli.vectors.formats.catalog import Precision


class VectorTable:
    """V distinct words, by convention the most frequent first, and their vectors.

    words: V strings. matrix: float32 (V, D), row i for word i, often memory-mapped and
    read-only. counts: int64 (V,), or None when unknown.
    parts: what the vectors are made of, with subwords; outside: then also float32 (V, D), where
    known. unseen: why a word without a row has no vector, where another kind of vectors has one.
    """

    def __init__(
        self,
        words: Sequence[str],
        matrix: NDArray[np.float32],
        counts: NDArray[np.int64] | None = None,
        *,
        parts: SubwordVectors | None = None,
        outside: NDArray[np.float32] | None = None,
        unseen: str = "",
    ) -> None:
        if matrix.ndim != 2 or len(words) != len(matrix):
            raise DataError(f"{len(words)} words, but a matrix of shape {matrix.shape}")
        self.words = list(words)
        self.matrix = matrix.astype(np.float32, copy=False)
        self.counts = counts
        self.parts, self.outside = parts, outside
        self.unseen = unseen

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self.matrix.shape[1])

    @cached_property
    def ids(self) -> dict[str, int]:
        """Word → row."""
        return {word: i for i, word in enumerate(self.words)}

    def __len__(self) -> int:
        """Return the number of words."""
        return len(self.words)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self):,} words, {self.dim} dimensions>"

    def top(self, n: int) -> VectorTable:
        """Return the first n words only."""
        counts = None if self.counts is None else self.counts[:n]
        return VectorTable(self.words[:n], self.matrix[:n], counts)


def encode_matrix(matrix: NDArray[np.float32], precision: Precision) -> dict[str, Array]:
    """Return the arrays that store a matrix at a precision: `vectors`, and for int8 `scales`.

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
            raise DataError(
                "numbers beyond 65,504 do not fit in float16; use float32 or --normalize"
            )
        return {"vectors": half}
    scales = (np.abs(matrix).max(axis=1, keepdims=True) / 127).astype(np.float32)
    scaled = np.divide(matrix, scales, out=np.zeros_like(matrix), where=scales > 0)
    return {"vectors": np.clip(np.rint(scaled), -127, 127).astype(np.int8), "scales": scales}


def decode_matrix(source: str, arrays: dict[str, Array]) -> NDArray[np.float32]:
    """Undo `encode_matrix`; float32 is passed through, memory-mapped or not.

    Raises:
        DataError: no matrix of numbers, or scales that do not fit it.
    """
    matrix = arrays.get("vectors")
    if matrix is None or matrix.ndim != 2 or 0 in matrix.shape:
        shape = None if matrix is None else matrix.shape
        raise DataError(f"{source}: no matrix of vectors (shape {shape})")
    if matrix.dtype == np.int8:
        scales = arrays.get("scales")
        if scales is None or scales.shape != (len(matrix), 1) or scales.dtype.kind != "f":
            raise DataError(f"{source}: int8 vectors without a scale for each of them")
        with np.errstate(over="ignore", invalid="ignore"):  # whoever reads looks for infinities
            return matrix * scales.astype(np.float32)
    if matrix.dtype.kind != "f":
        raise DataError(f"{source}: the vectors have type {matrix.dtype}; expected floats or int8")
    with np.errstate(over="ignore", invalid="ignore"):
        return matrix.astype(np.float32, copy=False)
