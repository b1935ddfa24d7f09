"""Memory is asked for before it is taken."""

import os

from w2v_cli.errors import RunError
from w2v_cli.settings.run_settings import RunSettings

_BYTES_PER_NUMBER = 4
_GIB = 2**30


def check_memory(settings: RunSettings, n_words: int) -> None:
    """Raise RunError when the vectors alone need more memory than the machine has."""
    total = total_memory()
    needed = 2 * n_words * settings.model.dim * _BYTES_PER_NUMBER
    if total is not None and needed > total:
        raise RunError(
            f"{n_words:,} words with {settings.model.dim:,} dimensions need at least"
            f" {needed / _GIB:,.1f} GiB of memory, and this machine has {total / _GIB:,.1f};"
            " lower --dim or --max-vocab, or raise --min-count"
        )


def total_memory() -> int | None:
    """Memory of this machine in bytes; None where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None
