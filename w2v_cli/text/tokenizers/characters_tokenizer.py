"""Every letter or digit by itself, with its combining marks."""

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

from w2v_cli.text.tokenizers import words_tokenizer as words
from w2v_cli.text.unicode_table import LETTER, LONE, mark_class

REPLACEMENTS: dict[str, str] = {}


def tokenize(line: str) -> list[str]:
    """Split into letters and digits: `猫がAB` → `猫 が A B`. Everything else is dropped."""
    return _pattern().findall(line)


def character_kinds() -> NDArray[np.uint8]:
    """Return what each character is, (0x110000,), for the compiled reader."""
    kinds = words.character_kinds()
    kinds[kinds == LETTER] = LONE
    return kinds


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(rf"[^\W_]{mark_class()}*")
