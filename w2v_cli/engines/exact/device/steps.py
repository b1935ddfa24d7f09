"""One step of the exact engine on a device."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.exact.device.counts import DeviceCounts
from w2v_cli.engines.exact.device.losses import DeviceLoss, Entries
from w2v_cli.engines.exact.device.memory import Layout
from w2v_cli.engines.exact.device.optimizers import Matrix
from w2v_cli.engines.exact.device.torch_device import Products
from w2v_cli.engines.exact.optimizers import CENTER_DECAYS, OUTSIDE_DECAYS
from w2v_cli.engines.parameters import Frozen

if TYPE_CHECKING:
    import torch

Tensor = Any


class DeviceSteps:
    """Parameters and optimizer on a device, and what a batch of centre words does to them."""

    def __init__(
        self,
        device: "torch.device",
        kind: str,
        center: Array,
        outside: Array,
        loss: DeviceLoss,
        offset: Array,
        counts: DeviceCounts,
        products: Products,
        layout: Layout,
    ) -> None:
        """kind: the optimizer. center, outside: the start, (V, D). offset: the prior, (V,)."""
        import torch

        self._device, self._loss, self._counts = device, loss, counts
        self._products, self._layout = products, layout
        host = torch.device("cpu") if layout.center_sums_in_host else device
        self._center = Matrix(kind, self._sent(center), CENTER_DECAYS, host)
        self._outside = Matrix(kind, self._sent(outside), OUTSIDE_DECAYS)
        self._offset = self._sent(offset)

    def train(self, centers: Array, lr: float, number: int, times: int) -> float:
        """Train a batch of centre words; return its scaled loss before the step.

        number: counts steps from 1. times: counts the moves of a centre word from 1.
        """
        ids = self._sent(centers.astype(np.int64))
        vectors = self._center.parameters[ids]
        tiles = self._counts.tiles(centers, self._layout.edges)
        self._loss.begin(self._counts.n_pairs(ids))
        with self._products:
            kept = self._look(vectors, tiles) if self._loss.looks_first else {}
            grad_center = self._descend(vectors, tiles, kept, lr, number)
        self._center.step(ids, grad_center, lr, times)
        return float(self._loss.loss())

    def _look(self, vectors: Tensor, tiles: list[Entries]) -> dict[int, Tensor]:
        """Show the loss all scores; keep those that there is room for."""
        kept = {}
        for t, entries in enumerate(tiles):
            scores = self._scores(vectors, t)
            self._loss.look(scores, entries)
            if self._layout.keeps_scores:
                kept[t] = scores
        return kept

    def _descend(
        self, vectors: Tensor, tiles: list[Entries], kept: dict[int, Tensor], lr: float, number: int
    ) -> Tensor:
        """Move the outside vectors tile by tile; return ∂J/∂v_c, (B, D)."""
        grad_center = vectors.new_zeros(vectors.shape)
        for t, entries in enumerate(tiles):
            first, last = self._layout.edges[t : t + 2]
            scores = kept.pop(t) if t in kept else self._scores(vectors, t)
            errors = self._loss.errors(scores, first, last, entries)
            grad_center += self._products.of(errors, self._outside.parameters[first:last])
            grad_outside = self._products.of(errors.T, vectors)
            self._outside.step(slice(first, last), grad_outside, lr, number)
        return grad_center

    def _scores(self, vectors: Tensor, t: int) -> Tensor:
        first, last = self._layout.edges[t : t + 2]
        scores = self._products.of(vectors, self._outside.parameters[first:last].T)
        scores += self._offset[first:last]
        return scores

    def freeze(self, frozen: Frozen) -> None:
        """Never move these vectors."""
        self._center.freeze(self._sent(frozen.center))
        self._outside.freeze(self._sent(frozen.outside))

    def matrices(self) -> tuple[Array, Array]:
        """Return copies of the centre and outside matrix, (V, D) each."""
        center, outside = self._center.parameters, self._outside.parameters
        return center.cpu().numpy(), outside.cpu().numpy()

    def state(self) -> dict[str, Array]:
        """Return copies of parameters and sums, named as the engine on the CPU names them."""
        arrays = {"center": self._center.parameters, "outside": self._outside.parameters}
        for name, matrix in (("center", self._center), ("outside", self._outside)):
            arrays |= {f"{name}_{kind}": array for kind, array in matrix.sums.items()}
        return {name: array.cpu().numpy() for name, array in arrays.items()}

    def load_state(self, arrays: Mapping[str, Array]) -> None:
        """Take up what `state` returned, here or on the CPU."""
        for name, matrix in (("center", self._center), ("outside", self._outside)):
            matrix.parameters.copy_(self._sent(arrays[name]))
            for kind, mine in matrix.sums.items():
                mine.copy_(self._sent(arrays[f"{name}_{kind}"]))

    def _sent(self, array: Array) -> Tensor:
        import torch

        return torch.from_numpy(np.array(array)).to(self._device)  # a copy: it may be read-only
