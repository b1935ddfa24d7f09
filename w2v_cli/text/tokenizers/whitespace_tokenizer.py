"""Split at white space and change nothing, as word2vec.c, gensim and CS224n do."""

import numpy as np
from numpy.typing import NDArray

from w2v_cli.text.unicode_table import LETTER, N_CHARACTERS, SEPARATOR, ranges

REPLACEMENTS: dict[str, str] = {}


def tokenize(line: str) -> list[str]:
    """Return what stands between white space."""
    return line.split()


def character_kinds() -> NDArray[np.uint8]:
    """Return what each character is, (0x110000,), for the compiled reader."""
    kinds = np.full(N_CHARACTERS, LETTER, np.uint8)
    for spaces in ranges(r"\s+"):
        kinds[spaces] = SEPARATOR
    return kinds
