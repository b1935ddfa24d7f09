"""Bound what a graded process may use, where the system can."""

import contextlib
import math
import os
from pathlib import Path

MEGABYTE = 2**20
N_PROCESSES = 64
"""How many more processes and threads a user's code may start, before a fork fails."""


def limit_process(seconds: float, memory_mb: int, file_mb: int) -> None:
    """Set limits of this process and all that it starts; a limit that cannot be set is left.

    Args:
        seconds: computing time, on one core.
        memory_mb: address space (not the same as memory in use; numpy alone takes 200 MB).
        file_mb: the largest file that may be written.
    """
    try:
        import resource
    except ImportError:  # Windows: only the grader's clock is left
        return

    def bound(name: str, value: int) -> None:
        which = getattr(resource, name, None)
        if which is None:
            return
        with contextlib.suppress(ValueError, OSError):
            hard = resource.getrlimit(which)[1]
            highest = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(which, (highest, highest))

    bound("RLIMIT_AS", memory_mb * MEGABYTE)
    bound("RLIMIT_FSIZE", file_mb * MEGABYTE)
    bound("RLIMIT_CORE", 0)
    bound("RLIMIT_CPU", math.ceil(seconds) + 2)
    n_running = _n_tasks_of_user()
    if n_running is not None:
        bound("RLIMIT_NPROC", n_running + N_PROCESSES)


def _n_tasks_of_user() -> int | None:
    """Processes and threads of this user; the system counts them all. None when unknown."""
    user, count = os.getuid(), 0
    try:
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if entry.stat().st_uid == user:
                        count += len(os.listdir(entry / "task"))
    except OSError:
        return None
    return count
