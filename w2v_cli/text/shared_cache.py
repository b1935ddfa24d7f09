"""Encoded corpora and pair counts that several runs share, in the user's cache folder.

An entry is a folder that appears whole or not at all, named by a hash of everything that its
content depends on. A run gets hard links to its files (copies on another disk), so an entry can be
removed at any time without harm to a run. Adding or removing an entry takes the lock of the folder;
reading takes none: an entry that vanishes meanwhile counts as absent.

ROOT/KEY/                the files
ROOT/KEY/entry.json      what they are; its time of change is the last use
"""

import hashlib
import json
import os
import re
import shutil
import stat
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

import msgspec

from w2v_cli.errors import RunError
from w2v_cli.json_types import Json
from w2v_cli.storage import files
from w2v_cli.storage.atomic import atomic_folder
from w2v_cli.storage.folders import make_folders, remove_leftovers, temporary_folder
from w2v_cli.storage.lock import FolderLock
from w2v_cli.text.encoded import FILES, fingerprint_of, read_summary
from w2v_cli.text.own_tokenizer import is_own
from w2v_cli.text.places import LocalFile, State
from w2v_cli.text.plan import Progress
from w2v_cli.text.settings import CorpusSettings
from w2v_cli.text.sources import States, TextSource

#: Names another folder; set but empty, it turns the cache off.
ENVIRONMENT = "W2V_CACHE_DIR"
#: The most that all entries take together; the ones unused for longest are removed first. There is
#: no setting for it: another folder can have another policy.
MOST_BYTES = 10 * 2**30
#: An entry that was not used for this long is removed.
UNUSED_SECONDS = 90 * 24 * 3600.0
_FREE_BYTES = 2**30  # a copy leaves at least this on the disk
_LOCK_SECONDS = 2.0
_NOTE = "entry.json"


class About(msgspec.Struct, frozen=True):
    """What an entry holds. kind: "corpus" or "pairs". source: for the user. size: in words."""

    kind: str
    source: str
    size: str


#: The name of an entry: see `key_of`. Other folders are not ours.
_KEY = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True)
class Entry:
    """An entry. used: when it was made or used last, in seconds since 1970."""

    folder: Path
    about: About
    n_bytes: int
    used: float


