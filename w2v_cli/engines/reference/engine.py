"""The plain engine: both models and losses by minibatch SGD over windows, in vectorised NumPy.

It is the readable reference for the compiled engines, needs nothing but NumPy, and follows the
course where `steps` is set: batches of windows drawn at random. It runs on one thread, but for
the matrix products of naive softmax, which may have `n_threads`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Notice, Resources, Stats, Unit
from w2v_cli.engines.divergence import diverged
from w2v_cli.engines.losses import NegativeSampling
from w2v_cli.engines.parameters import Embeddings, Frozen
from w2v_cli.engines.predictions import Predictions, predictions_of
from w2v_cli.engines.reference.offer import ReferenceSettings
from w2v_cli.engines.reference.steps import (
    naive_softmax_step,
    negative_sampling_step,
    sum_rows,
)
from w2v_cli.engines.settings import EngineSettings
from w2v_cli.engines.subwords import centers_of
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.windows import (
    RandomWindows,
    Windows,
    alias_table,
    block_windows,
    draw_noise,
    generator,
    keep_prob,
    noise_distribution,
)

BLOCK_TOKENS = 8192
STEPS_A_UNIT = 100
_ADAGRAD_EPSILON = 1e-10


def create(
    settings: EngineSettings,
    corpus: EncodedCorpus,
    cache: Path,
    notice: Notice,
    resources: Resources,
) -> "ReferenceEngine":
    """Build the engine; what `create_engine` calls."""
    return ReferenceEngine(settings, corpus)


class ReferenceEngine:
    """Trains one unit (a block of the corpus, or some random batches) at a time."""

    name = "reference"
    state_version = 1

    def __init__(self, settings: EngineSettings, corpus: EncodedCorpus) -> None:
        counts, model, training = corpus.vocabulary.counts, settings.model, settings.training
        own = settings.own_as(ReferenceSettings)
        self._training = training
        self._radii = model.radii
        self._predicts_center = settings.word_model.predicts_center
        self._corpus = corpus
        self._batch_size, self._batch_mean = own.batch_size, own.batch_mean
        self._keep = keep_prob(counts, model.subsample_threshold)
        self._sampling = None
        if isinstance(settings.objective, NegativeSampling):
            self._sampling = settings.objective
            self._noise = alias_table(noise_distribution(counts, self._sampling.noise_power))
        self._centers = centers_of(model, corpus.vocabulary.words)
        self._parameters = self._centers.start_vectors(model.dim, training.seed)
        self._frozen: Frozen | None = None
        self._squares: dict[str, NDArray[np.float32]] = {}
        if training.optimizer == "adagrad":
            self._squares = {
                f"{name}_squares": np.zeros_like(matrix)
                for name, matrix in self._parameters.items()
            }
        self._steps = training.steps
        if self._steps is None:
            self._blocks = corpus.blocks(BLOCK_TOKENS)
            self.n_units = len(self._blocks) - 1
        else:
            self._random = RandomWindows(corpus, self._keep, model.radii)
            self.n_units = -(-self._steps // STEPS_A_UNIT)

    def train(self, units: Iterable[Unit]) -> Iterator[tuple[Unit, Stats]]:
        """See `Engine.train`."""
        for unit in units:
            with (
                np.errstate(over="ignore", invalid="ignore"),
                threadpool_limits(self._training.n_threads, "blas"),
            ):
                stats = self._train_unit(unit)
                self._check_finite(stats)
            yield unit, stats

    def _train_unit(self, unit: Unit) -> Stats:
        rng = generator(self._training.seed, unit.epoch, unit.index)
        windows, stats = self._draw(unit, rng)
        drawn = predictions_of(windows, self._predicts_center)
        negatives = np.empty((len(drawn.targets), 0), np.int32)
        if self._sampling is not None:
            shape = (len(drawn.targets), self._sampling.n_negatives)
            negatives = draw_noise(self._noise, shape, rng)
        done = 0
        for first in range(0, len(drawn), self._batch_size):
            batch = drawn.batch(first, self._batch_size)
            n = len(batch.targets)
            if n:
                stats.loss += self._step(batch, negatives[done : done + n], unit.lr)
            done += n
        stats.n_pairs = float(done)
        return stats

    def _draw(self, unit: Unit, rng: np.random.Generator) -> tuple[Windows, Stats]:
        if self._steps is None:
            start, stop = (int(x) for x in self._blocks[unit.index : unit.index + 2])
            windows = block_windows(self._corpus, start, stop, self._keep, self._radii, rng)
            return windows, Stats(n_tokens=self._corpus.raw_tokens(start, stop))
        n_steps = min(STEPS_A_UNIT, self._steps - unit.index * STEPS_A_UNIT)
        n_windows = n_steps * self._batch_size
        return self._random.draw(n_windows, rng), Stats(n_tokens=n_windows)

    def _step(self, batch: Predictions, negatives: Array, lr: float) -> float:
        """Train one batch of windows; return the sum of its losses before the step."""
        words, places = np.unique(batch.words, return_inverse=True)
        vectors, outside = self._centers.of(self._parameters["center"], words), self._outside
        inputs = replace(batch, words=places).inputs(vectors)
        scale = 1.0 / len(batch) if self._batch_mean else 1.0
        if self._sampling is not None:
            loss, grad_inputs, grad_rows = negative_sampling_step(
                inputs, outside, batch.which, batch.targets, negatives
            )
            self._descend("outside", grad_rows.rows, grad_rows.values, lr, scale)
        else:
            loss, grad_inputs, grad_all = naive_softmax_step(
                inputs, outside, batch.which, batch.targets
            )
            self._descend("outside", slice(None), grad_all, lr, scale)
        of_words = sum_rows(batch.words, batch.by_word(grad_inputs))
        rows, gradient = self._centers.back(of_words.rows, of_words.values)
        self._descend("center", rows, gradient, lr, scale)
        return loss

    @property
    def _outside(self) -> Array:
        return self._parameters["outside"]

    def _descend(
        self, name: str, rows: Array | slice, gradient: Array, lr: float, scale: float
    ) -> None:
        """θ ← θ − lr·g (SGD) or θ ← θ − lr·g / √(Σ g²) (Adagrad, Duchi et al. 2011)."""
        parameters = self._parameters[name]
        if self._frozen is not None:
            free = ~getattr(self._frozen, name)[rows]
            rows, gradient = np.arange(len(parameters))[rows][free], gradient[free]
        if not self._squares:
            parameters[rows] -= np.float32(lr * scale) * gradient
            return
        gradient = np.float32(scale) * gradient
        squares = self._squares[f"{name}_squares"]
        squares[rows] += gradient * gradient
        parameters[rows] -= np.float32(lr) * gradient / np.sqrt(squares[rows] + _ADAGRAD_EPSILON)

    def _check_finite(self, stats: Stats) -> None:
        sums = (*(matrix.sum() for matrix in self._parameters.values()), stats.loss)
        if not np.isfinite(sums).all():
            raise diverged(self._training.lr)

    def state(self) -> dict[str, Array]:
        """See `Engine.state`."""
        return {**self._parameters, **self._squares}

    def load_state(self, arrays: Mapping[str, Array]) -> None:
        """See `Engine.load_state`."""
        for name, mine in self.state().items():
            mine[...] = arrays[name]

    def embeddings(self) -> Embeddings:
        """See `Engine.embeddings`."""
        return self._centers.embeddings(**self._parameters)

    def set_embeddings(self, embeddings: Embeddings) -> None:
        """See `Engine.set_embeddings`."""
        self._parameters["center"][...] = self._centers.rows_of(embeddings)
        self._outside[...] = embeddings.outside

    def freeze(self, frozen: Frozen) -> None:
        """See `Engine.freeze`."""
        self._frozen = frozen

    def score_offset(self) -> None:
        """Nothing is added to the scores."""

    def close(self) -> None:
        """Nothing to release."""
