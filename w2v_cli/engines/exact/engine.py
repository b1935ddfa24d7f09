"""Training without sampling: exact, over all pairs of a corpus at once.

The corpus enters a loss only through its weighted pair counts X (see `pairs.cooccurrence`). With
the score s(c, w) = u_w · v_c + b_w and the gradient of the loss G[c, w] = ∂J/∂s(c, w),

    ∂J/∂v_c = Σ_w G[c, w] u_w,    ∂J/∂u_w = Σ_c G[c, w] v_c.

That is the sum of the token-by-token gradients, at a cost of 6 V² D operations an epoch whatever
the length of the corpus. `tiles.py` shows how a tile of scores becomes G and a loss, for both
losses. b is a constant, the prior: it changes the scores, not the form of the gradients. Without it
these are the losses of the course; with it the vectors start at the unigram model and need not
learn how frequent words are.

A unit of work is a step over `batch_size` centre words. Their scores against all words are one
matrix product, cut into tiles that fit the second-level cache. Threads take tiles in any order;
their sums are added in the order of tiles, and a product runs on one thread of the BLAS, so the
bits do not depend on the number of threads.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
from threadpoolctl import ThreadpoolController

from w2v_cli.arrays import Array
from w2v_cli.compiled import cache_note
from w2v_cli.engines.base import Embeddings, Frozen, Notice, Resources, Stats, Unit, diverged
from w2v_cli.engines.centers import Centers, PlainCenters, centers_of
from w2v_cli.engines.exact.problem import Machine, Problem, offset_and_noise, scaled
from w2v_cli.engines.exact.settings import ExactSettings
from w2v_cli.engines.settings import EngineSettings
from w2v_cli.pairs.matrix import PairCounts
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.windows import generator

#: Scores a step may hold in memory (1 GiB of float32); beyond that, it has fewer centre words.
STEP_SCORES = 2**28
#: Time of a step over the time of its matrix products.
_STEP_OVER_PRODUCTS = 1.4
_LONG_HOURS = 1.0


def create(
    settings: EngineSettings,
    corpus: EncodedCorpus,
    cache: Path,
    notice: Notice,
    resources: Resources,
) -> "ExactEngine":
    """Build the engine: announce a long training, count the pairs (or open them)."""
    if note := cache_note():
        notice(note)
    if settings.own_as(ExactSettings).device == "cpu":
        note_long_training(settings, len(corpus.vocabulary), notice)
    centers = centers_of(settings.model, corpus.vocabulary.words)
    pairs = resources.pairs_of(corpus, settings, cache)
    engine = ExactEngine(settings, pairs, corpus.vocabulary.counts, corpus.n_tokens, centers)
    if about := engine.about_memory:
        notice(about)
    return engine


class ExactEngine:
    """Trains a batch of centre words at a time against all outside words."""

    name = "exact"
    state_version = 1

    def __init__(
        self,
        settings: EngineSettings,
        pairs: PairCounts,
        word_counts: Array,
        n_tokens: int,
        centers: Centers | None = None,
    ) -> None:
        """n_tokens: tokens of the corpus, spread over the units for the progress figures.

        centers: how centre vectors are made; None: each is one row.
        """
        own, training = settings.own_as(ExactSettings), settings.training
        dtype = np.dtype("float64" if own.precision == "float64" else "float32")
        self._seed, self._lr = training.seed, training.lr
        self._follows_sum = training.optimizer == "sgd" and not own.batch_mean
        self._n_tokens = n_tokens
        self._n_pairs = pairs.row_sums()
        self._active = np.flatnonzero(self._n_pairs)
        most = STEP_SCORES // pairs.n_words if own.device == "cpu" else own.batch_size
        self._batch = max(1, min(own.batch_size, most, len(self._active)))
        self.n_units = max(1, -(-len(self._active) // self._batch))
        scale = self._gradient_scale()
        self._offset, noise = offset_and_noise(settings, self._n_pairs, word_counts, dtype)
        self._machine = _machine_for(
            own.device,
            Problem(
                settings=settings,
                pairs=pairs,
                X=scaled(pairs, scale, dtype),
                scale=scale,
                n_pairs=self._n_pairs,
                offset=self._offset,
                noise=noise,
                rows=centers or PlainCenters(pairs.n_words),
                batch=self._batch,
            ),
        )
        self._order: tuple[int, list[Array]] = (-1, [])

    @property
    def about_memory(self) -> str | None:
        """A notice about the memory that the engine uses; None: no notice."""
        return self._machine.about_memory

    def _gradient_scale(self) -> float:
        """Return the factor of the counts, and so of the gradients.

        Adagrad and Adam do not depend on the scale of a gradient. So an average centre word gets
        the weight 1, and counts of any size fit float32. SGD follows the plain sum, as the
        equations do; with batch_mean it follows the scaled sum, which suits usual learning rates.
        """
        if self._follows_sum:
            return 1.0
        return len(self._active) / float(self._n_pairs.sum()) if len(self._active) else 1.0

    def train(self, units: Iterable[Unit]) -> Iterator[tuple[Unit, Stats]]:
        """See `Engine.train`."""
        for unit in units:
            centers = self._centers(unit)
            with np.errstate(over="ignore", invalid="ignore"):  # the check reports it
                loss = self._step(centers, unit) if len(centers) else 0.0
            self._check_finite(loss)
            yield unit, Stats(loss, float(self._n_pairs[centers].sum()), self._share(unit))
        # A step's fault shows only in the loss of the next step; the last step has no next.
        with np.errstate(over="ignore", invalid="ignore"):
            self._check_finite(*self._machine.sums())

    def _centers(self, unit: Unit) -> Array:
        """Return a unit's centre words: each word once an epoch, in an order drawn for it."""
        if self._order[0] != unit.epoch:
            rng = generator(self._seed, unit.epoch, 0)
            order = rng.permutation(self._active)
            firsts = range(0, max(1, len(order)), self._batch)
            self._order = unit.epoch, [order[i : i + self._batch] for i in firsts]
        return self._order[1][unit.index]

    def _share(self, unit: Unit) -> int:
        n, i = self.n_units, unit.index
        return self._n_tokens * (i + 1) // n - self._n_tokens * i // n

    def _step(self, centers: Array, unit: Unit) -> float:
        """Train one batch of centre words; return its loss before the step."""
        number = unit.epoch * self.n_units + unit.index + 1
        is_last = unit.index + 1 == self.n_units
        upcoming = None if is_last else self._order[1][unit.index + 1]
        return self._machine.step(centers, unit.lr, number, unit.epoch + 1, upcoming)

    def _check_finite(self, *figures: float) -> None:
        if not np.isfinite(figures).all():
            raise diverged(self._lr, "--batch-mean" if self._follows_sum else "")

    def state(self) -> dict[str, Array]:
        """See `Engine.state`."""
        return self._machine.state()

    def load_state(self, arrays: Mapping[str, Array]) -> None:
        """See `Engine.load_state`."""
        self._machine.load_state(arrays)

    def embeddings(self) -> Embeddings:
        """See `Engine.embeddings`."""
        return self._machine.embeddings()

    def set_embeddings(self, embeddings: Embeddings) -> None:
        """See `Engine.set_embeddings`."""
        self._machine.set_embeddings(embeddings)

    def freeze(self, frozen: Frozen) -> None:
        """See `Engine.freeze`."""
        self._machine.freeze(frozen)

    def score_offset(self) -> Array:
        """See `Engine.score_offset`: the prior."""
        return self._offset

    def close(self) -> None:
        """Release threads and memory."""
        self._machine.close()