class SharedCache:
    """The cache in one folder. If it cannot be used, nothing is found and nothing is kept."""

    def __init__(self, root: Path, notice: Callable[[str], None] = lambda message: None) -> None:
        self.root = root
        self.notice = notice

    def fetch(self, key: str, folder: Path) -> bool:
        """Put the files of an entry into an empty folder; False when there is no such entry."""
        source = self.root / key
        placed: list[Path] = []
        try:
            if not _is_private(self.root):
                return False
            names = [entry.name for entry in source.iterdir() if entry.name != _NOTE]
            for name in names:
                placed.append(folder / name)
                _place(source / name, folder / name)
            os.utime(source / _NOTE)
        except OSError:  # no such entry, or it was removed meanwhile
            with suppress(OSError):
                for path in placed:
                    files.unlink(path)
            return False
        return bool(names)

    def keep(self, key: str, folder: Path, names: Sequence[str], about: About) -> None:
        """Make an entry of some files of a folder, if there is room and the lock is free."""
        try:
            if sum((folder / name).stat().st_size for name in names) > MOST_BYTES:
                return
            self._make_root()
            with self._locked() as lock:
                target = self.root / key
                if lock is None or (target / _NOTE).exists():
                    return
                with atomic_folder(target) as entry:
                    for name in names:
                        _place(folder / name, entry / name)
                    files.write_bytes(entry / _NOTE, msgspec.json.encode(about))
                self._prune()
        except OSError:  # a full disk, no permission: the run has its own files
            return

    def discard(self, key: str) -> None:
        """Remove an entry, if the lock is free."""
        with suppress(OSError), self._locked() as lock:
            if lock is not None:
                self._remove(self.root / key)

    def entries(self) -> list[Entry]:
        """Return all entries, the most recently used first."""
        found = []
        with suppress(OSError):
            for folder in self.root.iterdir():
                with suppress(OSError, msgspec.MsgspecError, RecursionError):
                    about = msgspec.json.decode((folder / _NOTE).read_bytes(), type=About)
                    n_bytes = sum(path.stat().st_size for path in folder.iterdir())
                    found.append(Entry(folder, about, n_bytes, (folder / _NOTE).stat().st_mtime))
        return sorted(found, key=lambda entry: -entry.used)

    def clear(self) -> list[Entry]:
        """Remove all entries and leftovers of killed processes; return the entries.

        Raises:
            RunError: another process holds the lock.
            OSError: the folder cannot be written.
        """
        if not self.root.is_dir():
            return []
        with self._locked() as lock:
            if lock is None:
                raise RunError(f"{self.root} is in use by another process; try again in a moment")
            removed = self.entries()
            remove_leftovers(self.root)
            for folder in [path for path in self.root.iterdir() if _KEY.fullmatch(path.name)]:
                self._remove(folder)
        return removed

    def _make_root(self) -> None:
        if self.root.is_dir():
            return
        make_folders(self.root.parent.parent)
        for folder in (
            self.root.parent,
            self.root,
        ):  # private: entries are trusted, and texts may be secret
            folder.mkdir(mode=0o700, exist_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[FolderLock | None]:
        """Hold the lock; None when another process keeps it."""
        if not _is_private(self.root):
            raise PermissionError(f"{self.root} can be written by others")
        lock, until = None, time.monotonic() + _LOCK_SECONDS
        while lock is None:
            try:
                lock = FolderLock(self.root)
            except RunError:
                if time.monotonic() > until:
                    yield None
                    return
                time.sleep(0.05)
        try:
            yield lock
        finally:
            lock.release()

    def _prune(self) -> None:
        """Remove entries unused for long, and the oldest ones beyond the limit."""
        remove_leftovers(self.root)
        total = 0
        for entry in self.entries():
            total += entry.n_bytes
            if total > MOST_BYTES or entry.used < time.time() - UNUSED_SECONDS:
                self._remove(entry.folder)

    def _remove(self, entry: Path) -> None:
        """Rename it first, so that no process finds half of it."""
        if entry.exists():
            with temporary_folder(self.root) as doomed:
                files.replace(entry, doomed / entry.name)


def user_cache(notice: Callable[[str], None] = lambda message: None) -> SharedCache | None:
    """Return the cache in this user's folder; None where it is turned off."""
    chosen = os.environ.get(ENVIRONMENT)
    if chosen is None:
        import platformdirs

        return SharedCache(platformdirs.user_cache_path("w2v", appauthor=False) / "corpora", notice)
    return SharedCache(Path(chosen).expanduser().absolute() / "corpora", notice) if chosen else None


def key_of(identity: Json) -> str:
    """Return the name of an entry: a hash of what is given and of the code that makes it."""
    content = json.dumps({**identity, "code": _code()}, sort_keys=True)
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


@cache
def _code() -> str:
    """Return a hash of the source of `text` and `pairs`: another version may read differently."""
    digest = hashlib.blake2b(digest_size=16)
    rooms = (Path(__file__).parent, Path(__file__).parents[1] / "pairs")
    for path in sorted(path for room in rooms for path in room.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _place(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where that is not possible and there is room."""
    try:
        files.link(source, target)
    except OSError:
        if shutil.disk_usage(target.parent).free < source.stat().st_size + _FREE_BYTES:
            raise
        with source.open("rb") as content, files.open_binary(target, "xb") as file:
            shutil.copyfileobj(content, file, 1 << 20)


def _is_private(root: Path) -> bool:
    """Whether only this user can put files there."""
    if not hasattr(os, "getuid"):
        return root.is_dir()
    try:
        status = root.lstat()
    except OSError:
        return False
    mine = status.st_uid == os.getuid() and not status.st_mode & 0o022
    return stat.S_ISDIR(status.st_mode) and mine


# Encoded corpora in the cache. The key is all that the ids depend on: path and state of each file,
# the settings of reading (files that they name included), the versions of Unicode and the code of
# the reader. Not kept: text that was read from a pipe or changed while it was read, words cut by a
# user's own function, and files that were changed just now, because the next change may fall into
# the same tick of the clock.


#: A file changed less than this long ago may change again within the same tick of its time.
_SETTLED_SECONDS = 2.0
#: Settings that do not change the ids.
_MEANS = {"memory"}


def corpus_key(settings: CorpusSettings, source: TextSource, listed: States | None) -> str | None:
    """Return the name of a corpus in the cache; None if nothing identifies it.

    listed: see `states_of_lists`.
    """
    chosen: Json = msgspec.to_builtins(settings)
    values = {name: value for name, value in chosen.items() if name not in _MEANS}
    states = source.states()
    if is_own(settings.tokenizer) or states is None or listed is None:
        return None
    if any(_is_fresh(state) for _, state in [*states, *listed]):
        return None
    identity = {"files": states, "settings": values, "named": listed}
    versions = {"unicode": unicodedata.unidata_version, "regex": metadata.version("regex")}
    return key_of({"kind": "corpus", **versions, **identity})


def states_of_lists(settings: CorpusSettings) -> States | None:
    """Return path and state of each word list that is set; None if one can be read only once."""
    lists = (settings.stop_words, settings.keep_words, settings.vocab)
    found = [LocalFile(Path(name).absolute()) for name in lists if name is not None]
    try:
        return (
            [(file.name, file.state()) for file in found]
            if all(file.path.is_file() for file in found)
            else None
        )
    except OSError:  # reading it says so
        return None


def fetch_corpus(shared: SharedCache, key: str, folder: Path, progress: Progress) -> bool:
    """Put a corpus from the cache into an empty folder, if it is there and undamaged."""
    if not shared.fetch(key, folder):
        return False
    with suppress(OSError, ValueError):
        if fingerprint_of(folder, progress) == read_summary(folder).fingerprint:
            shared.notice("the encoded corpus comes from the cache (w2v cache)")
            return True
    shared.discard(key)
    for name in FILES:
        files.unlink(folder / name)
    return False


def keep_corpus(shared: SharedCache, key: str, folder: Path, settings: CorpusSettings) -> None:
    """Keep a corpus for other runs."""
    summary = read_summary(folder)
    size = f"{summary.n_tokens:,} words, vocabulary {summary.n_words:,}"
    shared.keep(key, folder, FILES, About("corpus", " ".join(settings.paths), size))


def _is_fresh(state: State) -> bool:
    _, (modified, changed, _) = state
    return bool(max(modified, changed) > (time.time() - _SETTLED_SECONDS) * 1e9)
