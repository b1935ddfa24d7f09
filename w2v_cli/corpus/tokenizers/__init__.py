"""From a line of text to its tokens: one file for each tokenizer, and its line in the catalogue.

The Python functions define what the tokens are. For the compiled reader each tokenizer also says
what kind every character is; tests compare the two on every script.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from w2v_cli.corpus.characters import pack_characters
from w2v_cli.corpus.tokenizers import whitespace, words

Tokenize = Callable[[str], list[str]]

#: Name → the module that holds `tokenize`, `character_kinds` and `REPLACEMENTS`.
TOKENIZERS = {"words": words, "whitespace": whitespace}


@dataclass(frozen=True)
class Tokenizer:
    """How lines become tokens: which tokenizer, and whether it lower-cases first."""

    name: str
    lowercase: bool

    def __call__(self, line: str) -> list[str]:
        """Return the tokens of a line."""
        tokens: list[str] = TOKENIZERS[self.name].tokenize(line.lower() if self.lowercase else line)
        return tokens

    def characters(self) -> NDArray[np.uint64]:
        """Return what each character becomes, (0x110000,); see `pack_characters`."""
        return _characters(self.name, self.lowercase)


@cache
def _characters(name: str, lowercase: bool) -> NDArray[np.uint64]:
    module = TOKENIZERS[name]
    return pack_characters(module.character_kinds(), module.REPLACEMENTS, lowercase)
