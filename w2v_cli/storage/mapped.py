"""Arrays that are maps of files: the pages that were read occupy memory until released."""

import mmap

from w2v_cli.arrays import Array


def release(*arrays: Array) -> None:
    """Give the pages of mapped files that were read so far back to the system.

    Pages that are needed again are read again. Other arrays are not affected.
    """
    for array in arrays:
        mapping = getattr(array, "_mmap", None)
        if mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
            mapping.madvise(mmap.MADV_DONTNEED)
