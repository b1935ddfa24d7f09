"""Elementary functions of float32, compiled into the loops that call them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import config as numba_config
from numba import types
from numba.extending import intrinsic

from w2v_cli.compiled import inlined

#: Sums may be reordered and multiply-adds fused; NaN and infinity keep their meaning.
FAST = {"reassoc", "nsz", "contract"}


@intrinsic
def float_of_bits(typing_context: object, bits: types.Type) -> Any:
    """The float32 that an int32 is the bits of."""

    def generate(
        context: object, builder: ir.IRBuilder, signature: object, args: Sequence[ir.Value]
    ) -> Any:
        return builder.bitcast(args[0], ir.FloatType())

    return types.float32(types.int32), generate


@intrinsic
def bits_of_float(typing_context: object, value: types.Type) -> Any:
    """The bits of a float32 as an int32."""

    def generate(
        context: object, builder: ir.IRBuilder, signature: object, args: Sequence[ir.Value]
    ) -> Any:
        return builder.bitcast(args[0], ir.IntType(32))

    return types.int32(types.float32), generate


if numba_config.DISABLE_JIT:  # the same on NumPy's scalars

    def float_of_bits(bits):
        """The float32 that an int32 is the bits of."""
        return np.int32(bits).view(np.float32)

    def bits_of_float(value):
        """The bits of a float32 as an int32."""
        return np.float32(value).view(np.int32)


@inlined
def exp_below_0(x: float) -> float:
    """exp(x) for float32 x ≤ 0, to 1.2e-7; 1.6e-38 below −87; NaN stays NaN.

    x = n log 2 + r: 2ⁿ is written into the exponent, exp(r) is Cephes' polynomial (expf).
    """
    x = np.float32(-87.0) if x < np.float32(-87.0) else x
    n = np.floor(x * np.float32(1.44269504) + np.float32(0.5))
    r = x - n * np.float32(0.693359375)
    r = r + n * np.float32(2.12194440e-4)
    p = np.float32(1.9875691500e-4)
    p = p * r + np.float32(1.3981999507e-3)
    p = p * r + np.float32(8.3334519073e-3)
    p = p * r + np.float32(4.1665795894e-2)
    p = p * r + np.float32(1.6666665459e-1)
    p = p * r + np.float32(5.0000001201e-1)
    p = p * (r * r) + r + np.float32(1.0)
    return p * float_of_bits((np.int32(n) + np.int32(127)) << np.int32(23))
