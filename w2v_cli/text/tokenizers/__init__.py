"""From a line of text to its tokens: one file for each tokenizer, and its line in the catalogue.

The Python functions define what the tokens are. For the compiled reader a tokenizer may also say
what kind every character is; tests compare the two on every script. One that does not is called
line by line, and the compiled reader numbers what it returns.
"""

import importlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from w2v_cli.text.tokenizers.own_tokenizer import is_own
from w2v_cli.text.unicode_table import decimals, pack_characters

Tokenize = Callable[[str], list[str]]
Normalize = Literal["nfc", "nfkc"]

#: Name → whether its module has `character_kinds` and `REPLACEMENTS` beside `tokenize`.
TOKENIZERS = {"words": True, "whitespace": True, "characters": True, "uax29": False}

_FORMS: dict[str, Literal["NFC", "NFKC"]] = {"nfc": "NFC", "nfkc": "NFKC"}
_FOLDED_DIGIT = "0"


@dataclass(frozen=True)
class Tokenizer:
    """How lines become tokens.

    name: of the catalogue, or of the user's `function`. lowercase, normalize, fold_digits: what is
    done to the text before it is split: normalisation first, then lower case, then digits.
    """

    name: str
    lowercase: bool
    normalize: Normalize | None = None
    fold_digits: bool = False
    function: Tokenize | None = None

    def __call__(self, line: str) -> list[str]:
        """Return the tokens of a line."""
        return self._split(self.fold(line))

    def fold(self, text: str) -> str:
        """Return a text as it is before it is split."""
        text = self.normalized(text)
        if self.lowercase:
            text = text.lower()
        return text.translate(_folded_digits()) if self.fold_digits else text

    def normalized(self, text: str) -> str:
        """Return a text in the Unicode form that was chosen."""
        if self.normalize is None or text.isascii():
            return text
        return unicodedata.normalize(_FORMS[self.normalize], text)

    @property
    def is_compiled(self) -> bool:
        """Whether the compiled reader splits by itself, by what each character is."""
        return is_compiled(self.name)

    def characters(self) -> NDArray[np.uint64]:
        """Return what each character becomes, (0x110000,); see `pack_characters`.

        Where a function splits, its tokens are read with white space between them.
        """
        if self.is_compiled:
            return _characters(self.name, self.lowercase, self.fold_digits)
        return _characters("whitespace", False, False)

    def _split(self, line: str) -> list[str]:
        if self.function is not None:
            return self.function(line)
        tokens: list[str] = _module(self.name).tokenize(line)
        return tokens


def is_compiled(name: str) -> bool:
    """Tell whether the compiled reader splits as this tokenizer does, by what characters are."""
    return TOKENIZERS.get(name, False)


@cache
def _module(name: str) -> ModuleType:
    if is_own(name):
        raise ValueError(f"the function {name} has to be given")
    return importlib.import_module(f"{__name__}.{name}_tokenizer")


@cache
def _characters(name: str, lowercase: bool, fold_digits: bool) -> NDArray[np.uint64]:
    module = _module(name)
    replacements = dict(module.REPLACEMENTS)
    if fold_digits:
        replacements |= {chr(digit): _FOLDED_DIGIT for digit in decimals()}
    return pack_characters(module.character_kinds(), replacements, lowercase)


@cache
def _folded_digits() -> dict[int, str]:
    return dict.fromkeys(decimals(), _FOLDED_DIGIT)
