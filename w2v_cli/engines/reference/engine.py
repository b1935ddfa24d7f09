"""The plain engine: both models and losses by minibatch SGD over windows, in vectorised NumPy.

It is the readable reference for the compiled engines and needs no compiler. With `steps` set it
follows the course: batches of windows drawn at random. It runs on one thread, except for the
matrix products of naive softmax, which may use `n_threads`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Embeddings, Frozen, Notice, Resources, Stats, Unit, diverged
from w2v_cli.engines.centers import centers_of
from w2v_cli.engines.predictions import Predictions, predictions_of
from w2v_cli.engines.reference.settings import ReferenceSettings
from w2v_cli.engines.settings import EngineSettings, NegativeSampling
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

# Loss and gradients of a batch of predictions. Pure functions of arrays: the formulas of
# `w2v_cli.equations` for many predictions at once. There is no loop over pairs, and negative
# sampling touches only the rows that occur.


#: Below this, exp(score) and a sum of a million of them stay far within float32's range.
LARGEST_PLAIN_SCORE = 50.0


@dataclass(frozen=True)
class RowGradient:
    """A gradient that is zero except in some rows: `values[i]` belongs to row `rows[i]`.

    rows: distinct, rising, shape (n,). values: shape (n, D).
    """

    rows: Array
    values: Array


def sum_rows(rows: Array, values: Array) -> RowGradient:
    """Add up the values, shape (n, D), that go to the same row, shape (n,)."""
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    return RowGradient(ordered[starts], np.add.reduceat(values[order], starts, axis=0))


def sigmoid(x: Array) -> Array:
    """σ(x) without overflow, element by element, in the precision of x."""
    e = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1, e) / (1 + e))


def negative_sampling_step(
    inputs: Array, outside_vectors: Array, which: Array, targets: Array, negatives: Array
) -> tuple[float, Array, RowGradient]:
    """Negative sampling over P predictions with given draws.

    inputs: the vectors that predict, (R, D): v_c in skip-gram, h in CBOW. which, targets: the
    input and the word o that it predicts, (P,) each; `which` rises. negatives: word ids, (P, K);
    one that equals its prediction's o is skipped.
    Returns the sum of the losses and the gradients of that sum: for the inputs, (R, D), and for
    rows of the outside matrix.
    Stacked form: g = σ(U_{o,1..K} v_c) − (1, 0, …, 0), ∂v_c = U_{o,1..K}ᵀ g, ∂U = g v_cᵀ.
    """
    words = np.concatenate([targets[:, None], negatives], axis=1)
    v = inputs[which]
    u = outside_vectors[words]
    scores = np.matmul(u, v[:, :, None])[:, :, 0]
    counted = words != targets[:, None]
    counted[:, 0] = True
    g = sigmoid(scores)
    g *= counted
    g[:, 0] -= 1
    signed = scores
    signed[:, 0] *= -1
    loss = float(np.sum(np.logaddexp(0, signed), where=counted, dtype=np.float64))
    grad_inputs = np.zeros_like(inputs)
    _add_rows(grad_inputs, sum_rows(which, np.matmul(g[:, None, :], u)[:, 0, :]))
    grad_outside = g[:, :, None] * v[:, None, :]
    return loss, grad_inputs, sum_rows(words.ravel(), grad_outside.reshape(-1, v.shape[1]))


def naive_softmax_step(
    inputs: Array, outside_vectors: Array, which: Array, targets: Array
) -> tuple[float, Array, Array]:
    """Naive softmax over P predictions.

    inputs, which, targets: as in `negative_sampling_step`.
    Returns the sum of the losses −log ŷ_o, and its gradients: for the inputs, (R, D), and for
    the outside matrix, (V, D), which is dense because softmax touches every word.
    With n the predictions of an input and y their counts: ∂scores = n ŷ − y. The two terms are
    multiplied out separately, because most entries of y are zero.
    """
    v = inputs
    exponentials, total, log_total = _exponentials(v, outside_vectors)
    true_scores = np.einsum("pd,pd->p", v[which], outside_vectors[targets])
    n_pairs = np.bincount(which, minlength=len(v))
    loss = float(n_pairs @ log_total) - float(true_scores.sum(dtype=np.float64))
    share = (n_pairs / total).astype(v.dtype)[:, None]
    grad_inputs = share * (exponentials @ outside_vectors)
    _subtract_rows(grad_inputs, sum_rows(which, outside_vectors[targets]))
    grad_outside = exponentials.T @ (share * v)
    _subtract_rows(grad_outside, sum_rows(targets, v[which]))
    return loss, grad_inputs, grad_outside


def _add_rows(matrix: Array, rows: RowGradient) -> None:
    matrix[rows.rows] += rows.values


def _subtract_rows(matrix: Array, rows: RowGradient) -> None:
    matrix[rows.rows] -= rows.values


def _exponentials(v: Array, outside_vectors: Array) -> tuple[Array, Array, Array]:
    """Return exp(scores − top), shape (W, V), its sums, shape (W,), and log Σ exp(scores).

    The usual shift, top = the largest score, is omitted where nothing overflows without it.
    """
    scores = v @ outside_vectors.T
    tops = scores.max(axis=1)
    if not LARGEST_PLAIN_SCORE > tops.max() >= tops.min() > -LARGEST_PLAIN_SCORE:
        scores -= tops[:, None]
    else:
        tops = np.zeros_like(tops)
    np.exp(scores, out=scores)
    total = scores.sum(axis=1)
    return scores, total, tops + np.log(total.astype(np.float64))


# The engine.


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
    """Build the engine; `create_engine` calls this."""
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
        """Return None: nothing is added to the scores."""

    def close(self) -> None:
        """Nothing to release."""
