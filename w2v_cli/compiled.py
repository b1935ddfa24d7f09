"""The decorator of compiled functions, and the folder that keeps their machine code.

By default numba keeps compiled code beside the source file. `pip uninstall` leaves it behind there,
and the leftovers shadow a later install. numba also compares only the function's own file: it does
not notice an edit of another file whose code was compiled into it. Therefore `compiled`
gives each function a cache of its own kind:

* in the user's cache folder: `w2v/compiled/KEY`, where KEY combines the version of the package, a
  hash of the function's file and of the files that it imports from its folder, the machine, Python
  and numba. So an edit recompiles whatever it can have changed. Compiled code imports nothing from
  other folders; a test checks that;
* private: numba's cache files are pickles, so they are read only from a folder that nobody else can
  write to. Where there is no such folder, a temporary one is used until the program ends;
* separate: no setting of numba changes, so a user's own functions keep their own cache.

A folder that was not used for 90 days is deleted.
"""

import ast
import functools
import hashlib
import os
import platform
import secrets
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, TypeVar

import numba
import platformdirs
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.core.typing.templates import Signature
from numba.extending import intrinsic

from w2v_cli.version import package_version

Function = TypeVar("Function", bound=Callable[..., Any])

UNUSED_SECONDS = 90 * 24 * 3600.0
"""A folder of compiled code that was not used for this long is deleted."""

_notes: list[str] = []


def compiled(
    *,
    nogil: bool = False,
    fastmath: bool | set[str] = False,
    error_model: Literal["python", "numpy"] = "python",
    makes_arrays: bool = True,
) -> Callable[[Function], Function]:
    """Compile a function at its first call, and keep the code for later programs.

    For functions that Python calls. The arguments are those of numba's `njit`, except
    makes_arrays: without it numba does not count references to arrays. It counts with atomic
    operations, which cost more than a short loop. Inlined functions have their caller's setting.
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


@intrinsic
def prefetch(
    _: object, array: types.Type, i: types.Type
) -> tuple[Signature, Callable[..., ir.Value]]:
    """Prefetch array[i] into the processor's cache, to be read and written soon."""

    def generate(
        context: BaseContext, builder: ir.IRBuilder, signature: Signature, args: list[ir.Value]
    ) -> ir.Value:
        byte, int32 = ir.IntType(8).as_pointer(), ir.IntType(32)
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        place = builder.bitcast(builder.gep(data, [args[1]]), byte)
        kind = ir.FunctionType(ir.VoidType(), [byte, int32, int32, int32])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [place, int32(1), int32(3), int32(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


@intrinsic
def lowest_bit(_: object, word: types.Type) -> tuple[Signature, Callable[..., ir.Value]]:
    """Return the place of the lowest bit of a uint64 that is not 0."""

    def generate(
        context: BaseContext, builder: ir.IRBuilder, signature: Signature, args: list[ir.Value]
    ) -> ir.Value:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


def _no_prefetch(array: Any, i: int) -> None:
    """Do nothing: plain Python gains nothing from a prefetch."""


def _plain_lowest_bit(word: Any) -> int:
    return (int(word) & -int(word)).bit_length() - 1


if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
    prefetch = _no_prefetch  # type: ignore[assignment]
    lowest_bit = _plain_lowest_bit  # type: ignore[assignment]


def cache_note() -> str | None:
    """Return a note about the cache, once; afterwards, or if all is well, None."""
    return _notes.pop() if _notes else None


# --------------------------------------------------------------------------------- the folder


_PACKAGE = Path(__file__).parent
#: Files of the package's top folder that all compiled code uses.
_SHARED = (Path(__file__).name, "arrays.py")


def compiled_sources(source: Path, package: Path = _PACKAGE) -> list[Path]:
    """Return the files that the compiled code of functions in `source` depends on.

    These are the file, what it imports from its own folder, directly or not, and what all compiled
    code shares.
    """
    found = {package / name for name in _SHARED}
    new = {source}
    while new:
        found |= new
        imported = {other for path in new for other in _imported(path, package)}
        new = {path for path in imported - found if path.parent == source.parent}
    return sorted(found)


def _imported(source: Path, package: Path) -> Iterator[Path]:
    """Yield the files of the package that a file imports."""
    for node in ast.walk(ast.parse(source.read_bytes())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if name.partition(".")[0] == package.name:
                place = package.parent.joinpath(*name.split("."))
                candidates = (place.with_suffix(".py"), place / "__init__.py")
                yield from (path for path in candidates if path.is_file())


def cache_key(source: Path, package: Path = _PACKAGE) -> str:
    """Return a name made of everything that the machine code of functions in a file depends on."""
    digest = hashlib.sha256()
    for path in compiled_sources(source, package):
        content = path.read_bytes()
        inside = path.is_relative_to(package)
        name = path.relative_to(package).as_posix() if inside else str(path)
        digest.update(f"{name} {len(content)}\n".encode() + content)
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
def _folder(source: str) -> Path:
    """The folder for the code of functions in a file."""
    root = platformdirs.user_cache_path("w2v", appauthor=False) / "compiled"
    folder = root / cache_key(Path(source))
    try:
        _open(folder)
        os.utime(folder)
        _prune(root)
        return folder
    except OSError as error:
        if not _temporary.cache_info().currsize:  # told once, however many functions have no folder
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
    """Create w2v/compiled/KEY where it is missing.

    Raises OSError if it is not writable, or if another user can write to one of its three levels.
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


@functools.cache
def _prune(root: Path) -> None:
    """Delete what was not used for a long time; once per program."""
    for folder in root.iterdir():
        if folder.stat().st_mtime < time.time() - UNUSED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


# ----------------------------------------------------------------------- the cache that numba calls


class _Locator(_CacheLocator):
    """Tells numba where the code of a function is."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._py_file = function.__code__.co_filename  # numba names it in warnings

    def ensure_cache_path(self) -> None:
        _open(_folder(self._py_file))

    def get_cache_path(self) -> str:
        return str(_folder(self._py_file))

    def get_source_stamp(self) -> str:
        return _folder(self._py_file).name

    def get_disambiguator(self) -> str:
        return ""


class _Files(CompileResultCacheImpl):
    """Names the files of a function; CompileResultCacheImpl decides what to write in them."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._lineno = function.__code__.co_firstlineno
        self._locator = _Locator(function)
        self._filename_base = f"{function.__module__}.{function.__qualname__}"


class _Cache(FunctionCache):
    """The cache of one function. If it fails, that costs time, never a training."""

    _impl_class = _Files

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        # Numbers alone can clash when two programs compile for different types at the same time.
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
