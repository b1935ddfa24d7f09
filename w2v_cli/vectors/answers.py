"""What vectors answer, words with a score or "unknown word", and the choices that they offer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from w2v_cli.errors import DataError, UsageError


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
    if value not in choices:
        raise UsageError(f"unknown {name} {value!r}; choose from: {', '.join(choices)}")
