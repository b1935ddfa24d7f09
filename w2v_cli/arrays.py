"""The type of an array whose numbers may be of any kind."""

from typing import Any

from numpy.typing import NDArray

#: Where the kind of number matters, a signature says so: `NDArray[np.float32]`.
Array = NDArray[Any]
