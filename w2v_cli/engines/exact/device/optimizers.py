"""How gradients become steps on the device; the formulas are those of `exact.descents`."""

import math
from typing import Any

from w2v_cli.engines.exact.optimizers import ADAGRAD_EPSILON, ADAM_EPSILON, SUMS

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
