"""Files here and elsewhere, which can be opened again and tell whether they have changed."""

import os
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from w2v_cli.errors import DataError, MissingExtraError, UsageError
from w2v_cli.text.blocks import Documents
from w2v_cli.version import DISTRIBUTION

#: Size in bytes, and what tells one version of a file from the next.
State = tuple[int, Any]

#: The extra that brings what reads an address of this kind.
_EXTRAS = {"s3": "s3", "hf": "hf"}


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
        """Return size and time of change."""
        status = os.stat(self.path) if file is None else os.fstat(file.fileno())
        return status.st_size, status.st_mtime_ns


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
    scheme, separator, rest = name.partition("://")
    return bool(separator and rest) and scheme.replace("+", "").isalnum()


def absolute_path(name: str, folder: str | os.PathLike[str] = "") -> str:
    """Return the name of a corpus that means the same in every folder.

    `-` (standard input) and addresses stay; of `@list` the path is made absolute.
    """
    if name in ("-", "") or is_address(name):
        return name
    mark, path = ("@", name[1:]) if name.startswith("@") else ("", name)
    return mark + os.path.abspath(os.path.join(folder, path))


def remote_system(address: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path in it.

    Raises:
        MissingExtraError: a package that it takes is not installed.
        DataError: an address of an unknown kind.
    """
    scheme = address.partition("://")[0]
    extra = _EXTRAS.get(scheme, "remote")
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise MissingExtraError(f"reading {scheme}:// addresses", extra) from error
    try:
        system, path = url_to_fs(address)
    except ImportError as error:
        raise MissingExtraError(f"reading {scheme}:// addresses", extra) from error
    except Exception as error:
        raise DataError(f"cannot read {address}: {error}") from error
    return system, path


# How the text of files is taken, and what a file may ask for.


DEFAULT_FIELD = "text"
#: What has no end of line (in plain text: no white space) for so long is not text.
MOST_LINE_BYTES = 1 << 25
#: Shares of the memory: of one line, and of one group of a table's rows.
_LINE_SHARE, _GROUP_SHARE = 1 / 64, 1 / 4


@dataclass(frozen=True)
class Limits:
    """What a reader may take: bytes of one line or cell, and of one group of rows."""

    line_bytes: int
    group_bytes: int


@dataclass(frozen=True)
class Reading:
    """How the text of files is taken.

    text_field: the field of records or the column of tables that holds the text; None: "text".
    documents: what ends a document of plain text. memory: in GiB; bounds lines and groups of rows.
    small_pieces: for what splits slowly, so that progress is seen. is_part: whether the files are
    some of a corpus, so that none of these need have the field. as_it_is: the files are plain text,
    whatever they look like.
    """

    encoding_errors: str = "replace"
    text_field: str | None = None
    documents: Documents = "line"
    memory: float = 2.0
    small_pieces: bool = False
    is_part: bool = False
    as_it_is: bool = False

    @property
    def field(self) -> str:
        """The field or column of the text."""
        return DEFAULT_FIELD if self.text_field is None else self.text_field

    def limits(self) -> Limits:
        """Return what one line and one group of rows may take."""
        memory = self.memory * 2**30
        return Limits(
            min(MOST_LINE_BYTES, max(int(memory * _LINE_SHARE), 1 << 16)),
            max(int(memory * _GROUP_SHARE), 1 << 20),
        )


# Where the files of the sample corpus are: in the checkout, or where pip installed them.


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
