"""Arrays that are maps of files: the pages that were read occupy memory until released."""

import mmap
import os
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
from numpy.typing import DTypeLike

from w2v_cli.arrays import Array
from w2v_cli.storage.folders import make_folders

_BLOCK = bytes(1 << 20)


def scratch(folder: Path, dtype: DTypeLike, n: int) -> Array:
    """Return an array of n > 0 numbers in a file without a name, which vanishes with it.

    The file takes its space at once. In a sparse file, a full disk would show only when a page is
    written, and end the process. Raises OSError where there is no room.
    """
    n_bytes = n * np.dtype(dtype).itemsize
    make_folders(folder)
    with TemporaryFile(dir=folder) as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, n_bytes)
        else:
            for first in range(0, n_bytes, len(_BLOCK)):
                file.write(_BLOCK[: n_bytes - first])
            file.flush()
        return np.memmap(file, dtype, "r+", shape=(n,))


def release(*arrays: Array) -> None:
    """Give the pages of mapped files that were read so far back to the system.

    Pages that are needed again are read again. Other arrays are not affected.
    """
    for array in arrays:
        mapping = getattr(array, "_mmap", None)
        if mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
            mapping.madvise(mmap.MADV_DONTNEED)
