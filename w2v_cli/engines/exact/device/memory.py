"""What goes where: tiles of scores, counts and Adam's sums, by what the device has room for."""

from dataclasses import dataclass

from w2v_cli.errors import RunError

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
