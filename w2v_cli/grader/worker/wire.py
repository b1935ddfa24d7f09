"""Arguments and results as JSON, and back."""

import copy
import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

WireValue: TypeAlias = (
    "bool | int | float | str | Sequence[WireValue] | Mapping[str, WireValue] | None"
)
"""Values that the grader and the process that runs a user's code can exchange."""

MOST_NUMBERS = 60_000
"""The most numbers that are sent; no correct answer has nearly as many."""


def pack(value: object) -> WireValue:
    """Turn an argument into JSON: an array, or a value that JSON has anyway."""
    if isinstance(value, (np.ndarray, np.generic)):
        return {"array": _numbers(value), "shape": list(value.shape), "dtype": str(value.dtype)}
    return {"plain": value}  # type: ignore[dict-item]


def unpack(packed: WireValue) -> object:
    """Build the argument anew, for each call."""
    assert isinstance(packed, dict)
    if "array" not in packed:
        return copy.copy(packed["plain"])
    array = np.array(packed["array"], dtype=str(packed["dtype"])).reshape(packed["shape"])
    return array if array.ndim else array[()]


def _numbers(value: NDArray[np.generic] | np.generic) -> list[WireValue]:
    return np.asarray(value).ravel().tolist()


MOST_PARTS = 1000
"""The most values taken from an iterator, which may never end."""


def returned_parts(returned: object) -> list[dict[str, WireValue]]:
    """Describe what a function returned, value by value.

    Tuples, lists, dataclasses, generators and anything else that can be unpacked count as their
    values; an array of numbers is one value.
    """
    if isinstance(returned, (tuple, list)):
        return [_part(value) for value in returned[:MOST_PARTS]]
    part = _part(returned)
    values = None if part["kind"] in ("array", "none") else _unpacked(returned)
    return [part] if values is None else [_part(value) for value in values]


def _unpacked(returned: object) -> list[object] | None:
    """Return the values in an object that is not a tuple, or None if it has none."""
    if dataclasses.is_dataclass(returned) and not isinstance(returned, type):
        return [getattr(returned, field.name) for field in dataclasses.fields(returned)]
    numbers = isinstance(returned, np.ndarray) and returned.dtype != np.object_
    if numbers or isinstance(returned, (str, bytes, set, frozenset, Mapping)):
        return None
    try:
        return list(itertools.islice(iter(returned), MOST_PARTS))  # type: ignore[call-overload]
    except Exception:
        if isinstance(returned, Iterator):
            raise  # a generator's code is the user's, and so is its error
        return None  # an object that only claims to be iterable


def as_array(value: object) -> NDArray[np.generic]:
    """Convert a value to an array, also a tensor that requires grad or a sparse matrix."""
    for method in ("detach", "toarray"):
        if hasattr(value, method):
            value = getattr(value, method)()
    if hasattr(value, "filled") and hasattr(
        value, "astype"
    ):  # a masked array; this does not load numpy.ma
        value = value.astype(np.float64).filled(np.nan)
    return np.asarray(value)


def _part(value: object) -> dict[str, WireValue]:
    """Describe one value: an array of numbers, or its type."""
    if value is None:
        return {"kind": "none"}
    try:
        array = as_array(value)
        if array.dtype.kind not in "biuf":
            kind = f"array of {array.dtype}" if array.ndim else type(value).__name__
            return {"kind": "other", "type": kind}
    except Exception:  # an object whose own conversion fails
        return {"kind": "other", "type": type(value).__name__}
    if array.size > MOST_NUMBERS:
        return {"kind": "other", "type": f"array of {array.size:,} numbers"}
    with np.errstate(all="ignore"):
        numbers = array.astype(np.float64)
    return {
        "kind": "array",
        "dtype": str(array.dtype),
        "shape": list(numbers.shape),
        "numbers": _numbers(numbers),
    }
