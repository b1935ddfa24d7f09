"""One step of the exact engine on a device."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.exact.device.counts import DeviceCounts
from w2v_cli.engines.exact.device.losses import DeviceLoss, Entries
from w2v_cli.engines.exact.device.memory import Layout
from w2v_cli.engines.exact.device.optimizers import Matrix
from w2v_cli.engines.exact.device.torch_device import Products, sent
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
        self._loss.begin(self._counts.n_pairs(ids))
        with self._products:
            first = self._scores(vectors, 0)  # the card has work while its counts are looked up
            tiles = self._counts.tiles(centers, ids, self._layout.edges)
            kept = self._look(vectors, tiles, first) if self._loss.looks_first else {0: first}
            grad_center = self._descend(vectors, tiles, kept, lr, number)
        self._center.step(ids, grad_center, lr, times)
        return float(self._loss.loss())

    def _look(self, vectors: Tensor, tiles: list[Entries], scores: Tensor) -> dict[int, Tensor]:
        """Show the loss all scores, those of tile 0 are given; keep what there is room for."""
        kept = {}
        for t, entries in enumerate(tiles):
            if t:
                scores = self._scores(vectors, t)
            self._loss.look(scores, self._columns(t), entries)
            if self._layout.keeps_scores:
                kept[t] = scores
        return kept

    def _descend(
        self, vectors: Tensor, tiles: list[Entries], kept: dict[int, Tensor], lr: float, number: int
    ) -> Tensor:
        """Move the outside vectors tile by tile; return ∂J/∂v_c, (B, D).

        kept: tiles by number, transformed where the loss looks first.
        """
        left = self._loss.left()[:, None]
        weighted = left * vectors
        grad_center = vectors.new_zeros(vectors.shape)
        for t, entries in enumerate(tiles):
            columns = self._columns(t)
            transformed = self._transformed(vectors, t, kept, entries)
            errors = self._loss.errors(transformed, columns, entries)
            outside, right = self._outside.parameters[columns], self._loss.right(columns)
            if right is not None:
                outside = outside * right[:, None]
            errors = self._products.operand(errors)
            grad_center += self._products.of(errors, outside)
            grad_outside = self._products.of(errors.T, weighted)
            if right is not None:
                grad_outside *= right[:, None]
            self._outside.step(columns, grad_outside, lr, number)
        return grad_center.mul_(left)

    def _transformed(
        self, vectors: Tensor, t: int, kept: dict[int, Tensor], entries: Entries
    ) -> Tensor:
        if t in kept and self._loss.looks_first:
            return kept.pop(t)
        scores = kept.pop(t) if t in kept else self._scores(vectors, t)
        if self._loss.looks_first:
            self._loss.transform(scores)
        else:
            self._loss.look(scores, self._columns(t), entries)
        return scores

    def _columns(self, t: int) -> slice:
        return slice(*self._layout.edges[t : t + 2])

    def _scores(self, vectors: Tensor, t: int) -> Tensor:
        columns = self._columns(t)
        outside = self._outside.parameters[columns]
        return self._products.plus(self._offset[columns], vectors, outside.T)

    def freeze(self, frozen: Frozen) -> None:
        """Never move these vectors."""
        self._center.freeze(self._sent(frozen.center))
        self._outside.freeze(self._sent(frozen.outside))

    def sums(self) -> list[float]:
        """Return the sums of the centre and the outside matrix."""
        return [float(matrix.parameters.sum()) for matrix in (self._center, self._outside)]

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
        return sent(np.array(array), self._device)  # a copy: parameters move
