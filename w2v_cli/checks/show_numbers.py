"""The small example that derivations are shown with, and how its numbers are written."""

from collections.abc import Callable, Iterator

import numpy as np

from w2v_cli.equations import Array
from w2v_cli.mistakes.measure import directional_derivative

WORDS = ("king", "queen", "snow", "tea")
V_C = np.array([0.6, -0.4])
U = np.array([[0.5, 0.1], [0.9, -0.7], [-0.3, 0.8], [0.2, 0.4]])
O_WORD, NEGATIVES = 1, (2, 3, 2)


def vector(x: Array) -> str:
    """Write a vector."""
    return "(" + ", ".join(f"{v:8.5f}".strip() for v in np.atleast_1d(x)) + ")"


def lines_of(matrix: Array, names: tuple[str, ...] = WORDS) -> Iterator[str]:
    """Write a matrix, a line a word."""
    for name, row in zip(names, matrix, strict=True):
        yield f"       {name:<6} " + "  ".join(f"{v:9.5f}" for v in np.atleast_1d(row))


def measured(
    f: Callable[[Array], float], x: Array, analytic: Array, name: str, row: int = 0
) -> Iterator[str]:
    """Show the first coordinate of a row of a gradient next to a difference of the loss."""
    unit = np.zeros_like(x)
    place = (row,) + (0,) * (x.ndim - 1)
    unit[place] = 1.0
    measured = directional_derivative(f, x, unit)
    yield f"     {name:<14}  formula {analytic[place]:13.10f}   difference {measured:13.10f}"
