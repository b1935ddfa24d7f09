"""What every engine has in common: vectors, units of work, the `Engine` itself, its checks."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

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

    subwords: what the centre vectors are made of; None: a row is a word's centre vector itself.
    """

    center: Array
    outside: Array
    subwords: SubwordVectors | None = None

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
    """Which vectors a training may not move: bool (V,) for the centre and the outside vectors."""

    center: Array
    outside: Array


def initial_embeddings(
    n_words: int, dim: int, seed: int, dtype: DTypeLike = np.float32
) -> Embeddings:
    """Start as word2vec.c does: centre rows uniform in ±0.5/D, outside rows zero.

    Returns matrices of shape (n_words, dim). The draw depends on `seed` and the shape only.
    """
    generator = np.random.Generator(np.random.Philox(key=seed))
    center = (generator.random((n_words, dim), dtype=np.float32) - 0.5) / dim
    return Embeddings(center.astype(dtype), np.zeros((n_words, dim), dtype))


# What every engine offers to the trainer.


Notice = Callable[[str], None]


@dataclass(frozen=True)
class Unit:
    """One block of work. All its randomness is keyed by (seed, epoch, index).

    So no generator state is saved: the same key draws the same numbers whenever it is trained.
    """

    epoch: int
    index: int
    lr: float


@dataclass
class Stats:
    """What a unit did: sums, so that figures of several units add up.

    loss: sum of the pair losses (float64). n_pairs: how many pairs that covers (weighted counts
    may be fractions). n_tokens: raw corpus tokens passed, dropped words included. figures: of an
    engine's own, by their names in a report, as they are now. is_enough: no more units are needed.
    """

    loss: float = 0.0
    n_pairs: float = 0.0
    n_tokens: int = 0
    figures: dict[str, float] = field(default_factory=dict)
    is_enough: bool = False

    def add(self, other: "Stats") -> None:
        """Add the figures of another unit."""
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
    """Trains units of work on its own parameters.

    name: as in the catalogue. state_version: rises when older checkpoints no longer fit.
    n_units: units of one epoch.
    """

    name: str
    state_version: int
    n_units: int

    def train(self, units: Iterable[Unit]) -> Iterator[tuple[Unit, Stats]]:
        """Train unit after unit and yield the figures of each.

        `units` is pulled lazily, only when a unit can be started. When it ends, work in flight
        is finished, so that afterwards `state()` is consistent. Units are yielded in order,
        except where threads race.

        Raises RunError when the parameters or the loss stop being finite.
        """
        ...

    def state(self) -> dict[str, Array]:
        """All that a checkpoint must hold: parameters and optimizer sums, by name."""
        ...

    def load_state(self, arrays: Mapping[str, Array]) -> None:
        """Restore what `state()` returned."""
        ...

    def embeddings(self) -> Embeddings:
        """Return the vectors of all words as they are now, (V, D) each, in its own precision.

        How many rows of parameters make a word's vector is the engine's own affair. The arrays
        may be views of the parameters: copy what must not change.
        """
        ...

    def set_embeddings(self, embeddings: Embeddings) -> None:
        """Give all words these vectors, (V, D) each; optimizer sums stay as they are."""
        ...

    def freeze(self, frozen: Frozen) -> None:
        """Never move these vectors, whatever their gradients; call it before training."""
        ...

    def score_offset(self) -> Array | None:
        """Return what is added to the score of each outside word, (V,); None: nothing is."""
        ...

    def close(self) -> None:
        """Release threads and files."""
        ...


@dataclass(frozen=True)
class Resources:
    """What an engine may use while it is built.

    memory: GiB for what it counts. progress: shows a preparation that takes long. shared: where
    several runs keep what they count; None: nowhere.
    """

    memory: float = DEFAULT_MEMORY
    progress: Progress = no_progress
    shared: SharedCache | None = None


class Create(Protocol):
    """Builds an engine; `catalog.create_engine` says what from."""

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

    negatives: None for naive softmax; else the words drawn, each counted `noise_weight` times.
    noise: instead of draws, how often each word is expected as a negative, o itself never, (V,).
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

    statement: what must hold, for the table. given: the settings to check it in, by name.
    pairs: (engine, settings, corpus) → all pairs, or with CBOW all bags, that unit 0 of epoch 0
    trains. tolerance: the largest relative error. prior: (engine settings, corpus, share of each
    word among the outside words) → what is added to the score of each word, (V,); None: nothing
    is. penalty: (engine, settings, corpus) → how much of both vectors of each word the unit adds to
    their gradients, (V,); None: nothing. whole_steps: with subwords each row of a word moves by all
    of ∂J/∂v_c, as in fastText, n times the gradient of a mean of n rows.
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

    other_remedy: an option that helps too, such as "--batch-mean".
    """
    remedy = f" or with {other_remedy}" if other_remedy else ""
    return RunError(
        "training diverged: the loss or a vector is not a finite number;"
        f" start a new run with a lower --lr (it was {lr:g}){remedy}"
    )


#: So many times the loss of vectors that know nothing is far above it. Not of the first report: a
#: learning rate that is far too high spoils that already.
FAR_ABOVE = 10.0


def check_size(loss: float, start: float, lr: float) -> None:
    """Raise RunError for a loss per pair far above `start`, that of vectors that know nothing."""
    if not loss <= FAR_ABOVE * start:
        raise RunError(
            f"training diverged: the loss is {loss:.4g} per pair, and vectors that know nothing"
            f" have {start:.4g}; start a new run with a lower --lr (it was {lr:g})"
        )
