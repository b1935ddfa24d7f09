"""The gradient of a chunk: that of skip-gram or of CBOW, chosen when it is compiled.

The type of the scratch memory says which: `Scratch` or `CbowScratch`. So each compiled function
holds the code of one model only.
"""

from collections.abc import Callable
from typing import Any

from numba import types
from numba.extending import overload

from w2v_cli.engines.sampled.buffers import CbowScratch, Change, Draws, Model, Scratch, Shape
from w2v_cli.engines.sampled.cbow import cbow_gradient
from w2v_cli.engines.sampled.chunks import skip_gram_gradient

_GRADIENTS: dict[type, Callable[..., tuple[float, int]]] = {
    Scratch: skip_gram_gradient,
    CbowScratch: cbow_gradient,
}


def chunk_gradient(
    model: Model,
    shape: Shape,
    draws: Draws,
    n: int,
    chunk: int,
    scratch: Scratch | CbowScratch,
    change: Change,
) -> tuple[float, int]:
    """Fill `change` with the gradients of a chunk at its negatives; return J and its terms."""
    return _GRADIENTS[type(scratch)](model, shape, draws, n, chunk, scratch, change)


@overload(chunk_gradient, strict=False)  # it compares annotations, too
def _(
    model: types.Type,
    shape: types.Type,
    draws: types.Type,
    n: types.Type,
    chunk: types.Type,
    scratch: types.NamedTuple,
    change: types.Type,
) -> Callable[..., Any]:
    gradient = _GRADIENTS[scratch.instance_class]
    return lambda model, shape, draws, n, chunk, scratch, change: gradient(  # noqa: PLW0108 (numba)
        model, shape, draws, n, chunk, scratch, change
    )
