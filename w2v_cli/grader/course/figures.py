"""How numbers are written in the worksheet, in the tests and in the key."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike


def number(x: float) -> str:
    """Write a number with at most five decimals: `0.3`, `-1.20397`."""
    return f"{round(float(x), 5) + 0.0:.5f}".rstrip("0").rstrip(".")


def vector(x: ArrayLike) -> str:
    """Write a vector: `(0.3, -1.20397)`."""
    return f"({', '.join(number(v) for v in np.atleast_1d(x))})"


def code(x: ArrayLike) -> str:
    """Write an array as Python, with all digits."""
    return repr(np.asarray(x).tolist())


def table(
    rows: ArrayLike, names: Sequence[str], columns: Sequence[str] = (), head: str = "word"
) -> str:
    """Write a matrix as a table of Markdown, one named row for each of its rows."""
    matrix = np.asarray(rows)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    heads = columns or [str(i + 1) for i in range(matrix.shape[1])]
    lines = [_row([head, *heads]), _row(["---"] + ["---:"] * matrix.shape[1])]
    lines += [_row([name, *map(number, row)]) for name, row in zip(names, matrix, strict=True)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def words(names: Iterable[str]) -> str:
    """Write words: `“snow”, “tea”`."""
    return ", ".join(f"“{name}”" for name in names)
