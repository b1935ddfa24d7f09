"""The exact engine's steps on the CPU: the parameters, the optimizer and the threads."""

from collections.abc import Mapping

import numpy as np
from threadpoolctl import ThreadpoolController

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Embeddings, Frozen
from w2v_cli.engines.centers import PlainCenters
from w2v_cli.engines.exact.optimizers import CENTER_DECAYS, OUTSIDE_DECAYS, Matrix
from w2v_cli.engines.exact.problem import Problem
from w2v_cli.engines.exact.tiles import (
    NaiveSoftmaxTiles,
    NegativeSamplingTiles,
    Step,
    Team,
    TileLoss,
    Tiles,
)
from w2v_cli.engines.settings import NaiveSoftmax


class CpuMachine:
    """See `Machine`."""

    def __init__(self, problem: Problem) -> None:
        training, dim = problem.settings.training, problem.settings.model.dim
        dtype = problem.X.weights.dtype
        self._rows = problem.rows
        start = self._rows.start_vectors(dim, training.seed, dtype)
        shared = not isinstance(self._rows, PlainCenters)
        self._center = Matrix(training.optimizer, start["center"], CENTER_DECAYS, shared)
        self._outside = Matrix(training.optimizer, start["outside"], OUTSIDE_DECAYS)
        self._n_pairs = problem.scale * problem.n_pairs
        self._tiles = Tiles(problem.n_words, problem.batch, dim, training.n_threads, dtype)
        is_softmax = isinstance(problem.settings.objective, NaiveSoftmax)
        loss_type = NaiveSoftmaxTiles if is_softmax else NegativeSamplingTiles
        self._loss: TileLoss = loss_type(problem, self._tiles)
        self._team = Team(training.n_threads)
        self._blas = ThreadpoolController()
        self.about_memory: str | None = None

    def step(
        self, centers: Array, lr: float, number: int, times: int, upcoming: Array | None = None
    ) -> float:
        """See `Machine.step`."""
        # With several BLAS threads a product would have other bits than with one.
        with self._blas.limit(limits=1, user_api="blas"):
            vectors = self._rows.of(self._center.parameters, centers)
            n_pairs = self._n_pairs[centers]
            step = Step(centers, vectors, n_pairs, lr, number, self._tiles, self._outside)
            self._loss.train(step, self._team)
            grad_center = step.grad_center()
            rows, grad_rows = self._rows.back(centers, grad_center)
            self._center.step(rows, grad_rows, lr, times)
            return self._loss.loss(step, grad_center)

    def sums(self) -> list[float]:
        """See `Machine.sums`."""
        return [float(matrix.parameters.sum()) for matrix in (self._center, self._outside)]

    def state(self) -> dict[str, Array]:
        """See `Machine.state`: the arrays themselves."""
        arrays = {"center": self._center.parameters, "outside": self._outside.parameters}
        if self._center.moves is not None:
            arrays["center_moves"] = self._center.moves
        for name, matrix in (("center", self._center), ("outside", self._outside)):
            arrays |= {f"{name}_{kind}": array for kind, array in matrix.sums.items()}
        return arrays

    def load_state(self, arrays: Mapping[str, Array]) -> None:
        """See `Machine.load_state`."""
        for name, mine in self.state().items():
            mine[...] = arrays[name]

    def embeddings(self) -> Embeddings:
        """See `Machine.embeddings`."""
        return self._rows.embeddings(self._center.parameters, self._outside.parameters)

    def set_embeddings(self, embeddings: Embeddings) -> None:
        """See `Machine.set_embeddings`."""
        self._center.parameters[...] = self._rows.rows_of(embeddings)
        self._outside.parameters[...] = np.asarray(embeddings.outside)

    def freeze(self, frozen: Frozen) -> None:
        """See `Machine.freeze`."""
        self._center.freeze(frozen.center)
        self._outside.freeze(frozen.outside)

    def close(self) -> None:
        """Release the threads."""
        self._team.close()
