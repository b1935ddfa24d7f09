"""The pair counts on the device, or streamed to it batch by batch where they do not fit."""

import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.exact.device.device_losses import Entries
from w2v_cli.pairs.matrix import PairCounts

if TYPE_CHECKING:
    import torch

Tensor = Any


def sent(array: Array, device: "torch.device") -> Any:
    """Return an array on the device. On the CPU both share memory, which must not change."""
    import torch

    with warnings.catch_warnings():  # PyTorch warns about read-only arrays, such as mapped files
        warnings.simplefilter("ignore", UserWarning)
        here = torch.from_numpy(np.asarray(array))
    return here.to(device, non_blocking=True)


def padded(array: Array, n: int, fill: float) -> Array:
    """Return an array with rows of `fill` added, n rows in all."""
    rest = np.full((n - len(array), *array.shape[1:]), fill, array.dtype)
    return np.concatenate([array, rest])


class DeviceCounts:
    """X by rows, as `pairs.matrix.PairCounts`, for batches of rows cut into tiles of columns."""

    def __init__(self, X: PairCounts, n_pairs: Array, device: "torch.device", room: float) -> None:
        """n_pairs: n_c, scaled, (V,). room: bytes that the counts may take on the device."""
        row_start, columns, weights, _ = X
        self._X, self._device = X, device
        self._n_pairs = sent(n_pairs.astype(weights.dtype), device)
        self._lengths = sent(np.diff(row_start), device)
        self.fits = columns.nbytes + weights.nbytes + row_start.nbytes <= room
        if self.fits:
            self._all = (
                sent(columns.view(np.int32), device),
                sent(weights, device),
                sent(row_start, device),
            )

    def n_pairs(self, centers: Tensor) -> Tensor:
        """Return n_c of some centre words, scaled, (B,)."""
        return self._n_pairs[centers]

    def tiles(self, centers: Array, ids: Tensor, edges: Sequence[int]) -> list[Entries]:
        """Return the entries of a batch by tiles; tile t has the words edges[t]..edges[t + 1] − 1.

        centers, ids: the centre words of the batch, here and on the device, (B,).
        """
        import torch

        rows, columns, weights = self._batch(centers, ids)
        width = edges[1] - edges[0]
        if len(edges) == 2:
            return [Entries(rows * width + columns, rows, columns, weights)]
        tile = torch.div(columns, width, rounding_mode="floor")
        order = torch.argsort(tile, stable=True)
        sizes = torch.bincount(tile, minlength=len(edges) - 1).tolist()
        rows, columns, weights = rows[order], columns[order], weights[order]
        return list(_split(rows, columns, weights, sizes, edges))

    def _batch(self, centers: Array, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return row in the batch, column and weight of all entries of some centre words."""
        import torch

        row_start = self._X.row_start
        lengths = np.asarray(row_start[centers + 1] - row_start[centers])
        n = int(lengths.sum())
        on_device = self._lengths[ids]
        rows = torch.arange(len(centers), device=self._device)
        rows = torch.repeat_interleave(rows, on_device, output_size=n)
        if not self.fits:
            places = _places(row_start[centers], lengths)
            columns = np.asarray(self._X.columns[places]).astype(np.int64)
            weights = np.asarray(self._X.weights[places])
            return rows, sent(columns, self._device), sent(weights, self._device)
        columns, weights, starts = self._all
        firsts = starts[ids]
        before = torch.cumsum(on_device, 0) - on_device
        places = torch.arange(n, device=self._device) + (firsts - before)[rows]
        return rows, columns[places].long(), weights[places]


def _places(firsts: Array, lengths: Array) -> Array:
    """Return firsts[i], firsts[i] + 1, …, lengths[i] of them, for each row i."""
    before = np.cumsum(lengths) - lengths
    return np.asarray(np.arange(int(lengths.sum())) + np.repeat(firsts - before, lengths))


def _split(
    rows: Tensor, columns: Tensor, weights: Tensor, sizes: list[int], edges: Sequence[int]
) -> Iterator[Entries]:
    start = 0
    for size, first, last in zip(sizes, edges[:-1], edges[1:], strict=True):
        part = slice(start, start + size)
        inside = columns[part] - first
        yield Entries(rows[part] * (last - first) + inside, rows[part], inside, weights[part])
        start += size
