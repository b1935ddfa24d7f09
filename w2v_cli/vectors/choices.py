"""What a user may choose about vectors, by name. Without NumPy, so that help texts can list it."""

from __future__ import annotations

from typing import Any, Literal, get_args

from w2v_cli.errors import UsageError

#: Which vectors of a run: one of its two matrices, their sum, or both side by side.
Which = Literal["center", "outside", "sum", "concat"]

#: How analogies are answered: 3CosAdd or 3CosMul.
Method = Literal["add", "mul"]


def check_choice(name: str, value: str, choices: Any) -> None:
    """Refuse a value that is not one of a `Literal`'s.

    Raises:
        UsageError: it lists what can be chosen.
    """
    if value not in get_args(choices):
        known = ", ".join(get_args(choices))
        raise UsageError(f"unknown {name} {value!r}; choose from: {known}")
