"""From scores of a batch to ∂J/∂scores on the device, for both losses.

The formulas are those of `exact.naive_softmax` and `exact.negative_sampling`, where they are
derived. A batch of B centre words has its scores s = u·v + b in tiles of T outside words, (B, T).
"""

from dataclasses import dataclass
from typing import Any, Protocol

Tensor = Any

#: Above this score log(1 + exp s) is s, in float64 too.
_LINEAR = 50.0


@dataclass(frozen=True)
class Entries:
    """The counts of a batch that fall into a tile, all (n,).

    places: in the tile, read row by row; none occurs twice, so that what is done there does not
    depend on an order. columns: of the tile. weights: X, scaled.
    """

    places: Tensor
    columns: Tensor
    weights: Tensor


class DeviceLoss(Protocol):
    """What one loss makes of scores. looks_first: whether it has to see all tiles before."""

    looks_first: bool

    def begin(self, n_pairs: Tensor) -> None:
        """Start a batch; n_pairs: n_c, scaled, (B,)."""
        ...

    def look(self, scores: Tensor, entries: Entries) -> None:
        """Take note of a tile, where `looks_first` says so."""
        ...

    def errors(self, scores: Tensor, first: int, last: int, entries: Entries) -> Tensor:
        """Turn the scores of the outside words [first, last) into ∂J/∂s, in place."""
        ...

    def loss(self) -> Tensor:
        """Return the loss of the batch, scaled, a float64 scalar."""
        ...


class SoftmaxOnDevice:
    """J = Σ n_c log Σ exp s − Σ X s. Every row has a normaliser, so tiles are seen twice."""

    looks_first = True

    def begin(self, n_pairs: Tensor) -> None:
        """See `DeviceLoss.begin`."""
        import torch

        self._n_pairs = n_pairs
        self._log_sum = torch.full_like(n_pairs, -torch.inf)
        self._attained = torch.zeros((), dtype=torch.float64, device=n_pairs.device)

    def look(self, scores: Tensor, entries: Entries) -> None:
        """See `DeviceLoss.look`: add to the normalisers, and to Σ X s."""
        import torch

        self._log_sum = torch.logaddexp(self._log_sum, torch.logsumexp(scores, dim=1))
        at = scores.view(-1)[entries.places]
        self._attained += (entries.weights * at).sum(dtype=torch.float64)

    def errors(self, scores: Tensor, first: int, last: int, entries: Entries) -> Tensor:
        """See `DeviceLoss.errors`: n_c ŷ − X, with n_c in the exponent."""
        scores -= (self._log_sum - self._n_pairs.log())[:, None]
        scores.exp_()
        scores.view(-1)[entries.places] -= entries.weights
        return scores

    def loss(self) -> Tensor:
        """See `DeviceLoss.loss`."""
        return (self._n_pairs.double() * self._log_sum.double()).sum() - self._attained


class SamplingOnDevice:
    """J = Σ K·P n_c L + X ((1 − K·P) L − s), with L = log(1 + exp s)."""

    looks_first = False

    def __init__(self, noise: Tensor) -> None:
        """noise: K·P(w), (V,)."""
        self._noise = noise

    def begin(self, n_pairs: Tensor) -> None:
        """See `DeviceLoss.begin`."""
        import torch

        self._n_pairs = n_pairs
        self._loss = torch.zeros((), dtype=torch.float64, device=n_pairs.device)

    def look(self, scores: Tensor, entries: Entries) -> None:
        """See `DeviceLoss.look`: there is nothing to normalise."""

    def errors(self, scores: Tensor, first: int, last: int, entries: Entries) -> Tensor:
        """See `DeviceLoss.errors`: K·P n_c σ(s) − X (1 − (1 − K·P) σ(s))."""
        import torch

        softplus = torch.nn.functional.softplus
        noise, n_pairs = self._noise[first:last], self._n_pairs
        at = scores.view(-1)[entries.places]
        rest = 1 - noise[entries.columns]
        below = softplus(scores, threshold=_LINEAR) @ noise
        self._loss += (n_pairs.double() * below.double()).sum()
        pairs = entries.weights * (rest * softplus(at, threshold=_LINEAR) - at)
        self._loss += pairs.sum(dtype=torch.float64)
        scores.sigmoid_()
        scores *= noise
        scores *= n_pairs[:, None]
        scores.view(-1)[entries.places] -= entries.weights * (1 - rest * torch.sigmoid(at))
        return scores

    def loss(self) -> Tensor:
        """See `DeviceLoss.loss`."""
        return self._loss