def _machine_for(device: str, problem: Problem) -> Machine:
    """Put the problem on a device; what a GPU needs is imported only for it."""
    if device == "cpu":
        from w2v_cli.engines.exact.cpu import CpuMachine

        return CpuMachine(problem)
    from w2v_cli.engines.exact.device.machine import DeviceMachine

    return DeviceMachine(problem)


# How long training will take, told before it starts.


def note_long_training(
    settings: EngineSettings, n_words: int, notice: Callable[[str], None], rate: float | None = None
) -> None:
    """Say how long training will take if that is more than an hour.

    rate: float operations a second of a matrix product on one thread; None: measured if needed.
    """
    epochs, dim = settings.training.epochs, settings.model.dim
    operations = 6.0 * n_words**2 * dim
    if epochs * operations < 1e13:  # a minute at most on any machine
        return
    rate = rate or _product_rate(dim, settings.own_as(ExactSettings).precision)
    hours = _STEP_OVER_PRODUCTS * operations / (rate * settings.training.n_threads) / 3600
    if epochs * hours > _LONG_HOURS:
        fewer = int(n_words * math.sqrt(_LONG_HOURS / (epochs * hours)))
        notice(
            f"an epoch over {n_words:,} words will take about {_duration(hours)}, and all"
            f" {epochs} epochs {_duration(epochs * hours)}; the time grows with the square of the"
            f" vocabulary: --max-vocab {fewer // 1000 * 1000 or fewer}, or a higher --min-count,"
            f" brings it down to {_LONG_HOURS:.0f} hour"
        )


def _duration(hours: float) -> str:
    if hours >= 48:
        return f"{hours / 24:.0f} days"
    return f"{hours:.1f} hours" if hours >= 1 else f"{60 * hours:.0f} minutes"


def _product_rate(dim: int, precision: str) -> float:
    """Measure a product of the shape of a tile, on one thread: float operations a second."""
    a = np.ones((256, dim), precision)
    b = np.ones((1024, dim), precision)
    seconds = []
    with ThreadpoolController().limit(limits=1, user_api="blas"):
        for _ in range(5):
            start = time.perf_counter()
            np.matmul(a, b.T)
            seconds.append(time.perf_counter() - start)
    return 2.0 * a.size * len(b) / min(seconds)
