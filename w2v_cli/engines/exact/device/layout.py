"""What goes where: tiles of scores, counts and Adam's sums, by what the device has room for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.exact.device.device_losses import Entries
from w2v_cli.errors import RunError

if TYPE_CHECKING:
    import torch

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


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


_GIB = 2**30
#: Tiles have a multiple of so many words: products of other widths take longer.
ALIGNED = 128
#: A tile of scores is looked at by several passes: more does not make a card faster.
_MOST_TILE = 2 * _GIB
#: Temporary arrays beside a tile, in tiles: exponentials, softplus, lower precision.
_BESIDE = 2.5
#: Bytes that an entry of the counts takes while it is used: places, rows, columns, order, weights.
_ENTRY_IN_USE = 48


@dataclass(frozen=True)
class Layout:
    """How a training lies on a device.

    edges: tile t holds the outside words edges[t] to edges[t + 1]. keeps_scores: a batch's scores
    are kept between two passes. center_sums_in_host: what the optimizer keeps of the centre
    vectors' gradients is in host memory. counts_room: bytes that the counts may take.
    needed: bytes on the device, in all.
    """

    edges: tuple[int, ...]
    keeps_scores: bool
    center_sums_in_host: bool
    counts_room: float
    needed: float

    def summary(self) -> str:
        """Tell how much memory is taken and what lies where, in one sentence."""
        counts = "in its memory" if self.counts_room else "streamed to it"
        sums = ", half of the optimizer's sums in host memory" if self.center_sums_in_host else ""
        n = len(self.edges) - 1
        tiles = f"{n} tiles" if n > 1 else "one tile"
        return (
            f"the GPU takes {self.needed / _GIB:,.1f} GiB: counts {counts}, the scores of a step in"
            f" {tiles}{sums}"
        )


def plan_layout(
    n_words: int, dim: int, n_entries: int, batch: int, n_sums: int, item: int, free: float
) -> Layout:
    """Plan a training.

    n_entries: of the counts. batch: centre words a step, B. n_sums: arrays that the optimizer keeps
    for each matrix. item: bytes of a number. free: bytes on the device.

    Raises RunError when not even the parameters fit.
    """
    matrix = n_words * dim * item
    least_tile = min(n_words, 1024) * batch * item
    entries = 2 * n_entries * min(1.0, batch / n_words)  # of a step, and of the next
    work = 4 * batch * dim * item + _BESIDE * least_tile + _ENTRY_IN_USE * entries
    on_card = 2 * (1 + n_sums) * matrix
    in_host = on_card + work > free and n_sums > 0
    if in_host:
        on_card -= n_sums * matrix
    if on_card + work > free:
        raise RunError(
            f"{n_words:,} words of dim {dim} need {(on_card + work) / _GIB:,.1f} GiB on the device,"
            f" and {free / _GIB:,.1f} GiB are free; lower --max-vocab, --dim or --batch-size"
        )
    left = free - on_card - work
    counts = n_entries * (4 + item) + 8 * (n_words + 1)
    counts_room = float(counts) if counts <= left / 2 else 0.0
    left -= counts_room
    tile = max(least_tile, min(_MOST_TILE, left / (2 + _BESIDE)))
    width = min(n_words, int(tile / (batch * item)))
    if width < n_words:
        width = max(1, width // ALIGNED) * ALIGNED
    edges = (*range(0, n_words, width), n_words)
    tile = width * batch * item
    scores = n_words * batch * item
    keeps = scores + _BESIDE * tile <= left
    needed = on_card + work + counts_room + (scores if keeps else tile) + _BESIDE * tile
    return Layout(edges, keeps, in_host, counts_room, needed)


# The pair counts on the device, or streamed to it batch by batch where they do not fit.


Tensor = Any


class DeviceCounts:
    """X by rows; see `exact.tiles.Counts`."""

    def __init__(
        self,
        row_start: Array,
        columns: Array,
        weights: Array,
        n_pairs: Array,
        device: "torch.device",
        room: float,
    ) -> None:
        """n_pairs: n_c, scaled, (V,). room: bytes that the counts may take on the device."""
        self._row_start, self._columns, self._weights = row_start, columns, weights
        self._device = device
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
        """Return the entries of a batch by tiles; tile t has the words edges[t] to edges[t + 1].

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

        lengths = np.asarray(self._row_start[centers + 1] - self._row_start[centers])
        n = int(lengths.sum())
        on_device = self._lengths[ids]
        rows = torch.arange(len(centers), device=self._device)
        rows = torch.repeat_interleave(rows, on_device, output_size=n)
        if not self.fits:
            places = _places(self._row_start[centers], lengths)
            columns = np.asarray(self._columns[places]).astype(np.int64)
            weights = np.asarray(self._weights[places])
            return rows, sent(columns, self._device), sent(weights, self._device)
        columns, weights, row_start = self._all
        firsts = row_start[ids]
        before = torch.cumsum(on_device, 0) - on_device
        places = torch.arange(n, device=self._device) + (firsts - before)[rows]
        return rows, columns[places].long(), weights[places]


def _places(firsts: Array, lengths: Array) -> Array:
    """Return firsts[0], firsts[0] + 1, …, so many of each row as `lengths` says."""
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
