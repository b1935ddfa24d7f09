"""What the exact engine trains, and what a device must offer for that: a CPU or a GPU."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Embeddings, Frozen
from w2v_cli.engines.centers import Centers
from w2v_cli.engines.exact.settings import ExactSettings
from w2v_cli.engines.settings import EngineSettings, NegativeSampling
from w2v_cli.pairs.matrix import PairCounts
from w2v_cli.text.windows import noise_distribution

#: Stands for the log of a prior of zero: finite, but so low that exp gives 0.
NEVER = -1e30
#: Rarer noise counts as this, so that its logarithm and its inverse are finite in float32.
_RAREST = 1e-30


@dataclass(frozen=True)
class Problem:
    """What is trained. Arrays are in the engine's precision unless stated otherwise.

    pairs: X as counted. X: the same times `scale`, see `ExactEngine`. n_pairs: n_c, the sum
    of row c of X, not scaled, float64, (V,). offset: b, added to the score of each word, (V,).
    noise: K·P(w), how often each word is expected as a negative of a pair, (V,); zeros where the
    loss has no noise. rows: how centre vectors are made. batch: most centre words of a step, B.
    """

    settings: EngineSettings
    pairs: PairCounts
    X: PairCounts
    scale: float
    n_pairs: Array
    offset: Array
    noise: Array
    rows: Centers
    batch: int

    @property
    def n_words(self) -> int:
        """V."""
        return self.X.n_words


def scaled(pairs: PairCounts, scale: float, dtype: np.dtype) -> PairCounts:
    """Return the counts times `scale`, in a precision."""
    weights = np.empty(len(pairs.weights), dtype)
    np.multiply(pairs.weights, pairs.unit * scale, out=weights, casting="unsafe")
    return pairs._replace(weights=weights, unit=1.0)


def offset_and_noise(
    settings: EngineSettings, n_pairs: Array, word_counts: Array, dtype: np.dtype
) -> tuple[Array, Array]:
    """Return `Problem.offset` and `Problem.noise`.

    word_counts: how often each word occurs in the text, (V,). With prior "unigram" the offset
    depends on the loss: log P(o) for naive softmax, log(P(o) / (K·P(w))) for negative sampling.
    """
    prior = settings.own_as(ExactSettings).prior
    offset = log_prior(n_pairs, prior)
    if not isinstance(settings.objective, NegativeSampling):
        return offset.astype(dtype), np.zeros(len(offset), dtype)
    noise = expected_noise(word_counts, settings.objective)
    is_never = offset == NEVER
    if prior != "none":
        offset = np.where(is_never, NEVER, offset - np.log(noise))
    # A word that is in no pair is never noise either.
    return offset.astype(dtype), np.where(is_never, 0.0, noise).astype(dtype)


def log_prior(n_pairs: Array, prior: str) -> Array:
    """Return log P(o), (V,), P the word's share of all pairs; zeros with prior "none".

    A word that is in no pair has the probability zero; its vectors stay as they are.
    """
    if prior == "none":
        return np.zeros(len(n_pairs))
    total = max(float(n_pairs.sum()), 1e-300)
    return np.log(n_pairs / total, out=np.full(len(n_pairs), NEVER), where=n_pairs > 0)


def expected_noise(word_counts: Array, objective: NegativeSampling) -> Array:
    """Return K·P(w): how often each word is expected as a negative of one pair, (V,)."""
    noise = objective.n_negatives * noise_distribution(word_counts, objective.noise_power)
    return np.maximum(noise, _RAREST)


class Machine(Protocol):
    """Holds the parameters and the optimizer.

    about_memory: a notice about the memory that it uses; None: no notice.
    """

    about_memory: str | None

    def step(
        self, centers: Array, lr: float, number: int, times: int, upcoming: Array | None = None
    ) -> float:
        """Train a batch of centre words, (B,); return its loss before the step.

        number: counts steps from 1. times: counts the moves of a centre word from 1. upcoming: the
        next batch, if known: the same array object that the next call will get.
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
        """Release threads and memory."""
        ...
