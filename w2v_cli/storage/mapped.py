"""Arrays that are maps of files: what was read of them counts as memory until it is handed back."""

import mmap

from w2v_cli.arrays import Array


def release(*arrays: Array) -> None:
    """Hand the pages of mapped files that were read so far back to the system.

    What is needed again is read again. Other arrays stay as they are.
    """
    for array in arrays:
        mapping = getattr(array, "_mmap", None)
        if mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
            mapping.madvise(mmap.MADV_DONTNEED)
