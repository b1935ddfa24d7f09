"""What vectors answer, words with a score or "unknown word"; what they offer and accept."""

from __future__ import annotations

import operator
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from w2v_cli.errors import DataError, UsageError, shown


class Neighbor(NamedTuple):
    """A word and its score: cosine, or dot product where `raw` was asked for."""

    word: str
    score: float


class UnknownWordError(DataError, KeyError):
    """A word that the vectors do not know; `suggestions` are the closest spellings."""

    __str__ = Exception.__str__  # KeyError would put the message in quotes

    def __init__(self, word: str, suggestions: Sequence[str], reason: str = "") -> None:
        hint = f"; did you mean {', '.join(suggestions)}?" if suggestions else ""
        super().__init__(f"unknown word {word!r}{hint}" + (f" ({reason})" if reason else ""))
        self.word = word
        self.suggestions = list(suggestions)


# Choices, by name. Help texts list them, so this file does without NumPy.

#: How analogies are answered: 3CosAdd or 3CosMul.
Method = Literal["add", "mul"]

#: How the words of a text are weighed: all alike, or frequent ones less (SIF).
Weights = Literal["mean", "sif"]

#: What numbers a file holds; int8 with one scale for each word.
Precision = Literal["float32", "float16", "int8"]


def check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """Refuse a value that is not one of the choices.

    Raises:
        UsageError: it lists what can be chosen.
    """
    if not isinstance(value, str) or value not in choices:
        raise UsageError(f"unknown {name} {value!r}; choose from: {', '.join(choices)}")


def checked_number(name: str, value: Any) -> int:
    """Return a whole number of zero or more. Raises UsageError for anything else."""
    try:
        number = operator.index(value)
    except TypeError:
        raise UsageError(f"{name} must be a whole number, not {shown(value)}") from None
    if number < 0:
        raise UsageError(f"{name} is {number}; it must be at least 0")
    return number


def checked_path(path: Any) -> Path:
    """Return a path. Raises UsageError for what is none, and for an empty one."""
    if not isinstance(path, (str, os.PathLike)) or not os.fspath(path):
        raise UsageError(f"expected the name of a file or folder, got {shown(path)}")
    return Path(path).expanduser()
