"""How the checks and the grader write numbers and colour their text."""

import math
from collections.abc import Callable

Paint = Callable[[str, str], str]
"""``(text, role)`` to text, perhaps coloured. Roles: good, bad, heading, dim."""


def plain(text: str, role: str) -> str:
    """Paint nothing."""
    return text


def format_error(error: float) -> str:
    """Write an error with two digits: ``2.2e-16``, ``0`` or ``inf``."""
    return "0" if error == 0 else f"{error:.1e}" if math.isfinite(error) else "inf"


def format_number(number: float) -> str:
    """Write a number with ten digits, so that small differences show."""
    return f"{number + 0.0:.10g}"  # + 0.0 takes the sign from −0


def json_number(number: float) -> float | str:
    """Return the number itself when finite, else its name; strict JSON has no NaN."""
    return float(number) if math.isfinite(number) else str(float(number))
