"""Vectors of LANES floats in a machine register, for the compiled functions.

numba has no type for a machine vector, and LLVM by itself vectorises such loops poorly
(it prefers half-width vectors and reloads the sums). These operations are LLVM's own; the
compiler turns them into the instructions of the machine.

With NUMBA_DISABLE_JIT=1 the same operations work on NumPy arrays of LANES floats.
"""

import operator
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import config as numba_config
from numba import types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.core.typing.templates import Signature
from numba.extending import intrinsic, models, overload, register_model

from w2v_cli.arrays import Array
from w2v_cli.compiled import inlined

Values = Sequence[ir.Value]
Builder = ir.IRBuilder
Typed = tuple[Signature, Callable[..., ir.Value]]
"""What an intrinsic returns: its types, and the function that writes its instructions."""

LANES = 16
"""Floats in a vector: one register with AVX-512; LLVM splits it on other machines. With AVX2 alone
that is no slower than 8 lanes."""

Vector = Any
"""LANES floats in a register. mypy accepts anything; for numba it is the type below."""

_f32 = np.float32
_FLOAT = ir.FloatType()
_VECTOR = ir.VectorType(_FLOAT, LANES)
_INTS = ir.VectorType(ir.IntType(32), LANES)


class _Vector(types.Type):
    """The numba type of LANES float32 in a register."""

    def __init__(self) -> None:
        super().__init__(name=f"float32x{LANES}")


_vector = _Vector()


@register_model(_Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: object, kind: types.Type) -> None:
        super().__init__(manager, kind, _VECTOR)


def _place(
    context: BaseContext,
    builder: Builder,
    kind: types.Type,
    array: ir.Value,
    index: ir.Value,
    element: ir.Type,
) -> ir.Value:
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), element.as_pointer())


def vector_at(
    context: BaseContext, builder: Builder, kind: types.Type, array: ir.Value, index: ir.Value
) -> ir.Value:
    """The address of array[index : index + LANES], for other intrinsics."""
    return _place(context, builder, kind, array, index, _VECTOR)


def _spread(builder: Builder, scalar: ir.Value) -> ir.Value:
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    one = builder.insert_element(undefined, scalar, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, undefined, ir.Constant(_INTS, [0] * LANES))


def _call(builder: Builder, name: str, result: ir.Type, args: Values, **flags: object) -> ir.Value:
    signature = ir.FunctionType(result, [a.type for a in args])
    function = cgutils.get_or_insert_function(builder.module, signature, name)
    return builder.call(function, args, **flags)


@intrinsic
def load(_: object, array: types.Type, index: types.Type) -> Typed:
    """array[index : index + LANES]."""

    def generate(
        context: BaseContext, builder: Builder, signature: Signature, args: Values
    ) -> ir.Value:
        place = _place(context, builder, signature.args[0], args[0], args[1], _VECTOR)
        return builder.load(place, align=4)

    return _vector(array, types.intp), generate


@intrinsic
def store(_: object, array: types.Type, index: types.Type, x: types.Type) -> Typed:
    """array[index : index + LANES] = x."""

    def generate(
        context: BaseContext, builder: Builder, signature: Signature, args: Values
    ) -> ir.Value:
        place = _place(context, builder, signature.args[0], args[0], args[1], _VECTOR)
        builder.store(args[2], place, align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, _vector), generate


@intrinsic
def spread(_: object, array: types.Type, index: types.Type) -> Typed:
    """array[index] in every lane."""

    def generate(
        context: BaseContext, builder: Builder, signature: Signature, args: Values
    ) -> ir.Value:
        place = _place(context, builder, signature.args[0], args[0], args[1], _FLOAT)
        return _spread(builder, builder.load(place, align=4))

    return _vector(array, types.intp), generate


@intrinsic
def fill(_: object, x: types.Type) -> Typed:
    """Put x in every lane."""
    return _vector(types.float32), lambda _, builder, __, args: _spread(builder, args[0])


@intrinsic
def fma(_: object, x: types.Type, y: types.Type, z: types.Type) -> Typed:
    """x·y + z, in one operation where the machine has it."""
    name = f"llvm.fmuladd.v{LANES}f32"
    return _vector(x, y, z), lambda _, builder, __, args: _call(builder, name, _VECTOR, args)


@intrinsic
def total(_: object, x: types.Type) -> Typed:
    """The sum of the lanes."""

    def generate(_: object, builder: Builder, __: object, args: Values) -> ir.Value:
        name = f"llvm.vector.reduce.fadd.v{LANES}f32"
        start = ir.Constant(_FLOAT, -0.0)
        return _call(builder, name, _FLOAT, [start, args[0]], fastmath=("reassoc",))

    return types.float32(x), generate


@intrinsic
def where_less(
    _: object, x: types.Type, y: types.Type, if_less: types.Type, otherwise: types.Type
) -> Typed:
    """if_less where x < y, else otherwise; so NaN takes the latter."""

    def generate(_: object, builder: Builder, __: object, args: Values) -> ir.Value:
        return builder.select(builder.fcmp_ordered("<", args[0], args[1]), args[2], args[3])

    return _vector(x, y, if_less, otherwise), generate


@intrinsic
def nearest(_: object, x: types.Type) -> Typed:
    """Round to whole numbers."""
    name = f"llvm.rint.v{LANES}f32"
    return _vector(x), lambda _, builder, __, args: _call(builder, name, _VECTOR, args)


@intrinsic
def power_of_two(_: object, x: types.Type) -> Typed:
    """2^x for whole numbers x in −126..127, assembled from the bits of a float."""

    def generate(_: object, builder: Builder, __: object, args: Values) -> ir.Value:
        exponent = builder.fptosi(args[0], _INTS)
        biased = builder.add(exponent, ir.Constant(_INTS, [127] * LANES))
        return builder.bitcast(builder.shl(biased, ir.Constant(_INTS, [23] * LANES)), _VECTOR)

    return _vector(x), generate


