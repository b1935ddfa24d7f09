"""Choices for questions, by name. Without NumPy, so that help texts can list them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from w2v_cli.errors import UsageError

#: How analogies are answered: 3CosAdd or 3CosMul.
Method = Literal["add", "mul"]

#: How the words of a text are weighed: all alike, or frequent ones less (SIF).
Weights = Literal["mean", "sif"]


def check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """Refuse a value that is not one of the choices.

    Raises:
        UsageError: it lists what can be chosen.
    """
    if value not in choices:
        raise UsageError(f"unknown {name} {value!r}; choose from: {', '.join(choices)}")
