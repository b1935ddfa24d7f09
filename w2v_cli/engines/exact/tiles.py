"""The working memory of a step: its scores in tiles, and the threads that take the tiles."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.exact.optimizers import Optimizer

#: Scores in a tile: at most 0.5 MB of float32, so that they stay in a second-level cache of 1 MB
#: and a step over 12,000 words still has a dozen tiles for threads to take.
TILE_SCORES = 2**17


@dataclass(frozen=True)
class Counts:
    """What a loss needs to know of the corpus: the pair counts X by rows, times `scale`.

    Row c is `columns[a:b]`, `weights[a:b]` with a, b = row_start[c:c+2]; weights are in the
    engine's precision. n_pairs: Σ X of each centre word, not scaled, (V,). word_counts: how often
    each word occurs, (V,). sum_rows: (V,) factors of the columns to sums over rows, not scaled.
    """

    row_start: Array
    columns: Array
    weights: Array
    scale: float
    n_pairs: Array
    word_counts: Array
    sum_rows: Callable[[Array], Array]


class Tiles:
    """How a step is cut, and its buffers.

    edges: tile t holds the outside words edges[t] to edges[t + 1]; they depend on V and the batch
    only. n: number of tiles. batch: the largest number of centre words, B.
    grad_center: ∂J/∂v_c by tile, (n, B, D).
    """

    def __init__(self, n_words: int, batch: int, dim: int, n_threads: int, dtype: Any) -> None:
        n = -(-n_words * batch // TILE_SCORES)
        n = min(n_words, -(-n // 4) * 4)  # equal shares for 2 and 4 threads
        self.n, self.batch, self.n_threads, self.dtype = n, batch, n_threads, dtype
        self.edges = [n_words * t // n for t in range(n + 1)]
        self.widest = -(-n_words // n)
        self.grad_center = np.empty((n, batch, dim), dtype)
        self._scaled = np.empty((n_threads, batch, dim), dtype)
        self._grad_outside = np.empty((n_threads, self.widest, dim), dtype)

    def scratch(self, worker: int, batch: int, width: int) -> tuple[Array, Array]:
        """Return a thread's own (batch, D) and (width, D) buffers."""
        return self._scaled[worker, :batch], self._grad_outside[worker, :width]


@dataclass(frozen=True)
class Step:
    """One step: the products of its centre words with any tile.

    centers: ids, (B,). vectors: v_c before the step, (B, D). number: counts steps from 1.
    """

    centers: Array
    vectors: Array
    lr: float
    number: int
    tiles: Tiles
    optimizer: Optimizer

    def range_of(self, t: int) -> tuple[int, int]:
        """Return the first outside word of tile t, and the first after it."""
        first, last = self.tiles.edges[t : t + 2]
        return first, last

    def score(self, t: int, out: Array) -> None:
        """Write the scores u·v of tile t, (B, T)."""
        first, last = self.range_of(t)
        np.matmul(self.vectors, self.optimizer.outside[first:last].T, out=out)

    def descend(self, t: int, worker: int, errors: Array, factor: Array | None = None) -> None:
        """Take ∂J/∂scores of tile t, (B, T): note ∂J/∂v_c and move the outside vectors.

        factor: what each row of `errors` is still to be multiplied by, (B,).
        """
        first, last = self.range_of(t)
        grad_center = self.tiles.grad_center[t, : len(self.centers)]
        scaled, grad_outside = self.tiles.scratch(worker, len(self.centers), last - first)
        np.matmul(errors, self.optimizer.outside[first:last], out=grad_center)
        vectors = self.vectors
        if factor is not None:
            grad_center *= factor[:, None]
            vectors = np.multiply(vectors, factor[:, None], out=scaled)
        np.matmul(errors.T, vectors, out=grad_outside)
        self.optimizer.step_outside(first, last, grad_outside, self.lr, self.number)

    def grad_center(self) -> Array:
        """Return ∂J/∂v_c of all tiles together, (B, D)."""
        total: Array = self.tiles.grad_center[:, : len(self.centers)].sum(axis=0)
        return total


class TileLoss(Protocol):
    """What one loss makes of tiles of scores. offset: added to the score of each word, (V,)."""

    offset: Array

    def train(self, step: Step, team: "Team") -> None:
        """Turn each tile of scores into ∂J/∂scores and have the step descend along it."""
        ...

    def loss(self, step: Step, grad_center: Array) -> float:
        """Return the loss of the step that was trained last, before it was taken."""
        ...


class Team:
    """Runs a task for every tile on some threads, the calling one among them."""

    def __init__(self, n_threads: int) -> None:
        self._helpers = range(1, n_threads)
        self._pool = ThreadPoolExecutor(n_threads - 1) if n_threads > 1 else None

    def run(self, task: Callable[[int, int], None], n: int) -> None:
        """Call task(t, worker) for t in 0..n-1, each once; a worker is in one call at a time."""
        numbers = itertools.count()

        def work(worker: int) -> None:
            with np.errstate(over="ignore", invalid="ignore"):  # the loss tells
                while (t := next(numbers)) < n:
                    task(t, worker)

        waiting = [self._pool.submit(work, i) for i in self._helpers] if self._pool else []
        try:
            work(0)
        finally:
            for future in waiting:
                future.result()

    def close(self) -> None:
        """Let go of the threads."""
        if self._pool:
            self._pool.shutdown()
