"""Blocks of LANES × LANES floats, transposed in registers."""

import numpy as np
from llvmlite import ir
from numba import config as numba_config
from numba import types
from numba.core.base import BaseContext
from numba.core.typing.templates import Signature
from numba.extending import intrinsic

from w2v_cli.arrays import Array
from w2v_cli.engines.sampled.lanes import LANES, Builder, Typed, Values, vector_at


def _interleaved(size: int, second: bool) -> list[int]:
    """Which lanes of two vectors x and y, y's from LANES on, make the first or second result.

    Blocks of `size` lanes, in turn from x and from y: their first of each two, or their second.
    """
    firsts = range(size if second else 0, LANES, 2 * size)
    blocks = [first + side for first in firsts for side in (0, LANES)]
    return [lane for block in blocks for lane in range(block, block + size)]


@intrinsic
def transpose(
    _: object,
    a: types.Type,
    a_start: types.Type,
    a_step: types.Type,
    b: types.Type,
    b_start: types.Type,
    b_step: types.Type,
) -> Typed:
    """b[b_start + j·b_step + i] = a[a_start + i·a_step + j] for all i, j < LANES.

    Rows i and i + size change the blocks of `size` lanes that are on the wrong side of the
    diagonal, for size 8, 4, 2 and 1.
    """

    def generate(
        context: BaseContext, builder: Builder, signature: Signature, args: Values
    ) -> ir.Value:
        def place(array: int, i: int) -> ir.Value:
            index = builder.add(args[array + 1], builder.mul(args[array + 2], ir.Constant(i64, i)))
            return vector_at(context, builder, signature.args[array], args[array], index)

        i64 = args[1].type
        rows = [builder.load(place(0, i), align=4) for i in range(LANES)]
        size = LANES // 2
        while size:
            for i in range(LANES):
                if not i & size:
                    x, y = rows[i], rows[i + size]
                    for row, second in ((i, False), (i + size, True)):
                        mask = ir.Constant(ints, _interleaved(size, second))
                        rows[row] = builder.shuffle_vector(x, y, mask)
            size //= 2
        for i, row in enumerate(rows):
            builder.store(row, place(3, i), align=4)
        return context.get_dummy_value()

    ints = ir.VectorType(ir.IntType(32), LANES)
    whole = types.intp
    return types.void(a, whole, whole, b, whole, whole), generate


if numba_config.DISABLE_JIT:

    def transpose(  # noqa: D103
        a: Array, a_start: int, a_step: int, b: Array, b_start: int, b_step: int
    ) -> None:
        i, j = np.indices((LANES, LANES))
        b[b_start + j * b_step + i] = a[a_start + i * a_step + j]
