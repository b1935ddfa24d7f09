"""One step of the exact engine on a device."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Frozen
from w2v_cli.engines.exact.device.device_losses import DeviceLoss, Entries
from w2v_cli.engines.exact.device.layout import DeviceCounts, Layout, Products, padded, sent
from w2v_cli.engines.exact.optimizers import (
    ADAGRAD_EPSILON,
    ADAM_EPSILON,
    CENTER_DECAYS,
    OUTSIDE_DECAYS,
    SUMS,
)
from w2v_cli.engines.exact.tiles import NEVER

if TYPE_CHECKING:
    import torch


# How gradients become steps on the device; the formulas are those of `exact.descents`.


Tensor = Any


class Matrix:
    """Parameters, (n, D), and the sums that the optimizer keeps of their gradients, (n, D) each.

    The sums may be in host memory, where the rows that move are fetched from and put back.
    """

    def __init__(
        self, kind: str, parameters: Tensor, decays: tuple[float, float], sums_on: Any = None
    ) -> None:
        """kind: sgd, adagrad or adam. decays: Adam's. sums_on: a device; None: the parameters'."""
        import torch

        self.parameters = parameters
        sums_on = sums_on or parameters.device
        self.sums = {name: torch.zeros_like(parameters, device=sums_on) for name in SUMS[kind]}
        self._kind, self._decays = kind, decays
        self._free: Tensor | None = None

    def freeze(self, frozen: Tensor) -> None:
        """Never move these rows, nor the sums of their gradients; a mask, (n,)."""
        self._free = ~frozen

    def step(self, rows: Any, gradient: Tensor, lr: float, times: int) -> None:
        """Move some rows. rows: a slice, or distinct row numbers. times: counts steps from 1."""
        if self._free is not None:
            import torch

            if isinstance(rows, slice):
                rows = torch.arange(rows.start, rows.stop, device=gradient.device)
            free = self._free[rows]
            rows, gradient = rows[free], gradient[free]
        parameters = self.parameters[rows]
        sums = {name: _rows(array, rows).to(gradient.device) for name, array in self.sums.items()}
        if self._kind == "sgd":
            parameters.sub_(gradient, alpha=lr)
        elif self._kind == "adagrad":
            squares = sums["squares"].addcmul_(gradient, gradient)
            parameters.addcdiv_(gradient, (squares + ADAGRAD_EPSILON).sqrt_(), value=-lr)
        else:
            means = sums["means"].lerp_(gradient, 1 - self._decays[0])
            squares = sums["squares"].lerp_(gradient * gradient, 1 - self._decays[1])
            rate = lr * math.sqrt(1 - self._decays[1] ** times) / (1 - self._decays[0] ** times)
            parameters.addcdiv_(means, squares.sqrt().add_(ADAM_EPSILON), value=-rate)
        if not isinstance(rows, slice):  # a slice is a view, and has moved
            self.parameters[rows] = parameters
        for name, part in sums.items():
            if not isinstance(rows, slice) or part.device != self.sums[name].device:
                _put(self.sums[name], rows, part)


def _rows(array: Tensor, rows: Any) -> Tensor:
    return array[rows if isinstance(rows, slice) else rows.to(array.device)]


def _put(array: Tensor, rows: Any, part: Tensor) -> None:
    array[rows if isinstance(rows, slice) else rows.to(array.device)] = part.to(array.device)


# One step of the exact engine on a device.


@dataclass(frozen=True)
class _Batch:
    """What a step needs to know of its centre words. of: the array that they came in."""

    of: Array
    ids: Tensor
    n_pairs: Tensor
    tiles: list[Entries]


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
        self._n_words, self._n_padded = len(outside), layout.edges[-1]
        # Words that never occur fill up the last tile: scores of `NEVER`, vectors that stay zero.
        host = torch.device("cpu") if layout.center_sums_in_host else device
        self._center = Matrix(kind, self._sent(center), CENTER_DECAYS, host)
        self._outside = Matrix(
            kind, self._sent(padded(outside, self._n_padded, 0.0)), OUTSIDE_DECAYS
        )
        self._offset = self._sent(padded(offset, self._n_padded, NEVER))
        self._next: _Batch | None = None

    def train(
        self, centers: Array, lr: float, number: int, times: int, upcoming: Array | None
    ) -> float:
        """Train a batch of centre words; return its scaled loss before the step.

        number: counts steps from 1. times: counts the moves of a centre word from 1. upcoming: the
        next batch, if it is known; its counts are looked up while the device is busy.
        """
        batch = self._next if self._next and self._next.of is centers else self._look_up(centers)
        vectors = self._center.parameters[batch.ids]
        self._loss.begin(batch.n_pairs)
        with self._products:
            kept = self._look(vectors, batch.tiles) if self._loss.looks_first else {}
            grad_center = self._descend(vectors, batch.tiles, kept, lr, number)
        self._center.step(batch.ids, grad_center, lr, times)
        self._next = None if upcoming is None else self._look_up(upcoming)
        return float(self._loss.loss())

    def _look_up(self, centers: Array) -> "_Batch":
        ids = self._sent(centers.astype(np.int64))
        tiles = self._counts.tiles(centers, ids, self._layout.edges)
        return _Batch(centers, ids, self._counts.n_pairs(ids), tiles)

    def _look(self, vectors: Tensor, tiles: list[Entries]) -> dict[int, Tensor]:
        """Show the loss all scores; keep what there is room for."""
        kept = {}
        for t, entries in enumerate(tiles):
            scores = self._scores(vectors, t)
            self._loss.look(scores, self._columns(t), entries)
            if self._layout.keeps_scores:
                kept[t] = scores
        return kept

    def _descend(
        self, vectors: Tensor, tiles: list[Entries], kept: dict[int, Tensor], lr: float, number: int
    ) -> Tensor:
        """Move the outside vectors tile by tile; return ∂J/∂v_c, (B, D).

        kept: transformed tiles by number.
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
        if t in kept:
            return kept.pop(t)
        scores = self._scores(vectors, t)
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
        self._outside.freeze(self._sent(padded(frozen.outside, self._n_padded, True)))

    def sums(self) -> list[float]:
        """Return the sums of the centre and the outside matrix."""
        return [float(matrix.parameters.sum()) for matrix in (self._center, self._outside)]

    def matrices(self) -> tuple[Array, Array]:
        """Return copies of the centre and outside matrix, (V, D) each."""
        return self._fetched(self._center.parameters), self._fetched(self._outside.parameters)

    def state(self) -> dict[str, Array]:
        """Return copies of parameters and sums, named as the engine on the CPU names them."""
        arrays = {"center": self._center.parameters, "outside": self._outside.parameters}
        for name, matrix in (("center", self._center), ("outside", self._outside)):
            arrays |= {f"{name}_{kind}": array for kind, array in matrix.sums.items()}
        return {name: self._fetched(array) for name, array in arrays.items()}

    def load_state(self, arrays: Mapping[str, Array]) -> None:
        """Take up what `state` returned, here or on the CPU."""
        for name, matrix in (("center", self._center), ("outside", self._outside)):
            matrix.parameters[: self._n_words].copy_(self._sent(arrays[name]))
            for kind, mine in matrix.sums.items():
                mine[: self._n_words].copy_(self._sent(arrays[f"{name}_{kind}"]))

    def _sent(self, array: Array) -> Tensor:
        return sent(np.array(array), self._device)  # a copy: parameters move

    def _fetched(self, array: Tensor) -> Array:
        fetched: Array = array[: self._n_words].cpu().numpy()
        return fetched
