"""Files here and at addresses: they can be opened again and tell whether they have changed."""

import glob
import os
import re
import shlex
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from w2v_cli.errors import DataError, MissingExtraError, UsageError
from w2v_cli.version import DISTRIBUTION

#: Size in bytes, and what tells one version of a file from the next.
State = tuple[int, Any]

#: The schemes of addresses, with the extra that installs their reader. There are no others: a file
#: system of fsspec may run what a server sends (`dask://` unpickles it).
SCHEMES = {"http": "remote", "https": "remote", "s3": "s3", "gs": "gs", "hf": "hf"}
_ADDRESS = re.compile(r"[\w+.:-]*://.")
_HOST_IN_BRACKETS = re.compile(r"\[[0-9A-Fa-f:.]*\]")


class Place(Protocol):
    """A file."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def open(self) -> BinaryIO:
        """Open it for reading. Raises OSError."""

    def state(self, file: BinaryIO | None = None) -> State:
        """Return its state now, or that of the open file. Raises OSError."""


class LocalFile:
    """A file of this machine."""

    def __init__(self, path: Path, name: str = "") -> None:
        self.path = path
        self.name = name or str(path)

    def open(self) -> BinaryIO:
        """Open it for reading."""
        return self.path.open("rb")

    def state(self, file: BinaryIO | None = None) -> State:
        """Return size, times of change and number of the file; programs can set only some."""
        status = os.stat(self.path) if file is None else os.fstat(file.fileno())
        return status.st_size, (status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


class RemoteFile:
    """A file that has an address; `system` is the file system of fsspec that knows it."""

    def __init__(self, system: Any, path: str) -> None:
        self.name: str = system.unstrip_protocol(path)
        self._system, self._path = system, path

    def open(self) -> BinaryIO:
        """Open it for reading."""
        file: BinaryIO = self._system.open(self._path, "rb")
        return file

    def state(self, file: BinaryIO | None = None) -> State:
        """Return size and what the server says of the version."""
        self._system.invalidate_cache()
        info = self._system.info(self._path)
        keys = (
            "ETag",
            "etag",
            "LastModified",
            "last_modified",
            "mtime",
            "created",
            "oid",
            "sha256",
        )
        return info.get("size") or 0, tuple(str(info[key]) for key in keys if info.get(key))


def is_address(name: str) -> bool:
    """Tell whether this is an address such as `s3://bucket/file`, and not a path."""
    return _ADDRESS.match(name) is not None


def check_address(address: str) -> str:
    """Return the scheme of an address that w2v may open.

    Raises DataError for any other scheme, and for addresses chained by `::`.
    """
    scheme, _, rest = address.partition(":")
    if scheme.lower() not in SCHEMES or not rest.startswith("//"):
        raise DataError(
            f"cannot read {address}: w2v opens no {scheme}:// addresses, only"
            f" {', '.join(f'{name}://' for name in SCHEMES)}"
        )
    if "::" in _HOST_IN_BRACKETS.sub("", rest):  # an IPv6 address is in brackets
        raise DataError(f"cannot read {address}: w2v opens no {scheme} addresses chained by ::")
    return scheme.lower()


def not_named(what: str, address: str, corpus: Sequence[str] = ()) -> str:
    """Say how to allow an address that only a file names; corpus: all that has to be named."""
    return (
        f"{what} names the address {address}, and w2v opens an address only if the command line"
        f" names it too; to allow it, add {shlex.join(corpus or [address])}"
    )


def absolute_path(name: str, folder: str | os.PathLike[str] = "") -> str:
    """Return the name of a corpus that means the same in every folder.

    `-` (standard input) and addresses stay; of `@list` the path is made absolute.
    """
    if name in ("-", "") or is_address(name):
        return name
    mark, path = ("@", name[1:]) if name.startswith("@") else ("", name)
    return mark + os.path.abspath(os.path.join(folder, os.path.expanduser(path)))


def are_moved(then: object, now: object) -> bool:
    """Tell whether two settings, each a name or several, name like files in other folders."""
    old, new = _paths(then), _paths(now)
    return bool(old) and [*map(os.path.basename, old)] == [*map(os.path.basename, new)]


def _paths(value: object) -> list[str]:
    """Return the absolute paths that a setting names, lists without their @; [] for others."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)):
        return []
    paths = [name.removeprefix("@") for name in names if isinstance(name, str)]
    return paths if all(map(os.path.isabs, paths)) else []


def missing(value: object) -> list[str]:
    """Return which of the paths of a setting stand for nothing; a pattern may stand for files."""

    def is_there(path: str) -> bool:
        return os.path.exists(path) or (glob.has_magic(path) and any(glob.iglob(path)))

    return [path for path in _paths(value) if not is_there(path)]


def remote_system(address: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path in it.

    Raises:
        MissingExtraError: a package that it takes is not installed.
        DataError: an address of a kind that w2v does not open.
    """
    scheme = check_address(address)
    try:
        from fsspec import get_filesystem_class

        kind = get_filesystem_class(scheme)
        system = kind(**kind._get_kwargs_from_urls(address))
        return system, str(kind._strip_protocol(address))
    except ImportError as error:
        raise MissingExtraError(f"reading {scheme}:// addresses", SCHEMES[scheme]) from error
    except Exception as error:
        raise DataError(f"cannot read {address}: {error}") from error


# The sample corpus: in the checkout, or where pip installed it.


INSTALLED_FOLDER = "share/w2v-cli"
"""Where `pyproject.toml` (data-files) puts them, below the environment's folder."""


def sample_file(name: str) -> Path:
    """Return the path of sample.txt, similarity.tsv or analogies.txt. Raises UsageError."""
    root = Path(__file__).resolve().parents[2]
    path = root / "data" / name
    if (root / "pyproject.toml").is_file() and path.is_file():
        return path
    for file in _installed_files():
        if file.as_posix().endswith(f"{INSTALLED_FOLDER}/{name}"):
            return Path(str(file.locate())).resolve()
    raise UsageError("the sample corpus was not found: name a CORPUS, a text file or folder")


def _installed_files() -> list[metadata.PackagePath]:
    try:
        return metadata.files(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return []
