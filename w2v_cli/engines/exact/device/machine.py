"""The exact engine's steps on a GPU: the parameters and the optimizer on the device."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Embeddings, Frozen
from w2v_cli.engines.exact.device.device_counts import DeviceCounts, padded, sent
from w2v_cli.engines.exact.device.device_losses import (
    DeviceLoss,
    Entries,
    SamplingOnDevice,
    SoftmaxOnDevice,
    passes_on,
)
from w2v_cli.engines.exact.device.layout import (
    ALIGNED,
    find_device,
    free_memory,
    plan_layout,
)
from w2v_cli.engines.exact.optimizers import (
    ADAGRAD_EPSILON,
    ADAM_EPSILON,
    CENTER_DECAYS,
    OUTSIDE_DECAYS,
    SUMS,
)
from w2v_cli.engines.exact.problem import NEVER, Problem
from w2v_cli.engines.exact.settings import ExactSettings
from w2v_cli.engines.settings import NaiveSoftmax

Tensor = Any


class Products:
    """Matrix products in the chosen precision; operands and results are float32.

    tf32: operands lose 13 bits of their fractions as they enter the product. bf16: 16 bits.
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
        """Return an array as it enters products; this pays if it enters several."""
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


# How gradients become steps on the device; the formulas are those of `exact_kernels`.


class Matrix:
    """Parameters, (n, D), and the sums that the optimizer keeps of their gradients, (n, D) each.

    The sums may be in host memory; the rows that move are then fetched and put back.
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
        """Never move these rows or the sums of their gradients; a mask, (n,)."""
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
        if not isinstance(rows, slice):  # a slice is a view and has moved
            self.parameters[rows] = parameters
        for name, part in sums.items():
            if not isinstance(rows, slice) or part.device != self.sums[name].device:
                _put(self.sums[name], rows, part)


def _rows(array: Tensor, rows: Any) -> Tensor:
    return array[rows if isinstance(rows, slice) else rows.to(array.device)]


def _put(array: Tensor, rows: Any, part: Tensor) -> None:
    array[rows if isinstance(rows, slice) else rows.to(array.device)] = part.to(array.device)


# The steps.


@dataclass(frozen=True)
class _Batch:
    """What a step needs to know about its centre words. of: the array that they came in."""

    of: Array
    ids: Tensor
    n_pairs: Tensor
    tiles: list[Entries]


class DeviceMachine:
    """See `Machine`."""

    def __init__(self, problem: Problem) -> None:
        """Raises RunError when there is no such device, or too little memory on it."""
        import torch

        settings, dtype = problem.settings, problem.X.weights.dtype
        own, dim = settings.own_as(ExactSettings), settings.model.dim
        kind = settings.training.optimizer
        self._device = device = find_device(own.device)
        self._n_words = problem.n_words
        self._n_padded = -(-problem.n_words // ALIGNED) * ALIGNED
        self._layout = plan_layout(
            self._n_padded,
            dim,
            len(problem.X.columns),
            problem.batch,
            len(SUMS[kind]),
            dtype.itemsize,
            free_memory(device),
        )
        self.about_memory: str | None = self._layout.summary()
        self._rows, self._scale = problem.rows, problem.scale
        self._loss = self._loss_of(problem)
        n_pairs = problem.scale * problem.n_pairs
        self._counts = DeviceCounts(problem.X, n_pairs, device, self._layout.counts_room)
        self._products = Products(own.precision)
        start = self._rows.start_vectors(dim, settings.training.seed, dtype)
        host = torch.device("cpu") if self._layout.center_sums_in_host else device
        self._center = Matrix(kind, self._sent(start["center"]), CENTER_DECAYS, host)
        # Words that never occur fill up the last tile: scores of `NEVER`, vectors that stay zero.
        outside = padded(start["outside"], self._n_padded, 0.0)
        self._outside = Matrix(kind, self._sent(outside), OUTSIDE_DECAYS)
        self._offset = self._sent(padded(problem.offset, self._n_padded, NEVER))
        self._next: _Batch | None = None

    def _loss_of(self, problem: Problem) -> DeviceLoss:
        passes = passes_on(self._device, problem.X.weights.dtype.name)
        if isinstance(problem.settings.objective, NaiveSoftmax):
            return SoftmaxOnDevice(passes)
        noise = sent(padded(problem.noise, self._n_padded, 0.0), self._device)
        return SamplingOnDevice(noise, passes)

    def step(
        self, centers: Array, lr: float, number: int, times: int, upcoming: Array | None = None
    ) -> float:
        """See `Machine.step`; counts of the next batch are looked up while the device is busy."""
        batch = self._next if self._next and self._next.of is centers else self._look_up(centers)
        vectors = self._center.parameters[batch.ids]
        self._loss.begin(batch.n_pairs)
        with self._products:
            kept = self._look(vectors, batch.tiles) if self._loss.looks_first else {}
            grad_center = self._descend(vectors, batch.tiles, kept, lr, number)
        self._center.step(batch.ids, grad_center, lr, times)
        self._next = None if upcoming is None else self._look_up(upcoming)
        return float(self._loss.loss()) / self._scale

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
        """See `Machine.freeze`."""
        self._center.freeze(self._sent(frozen.center))
        self._outside.freeze(self._sent(padded(frozen.outside, self._n_padded, True)))

    def sums(self) -> list[float]:
        """See `Machine.sums`."""
        return [float(matrix.parameters.sum()) for matrix in (self._center, self._outside)]

    def embeddings(self) -> Embeddings:
        """See `Machine.embeddings`: copies."""
        matrices = (self._center.parameters, self._outside.parameters)
        return self._rows.embeddings(*map(self._fetched, matrices))

    def set_embeddings(self, embeddings: Embeddings) -> None:
        """See `Machine.set_embeddings`."""
        arrays = {"center": self._rows.rows_of(embeddings), "outside": embeddings.outside}
        self.load_state({**self.state(), **arrays})

    def close(self) -> None:
        """Nothing to release: the memory goes with the object."""

    def state(self) -> dict[str, Array]:
        """See `Machine.state`: copies."""
        arrays = {"center": self._center.parameters, "outside": self._outside.parameters}
        for name, matrix in (("center", self._center), ("outside", self._outside)):
            arrays |= {f"{name}_{kind}": array for kind, array in matrix.sums.items()}
        return {name: self._fetched(array) for name, array in arrays.items()}

    def load_state(self, arrays: Mapping[str, Array]) -> None:
        """See `Machine.load_state`."""
        for name, matrix in (("center", self._center), ("outside", self._outside)):
            matrix.parameters[: self._n_words].copy_(self._sent(arrays[name]))
            for kind, mine in matrix.sums.items():
                mine[: self._n_words].copy_(self._sent(arrays[f"{name}_{kind}"]))

    def _sent(self, array: Array) -> Tensor:
        return sent(np.array(array), self._device)  # a copy: parameters move

    def _fetched(self, array: Tensor) -> Array:
        fetched: Array = array[: self._n_words].cpu().numpy()
        return fetched
