"""The gradient and the step of a chunk: of skip-gram or of CBOW, chosen when it is compiled.

The type of the parameters says which: `Model` or `CbowModel`. So each compiled function holds the
code of one model only.
"""

from collections.abc import Callable
from typing import Any

from numba import types
from numba.extending import overload

from w2v_cli.engines.sampled.buffers import CbowScratch, Change, Draws, Scratch, Shape
from w2v_cli.engines.sampled.cbow import apply_cbow, cbow_gradient
from w2v_cli.engines.sampled.chunks import apply_skip_gram, skip_gram_gradient
from w2v_cli.engines.sampled.model import CbowModel, Model

_GRADIENTS: dict[type, Callable[..., tuple[float, int]]] = {
    Model: skip_gram_gradient,
    CbowModel: cbow_gradient,
}
_STEPS: dict[type, Callable[..., None]] = {Model: apply_skip_gram, CbowModel: apply_cbow}


def chunk_gradient(
    model: Model,
    shape: Shape,
    draws: Draws,
    n: int,
    chunk: int,
    scratch: Scratch | CbowScratch,
    change: Change,
) -> tuple[float, int]:
    """Fill `change` with the gradients of a chunk at its negatives; return J and its pairs."""
    return _GRADIENTS[type(model)](model, shape, draws, n, chunk, scratch, change)


def apply_change(
    model: Model,
    shape: Shape,
    draws: Draws,
    n: int,
    chunk: int,
    columns: tuple[int, int],
    lr: float,
    change: Change,
) -> None:
    """Move the parameters, in the columns from..to − 1, against the gradient of a chunk."""
    _STEPS[type(model)](model, shape, draws, n, chunk, columns, lr, change)


# What numba compiles in their places. Not strict: it would compare annotations, too.


@overload(chunk_gradient, strict=False)
def _(
    model: types.NamedTuple,
    shape: object,
    draws: object,
    n: object,
    chunk: object,
    scratch: object,
    change: object,
) -> Callable[..., Any]:
    of_model = _GRADIENTS[model.instance_class]
    return lambda model, shape, draws, n, chunk, scratch, change: of_model(  # noqa: PLW0108
        model, shape, draws, n, chunk, scratch, change
    )


@overload(apply_change, strict=False)
def _(
    model: types.NamedTuple,
    shape: object,
    draws: object,
    n: object,
    chunk: object,
    columns: object,
    lr: object,
    change: object,
) -> Callable[..., Any]:
    of_model = _STEPS[model.instance_class]
    return lambda model, shape, draws, n, chunk, columns, lr, change: of_model(  # noqa: PLW0108
        model, shape, draws, n, chunk, columns, lr, change
    )
