"""The exact engine's steps on the CPU: tiles of scores, taken by threads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from msgspec import Struct
from threadpoolctl import ThreadpoolController

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Embeddings, Frozen
from w2v_cli.engines.centers import Centers, PlainCenters
from w2v_cli.engines.exact.optimizers import Optimizer
from w2v_cli.engines.exact.tiles import (
    Counts,
    NaiveSoftmaxTiles,
    NegativeSamplingTiles,
    Step,
    Team,
    TileLoss,
    Tiles,
)
from w2v_cli.engines.settings import EngineSettings, NaiveSoftmax, NegativeSampling

# The working memory of a step: its scores in tiles, and the threads that take the tiles.


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
