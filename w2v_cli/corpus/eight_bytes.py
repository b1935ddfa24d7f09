"""ASCII text, eight bytes at a time, in a number of 64 bits: the first byte is the lowest.

Each byte's highest bit serves as its flag. What is added to a byte below 0x80 never carries into
the next one, so one addition compares eight bytes at once.
"""

from collections.abc import Callable

import numpy as np
from llvmlite import ir
from numba import config as numba_config
from numba import types
from numba.core.base import BaseContext
from numba.core.typing.templates import Signature
from numba.extending import intrinsic

from w2v_cli.compiled import inlined

_u64 = np.uint64
_ONES, _FLAGS = _u64(0x0101010101010101), _u64(0x8080808080808080)
_ONE, _TWO, _SEVEN, _TOP, _EIGHT = _u64(1), _u64(2), _u64(7), _u64(56), _u64(8)
_CASE = _u64(0x2020202020202020)  # what a small letter has and its capital has not

#: Which ASCII characters are letters that `plain_letters` finds.
NO_LETTERS, ALL_BUT_SPACE, LETTERS_AND_DIGITS = range(3)


@intrinsic
def load_eight(
    _: object, text: types.Type, i: types.Type
) -> tuple[Signature, Callable[..., ir.Value]]:
    """text[i : i + 8], uint8, as one number; the caller makes sure that they are there."""

    def generate(
        context: BaseContext, builder: ir.IRBuilder, signature: Signature, args: list[ir.Value]
    ) -> ir.Value:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        place = builder.gep(data, [args[1]])
        return builder.load(builder.bitcast(place, ir.IntType(64).as_pointer()), align=1)

    return types.uint64(text, types.intp), generate


@inlined
def _from(eight: np.uint64, c: np.uint64) -> np.uint64:
    """Flag the bytes, all below 0x80, that are at least c."""
    return (eight + (_u64(0x80) - c) * _ONES) & _FLAGS


@inlined
def plain_letters(eight: np.uint64, letters: int) -> np.uint64:
    """Flag the bytes that are ASCII letters of a kind."""
    ascii_part = eight & ~_FLAGS
    if letters == ALL_BUT_SPACE:
        found = _from(ascii_part, _u64(0x21))
    else:
        small = ascii_part | _CASE
        found = _from(small, _u64(0x61)) & ~_from(small, _u64(0x7B))
        found |= _from(ascii_part, _u64(0x30)) & ~_from(ascii_part, _u64(0x3A))
    return found & ~eight & _FLAGS


@inlined
def lower(eight: np.uint64) -> np.uint64:
    """Turn A to Z into a to z, in ASCII."""
    capitals = _from(eight, _u64(0x41)) & ~_from(eight, _u64(0x5B))
    return eight | (capitals >> _TWO)


@inlined
def n_before_first(flags: np.uint64) -> np.int64:
    """Count the bytes before the first one that is flagged; there must be one."""
    first = flags & (~flags + _ONE)
    return np.int64((((first - _ONE) & _ONES) * _ONES) >> _TOP) - 1


if numba_config.DISABLE_JIT:

    def load_eight(text, i):  # noqa: D103
        return _u64(int.from_bytes(text[i : i + 8].tobytes(), "little"))
