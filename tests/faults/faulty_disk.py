"""A disk that fails: it takes the place of `w2v_cli.storage.files`.

Operations are counted: every open, write, sync, rename, link, unlink, truncate, making and removing
of a folder is one. At the n-th something happens, as `Fault` says.
"""

import errno
import io
import os
from dataclasses import dataclass
from pathlib import Path

from w2v_cli.storage import files

OPERATIONS = (
    "open_binary", "sync", "sync_folder", "replace", "link", "unlink", "truncate", "make_folder",
    "remove_folder",
)  # fmt: skip


class Killed(BaseException):
    """Stands for the end of the process: nothing that comes after it changes the disk."""


@dataclass(frozen=True)
class Fault:
    """What happens at operation `at` (from 1; 0: nothing).

    number: the errno of an OSError; None: the process is killed there. lasting: all later
    operations fail too. short: writes take one byte less than they are given, from there on.
    """

    at: int = 0
    number: int | None = None
    lasting: bool = False
    short: bool = False


class FaultyDisk:
    """Counts the operations in `n`, and plants the fault."""

    def __init__(self, fault: Fault = Fault()) -> None:
        self.fault = fault
        self.n = 0
        self.seen: list[str] = []
        self._real = {name: getattr(files, name) for name in OPERATIONS}

    def install(self, monkeypatch) -> "FaultyDisk":
        for name in OPERATIONS:
            monkeypatch.setattr(files, name, self._wrapped(name))
        return self

    def step(self, name: str) -> None:
        """Count an operation; raise what the fault says."""
        self.n += 1
        self.seen.append(name)
        fault = self.fault
        if not fault.at or self.n < fault.at or fault.short:
            return
        if fault.number is None:
            raise Killed
        if self.n == fault.at or fault.lasting:
            raise OSError(fault.number, os.strerror(fault.number))

    def writes_short(self) -> bool:
        """Whether a write takes less than it is given."""
        return self.fault.short and self.n >= self.fault.at

    def did(self, name: str, *arguments) -> None:
        """Hook for disks that follow what happens."""

    def _wrapped(self, name: str):
        def operation(*arguments):
            if name == "sync":  # writes first: they are operations of their own
                arguments[0].flush()
            self.step(name)
            result = None
            if name == "open_binary":
                result = self._open(*arguments)
            elif not name.startswith("sync"):  # no real power is cut, so no sync is needed
                result = self._real[name](*arguments)
            self.did(name, *arguments)
            return result

        return operation

    def _open(self, path: Path, mode: str):
        raw = _Raw(self, path, mode)
        return io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)


class _Raw(io.FileIO):
    """A file whose every write is an operation."""

    def __init__(self, disk: FaultyDisk, path: Path, mode: str) -> None:
        self._disk = disk
        super().__init__(path, mode.replace("b", ""))

    def write(self, data):
        self._disk.step("write")
        data = memoryview(data)
        if self._disk.writes_short() and len(data) > 1:
            data = data[: len(data) - 1]
        return super().write(data)

    def truncate(self, size=None):
        self._disk.step("truncate")
        return super().truncate(size)


#: What the storms try at every operation.
FAULTS = {
    "killed": {},
    "EIO": {"number": errno.EIO},
    "EACCES": {"number": errno.EACCES},
    "ENOSPC": {"number": errno.ENOSPC, "lasting": True},
    "EROFS": {"number": errno.EROFS, "lasting": True},
    "short writes": {"short": True},
}
