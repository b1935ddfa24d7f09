"""What the exact engine asks of the processor that holds the parameters: the CPU or a GPU."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Embeddings, Frozen
from w2v_cli.engines.centers import Centers
from w2v_cli.engines.exact.tiles import Counts
from w2v_cli.engines.settings import EngineSettings


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
