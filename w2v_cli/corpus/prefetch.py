"""Ask for memory ahead of time, so that a loop over places far apart does not wait for each."""

from collections.abc import Callable

from llvmlite import ir
from numba import config as numba_config
from numba import types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.core.typing.templates import Signature
from numba.extending import intrinsic


@intrinsic
def prefetch(
    _: object, array: types.Type, i: types.Type
) -> tuple[Signature, Callable[..., ir.Value]]:
    """Have array[i] brought near, to be read and written soon."""

    def generate(
        context: BaseContext, builder: ir.IRBuilder, signature: Signature, args: list[ir.Value]
    ) -> ir.Value:
        byte, int32 = ir.IntType(8).as_pointer(), ir.IntType(32)
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        place = builder.bitcast(builder.gep(data, [args[1]]), byte)
        kind = ir.FunctionType(ir.VoidType(), [byte, int32, int32, int32])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [place, int32(1), int32(3), int32(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


if numba_config.DISABLE_JIT:

    def prefetch(array, i):  # noqa: D103
        pass
