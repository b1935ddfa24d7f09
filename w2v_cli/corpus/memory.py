"""What `--memory` leaves for data: the program and its libraries take a part of it."""

_GIB = 2**30
#: What Python, NumPy and numba take before any text is read, and what the allocator keeps.
_PROGRAM_GIB = 0.3
#: However little is given, this share of it is for data.
_LEAST_SHARE = 1 / 4


def bytes_for_data(memory: float) -> float:
    """Return how many bytes of `memory` GiB are left for words or pairs."""
    return max(memory * _LEAST_SHARE, memory - _PROGRAM_GIB) * _GIB
