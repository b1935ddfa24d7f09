"""Checks of memory before it is taken: a size that a file or an option names may be wrong."""

import os
from pathlib import Path

from w2v_cli.errors import DataError, W2VError

GIB = 2**30
#: Files that state a container's memory limit: cgroup version 2, and version 1.
_CONTAINERS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def available_memory() -> int | None:
    """Return how many bytes this process can still take; None where the system does not tell.

    The least of the machine's free memory (or what it can free at once), the container's limit,
    and what `ulimit -v` leaves.
    """
    known = [n for n in (_of_machine(), *map(_of_container, _CONTAINERS), _of_process()) if n]
    return min(known, default=None)


def ask_for(n_bytes: float, what: str, remedy: str, kind: type[W2VError] = DataError) -> None:
    """Raise an error (of `kind`) if `what` needs more memory than is free.

    remedy: what the user can do about it.
    """
    free = available_memory()
    if free is not None and n_bytes > free:
        raise kind(
            f"{what} need at least {_gib(n_bytes)} of memory, and {_gib(free)} are free; {remedy}"
        )


def _gib(n_bytes: float) -> str:
    return f"{n_bytes / GIB:,.1f} GiB"


def _of_machine() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass  # not Linux
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _of_container(name: str) -> int | None:
    try:
        return max(1, int(Path(name).read_text()) - _taken(_RESIDENT))
    except (OSError, ValueError, IndexError):  # no container, or "max"
        return None


def _of_process() -> int | None:
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit == resource.RLIM_INFINITY:
            return None
        return max(1, limit - _taken(_ADDRESSES))
    except (ImportError, OSError, ValueError, IndexError):
        return None


_ADDRESSES, _RESIDENT = 0, 1


def _taken(column: int) -> int:
    """Return bytes of this process: address space, or memory in use."""
    pages = int(Path("/proc/self/statm").read_text().split()[column])
    return pages * os.sysconf("SC_PAGE_SIZE")


# What `--memory` leaves for data. The limit includes the program itself, because a user compares it
# with what a task manager shows.


#: What Python, NumPy and numba take before any text is read, plus what the allocator keeps.
_PROGRAM_GIB = 0.3
#: At least this share is for data, however small the limit.
_LEAST_SHARE = 1 / 4


def bytes_for_data(memory: float) -> float:
    """Return how many bytes of `memory` GiB are left for words or pairs."""
    return max(memory * _LEAST_SHARE, memory - _PROGRAM_GIB) * GIB
