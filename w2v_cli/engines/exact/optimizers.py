"""How the gradients of an exact loss become steps: SGD, Adagrad or Adam."""

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Frozen
from w2v_cli.engines.exact import exact_kernels as kernels

ADAGRAD_EPSILON = 1e-10
ADAM_EPSILON = 1e-8
#: Adam's decays (means, squares). An outside vector moves with every step; a centre vector moves
#: once an epoch, so its running means are short. Measured in docs/quality.md.
OUTSIDE_DECAYS = (0.9, 0.99)
CENTER_DECAYS = (0.3, 0.8)
#: What the optimizers keep of the gradients.
SUMS = {"sgd": (), "adagrad": ("squares",), "adam": ("means", "squares")}


class Optimizer:
    """Both matrices of parameters, with the sums the optimizer keeps of gradients.

    center: (V, D), with subwords (V + R, D); outside: (V, D).
    """

    def __init__(self, kind: str, center: Array, outside: Array, shared: bool = False) -> None:
        """kind: sgd, adagrad or adam. center, outside: the parameters, moved in place.

        shared: words share rows of `center`, so that these do not all move equally often.
        """
        self.center, self.outside = center, outside
        self._kind = kind
        names = SUMS[kind]
        self._center_sums = {name: np.zeros_like(center) for name in names}
        self._outside_sums = {name: np.zeros_like(outside) for name in names}
        self._moves = np.zeros(len(center), np.int64) if shared and kind == "adam" else None
        self._frozen: Frozen | None = None

    def freeze(self, frozen: Frozen) -> None:
        """Never move these vectors, nor the sums of their gradients."""
        self._frozen = frozen

    def step_outside(self, first: int, last: int, gradient: Array, lr: float, step: int) -> None:
        """Move the outside vectors [first, last) in place; step counts from 1."""
        if self._frozen is not None:
            rows = np.arange(first, last)
            free = ~self._frozen.outside[rows]
            own, decays = (self.outside, self._outside_sums), OUTSIDE_DECAYS
            self._move_rows(*own, rows[free], gradient[free], lr, decays, step)
            return
        sums = [array[first:last] for array in self._outside_sums.values()]
        self._move(self.outside[first:last], gradient, sums, lr, OUTSIDE_DECAYS, step)

    def step_center(self, rows: Array, gradient: Array, lr: float, step: int) -> None:
        """Move the centre rows of `rows`, which are distinct.

        step: how often they have moved, this time included; shared rows are counted one by one.
        """
        if self._frozen is not None:
            free = ~self._frozen.center[rows]
            rows, gradient = rows[free], gradient[free]
        times: int | Array = step
        if self._moves is not None:
            self._moves[rows] += 1
            times = self._moves[rows]
        own, decays = (self.center, self._center_sums), CENTER_DECAYS
        self._move_rows(*own, rows, gradient, lr, decays, times)

    def _move_rows(
        self,
        matrix: Array,
        sums_of_all: dict[str, Array],
        rows: Array,
        gradient: Array,
        lr: float,
        decays: tuple[float, float],
        step: int | Array,
    ) -> None:
        """Move some rows of a matrix; gradient (n, D) is theirs."""
        vectors = matrix[rows]
        sums = [array[rows] for array in sums_of_all.values()]
        self._move(vectors, gradient, sums, lr, decays, step)
        matrix[rows] = vectors
        for array, part in zip(sums_of_all.values(), sums, strict=True):
            array[rows] = part

    def _move(
        self,
        parameters: Array,
        gradient: Array,
        sums: list[Array],
        lr: float,
        decays: tuple[float, float],
        step: int | Array,
    ) -> None:
        exact = parameters.dtype.type  # a wider scalar would widen the whole loop
        if self._kind == "sgd":
            kernels.descend(parameters, gradient, exact(lr))
        elif self._kind == "adagrad":
            (squares,) = sums
            epsilon = exact(ADAGRAD_EPSILON)
            kernels.descend_adagrad(parameters, gradient, squares, exact(lr), epsilon)
        else:
            means, squares = sums
            bias = np.sqrt(1 - decays[1] ** step) / (1 - decays[0] ** step)
            rates = np.full(len(parameters), lr * bias, parameters.dtype)
            kernels.descend_adam(
                parameters,
                gradient,
                means,
                squares,
                rates,
                exact(ADAM_EPSILON),
                exact(1 - decays[0]),
                exact(1 - decays[1]),
            )

    def state(self) -> dict[str, Array]:
        """Return the arrays themselves, by name."""
        moves = {} if self._moves is None else {"center_moves": self._moves}
        return {
            "center": self.center,
            "outside": self.outside,
            **moves,
            **{f"center_{name}": array for name, array in self._center_sums.items()},
            **{f"outside_{name}": array for name, array in self._outside_sums.items()},
        }
