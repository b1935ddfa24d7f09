"""UTF-8, by the rules of Python's decoder: is text valid, and which character starts at a byte?"""

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.compiled import compiled, inlined

_STRIDE = 64


@compiled(nogil=True, makes_arrays=False)
def is_utf8(text: Array) -> bool:
    """Tell whether bytes are valid UTF-8, by the rules of Python's decoder."""
    i = 0
    while i < text.size:
        stop = min(text.size, i + _STRIDE)
        if stop == i + _STRIDE:
            high = np.uint8(0)
            for j in range(i, i + _STRIDE):
                high |= text[j]
            if high < 0x80:
                i = stop
                continue
        while i < stop:
            width = _valid_width(text, i)
            if width == 0:
                return False
            i += width
    return True


@inlined
def _valid_width(text: Array, i: int) -> int:
    """Return how many bytes the character at byte i has, 0 where it is not valid."""
    b = text[i]
    if b < 0x80:
        return 1
    if b < 0xC2 or b > 0xF4:
        return 0
    width = 2 + (b >= 0xE0) + (b >= 0xF0)
    if i + width > text.size:
        return 0
    # These four have a smaller range of second bytes: no overlong forms, no surrogates, no end.
    low = 0xA0 if b == 0xE0 else 0x90 if b == 0xF0 else 0x80
    top = 0x9F if b == 0xED else 0x8F if b == 0xF4 else 0xBF
    if text[i + 1] < low or text[i + 1] > top:
        return 0
    for j in range(i + 2, i + width):
        if text[j] & 0xC0 != 0x80:
            return 0
    return width


@inlined
def decode(text: Array, i: int) -> tuple[np.int64, int]:
    """Return the character that starts at byte i of valid UTF-8, and its bytes."""
    b = np.int64(text[i])
    if b < 0x80:
        return b, 1
    if b < 0xE0:
        return (b & 0x1F) << 6 | (np.int64(text[i + 1]) & 0x3F), 2
    c = np.int64(text[i + 1]) & 0x3F
    if b < 0xF0:
        return (b & 0x0F) << 12 | c << 6 | (np.int64(text[i + 2]) & 0x3F), 3
    c = c << 6 | (np.int64(text[i + 2]) & 0x3F)
    return (b & 0x07) << 18 | c << 6 | (np.int64(text[i + 3]) & 0x3F), 4
