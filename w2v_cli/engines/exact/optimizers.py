"""How the gradients of an exact loss become steps: SGD, Adagrad or Adam."""

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.exact import exact_kernels as kernels

ADAGRAD_EPSILON = 1e-10
ADAM_EPSILON = 1e-8
#: Adam's decays (means, squares). An outside vector moves with every step; a centre vector moves
#: once an epoch, so its running means are short. Measured in docs/quality.md.
OUTSIDE_DECAYS = (0.9, 0.99)
CENTER_DECAYS = (0.3, 0.8)
#: What the optimizers keep of the gradients.
SUMS = {"sgd": (), "adagrad": ("squares",), "adam": ("means", "squares")}


class Matrix:
    """Parameters, (n, D), and the sums that the optimizer keeps of their gradients, (n, D) each."""

    def __init__(
        self, kind: str, parameters: Array, decays: tuple[float, float], shared: bool = False
    ) -> None:
        """kind: sgd, adagrad or adam. parameters: moved in place. decays: Adam's.

        shared: words share rows of the matrix, so rows do not all move equally often.
        """
        self.parameters = parameters
        self.sums = {name: np.zeros_like(parameters) for name in SUMS[kind]}
        self.moves = np.zeros(len(parameters), np.int64) if shared and kind == "adam" else None
        self._kind, self._decays = kind, decays
        self._free: Array | None = None

    def freeze(self, frozen: Array) -> None:
        """Never move these rows or the sums of their gradients; a mask, (n,)."""
        self._free = ~frozen

    def step(self, rows: slice | Array, gradient: Array, lr: float, times: int) -> None:
        """Move some rows. rows: a slice, or distinct row numbers.

        times: how often they have moved, this time included; shared rows are counted one by one.
        """
        # Frozen rows are skipped where rows are written: with a gradient of zero, Adam and Adagrad
        # may turn −0.0 into 0.0, and restoring copies would cost a pass over the matrix.
        if self._free is not None:
            if isinstance(rows, slice):
                rows = np.arange(rows.start, rows.stop)
            free = self._free[rows]
            rows, gradient = rows[free], gradient[free]
        parameters = self.parameters[rows]
        sums = {name: array[rows] for name, array in self.sums.items()}
        self._move(parameters, gradient, sums, lr, self._times(rows, times))
        if isinstance(rows, slice):  # a slice is a view and has moved
            return
        self.parameters[rows] = parameters
        for name, part in sums.items():
            self.sums[name][rows] = part

    def _times(self, rows: slice | Array, times: int) -> int | Array:
        if self.moves is None:
            return times
        self.moves[rows] += 1
        return np.asarray(self.moves[rows])

    def _move(
        self,
        parameters: Array,
        gradient: Array,
        sums: dict[str, Array],
        lr: float,
        times: int | Array,
    ) -> None:
        exact = parameters.dtype.type  # a wider scalar would widen the whole loop
        if self._kind == "sgd":
            kernels.descend(parameters, gradient, exact(lr))
        elif self._kind == "adagrad":
            epsilon = exact(ADAGRAD_EPSILON)
            kernels.descend_adagrad(parameters, gradient, sums["squares"], exact(lr), epsilon)
        else:
            mean, square = self._decays
            bias = np.sqrt(1 - square**times) / (1 - mean**times)
            kernels.descend_adam(
                parameters,
                gradient,
                sums["means"],
                sums["squares"],
                np.full(len(parameters), lr * bias, parameters.dtype),
                exact(ADAM_EPSILON),
                exact(1 - mean),
                exact(1 - square),
            )
