"""The exact engine's steps on the CPU: tiles of scores, taken by threads."""

from collections.abc import Callable, Mapping

import numpy as np
from msgspec import Struct
from threadpoolctl import ThreadpoolController

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Embeddings, Frozen
from w2v_cli.engines.centers import PlainCenters
from w2v_cli.engines.exact.machine import Task
from w2v_cli.engines.exact.naive_softmax import NaiveSoftmaxTiles
from w2v_cli.engines.exact.negative_sampling import NegativeSamplingTiles
from w2v_cli.engines.exact.optimizers import Optimizer
from w2v_cli.engines.exact.tiles import Counts, Step, Team, TileLoss, Tiles
from w2v_cli.engines.settings import EngineSettings, NaiveSoftmax, NegativeSampling

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
