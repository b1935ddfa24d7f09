"""The passes over scores as kernels of their own, in Triton, which comes with PyTorch on Linux.

A program takes a block of a row: it reads the scores once, writes the loss's function of them, and
adds up its block. The order of the sums does not depend on the card.
"""

from typing import Any

import torch
import triton
import triton.language as tl

Tensor = Any

_BLOCK = 4096
_WARPS = 8


@triton.jit
def _exp(scores, sums, n_columns, n_parts, block: tl.constexpr):
    part, row = tl.program_id(0), tl.program_id(1)
    columns = part * block + tl.arange(0, block)
    inside = columns < n_columns
    at = scores + row.to(tl.int64) * n_columns + columns
    found = tl.exp(tl.load(at, mask=inside, other=-float("inf")))
    tl.store(at, found, mask=inside)
    tl.store(sums + row * n_parts + part, tl.sum(found))


@triton.jit
def _sigmoid(scores, noise, sums, n_columns, n_parts, block: tl.constexpr):
    part, row = tl.program_id(0), tl.program_id(1)
    columns = part * block + tl.arange(0, block)
    inside = columns < n_columns
    at = scores + row.to(tl.int64) * n_columns + columns
    s = tl.load(at, mask=inside, other=0.0)
    weights = tl.load(noise + columns, mask=inside, other=0.0)
    small = tl.exp(-tl.abs(s))  # at most 1, so nothing overflows
    share = 1.0 / (1.0 + small)
    tl.store(at, tl.where(s >= 0, share, small * share), mask=inside)
    # log(1 + x): its series where adding 1 would lose the digits of x
    series = small * (1.0 - small * (0.5 - small * (1.0 / 3.0 - small * 0.25)))
    log = tl.where(small < 0.02, series, tl.log(1.0 + small))
    tl.store(sums + row * n_parts + part, tl.sum(weights * (tl.maximum(s, 0.0) + log)))


class FusedPasses:
    """See `device_losses.Passes`: float32 on a CUDA card."""

    def __init__(self, device: "torch.device") -> None:
        """Compile the kernels. Raises what Triton raises if it cannot."""
        tile = torch.zeros((2, 3), device=device)
        self.sigmoid(tile, tile[0].clone())
        self.exp(tile)

    def exp(self, scores: Tensor) -> Tensor:
        """See `Passes.exp`."""
        grid, sums = _grid(scores)
        _exp[grid](scores, sums, scores.shape[1], grid[0], block=_BLOCK, num_warps=_WARPS)
        return sums.sum(dim=1)

    def sigmoid(self, scores: Tensor, noise: Tensor) -> Tensor:
        """See `Passes.sigmoid`."""
        grid, sums = _grid(scores)
        _sigmoid[grid](
            scores, noise, sums, scores.shape[1], grid[0], block=_BLOCK, num_warps=_WARPS
        )
        return sums.sum(dim=1)


def _grid(scores: Tensor) -> tuple[tuple[int, int], Tensor]:
    """Return blocks and rows of a tile, (B, T), and room for a sum of each block, (B, blocks)."""
    grid = triton.cdiv(scores.shape[1], _BLOCK), scores.shape[0]
    return grid, scores.new_empty(grid[::-1])
