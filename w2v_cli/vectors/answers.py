"""What vectors answer: words with a score, or that they do not know a word."""

from collections.abc import Sequence
from typing import NamedTuple

from w2v_cli.errors import DataError


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
