"""Choose the device, and what goes where: tiles, counts and sums, by the memory it has."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from w2v_cli.errors import RunError
from w2v_cli.memory import GIB, available_memory

if TYPE_CHECKING:
    import torch

_INSTALL = "in a clone of w2v, pip install '.[gpu]'"
#: Memory for PyTorch and the card's driver.
_RESERVE = 1 << 30
#: Tiles have a multiple of this many words: products of other widths take longer.
ALIGNED = 128
#: The largest tile of scores, in bytes: larger ones do not make a card faster.
_MOST_TILE = 2 * GIB
#: Temporary arrays beside a tile, in tiles: exponentials, softplus, lower precision.
_BESIDE = 2.5
#: Bytes that an entry of the counts takes while it is used: places, rows, columns, order, weights.
_ENTRY_IN_USE = 48


def find_device(name: str) -> "torch.device":
    """Return the device of that name.

    Raises RunError if PyTorch or a card is missing; no other device takes its place.
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
    return available_memory() or 1 << 33


@dataclass(frozen=True)
class Layout:
    """How a training lies on a device.

    edges: tile t has the outside words edges[t]..edges[t + 1] − 1. keeps_scores: a batch's scores
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
        """Tell how much memory is used and what lies where, in one sentence."""
        counts = "in its memory" if self.counts_room else "streamed to it"
        sums = ", half of the optimizer's sums in host memory" if self.center_sums_in_host else ""
        n = len(self.edges) - 1
        tiles = f"{n} tiles" if n > 1 else "one tile"
        return (
            f"the GPU uses {self.needed / GIB:,.1f} GiB: counts {counts}, the scores of a step in"
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
            f"{n_words:,} words of dim {dim} need {(on_card + work) / GIB:,.1f} GiB on the device,"
            f" and {free / GIB:,.1f} GiB are free; lower --max-vocab, --dim or --batch-size"
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
