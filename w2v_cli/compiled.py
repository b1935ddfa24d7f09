"""The decorator of compiled functions, and the folder that keeps their machine code.

numba keeps compiled code in the folder of the source file. There `pip uninstall` leaves it behind,
and what is left shadows a later install. numba also compares only the file of the function itself:
it does not notice an edit of another file whose code was compiled into it. Therefore `compiled`
gives each function a cache of ours:

* in the user's cache folder: `w2v/compiled/KEY`, where KEY names the version of the package, a hash
  of its compiled sources, the machine, Python and numba;
* private: numba's cache files are pickles, so they are read only from a folder that nobody else can
  write to. Where there is no such folder, a temporary one serves until the program ends;
* ours alone: no setting of numba changes, so a user's own functions keep their own cache.

A folder that was not used for 90 days is deleted.
"""

import functools
import hashlib
import os
import platform
import re
import secrets
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, TypeVar

import numba
import platformdirs
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator

from w2v_cli.version import package_version

Function = TypeVar("Function", bound=Callable[..., Any])

UNUSED_SECONDS = 90 * 24 * 3600.0
"""A folder of compiled code that was not used for so long is deleted."""

_COMPILES = re.compile(rb"^(from|import) (numba|w2v_cli\.compiled)\b", re.MULTILINE)

_notes: list[str] = []


def compiled(
    *,
    nogil: bool = False,
    fastmath: bool | set[str] = False,
    error_model: Literal["python", "numpy"] = "python",
    makes_arrays: bool = True,
) -> Callable[[Function], Function]:
    """Compile a function when it is first called, and keep the code for later programs.

    For functions that Python calls. The arguments are those of numba's `njit`, but for
    makes_arrays: without it numba does not count who refers to an array. It counts with atomic
    operations, which cost more than a short loop does. What is inlined obeys its caller.
    """

    def decorate(function: Function) -> Function:
        jit: Any = numba.njit
        result: Any = jit(
            nogil=nogil, fastmath=fastmath, error_model=error_model, _nrt=makes_arrays
        )(function)
        if hasattr(result, "_cache"):  # with NUMBA_DISABLE_JIT it is the function itself
            result._cache = _Cache(function)
        decorated: Function = result
        return decorated

    return decorate


def inlined(function: Function) -> Function:
    """Compile a function into its callers, which keep its code with theirs."""
    jit: Any = numba.njit
    result: Function = jit(function)
    return result


def cache_note() -> str | None:
    """What the user should know about the cache, once; afterwards, and if all is well, None."""
    return _notes.pop() if _notes else None


# --------------------------------------------------------------------------------- the folder


#: Files of the package's own folder that compiled code takes something from.
_SHARED = (Path(__file__).name, "arrays.py")


def compiled_sources(package: Path) -> list[Path]:
    """The files that compiled code is made of: each folder with kernels, and what they share."""
    files = sorted(package.rglob("*.py"))
    folders = {path.parent for path in files if _COMPILES.search(path.read_bytes())} - {package}
    shared = {package / name for name in _SHARED}
    return [path for path in files if path.parent in folders or path in shared]


def cache_key(package: Path) -> str:
    """Name all that the machine code depends on."""
    digest = hashlib.sha256()
    for path in compiled_sources(package):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(package).as_posix()} {len(content)}\n".encode() + content)
    python = sys.implementation.cache_tag
    return "-".join(
        (
            package_version(),
            digest.hexdigest()[:16],
            platform.machine(),
            f"{python}",
            numba.__version__,
        )
    )


@functools.cache
def _folder() -> Path:
    """The folder of this program's compiled code."""
    root = platformdirs.user_cache_path("w2v", appauthor=False) / "compiled"
    folder = root / cache_key(Path(__file__).parent)
    try:
        _open(folder)
        os.utime(folder)
        _prune(root)
        return folder
    except OSError as error:
        _notes.append(
            f"compiled code is not kept, so every start compiles again: {error}."
            " Make that folder private and writable, or set XDG_CACHE_HOME to another one"
        )
        return Path(_temporary().name)


@functools.cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    """A private folder that is removed when the program ends."""
    return tempfile.TemporaryDirectory(prefix="w2v-compiled-")


def _open(folder: Path) -> None:
    """Make w2v/compiled/KEY where it is missing.

    Raises OSError if it cannot be written to, or if somebody else can write to one of the three.
    """
    ours = (folder.parents[1], folder.parent, folder)
    if not folder.is_absolute():
        raise OSError(f"{folder} is not an absolute path")
    ours[0].parent.mkdir(parents=True, exist_ok=True)
    for part in ours:
        part.mkdir(mode=0o700, exist_ok=True)
        if hasattr(os, "getuid"):
            status = part.lstat()
            if not stat.S_ISDIR(status.st_mode):
                raise NotADirectoryError(f"{part} is not a folder")
            if status.st_uid != os.getuid() or status.st_mode & 0o022:
                raise PermissionError(f"{part} belongs to another user or is writable by others")
    tempfile.TemporaryFile(dir=folder).close()


def _prune(root: Path) -> None:
    """Delete what was not used for a long time."""
    for folder in root.iterdir():
        if folder.stat().st_mtime < time.time() - UNUSED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


# ----------------------------------------------------------------------- what numba asks a cache


class _Locator(_CacheLocator):
    """Tells numba where the code of a function lies."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._py_file = function.__code__.co_filename  # numba names it in warnings

    def ensure_cache_path(self) -> None:
        _open(_folder())

    def get_cache_path(self) -> str:
        return str(_folder())

    def get_source_stamp(self) -> str:
        return _folder().name

    def get_disambiguator(self) -> str:
        return ""


class _Files(CompileResultCacheImpl):
    """Names the files of a function; CompileResultCacheImpl knows what to write in them."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._lineno = function.__code__.co_firstlineno
        self._locator = _Locator(function)
        self._filename_base = f"{function.__module__}.{function.__qualname__}"


class _Cache(FunctionCache):
    """The cache of one function. A cache that fails costs time, never a training."""

    _impl_class = _Files

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        # Numbers alone can clash: two programs that compile for different types at the same time.
        base, program = self._impl.filename_base, secrets.token_hex(4)
        self._cache_file._data_name_pattern = f"{base}.{{number:d}}-{program}.nbc"

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # a damaged pickle raises anything; the function is compiled again
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig: object, data: object) -> None:
        with suppress(OSError):  # the disk is full, or the folder was deleted
            super().save_overload(sig, data)