def _define_operator(symbol: Callable[[object, object], object], instruction: str) -> None:
    @intrinsic
    def operation(_: object, x: types.Type, y: types.Type) -> Typed:
        def generate(_: object, builder: Builder, __: object, args: Values) -> ir.Value:
            return getattr(builder, instruction)(*args, flags=("contract", "arcp"))

        return _vector(x, y), generate

    @overload(symbol)
    def _(x, y):
        if x == _vector and y == _vector:
            return lambda x, y: operation(x, y)  # noqa: PLW0108 (numba compiles it)
        return None


for _symbol, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _define_operator(_symbol, _instruction)


@intrinsic
def count_up(_: object, counters: types.Type, index: types.Type) -> Typed:
    """Add one to counters[index], atomically, and return the old value.

    A thread that sees the new value also sees everything that was written before.
    """

    def generate(
        context: BaseContext, builder: Builder, signature: Signature, args: Values
    ) -> ir.Value:
        int64 = ir.IntType(64)
        place = _place(context, builder, signature.args[0], args[0], args[1], int64)
        return builder.atomic_rmw("add", place, ir.Constant(int64, 1), "seq_cst")

    return types.int64(counters, types.intp), generate


@intrinsic
def count_of(_: object, counters: types.Type, index: types.Type) -> Typed:
    """counters[index], read anew each time."""

    def generate(
        context: BaseContext, builder: Builder, signature: Signature, args: Values
    ) -> ir.Value:
        place = _place(context, builder, signature.args[0], args[0], args[1], ir.IntType(64))
        return builder.load_atomic(place, "seq_cst", 8)

    return types.int64(counters, types.intp), generate


@intrinsic
def let_others_run(_: object) -> Typed:
    """Give the core to another thread, if one is waiting for it."""
    name = "SwitchToThread" if sys.platform == "win32" else "sched_yield"
    return types.int32(), lambda _, builder, __, args: _call(builder, name, ir.IntType(32), args)


if numba_config.DISABLE_JIT:  # the same operations on NumPy arrays of LANES floats

    def load(array, index):  # noqa: D103
        return array[index : index + LANES].copy()

    def store(array, index, x):  # noqa: D103
        array[index : index + LANES] = x

    def spread(array, index):  # noqa: D103
        return np.full(LANES, array[index])

    def fill(x):  # noqa: D103
        return np.full(LANES, x)

    def fma(x, y, z):  # noqa: D103
        return x * y + z

    def total(x):  # noqa: D103
        return x.sum()

    def where_less(x, y, if_less, otherwise):  # noqa: D103
        return np.where(x < y, if_less, otherwise)

    nearest, power_of_two = np.rint, np.exp2

    _counting = threading.Lock()

    def count_up(counters, index):  # noqa: D103
        with _counting:
            counters[index] += 1
            return counters[index] - 1

    def count_of(counters, index):  # noqa: D103
        return counters[index]

    def let_others_run():  # noqa: D103
        time.sleep(0)


# Blocks of LANES × LANES floats, transposed in registers.


def _interleaved(size: int, second: bool) -> list[int]:
    """Return which lanes of two vectors x and y make one of two results; y's count from LANES.

    A result has blocks of `size` lanes, alternately from x and y: the first of each two blocks or,
    for the second result, the second.
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

    Rows i and i + size exchange the blocks of `size` lanes that are on the wrong side of the
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


# σ and its logarithm.


@inlined
def softplus_and_sigmoid(z: Vector) -> tuple[Vector, Vector]:
    """softplus(z) = log(1 + e^z) = −log σ(−z), and σ(z); relative errors below 1e-5; NaN stays NaN.

    `log_sigmoid` and `sigmoid` of equations/primitives.py. With e = e^(−|z|): softplus is
    max(z, 0) + log(1 + e), σ is 1/(1 + e) for z ≥ 0, else e/(1 + e). The exponential is 2^k times a
    Taylor polynomial on ±log(2)/2, log(1 + e)/e is a Chebyshev fit on 0..1.
    """
    zero, one, floor = fill(_f32(0)), fill(_f32(1)), fill(_f32(-80))
    x = where_less(z, zero, z, zero - z)  # −|z|, NaN stays
    x = where_less(x, floor, floor, x) * fill(_f32(1.4426950408889634))
    k = nearest(x)  # 2^x = 2^k · 2^(x − k)
    x = x - k
    e = fma(fill(_f32(0.0013333558146428443)), x, fill(_f32(0.009618129107628477)))
    e = fma(e, x, fill(_f32(0.05550410866482158)))
    e = fma(e, x, fill(_f32(0.2402265069591007)))
    e = fma(e, x, fill(_f32(0.6931471805599453)))
    e = fma(e, x, one) * power_of_two(k)
    # e is e^(−|z|) now; q · e is log(1 + e)
    q = fma(fill(_f32(0.014202825621278637)), e, fill(_f32(-0.06658804993600906)))
    q = fma(q, e, fill(_f32(0.14943458362570003)))
    q = fma(q, e, fill(_f32(-0.2351486375413125)))
    q = fma(q, e, fill(_f32(0.33112051909773427)))
    q = fma(q, e, fill(_f32(-0.4998719159347636)))
    q = fma(q, e, fill(_f32(0.9999987635044443)))
    inverse = one / (one + e)
    sigmoid = where_less(z, zero, e * inverse, inverse)
    return fma(q, e, where_less(z, zero, zero, z)), sigmoid
