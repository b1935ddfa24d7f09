"""The type of an array whose numbers may be of any kind."""

from typing import Any

from numpy.typing import NDArray

#: Where the kind of number matters, a signature says so: `NDArray[np.float32]`.
Array = NDArray[Any]


def is_missing(value: Any) -> bool:
    """Tell whether a value is None, NaN, or pandas' NA or NaT."""
    if isinstance(value, (float, np.floating)):
        return bool(np.isnan(value))
    return value is None or type(value).__name__ in ("NAType", "NaTType")
