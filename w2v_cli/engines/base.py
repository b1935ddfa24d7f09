"""What every engine offers to the trainer."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from w2v_cli.engines.parameters import Embeddings


@dataclass(frozen=True)
class Unit:
    """One block of work. All its randomness is keyed by (seed, epoch, index)."""

    epoch: int
    index: int
    lr: float


@dataclass
class Stats:
    """What a unit did: sums, so that figures of several units add up.

    loss: sum of the pair losses (float64). n_pairs: how many pairs that covers (weighted counts
    may be fractions). n_tokens: raw corpus tokens passed, left-out words included.
    """

    loss: float = 0.0
    n_pairs: float = 0.0
    n_tokens: int = 0

    def add(self, other: "Stats") -> None:
        """Add the figures of another unit."""
        self.loss += other.loss
        self.n_pairs += other.n_pairs
        self.n_tokens += other.n_tokens

    @property
    def mean_loss(self) -> float:
        """Loss a pair; NaN when there were no pairs."""
        return self.loss / self.n_pairs if self.n_pairs else float("nan")


class Engine(Protocol):
    """Trains units of work on its own parameters."""

    name: str
    n_units: int

    def train(self, units: Iterable[Unit]) -> Iterator[tuple[Unit, Stats]]:
        """Train unit after unit and yield the figures of each.

        `units` is pulled lazily, only when a unit can be started. When it ends, work in flight
        is finished, so that afterwards `state()` is consistent. Units are yielded in order,
        except where threads race.

        Raises RunError when the parameters or the loss stop being finite.
        """
        ...

    def state(self) -> dict[str, NDArray[Any]]:
        """All that a checkpoint must hold: parameters and optimizer sums, by name."""
        ...

    def load_state(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take back what `state()` gave."""
        ...

    def embeddings(self) -> Embeddings:
        """Return the vectors as they are now, float32, shape (V, D) each."""
        ...

    def close(self) -> None:
        """Let go of threads and files."""
        ...
