"""A run on disk: its files, and how a folder is opened for training.

RUN/config.toml          every setting; reproduces the run
RUN/vocab.tsv            word TAB count, most frequent first
RUN/vectors.safetensors  the vectors
RUN/start.safetensors    the vectors it started from, with --from
RUN/metrics.jsonl        one report per line
RUN/checkpoints/         the newest two checkpoints
RUN/snapshots/           small copies of the vectors, with --snapshots
RUN/cache/               the encoded corpus; rebuilt if it is missing
RUN/.lock                the process that trains in it now
RUN/.unfinished          the files that an unfinished start has made
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

import msgspec

from w2v_cli.errors import RunError, UsageError, reason_of
from w2v_cli.settings.config import Config, read_config_file, settings_to_toml
from w2v_cli.settings.resolve import resolve
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.storage import files, lock
from w2v_cli.storage.atomic import atomic_write
from w2v_cli.storage.folders import is_leftover, make_folders, remove_leftovers
from w2v_cli.text.settings import CorpusSettings, folds_by_default

#: The folders of the cache.
_CACHED = ("corpus", "holdout", "cooccurrence", "blend")
#: What `.unfinished` may list. Other names do not count, so a forged list reaches no other files.
_MADE = re.compile(rf"vocab\.tsv|start\.safetensors|cache(/({'|'.join(_CACHED)})/\w[\w.]*)?")


class RunFolder:
    """The paths of a run, the small files in it, and the lock on it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.toml"
        self.vocabulary = path / "vocab.tsv"
        self.vectors = path / "vectors.safetensors"
        self.start = path / "start.safetensors"
        self.metrics = path / "metrics.jsonl"
        self.checkpoints = path / "checkpoints"
        self.snapshots = path / "snapshots"
        self.cache = path / "cache"
        self.corpus = self.cache / "corpus"
        self.holdout = self.cache / "holdout"
        self.pairs = self.cache / "cooccurrence"
        self.blend = self.cache / "blend" / "second_part.safetensors"
        self._mark = path / ".unfinished"
        self._starting = False
        self._existed = path.exists()
        self._lock: lock.FolderLock | None = None

    def is_run(self) -> bool:
        """Whether the folder contains a run, finished or not."""
        return self.config.is_file()

    def open_new(self) -> None:
        """Make the folder of a new run, and lock it.

        Raises RunError if it is in use, is not empty or cannot be created.
        """
        path = self.path
        if path.exists() and not path.is_dir():
            raise RunError(f"{path} is not an empty folder; choose another --out")
        try:
            make_folders(path)
            self._lock = lock.FolderLock(path)
        except OSError as error:
            raise RunError(
                f"cannot create {path}: {reason_of(error)}; choose another --out"
            ) from error
        try:
            self._check_empty()
        except BaseException:
            self.unlock()
            raise
        self._starting = True

    def will_make(self, *paths: Path) -> None:
        """Note what a start makes next. If it fails or is killed, only that is removed.

        Names alone would not do: a folder of the user's may have a `vocab.tsv` or a `cache`, too.
        """
        if not self._starting:
            return
        names = [path.relative_to(self.path).as_posix() for path in paths]
        with files.open_binary(self._mark, "ab") as file:
            file.write("".join(f"{name}\n" for name in names).encode())
            files.sync(file)
        files.sync_folder(self.path)

    def open_run(self) -> Config:
        """Lock the folder of a run, remove leftovers of a killed process, and read `config.toml`.

        Raises RunError if this is not a run, or if it is in use.
        """
        self._check_run()
        self._lock = lock.FolderLock(self.path)
        try:
            self._check_run()  # a start may have given up in the meantime
            self._clear_leftovers()
            return self.read_config()
        except BaseException:
            self.unlock()
            raise

    def unlock(self) -> None:
        """Let other processes train here."""
        if self._lock is not None:
            self._lock.release()

    def read_config(self) -> Config:
        """Read `config.toml`.

        Raises RunError if this is not a run, or if the file cannot be read.
        """
        self._check_run()
        try:
            return read_config_file(self.config)
        except UsageError as error:  # the file is at fault, not the command
            raise RunError(str(error)) from error

    def read_settings(self) -> RunSettings:
        """Return the settings of the run. Raises RunError as `read_config` does."""
        config = self.read_config()
        try:
            return resolve(config)
        except UsageError as error:
            raise RunError(f"{self.config}: {error}") from error

    def write_config(self, settings: RunSettings) -> None:
        """Write `config.toml`, whole or not at all; it makes the folder a run."""
        with atomic_write(self.config) as file:
            file.write(settings_to_toml(settings).encode("utf-8"))
        files.unlink(self._mark)
        self._starting = False

    def trim_metrics(self, n_bytes: int) -> bool:
        """Cut `metrics.jsonl` to the length recorded in a checkpoint; False if it is shorter."""
        size = self.metrics.stat().st_size if self.metrics.exists() else 0
        if size > n_bytes:
            files.truncate(self.metrics, n_bytes)
        return size >= n_bytes

    def clear_failed_start(self) -> None:
        """Remove what a failed start has made, as far as possible, and unlock."""
        with suppress(OSError):
            if self._starting:
                files.unlink(self.config)
                self._clear_leftovers()
                self._remove_made()
        self.unlock()
        if not self._existed:
            with suppress(OSError):
                files.remove_folder(self.path)

    def _check_run(self) -> None:
        if not self.is_run():
            raise RunError(f"{self.path} is not a run (no config.toml); omit --resume to start one")

    def _check_empty(self) -> None:
        """Remove what a killed start has left. Raises RunError when there is anything else."""
        if self.is_run():
            raise RunError(
                f"{self.path} already contains a run; continue it with --resume,"
                " or choose another --out for a new one"
            )
        own = self._made() | {lock.NAME, self._mark.name}
        if any(name not in own for name in self._names_in(self.path, own)):
            raise RunError(f"{self.path} is not an empty folder; choose another --out")
        self._clear_leftovers()
        self._remove_made()

    def _names_in(self, folder: Path, own: set[str]) -> Iterator[str]:
        """Yield the names below a folder of this one; of other people's folders only their own."""
        for entry in folder.iterdir():
            name = entry.relative_to(self.path).as_posix()
            if not is_leftover(entry.name):
                yield name
                if name in own and entry.is_dir():
                    yield from self._names_in(entry, own)

    def _made(self) -> set[str]:
        """Return what an unfinished start has made, files and their folders."""
        try:
            lines = self._mark.read_bytes().decode("utf-8", "replace").splitlines()
        except (FileNotFoundError, IsADirectoryError):
            return set()
        made = {line for line in lines if _MADE.fullmatch(line)}
        parents = {str(parent) for name in made for parent in PurePosixPath(name).parents}
        return (made | parents) - {"."}

    def _remove_made(self) -> None:
        """Remove what an unfinished start has made; the mark last, because it lists the rest."""
        if not self._mark.is_file():
            return
        for name in sorted(self._made(), reverse=True):  # what is in a folder before the folder
            path = self.path / name
            if path.is_dir():
                with suppress(OSError):  # not empty: there is something else in it
                    files.remove_folder(path)
            else:
                files.unlink(path)
        files.sync_folder(self.path)
        files.unlink(self._mark)

    def _clear_leftovers(self) -> None:
        """Remove the temporary files that a killed process has left behind."""
        places = [self.path, self.checkpoints, self.snapshots, self.cache]
        places += [self.cache / name for name in _CACHED]
        for folder in places:
            remove_leftovers(folder)
        if self.is_run():  # it was killed between config.toml and the removal of the mark
            files.unlink(self._mark)


# How a run cuts text into words, so that other text is read in the same way.


def reading_of_run(
    path: Path, tokenizer: str | None = None, lowercase: bool | None = None
) -> CorpusSettings:
    """Return the settings of a run's corpus; for anything else (a file of vectors), the defaults.

    tokenizer, lowercase: override those of the run, if given.
    Raises RunError if config.toml cannot be read.
    """
    folder = RunFolder(path)
    if folder.is_run():
        own = folder.read_settings().corpus
    else:
        own = CorpusSettings(paths=(), lowercase=True)
    if tokenizer is not None and tokenizer != own.tokenizer:
        own = msgspec.structs.replace(
            own, tokenizer=tokenizer, lowercase=folds_by_default(tokenizer)
        )
    return own if lowercase is None else msgspec.structs.replace(own, lowercase=lowercase)
