"""The type of an array whose numbers may be of any kind.

Where the kind matters, a signature says so: `NDArray[np.float32]`.
"""

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
