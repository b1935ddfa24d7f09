"""From scores of a batch to ∂J/∂scores on the device, for both losses.

The formulas are those of `exact/tiles.py`, where they are derived. A batch of B centre words has
its scores s = u·v + b in tiles of T outside words, (B, T).

A tile is larger than a card's caches, so the time depends on how often it is read and written.
Therefore ∂J/∂s = diag(left) E diag(right): E takes little more than the pass of its exponential,
and the diagonals are multiplied into the vectors, which are small. An epoch over 200,000 words in
tf32 took 1.1 s (H100) when each factor was a pass of its own, and takes 0.6 s (H200).
"""

from dataclasses import dataclass
from typing import Any, Protocol

Tensor = Any

#: Above this score log(1 + exp s) is s, in float64 too.
LINEAR = 50.0


# Passes over a tile: they apply a loss's function in place and return the sums of the rows.
#
# There are two ways, whose results differ only in rounding. `PlainPasses` uses PyTorch's
# operations, each of which reads and writes the tile; `fused.FusedPasses` reads and writes it once.


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
        except Exception:  # no Triton, or no C compiler for it, or another reason
            return PlainPasses()
    return PlainPasses()


# The losses.


@dataclass(frozen=True)
class Entries:
    """The counts of a batch that fall into a tile, all (n,).

    places: positions in the tile, read row by row. None occurs twice, so the order of changes there
    does not matter. rows: of the batch. columns: of the tile. weights: X, scaled.
    """

    places: Tensor
    rows: Tensor
    columns: Tensor
    weights: Tensor


class DeviceLoss(Protocol):
    """What one loss does with scores. looks_first: it must see all tiles before `errors`."""

    looks_first: bool

    def begin(self, n_pairs: Tensor) -> None:
        """Start a batch; n_pairs: n_c, scaled, (B,)."""
        ...

    def look(self, scores: Tensor, columns: slice, entries: Entries) -> None:
        """Add the scores of some outside words to the loss, then `transform` them."""
        ...

    def transform(self, scores: Tensor) -> None:
        """Apply the loss's function to scores, in place."""
        ...

    def errors(self, transformed: Tensor, columns: slice, entries: Entries) -> Tensor:
        """Turn transformed scores into E, in place."""
        ...

    def left(self) -> Tensor:
        """Return the factors of the rows of E, (B,)."""
        ...

    def right(self, columns: slice) -> Tensor | None:
        """Return the factors of the columns of E, (T,); None: they are 1."""
        ...

    def loss(self) -> Tensor:
        """Return the loss of the batch, scaled, a float64 scalar."""
        ...


class SoftmaxOnDevice:
    """J = Σ n_c log Z_c − Σ X s, Z_c = Σ exp s. A row needs its Z, so tiles are seen twice.

    ∂J/∂s = n_c exp(s) / Z_c − X = (n_c / Z_c) (exp(s) − X Z_c / n_c). No maximum is subtracted from
    the scores, which would take more passes: scores that fit counts stay far below 88, where exp
    overflows. Beyond it the loss is infinite, and training stops as diverged.
    """

    looks_first = True

    def __init__(self, passes: Passes) -> None:
        self._passes = passes

    def begin(self, n_pairs: Tensor) -> None:
        """See `DeviceLoss.begin`."""
        import torch

        self._n_pairs = n_pairs
        self._sum = torch.zeros_like(n_pairs, dtype=torch.float64)
        self._attained = torch.zeros((), dtype=torch.float64, device=n_pairs.device)

    def look(self, scores: Tensor, columns: slice, entries: Entries) -> None:
        """See `DeviceLoss.look`: Σ X s and Z."""
        import torch

        at = scores.view(-1)[entries.places]
        self._attained += (entries.weights * at).sum(dtype=torch.float64)
        self._sum += self._passes.exp(scores)

    def transform(self, scores: Tensor) -> None:
        """See `DeviceLoss.transform`: exp s."""
        scores.exp_()

    def errors(self, transformed: Tensor, columns: slice, entries: Entries) -> Tensor:
        """See `DeviceLoss.errors`: exp(s) − X Z_c / n_c."""
        of_rows = (self._sum / self._n_pairs).to(transformed.dtype)
        transformed.view(-1)[entries.places] -= entries.weights * of_rows[entries.rows]
        return transformed

    def left(self) -> Tensor:
        """See `DeviceLoss.left`: n_c / Z_c."""
        return (self._n_pairs / self._sum).to(self._n_pairs.dtype)

    def right(self, columns: slice) -> Tensor | None:
        """See `DeviceLoss.right`."""
        return None

    def loss(self) -> Tensor:
        """See `DeviceLoss.loss`."""
        return (self._n_pairs * self._sum.log()).sum() - self._attained


class SamplingOnDevice:
    """J = Σ K·P n_c L + X ((1 − K·P) L − s), with L = log(1 + exp s).

    ∂J/∂s = K·P n_c σ(s) − X r with r = 1 − (1 − K·P) σ(s), that is
    n_c (σ(s) − X r / (n_c K·P)) K·P.
    """

    looks_first = False

    def __init__(self, noise: Tensor, passes: Passes) -> None:
        """noise: K·P(w), (V,)."""
        self._noise, self._passes = noise, passes

    def begin(self, n_pairs: Tensor) -> None:
        """See `DeviceLoss.begin`."""
        import torch

        self._n_pairs = n_pairs
        self._loss = torch.zeros((), dtype=torch.float64, device=n_pairs.device)

    def look(self, scores: Tensor, columns: slice, entries: Entries) -> None:
        """See `DeviceLoss.look`."""
        import torch

        noise = self._noise[columns]
        at = scores.view(-1)[entries.places]
        rest = 1 - noise[entries.columns]
        attained = rest * torch.nn.functional.softplus(at, threshold=LINEAR) - at
        self._loss += (entries.weights * attained).sum(dtype=torch.float64)
        sums = self._passes.sigmoid(scores, noise)
        self._loss += (self._n_pairs.double() * sums.double()).sum()

    def transform(self, scores: Tensor) -> None:
        """See `DeviceLoss.transform`: σ(s)."""
        scores.sigmoid_()

    def errors(self, transformed: Tensor, columns: slice, entries: Entries) -> Tensor:
        """See `DeviceLoss.errors`: σ(s) − X r / (n_c K·P)."""
        noise = self._noise[columns][entries.columns]
        at = transformed.view(-1)[entries.places]
        share = entries.weights / (self._n_pairs[entries.rows] * noise)
        transformed.view(-1)[entries.places] = at - share * (1 - (1 - noise) * at)
        return transformed

    def left(self) -> Tensor:
        """See `DeviceLoss.left`: n_c."""
        return self._n_pairs

    def right(self, columns: slice) -> Tensor | None:
        """See `DeviceLoss.right`: K·P."""
        return self._noise[columns]

    def loss(self) -> Tensor:
        """See `DeviceLoss.loss`."""
        return self._loss
