"""Products with the sparse matrix A, and orthonormal bases of the space that they span.

Every sum over words is cut into the same blocks of rows for any number of threads, its parts are
added in the order of the blocks, and each product runs on one thread of the BLAS. So the bits do
not depend on the number of threads.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.engines.spectral import spectral_kernels as kernels
from w2v_cli.memory import ask_for
from w2v_cli.pairs.matrix import PairCounts
from w2v_cli.storage.mapped import release, scratch
from w2v_cli.text.threads import ordered_map

#: Rows of a block; with 160 columns it stays in a second-level cache of 1 MB.
_BLOCK = 1024
#: Into so many parts of equal work a product with A is cut.
_PARTS = 256
#: Added to the diagonal of a Gram matrix of unit columns, so that columns which depend on each
#: other have a Cholesky factor too. The second round makes them orthonormal.
_SHIFT = 1e-12
#: Of a column and a value; and how many bases and products of two bases a pass holds at most.
_BYTES_AN_ENTRY, _BASES, _GRAMS = 8, 4, 6
_REMEDY = "raise --min-count, or lower --max-vocab or --dim"

Matrix = NDArray[np.float32]
Result = TypeVar("Result")


class Sparse(NamedTuple):
    """A symmetric matrix by rows, as `PairCounts`. squares: the sum of its squared entries."""

    row_start: Array
    columns: Array
    values: Array
    squares: float


class Threads:
    """Calls a function for ranges of rows on some threads."""

    def __init__(self, n: int) -> None:
        self._workers = range(n)

    def __len__(self) -> int:
        return len(self._workers)

    def over(self, edges: Array, function: Callable[[int, Array], Result]) -> list[Result]:
        """Return function(thread, rows) for each two edges, in their order."""
        ranges = (edges[i : i + 2] for i in range(len(edges) - 1))
        return list(ordered_map(function, self._workers, ranges))

    def add_up(self, n_rows: int, function: Callable[[slice], Array]) -> Array:
        """Return the sum of function(rows) over all blocks of rows, added in their order."""
        total: Array | None = None
        edges = blocks(n_rows)
        ranges = (slice(int(edges[i]), int(edges[i + 1])) for i in range(len(edges) - 1))
        for part in ordered_map(lambda _, rows: function(rows), self._workers, ranges):
            total = part if total is None else total + part
        assert total is not None
        return total


def blocks(n_rows: int) -> Array:
    """Return the first row of each block, and n_rows."""
    return np.append(np.arange(0, n_rows, _BLOCK), n_rows)


def _shares(row_start: Array) -> Array:
    """Return edges between which a product has equal work."""
    work = row_start + np.arange(len(row_start))
    edges = np.searchsorted(work, np.linspace(0, work[-1], _PARTS + 1))
    return np.unique(np.concatenate([[0], edges, [len(row_start) - 1]]))


@dataclass(frozen=True)
class Room:
    """Where the matrix may be.

    width: columns of the bases that are multiplied with it, for the memory asked for. n_bytes: that
    the matrix may take in memory. folder: of a larger one.
    """

    width: int
    n_bytes: float = math.inf
    folder: Path | None = None

    def arrays(self, n: int, n_words: int) -> tuple[Array, Array]:
        """Return arrays for columns and values of n entries, in memory or in files.

        Raises DataError or OSError where there is no room for them.
        """
        in_files = self.folder is not None and _BYTES_AN_ENTRY * n > self.n_bytes
        n_bytes = self.width * (4.0 * _BASES * n_words + 8.0 * _GRAMS * self.width)
        n_bytes += 0 if in_files else _BYTES_AN_ENTRY * n
        ask_for(n_bytes, f"{n:,} pairs above chance and {n_words:,} words", _REMEDY)
        if self.folder is None or not in_files:
            return np.empty(n, np.uint32), np.empty(n, np.float32)
        return scratch(self.folder, np.uint32, n), scratch(self.folder, np.float32, n)


def ppmi(pairs: PairCounts, room: Room, threads: Threads) -> Sparse:
    """Return max(0, log(X[c, o] n / (n_c n_o))) of all pairs.

    Raises DataError or OSError where there is no room for it.
    """
    n_pairs = pairs.row_sums()
    given = pairs.row_start, pairs.columns, pairs.weights, n_pairs, n_pairs.sum() * pairs.unit
    kept = np.zeros(pairs.n_words, np.int64)
    edges = _shares(pairs.row_start)
    threads.over(edges, lambda _, rows: kernels.count_positive(*given, rows, kept))
    row_start = np.concatenate([[0], np.cumsum(kept)])
    n = int(row_start[-1])
    out = row_start, *room.arrays(n, pairs.n_words)
    squares = threads.over(edges, lambda _, rows: kernels.fill_positive(*given, rows, *out))
    release(pairs.columns, pairs.weights)
    return Sparse(*out, float(sum(squares)))


class Products:
    """Multiplies the sparse matrix with bases, (V, W) in float32."""

    def __init__(self, matrix: Sparse, threads: Threads) -> None:
        self.matrix, self.threads = matrix, threads
        self._edges = _shares(matrix.row_start)

    def of(self, basis: Matrix, factors: tuple[float, float, float], out: Matrix) -> Matrix:
        """Write a (A B) + b B + c out to `out` and return it; a, b, c = factors."""
        total = np.empty((len(self.threads), basis.shape[1]), np.float32)
        numbers = np.array(factors, np.float32)

        def multiply(thread: int, rows: Array) -> None:
            kernels.multiply(*self.matrix[:3], basis, numbers, rows, total[thread], out)

        self.threads.over(self._edges, multiply)
        return out

    def filtered(self, basis: Matrix, unwanted: tuple[float, float], top: float, n: int) -> Matrix:
        """Multiply a basis, which is overwritten, with a Chebyshev polynomial of A of degree n.

        The polynomial stays small where eigenvalues are `unwanted`, and grows as fast as any of
        its degree beyond. It is scaled to 1 at `top` (Zhou et al. 2006, Saad 2011).
        """
        low, high = unwanted
        radius, middle = (high - low) / 2, (high + low) / 2
        first = scale = radius / (top - middle)
        now = self.of(basis, (scale / radius, -scale / radius * middle, 0), np.empty_like(basis))
        before = basis
        for _ in range(n - 1):
            next_scale = 1 / (2 / first - scale)
            step = 2 * next_scale / radius
            before = self.of(now, (step, -step * middle, -scale * next_scale), before)
            now, before, scale = before, now, next_scale
        return now


def orthonormal(basis: Matrix, threads: Threads) -> Matrix:
    """Make the columns of a basis orthonormal, in place, by the Cholesky factor of its Gram matrix.

    Twice, because a Gram matrix squares the condition of the basis.
    """
    for _ in range(2):
        gram = products_of(basis, basis, threads)
        norms = np.sqrt(np.diag(gram))
        norms[norms == 0] = 1
        factor = np.linalg.cholesky(gram / np.outer(norms, norms) + _SHIFT * np.eye(len(gram)))
        rotate(basis, np.linalg.inv(factor).T / norms[:, None], threads)
    return basis


def products_of(a: Matrix, b: Matrix, threads: Threads) -> Array:
    """Return aᵀb, summed in float64, (W, W)."""
    return threads.add_up(
        len(a), lambda rows: a[rows].T.astype(np.float64) @ b[rows].astype(np.float64)
    )


def rotate(basis: Matrix, by: Array, threads: Threads) -> None:
    """Multiply a basis with a matrix, (W, W) in float64, in place."""

    def turn(thread: int, rows: Array) -> None:
        block = slice(*rows.tolist())
        basis[block] = basis[block].astype(np.float64) @ by

    threads.over(blocks(len(basis)), turn)


class Eigenpairs(NamedTuple):
    """Approximate eigenvectors, (V, W), their eigenvalues, falling, (W,), and their residuals.

    residuals: ‖A x − λ x‖, (W,).
    """

    vectors: Matrix
    values: Array
    residuals: Array


def eigenpairs(products: Products, basis: Matrix) -> Eigenpairs:
    """Return the best approximations within an orthonormal basis (Rayleigh and Ritz).

    The basis is overwritten by the vectors.
    """
    threads = products.threads
    image = products.of(basis, (1, 0, 0), np.empty_like(basis))
    small = products_of(basis, image, threads)
    values, turn = np.linalg.eigh((small + small.T) / 2)
    values, turn = values[::-1], np.ascontiguousarray(turn[:, ::-1])
    rotate(basis, turn, threads)

    def squares(rows: slice) -> Array:
        error = image[rows].astype(np.float64) @ turn - basis[rows] * values
        return np.asarray((error * error).sum(axis=0))

    return Eigenpairs(basis, values, np.sqrt(threads.add_up(len(basis), squares)))
