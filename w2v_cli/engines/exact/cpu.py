"""The exact engine's steps on the CPU: tiles of scores, taken by threads."""

import itertools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from msgspec import Struct
from threadpoolctl import ThreadpoolController

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Embeddings, Frozen
from w2v_cli.engines.centers import Centers, PlainCenters
from w2v_cli.engines.exact.optimizers import Optimizer
from w2v_cli.engines.exact.tile_losses import NaiveSoftmaxTiles, NegativeSamplingTiles
from w2v_cli.engines.settings import EngineSettings, NaiveSoftmax, NegativeSampling

# The working memory of a step: its scores in tiles, and the threads that take the tiles.


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


# What the exact engine asks of the processor that holds the parameters: the CPU or a GPU.


@dataclass(frozen=True)
class Task:
    """What is trained. rows: how centre vectors are made. batch: most centre words of a step."""

    settings: EngineSettings
    counts: Counts
    rows: Centers
    n_words: int
    batch: int


class Machine(Protocol):
    """Holds the parameters and the optimizer.

    offset: added to the score of each word, (V,). about_memory: what a user should know of it.
    """

    offset: Array
    about_memory: str | None

    def step(
        self, centers: Array, lr: float, number: int, times: int, upcoming: Array | None = None
    ) -> float:
        """Train a batch of centre words, (B,); return its loss before the step.

        number: counts steps from 1. times: counts the moves of a centre word from 1. upcoming: the
        next batch, the very array that will be given, if it is known.
        """
        ...

    def sums(self) -> list[float]:
        """Return the sum of each matrix: not finite if a parameter is not."""
        ...

    def state(self) -> dict[str, Array]:
        """See `Engine.state`; the names are the same on every machine."""
        ...

    def load_state(self, arrays: Mapping[str, Array]) -> None:
        """See `Engine.load_state`."""
        ...

    def embeddings(self) -> Embeddings:
        """See `Engine.embeddings`."""
        ...

    def set_embeddings(self, embeddings: Embeddings) -> None:
        """See `Engine.set_embeddings`."""
        ...

    def freeze(self, frozen: Frozen) -> None:
        """See `Engine.freeze`."""
        ...

    def close(self) -> None:
        """Let go of threads and memory."""
        ...


# The exact engine's steps on the CPU: tiles of scores, taken by threads.


#: What turns tiles of scores into gradients, by the settings of the loss.
_TILE_LOSSES: dict[type[Struct], Callable[[EngineSettings, Counts, Tiles], TileLoss]] = {
    NaiveSoftmax: NaiveSoftmaxTiles,
    NegativeSampling: NegativeSamplingTiles,
}


class CpuMachine:
    """See `Machine`."""

    def __init__(self, task: Task) -> None:
        settings, training = task.settings, task.settings.training
        dtype, dim = task.counts.weights.dtype, settings.model.dim
        self._rows = task.rows
        start = self._rows.start_vectors(dim, training.seed, dtype)
        shared = not isinstance(self._rows, PlainCenters)
        self._optimizer = Optimizer(training.optimizer, **start, shared=shared)
        self._tiles = Tiles(task.n_words, task.batch, dim, training.n_threads, dtype)
        self._loss = _TILE_LOSSES[type(settings.objective)](settings, task.counts, self._tiles)
        self._team = Team(training.n_threads)
        self._blas = ThreadpoolController()
        self.offset = self._loss.offset
        self.about_memory: str | None = None

    def step(
        self, centers: Array, lr: float, number: int, times: int, upcoming: Array | None = None
    ) -> float:
        """See `Machine.step`; a product runs on one thread of the BLAS."""
        with self._blas.limit(limits=1, user_api="blas"):
            vectors = self._rows.of(self._optimizer.center, centers)
            step = Step(centers, vectors, lr, number, self._tiles, self._optimizer)
            self._loss.train(step, self._team)
            grad_center = step.grad_center()
            rows, grad_rows = self._rows.back(centers, grad_center)
            self._optimizer.step_center(rows, grad_rows, lr, times)
            return self._loss.loss(step, grad_center)

    def sums(self) -> list[float]:
        """See `Machine.sums`."""
        matrices = (self._optimizer.center, self._optimizer.outside)
        return [float(matrix.sum()) for matrix in matrices]

    def state(self) -> dict[str, Array]:
        """See `Machine.state`: the arrays themselves."""
        return self._optimizer.state()

    def load_state(self, arrays: Mapping[str, Array]) -> None:
        """See `Machine.load_state`."""
        for name, mine in self.state().items():
            mine[...] = arrays[name]

    def embeddings(self) -> Embeddings:
        """See `Machine.embeddings`."""
        return self._rows.embeddings(self._optimizer.center, self._optimizer.outside)

    def set_embeddings(self, embeddings: Embeddings) -> None:
        """See `Machine.set_embeddings`."""
        self._optimizer.center[...] = self._rows.rows_of(embeddings)
        self._optimizer.outside[...] = np.asarray(embeddings.outside)

    def freeze(self, frozen: Frozen) -> None:
        """See `Machine.freeze`."""
        self._optimizer.freeze(frozen)

    def close(self) -> None:
        """Let go of the threads."""
        self._team.close()
