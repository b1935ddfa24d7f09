"""The type of an array whose numbers may be of any kind, and what a missing value is."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Where the kind of number matters, a signature says so: `NDArray[np.float32]`.
Array = NDArray[Any]


def is_missing(value: Any) -> bool:
    """Tell whether a value is None, NaN, or pandas' NA or NaT."""
    if isinstance(value, (float, np.floating)):
        return bool(np.isnan(value))
    return value is None or type(value).__name__ in ("NAType", "NaTType")
