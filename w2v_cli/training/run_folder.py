"""A run on disk: which file is where, and what may be done to a folder before it is trained in.

RUN/config.toml          every setting; reproduces the run
RUN/vocab.tsv            word TAB count, most frequent first
RUN/vectors.safetensors  the vectors
RUN/metrics.jsonl        one report per line
RUN/checkpoints/         the newest two
RUN/cache/               the encoded corpus; rebuilt when it is missing
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from w2v_cli.errors import RunError
from w2v_cli.settings.config import Config
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.settings.toml import read_config_file, settings_to_toml
from w2v_cli.storage.atomic import atomic_write


class RunFolder:
    """The paths of a run, and the small files in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.toml"
        self.vocabulary = path / "vocab.tsv"
        self.vectors = path / "vectors.safetensors"
        self.metrics = path / "metrics.jsonl"
        self.checkpoints = path / "checkpoints"
        self.cache = path / "cache"
        self.corpus = self.cache / "corpus"
        self.holdout = self.cache / "holdout"
        self._existed = path.exists()

    def is_run(self) -> bool:
        """Whether there is a run in it, finished or not."""
        return self.config.is_file()

    def open_new(self) -> None:
        """Make the folder for a new run.

        Raises RunError when it holds something already or cannot be created.
        """
        self.clear_leftovers()
        path = self.path
        if self.is_run():
            raise RunError(
                f"{path} already contains a run; continue it with --resume,"
                " or choose another --out for a new one"
            )
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise RunError(f"{path} is not an empty folder; choose another --out")
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"cannot create {path}: {error}; choose another --out") from error

    def read_config(self) -> Config:
        """Read `config.toml`. Raises RunError when this is not a run."""
        if not self.is_run():
            raise RunError(f"{self.path} is not a run (no config.toml); omit --resume to start one")
        return read_config_file(self.config)

    def write_config(self, settings: RunSettings) -> None:
        """Write `config.toml`, whole or not at all."""
        with atomic_write(self.config) as file:
            file.write(settings_to_toml(settings).encode("utf-8"))

    def trim_metrics(self, n_bytes: int) -> bool:
        """Cut `metrics.jsonl` to the length that a checkpoint knows; False if it is shorter."""
        size = self.metrics.stat().st_size if self.metrics.exists() else 0
        if size > n_bytes:
            os.truncate(self.metrics, n_bytes)
        return size >= n_bytes

    def clear_leftovers(self) -> None:
        """Remove half-written temporary files that a killed run has left behind."""
        for folder in (self.path, self.cache, self.checkpoints):
            for leftover in folder.glob(".*.tmp"):
                if leftover.is_dir():
                    shutil.rmtree(leftover)
                else:
                    leftover.unlink()
        names = {entry.name for entry in self._entries()}
        if not self.is_run() and "cache" in names and names <= {"cache", "vocab.tsv"}:
            self.clear_failed_start()  # it was killed while it read the text

    def clear_failed_start(self) -> None:
        """Remove what an unsuccessful start has written."""
        for file in (self.config, self.vocabulary):
            file.unlink(missing_ok=True)
        shutil.rmtree(self.cache, ignore_errors=True)
        if not self._existed:
            with suppress(OSError):
                self.path.rmdir()

    def _entries(self) -> list[Path]:
        return list(self.path.iterdir()) if self.path.is_dir() else []
