"""Arguments and results as JSON, and back."""

import copy
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

WireValue: TypeAlias = (
    "bool | int | float | str | Sequence[WireValue] | Mapping[str, WireValue] | None"
)
"""What can travel between the grader and the process that runs a user's code."""

MOST_NUMBERS = 20_000
"""No right answer to any case has nearly as many; more are not worth carrying over."""


def pack(value: object) -> WireValue:
    """Turn an argument into JSON: an array, or something that JSON has already."""
    if isinstance(value, (np.ndarray, np.generic)):
        return {"array": _numbers(value), "shape": list(value.shape), "dtype": str(value.dtype)}
    return {"plain": value}  # type: ignore[dict-item]


def unpack(packed: WireValue) -> object:
    """Build the argument, fresh with each call."""
    assert isinstance(packed, dict)
    if "array" not in packed:
        return copy.copy(packed["plain"])
    array = np.array(packed["array"], dtype=str(packed["dtype"])).reshape(packed["shape"])
    return array if array.ndim else array[()]


def _numbers(value: NDArray[np.generic] | np.generic) -> list[WireValue]:
    return np.asarray(value).ravel().tolist()


def returned_parts(returned: object) -> list[dict[str, WireValue]]:
    """Describe what a function returned, value by value."""
    values = returned if isinstance(returned, (tuple, list)) else (returned,)
    return [_part(value) for value in values]


def _part(value: object) -> dict[str, WireValue]:
    """An array of numbers, or what it is instead."""
    if value is None:
        return {"kind": "none"}
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise TypeError
    except Exception:  # an object with its own, failing, conversion
        return {"kind": "other", "type": type(value).__name__}
    if array.size > MOST_NUMBERS:
        return {"kind": "other", "type": f"array of {array.size:,} numbers"}
    numbers = array.astype(np.float64)
    return {
        "kind": "array",
        "dtype": str(array.dtype),
        "shape": list(numbers.shape),
        "numbers": _numbers(numbers),
    }
