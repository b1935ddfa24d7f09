"""Write the ids and document ends of a corpus, and those that are not final yet."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from w2v_cli.corpus.reader_kernels import renumber
from w2v_cli.storage import files


class EncodedWriter:
    """Writes `corpus.ids` (uint32) and `corpus.ends` (int64) block by block."""

    def __init__(self, folder: Path) -> None:
        self.n_kept = 0
        self.n_documents = 0
        self._last_end = 0
        self._ids = files.open_binary(folder / "corpus.ids", "wb")
        self._ends = files.open_binary(folder / "corpus.ends", "wb")

    def add(
        self, ids: NDArray[np.uint32], ends: NDArray[np.int64], numbers: NDArray[np.uint32]
    ) -> None:
        """Append some ids under their final numbers; `reader_kernels.renumber` says how."""
        n_ids, n_ends = renumber(ids, ends, numbers, self.n_kept, self._last_end)
        self._ids.write(ids[:n_ids].data)
        self._ends.write(ends[:n_ends].data)
        self.n_kept += n_ids
        self.n_documents += n_ends
        if n_ends:
            self._last_end = int(ends[n_ends - 1])

    def __enter__(self) -> "EncodedWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ids.close()
        self._ends.close()


class ProvisionalIds:
    """Keeps scanned blocks in two files until the final numbers of the words are known."""

    def __init__(self, folder: Path, name: str = "provisional") -> None:
        self._paths = (folder / f"{name}.ids", folder / f"{name}.ends")
        self._ids, self._ends = (files.open_binary(path, "w+b") for path in self._paths)
        self._blocks: list[tuple[int, int, int]] = []

    def add(self, ids: NDArray[np.uint32], ends: NDArray[np.int64], table: int) -> None:
        """Append the ids and ends of a block and which table numbered its words."""
        self._ids.write(ids.data)
        self._ends.write(ends.data)
        self._blocks.append((len(ids), len(ends), table))

    def blocks(self) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.int64], int]]:
        """Yield what was added, in order."""
        self._ids.seek(0)
        self._ends.seek(0)
        for n_ids, n_ends, table in self._blocks:
            ids = np.fromfile(self._ids, np.uint32, n_ids)
            yield ids, np.fromfile(self._ends, np.int64, n_ends), table

    def remove(self) -> None:
        """Delete the files."""
        for file, path in zip((self._ids, self._ends), self._paths, strict=True):
            file.close()
            files.unlink(path)
