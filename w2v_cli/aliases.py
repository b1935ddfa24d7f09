"""Types that stand for many: arrays of any kind of number, and what JSON can hold."""

from typing import Any

from numpy.typing import NDArray

#: Where the kind of number matters, a signature says so: `NDArray[np.float32]`.
Array = NDArray[Any]
#: An object of JSON: names and values.
Json = dict[str, Any]
