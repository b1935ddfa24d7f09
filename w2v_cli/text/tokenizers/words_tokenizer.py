"""Unicode words without punctuation."""

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

from w2v_cli.text.unicode_table import JOINER, LETTER, MARK, N_CHARACTERS, mark_class, marks, ranges

#: The typographic apostrophe becomes the plain one.
REPLACEMENTS = {"’": "'"}


def tokenize(line: str) -> list[str]:
    """Unicode words without punctuation: `Don’t shout, Jean-Luc!` → `Don't shout Jean-Luc`.

    A word starts with a letter or digit of any script and goes on with letters, digits and
    combining marks (vowel signs, accents). Hyphens and apostrophes stay inside a word.
    """
    for old, new in REPLACEMENTS.items():
        line = line.replace(old, new)
    return _pattern().findall(line)


def character_kinds() -> NDArray[np.uint8]:
    """Return what each character is in a word, (0x110000,), for the compiled reader."""
    kinds = np.zeros(N_CHARACTERS, np.uint8)
    kinds[marks()] = MARK
    for letters in ranges(r"[^\W_]+"):
        kinds[letters] = LETTER
    kinds[[ord("'"), ord("-")]] = JOINER
    return kinds


@cache
def _pattern() -> re.Pattern[str]:
    word = rf"[^\W_]+(?:{mark_class()}+[^\W_]*)*"
    return re.compile(rf"{word}(?:['\-]{word})*")
