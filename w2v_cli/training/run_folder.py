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
"""

from contextlib import suppress
from pathlib import Path

import msgspec

from w2v_cli.errors import RunError, reason_of
from w2v_cli.settings.config import Config, read_config_file, settings_to_toml
from w2v_cli.settings.resolve import resolve
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.storage import files, lock
from w2v_cli.storage.atomic import atomic_write
from w2v_cli.storage.folders import is_leftover, make_folders, remove_leftovers, remove_tree
from w2v_cli.text.settings import CorpusSettings, folds_by_default
from w2v_cli.text.tokenizers import Tokenizer

#: What a start that was killed while it read the text may leave in the folder, and in its cache.
_UNFINISHED = {"cache", "vocab.tsv", "start.safetensors"}
_CACHED = {"corpus", "holdout", "cooccurrence"}


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

        Raises RunError when this is not a run, UsageError when the file cannot be read.
        """
        self._check_run()
        return read_config_file(self.config)

    def read_settings(self) -> RunSettings:
        """Return the settings of the run. Raises the errors of `read_config`."""
        return resolve(self.read_config())

    def write_config(self, settings: RunSettings) -> None:
        """Write `config.toml`, whole or not at all."""
        with atomic_write(self.config) as file:
            file.write(settings_to_toml(settings).encode("utf-8"))

    def trim_metrics(self, n_bytes: int) -> bool:
        """Cut `metrics.jsonl` to the length recorded in a checkpoint; False if it is shorter."""
        size = self.metrics.stat().st_size if self.metrics.exists() else 0
        if size > n_bytes:
            files.truncate(self.metrics, n_bytes)
        return size >= n_bytes

    def clear_failed_start(self) -> None:
        """Remove what a failed start has written, as far as possible, and unlock."""
        with suppress(OSError):
            self._remove_unfinished()
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
        names = {entry.name for entry in self.path.iterdir()} - {lock.NAME}
        names = {name for name in names if not is_leftover(name)}
        cached = {entry.name for entry in self.cache.iterdir()} if self.cache.is_dir() else set()
        cached = {name for name in cached if not is_leftover(name)}
        unfinished = "cache" in names and names <= _UNFINISHED and cached <= _CACHED
        if names and not unfinished:
            raise RunError(f"{self.path} is not an empty folder; choose another --out")
        self._clear_leftovers()
        self._remove_unfinished()

    def _remove_unfinished(self) -> None:
        if self.cache.exists():  # the cache last: what is left is recognised by it
            files.unlink(self.config)
            files.unlink(self.vocabulary)
            files.unlink(self.start)
            files.sync_folder(self.path)
            remove_tree(self.cache)

    def _clear_leftovers(self) -> None:
        """Remove the temporary files that a killed process has left behind."""
        places = [self.path, self.checkpoints, self.snapshots, self.cache]
        places += [self.cache / name for name in sorted(_CACHED)]
        for folder in places:
            remove_leftovers(folder)


# How a run cuts text into words, so that other text is read in the same way.


def reading_of_run(
    path: Path, tokenizer: str | None = None, lowercase: bool | None = None
) -> CorpusSettings:
    """Return the settings of a run's corpus; for anything else (a file of vectors), the defaults.

    tokenizer, lowercase: override those of the run, if given.
    Raises UsageError if config.toml cannot be read.
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


def tokenizer_of_run(path: Path) -> Tokenizer | None:
    """Return a run's tokenizer, without importing a user's function; None: not a run."""
    if not RunFolder(path).is_run():
        return None
    own = reading_of_run(path)
    return Tokenizer(own.tokenizer, own.lowercase, own.normalize, own.fold_digits)
