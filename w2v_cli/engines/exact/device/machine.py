"""The exact engine's steps on a GPU."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
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
from w2v_cli.engines.exact.offer import ExactSettings
from w2v_cli.engines.exact.optimizers import SUMS
from w2v_cli.engines.exact.tile_losses import sampling_offset, softmax_offset
from w2v_cli.engines.settings import NaiveSoftmax, NegativeSampling
from w2v_cli.errors import RunError

if TYPE_CHECKING:
    import torch


# Find the device, and how much memory it has.


_INSTALL = "pip install 'w2v-cli[gpu]'"
#: What PyTorch and the card's driver take besides.
_RESERVE = 1 << 30


def find_device(name: str) -> "torch.device":
    """Return the device of that name.

    Raises RunError where PyTorch or a card is missing; nothing else takes its place.
    """
    try:
        import torch
    except ImportError as error:
        raise RunError(f"--device {name} needs PyTorch ({error}); install it: {_INSTALL}") from None
    if name == "cuda" and not torch.cuda.is_available():
        raise RunError(
            f"--device {name}: PyTorch {torch.__version__} finds no CUDA card here; install its"
            f" driver and a PyTorch built for it ({_INSTALL}), or train with --device cpu"
        )
    return torch.device(name)


def free_memory(device: "torch.device") -> int:
    """Return how many bytes may be used on the device."""
    import torch

    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return max(0, int(free) + int(unused) - _RESERVE)
    from w2v_cli.memory import available_memory

    return available_memory() or 1 << 33


def sent(array: Array, device: "torch.device") -> Any:
    """Return an array on the device; on the CPU it shares the memory, which nobody may change."""
    import torch

    with warnings.catch_warnings():  # PyTorch warns of arrays that are read-only, as mapped files
        warnings.simplefilter("ignore", UserWarning)
        here = torch.from_numpy(np.asarray(array))
    return here.to(device, non_blocking=True)


def padded(array: Array, n: int, fill: float) -> Array:
    """Return an array with rows of `fill` added, n in all."""
    rest = np.full((n - len(array), *array.shape[1:]), fill, array.dtype)
    return np.concatenate([array, rest])


class Products:
    """Matrix products in the precision that was asked for; operands and results are float32.

    tf32: operands lose 13 bits of their fractions on their way into the product. bf16: 16 bits.
    float32 and float64 lose nothing.
    """

    def __init__(self, precision: str) -> None:
        self._halves = precision == "bf16"
        self._tf32 = precision == "tf32"

    def __enter__(self) -> "Products":
        import torch

        self._before = torch.backends.cuda.matmul.allow_tf32
        torch.backends.cuda.matmul.allow_tf32 = self._tf32
        return self

    def __exit__(self, *error: object) -> None:
        import torch

        torch.backends.cuda.matmul.allow_tf32 = self._before

    def operand(self, a: Any) -> Any:
        """Return an array as it enters products; worth it where it enters several."""
        return a.bfloat16() if self._halves else a

    def of(self, a: Any, b: Any) -> Any:
        """Return a @ b."""
        import torch

        if not self._halves:
            return a @ b
        a, b = self.operand(a), self.operand(b)
        if a.device.type == "cpu":  # there torch.mm has no out_dtype
            return (a @ b).float()
        return torch.mm(a, b, out_dtype=torch.float32)

    def plus(self, row: Any, a: Any, b: Any) -> Any:
        """Return a @ b with a row added to each row, in one pass where that is possible."""
        import torch

        if not self._halves:
            return torch.addmm(row, a, b)
        return self.of(a, b).add_(row)


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
