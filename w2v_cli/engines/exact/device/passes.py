"""Passes over a tile of scores, (B, T): a loss's function in place, and what its rows sum to.

Two ways with the same results but for rounding: `PlainPasses` is made of PyTorch's operations,
each of which reads and writes the tile; `fused.FusedPasses` reads and writes it once.
"""

from typing import Any, Protocol

Tensor = Any

#: Above this score log(1 + exp s) is s, in float64 too.
LINEAR = 50.0


class Passes(Protocol):
    """What losses do to whole tiles."""

    def exp(self, scores: Tensor) -> Tensor:
        """Turn s into exp s; return the sums of the rows, (B,)."""
        ...

    def sigmoid(self, scores: Tensor, noise: Tensor) -> Tensor:
        """Turn s into σ(s); return Σ_w noise[w] log(1 + exp s) of each row, (B,). noise: (T,)."""
        ...


class PlainPasses:
    """See `Passes`: on any device, in any precision."""

    def exp(self, scores: Tensor) -> Tensor:
        """See `Passes.exp`."""
        return scores.exp_().sum(dim=1)

    def sigmoid(self, scores: Tensor, noise: Tensor) -> Tensor:
        """See `Passes.sigmoid`."""
        import torch

        sums = torch.nn.functional.softplus(scores, threshold=LINEAR) @ noise
        scores.sigmoid_()
        return sums


def passes_on(device: Any, dtype: str) -> Passes:
    """Return the fastest way to pass over tiles of that type on that device."""
    if device.type == "cuda" and dtype == "float32":
        try:
            from w2v_cli.engines.exact.device.fused import FusedPasses

            return FusedPasses(device)
        except Exception:  # no Triton, or no C compiler for it: whatever the reason, the other way
            return PlainPasses()
    return PlainPasses()
