"""The exact engine's steps on a GPU."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Embeddings, Frozen
from w2v_cli.engines.exact.cpu import Task
from w2v_cli.engines.exact.device.device_losses import (
    DeviceLoss,
    Passes,
    SamplingOnDevice,
    SoftmaxOnDevice,
    passes_on,
)
from w2v_cli.engines.exact.device.layout import ALIGNED, DeviceCounts, plan_layout
from w2v_cli.engines.exact.device.steps import DeviceSteps
from w2v_cli.engines.exact.optimizers import SUMS
from w2v_cli.engines.exact.settings import ExactSettings
from w2v_cli.engines.exact.tiles import sampling_offset, softmax_offset
from w2v_cli.engines.settings import NaiveSoftmax, NegativeSampling

if TYPE_CHECKING:
    pass

from w2v_cli.engines.exact.device.layout import Products, find_device, free_memory, padded, sent

# Find the device, and how much memory it has.


# The exact engine's steps on a GPU.


def _softmax(task: Task, place: "_Place") -> tuple[DeviceLoss, Array]:
    return SoftmaxOnDevice(place.passes), softmax_offset(task.settings, task.counts)


def _sampling(task: Task, place: "_Place") -> tuple[DeviceLoss, Array]:
    offset, noise = sampling_offset(task.settings, task.counts)
    noise = sent(padded(noise, place.n_padded, 0.0), place.device)
    return SamplingOnDevice(noise, place.passes), offset


#: The loss on a device, and what is added to the scores, by the settings of the loss.
_LOSSES: dict[type[Struct], Callable[[Task, "_Place"], tuple[DeviceLoss, Array]]] = {
    NaiveSoftmax: _softmax,
    NegativeSampling: _sampling,
}


@dataclass(frozen=True)
class _Place:
    """Where a loss works. n_padded: outside words with those that fill up the last products."""

    device: Any
    passes: Passes
    n_padded: int


class DeviceMachine:
    """See `Machine`."""

    def __init__(self, task: Task) -> None:
        """Raises RunError when there is no such device, or too little memory on it."""
        settings, counts = task.settings, task.counts
        own, dim = settings.own_as(ExactSettings), settings.model.dim
        kind, dtype = settings.training.optimizer, counts.weights.dtype
        device = find_device(own.device)
        n_padded = -(-task.n_words // ALIGNED) * ALIGNED
        layout = plan_layout(
            n_padded,
            dim,
            len(counts.columns),
            task.batch,
            len(SUMS[kind]),
            dtype.itemsize,
            free_memory(device),
        )
        self.about_memory: str | None = layout.summary()
        place = _Place(device, passes_on(device, dtype.name), n_padded)
        loss, self.offset = _LOSSES[type(settings.objective)](task, place)
        self._rows, self._scale = task.rows, counts.scale
        on_device = DeviceCounts(
            counts.row_start,
            counts.columns,
            counts.weights,
            counts.scale * counts.n_pairs,
            device,
            layout.counts_room,
        )
        self._steps = DeviceSteps(
            device,
            kind,
            **self._rows.start_vectors(dim, settings.training.seed, dtype),
            loss=loss,
            offset=self.offset,
            counts=on_device,
            products=Products(own.precision),
            layout=layout,
        )

    def step(
        self, centers: Array, lr: float, number: int, times: int, upcoming: Array | None = None
    ) -> float:
        """See `Machine.step`."""
        return self._steps.train(centers, lr, number, times, upcoming) / self._scale

    def sums(self) -> list[float]:
        """See `Machine.sums`."""
        return self._steps.sums()

    def state(self) -> dict[str, Array]:
        """See `Machine.state`: copies."""
        return self._steps.state()

    def load_state(self, arrays: Mapping[str, Array]) -> None:
        """See `Machine.load_state`."""
        self._steps.load_state(arrays)

    def embeddings(self) -> Embeddings:
        """See `Machine.embeddings`: copies."""
        return self._rows.embeddings(*self._steps.matrices())

    def set_embeddings(self, embeddings: Embeddings) -> None:
        """See `Machine.set_embeddings`."""
        arrays = {"center": self._rows.rows_of(embeddings), "outside": embeddings.outside}
        self._steps.load_state({**self._steps.state(), **arrays})

    def freeze(self, frozen: Frozen) -> None:
        """See `Machine.freeze`."""
        self._steps.freeze(frozen)

    def close(self) -> None:
        """Nothing to let go: the memory goes with the object."""
