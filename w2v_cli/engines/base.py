"""What all engines share: vectors, units of work, the `Engine` protocol, and its checks."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import DTypeLike

from w2v_cli.arrays import Array
from w2v_cli.engines.settings import EngineSettings
from w2v_cli.errors import RunError
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.ngrams import Subwords
from w2v_cli.text.plan import Progress, no_progress
from w2v_cli.text.settings import DEFAULT_MEMORY
from w2v_cli.text.shared_cache import SharedCache
from w2v_cli.text.windows import keep_prob

if TYPE_CHECKING:
    from w2v_cli.pairs.matrix import PairCounts

# What is trained: one centre vector and one outside vector per word.


@dataclass(frozen=True)
class SubwordVectors:
    """What centre vectors with subwords are made of.

    subwords: the n-grams that have a row. rows: a row for each word, then one for each n-gram,
    (V + R, D); a word's centre vector is the mean of its rows (`engines.centers`).
    """

    subwords: Subwords
    rows: Array


@dataclass(frozen=True)
class Embeddings:
    """Two matrices of shape (V, D): rows `v_c` (centre) and rows `u_w` (outside).

    subwords: what the centre vectors are made of; None: each row of `center` is a centre vector.
    blend: these vectors blended with those of another engine, (V, D); no engine makes it.
    blend_turn: with subwords, what brings a centre vector into the blend, (D, D).
    """

    center: Array
    outside: Array
    subwords: SubwordVectors | None = None
    blend: Array | None = None
    blend_turn: Array | None = None

    @property
    def n_words(self) -> int:
        """V, the number of distinct words."""
        return int(self.center.shape[0])

    @property
    def dim(self) -> int:
        """D, the length of a vector."""
        return int(self.center.shape[1])


@dataclass(frozen=True)
class Frozen:
    """The vectors that training must not move: bool (V,), for centre and for outside vectors."""

    center: Array
    outside: Array


def initial_embeddings(
    n_words: int, dim: int, seed: int, dtype: DTypeLike = np.float32
) -> Embeddings:
    """Start as word2vec.c does: centre rows uniform in ±0.5/D, outside rows zero.

    Returns matrices of shape (n_words, dim). The draw depends only on `seed` and the shape.
    """
    generator = np.random.Generator(np.random.Philox(key=seed))
    center = (generator.random((n_words, dim), dtype=np.float32) - 0.5) / dim
    return Embeddings(center.astype(dtype), np.zeros((n_words, dim), dtype))


# What every engine offers to the trainer.


Notice = Callable[[str], None]


@dataclass(frozen=True)
class Unit:
    """One block of work. The key (seed, epoch, index) determines all its random draws.

    So no generator state has to be saved: the same key gives the same draws at any time.
    """

    epoch: int
    index: int
    lr: float


@dataclass
class Stats:
    """The results of a unit, as sums, so that those of several units add up.

    loss: sum of the pair losses (float64). n_pairs: the number of these pairs (may be a fraction
    if pairs are weighted). n_tokens: tokens of the corpus that were passed, with dropped ones.
    figures: of the engine's own, by their names in a report, as they are now. is_enough: no more
    units are needed.
    """

    loss: float = 0.0
    n_pairs: float = 0.0
    n_tokens: int = 0
    figures: dict[str, float] = field(default_factory=dict)
    is_enough: bool = False

    def add(self, other: "Stats") -> None:
        """Add the results of another unit."""
        self.loss += other.loss
        self.n_pairs += other.n_pairs
        self.n_tokens += other.n_tokens
        self.figures |= other.figures
        self.is_enough |= other.is_enough

    @property
    def mean_loss(self) -> float:
        """Loss per pair; NaN when there were no pairs."""
        return self.loss / self.n_pairs if self.n_pairs else float("nan")


class Engine(Protocol):
    """Holds the parameters and trains them, unit by unit.

    name: as in the catalogue. state_version: raised when older checkpoints no longer fit.
    n_units: units in an epoch.
    """

    name: str
    state_version: int
    n_units: int

    def train(self, units: Iterable[Unit]) -> Iterator[tuple[Unit, Stats]]:
        """Train the units one by one and yield the results of each.

        The engine takes the next of `units` only when it can start it. When `units` ends, it
        finishes the work in flight, so `state()` is consistent afterwards. Units come back in
        order, except where threads race.

        Raises RunError when the parameters or the loss stop being finite.
        """
        ...

    def state(self) -> dict[str, Array]:
        """Return what a checkpoint must hold: parameters and optimizer sums, by name."""
        ...

    def load_state(self, arrays: Mapping[str, Array]) -> None:
        """Restore what `state()` returned."""
        ...

    def embeddings(self) -> Embeddings:
        """Return the current vectors of all words, (V, D) each, in the engine's precision.

        Only the engine knows how many rows of parameters make up a word's vector. The arrays may
        be views of the parameters: copy them if they must not change.
        """
        ...

    def set_embeddings(self, embeddings: Embeddings) -> None:
        """Replace the vectors of all words, (V, D) each; optimizer sums stay unchanged."""
        ...

    def freeze(self, frozen: Frozen) -> None:
        """Never move these vectors, whatever their gradients. Call this before training."""
        ...

    def score_offset(self) -> Array | None:
        """Return what is added to the score of each outside word, (V,); None: nothing."""
        ...

    def close(self) -> None:
        """Release threads and files."""
        ...


@dataclass(frozen=True)
class Resources:
    """What an engine may use while it is built.

    memory: GiB for counting pairs. progress: called as a long preparation advances. shared: a cache
    of pair counts for several runs; None: no such cache.
    """

    memory: float = DEFAULT_MEMORY
    progress: Progress = no_progress
    shared: SharedCache | None = None

    def pairs_of(
        self, corpus: EncodedCorpus, settings: EngineSettings, cache: Path
    ) -> "PairCounts":
        """Open the pair counts of a corpus, from `cache` or the shared one; else count them.

        Raises OSError where they cannot be written.
        """
        from w2v_cli.pairs.cooccurrence import open_or_count  # numba; most commands need none

        return open_or_count(
            corpus,
            keep_prob(corpus.vocabulary.counts, settings.model.subsample_threshold),
            settings.model.window,
            shrink=settings.model.shrink_windows,
            cache=cache,
            memory=self.memory,
            n_threads=settings.training.n_threads,
            progress=self.progress,
            shared=self.shared,
        )


class Create(Protocol):
    """Builds an engine; `catalog.create_engine` explains the arguments."""

    def __call__(
        self,
        settings: EngineSettings,
        corpus: EncodedCorpus,
        cache: Path,
        notice: Notice,
        resources: Resources | None = None,
    ) -> Engine:
        """Return the engine, with fresh parameters."""
        ...


# What every engine offers to the checks.


@dataclass(frozen=True)
class Pair:
    """A centre word c and an outside word o of a training, counted `weight` times.

    negatives: the words drawn, each counted `noise_weight` times; None with naive softmax. noise:
    replaces draws: the expected number of times that each word is a negative, (V,); o never is.
    """

    c: int
    o: int
    negatives: Sequence[int] | None = None
    weight: float = 1.0
    noise_weight: float = 1.0
    noise: Array | None = None


@dataclass(frozen=True)
class Bag:
    """A window of CBOW: the mean of its other words predicts the word at place t.

    negatives, weight, noise_weight: as in `Pair`.
    """

    words: Sequence[int]
    t: int
    negatives: Sequence[int] | None = None
    weight: float = 1.0
    noise_weight: float = 1.0


@dataclass(frozen=True)
class EngineCheck:
    """How gradcheck compares one unit of an engine with the sum of the equations over its pairs.

    statement: what must hold; shown in the table. given: the settings of the check, by name.
    pairs: (engine, settings, corpus) → all pairs (with CBOW, all bags) that unit 0 of epoch 0
    trains. tolerance: the largest relative error. prior: (engine settings, corpus, each word's
    share of the outside words) → what is added to the score of each word, (V,); None: nothing.
    penalty: (engine, settings, corpus) → λ of each word, (V,): the unit adds λ times its two
    vectors to their gradients; None: no penalty. whole_steps: with subwords, each row of a word
    moves by all of ∂J/∂v_c, as in fastText. That is n times the gradient of a mean of n rows.
    """

    key: str
    statement: str
    given: Mapping[str, Any]
    pairs: Callable[[Any, EngineSettings, EncodedCorpus], Sequence[Pair | Bag]]
    tolerance: float
    prior: Callable[[EngineSettings, EncodedCorpus, Array], Array] | None = None
    penalty: Callable[[Any, EngineSettings, EncodedCorpus], Array] | None = None
    whole_steps: bool = False


# Divergence: numbers that are not finite, or a loss that is too large.


def diverged(lr: float, other_remedy: str = "") -> RunError:
    """Return the error for a training whose loss or vectors are NaN or infinite.

    other_remedy: another option that helps, such as "--batch-mean".
    """
    remedy = f" or with {other_remedy}" if other_remedy else ""
    return RunError(
        "training diverged: the loss or a vector is not a finite number;"
        f" start a new run with a lower --lr (it was {lr:g}){remedy}"
    )


#: A loss above this many times that of untrained vectors means divergence. The loss of the first
#: report is no standard: far too high a learning rate has spoiled it already.
FAR_ABOVE = 10.0


def check_size(loss: float, start: float, lr: float) -> None:
    """Raise RunError for a loss per pair far above `start`, that of untrained vectors."""
    if not loss <= FAR_ABOVE * start:
        raise RunError(
            f"training diverged: the loss is {loss:.4g} per pair, far above the {start:.4g} of"
            f" untrained vectors; start a new run with a lower --lr (it was {lr:g})"
        )
