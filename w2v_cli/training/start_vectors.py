"""The vectors that a run starts from: `w2v train --from`.

They come from a run (centre and outside vectors) or from any file of vectors (centre vectors
alone; the outside vectors then start at zero, as always). A copy of them in the run's folder makes
a resume independent of where they came from, and shows afterwards how far they have moved.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Embeddings, SubwordVectors
from w2v_cli.engines.settings import ModelSettings, TrainingSettings
from w2v_cli.errors import RunError, UsageError
from w2v_cli.settings.config import Config, read_config_file
from w2v_cli.settings.fields import Value, settings_of
from w2v_cli.settings.resolve import resolve
from w2v_cli.settings.run_settings import COMMON
from w2v_cli.vectors.formats.files import detect, read_table, write_table
from w2v_cli.vectors.run_vectors import read_run_vectors, write_run_vectors
from w2v_cli.vectors.table import VectorTable

#: What a new run takes over from the run that it starts from, unless told otherwise: how text
#: becomes words (must be the same), and what is trained; besides that phrases, and the settings of
#: the loss and of the engine.
_READING = ("tokenizer", "lowercase", "normalize", "fold_digits")
_TRAINED = (*settings_of(ModelSettings, "model"), "engine", "optimizer")


@dataclass(frozen=True)
class StartVectors:
    """N words with the vectors that a training starts from.

    center: float32 (N, D). outside: the same, None where there are none. counts: int64 (N,), how
    often each word has occurred so far; None: unknown. settings: those that a new run takes over
    from the run they came from. source: where they came from, for messages. parts: what the centre
    vectors of a run with subwords are made of.
    """

    words: list[str]
    center: NDArray[np.float32]
    outside: NDArray[np.float32] | None
    counts: NDArray[np.int64] | None
    settings: Mapping[str, Value]
    source: Path
    parts: SubwordVectors | None = None

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self.center.shape[1])

    @cached_property
    def fingerprint(self) -> str:
        """Hash (16 hexadecimal digits) of words, counts and vectors, in whatever file they are."""
        digest = hashlib.blake2b("\n".join(self.words).encode(), digest_size=8)
        for array in (self.center, self.outside, self.counts):
            digest.update(b"none" if array is None else np.ascontiguousarray(array).data)
        if self.parts is not None:
            digest.update(np.ascontiguousarray(self.parts.rows).data)
        return digest.hexdigest()

    def complete(self, config: Config) -> Config:
        """Return the settings of a run that starts here: with what it takes over.

        Raises UsageError where what was given does not fit these vectors.
        """
        self._check(config.given)
        given = {**config.given, "start_fingerprint": self.fingerprint}
        taken = dict(self.settings)
        other_loss = given.get("loss", taken.get("loss")) != taken.get("loss")
        if other_loss or "steps" in given or "engine" in given:
            taken.pop("engine", None)
            taken.pop("optimizer", None)
        return Config(**{**taken, "dim": self.dim, **given})

    def _check(self, given: Mapping[str, Value]) -> None:
        dim = given.get("dim", self.dim)
        if dim != self.dim:
            raise UsageError(
                f"{self.source} has dimension {self.dim}, you gave --dim {dim};"
                " omit --dim to continue with these vectors"
            )
        for name in _READING:
            theirs = self.settings.get(name)
            if theirs is not None and name in given and given[name] != theirs:
                raise UsageError(
                    f"{self.source} was trained with {name} {_shown(theirs)}, you gave"
                    f" {_shown(given[name])}: its words would not be those of the text;"
                    f" omit {name}, or start from other vectors"
                )
        expected = given.get("start_fingerprint", self.fingerprint)
        if expected != self.fingerprint:
            raise UsageError(
                f"{self.source} no longer has the vectors that this configuration started from"
                f" (fingerprint {self.fingerprint}, expected {expected}); give the original with"
                " --from (a run keeps a copy: RUN/start.safetensors)"
            )

    def write(self, path: Path) -> None:
        """Write a copy that `read_start` reads and every command understands."""
        if self.outside is None:
            table = VectorTable(self.words, self.center, self.counts)
            write_table(table, path)
            return
        counts = np.zeros(len(self.words), np.int64) if self.counts is None else self.counts
        vectors = Embeddings(self.center, self.outside, self.parts)
        write_run_vectors(path, self.words, counts, vectors)


def read_start(path: Path) -> StartVectors:
    """Read a run or any file of vectors.

    Raises:
        DataError: nothing that holds vectors, or damaged.
    """
    if detect(path) != "run":
        table = read_table(path)
        return StartVectors(table.words, table.matrix, None, table.counts, {}, path)
    stored = read_run_vectors(path)
    config = (path if path.is_dir() else path.parent) / "config.toml"
    settings = _taken_over(read_config_file(config)) if config.is_file() else {}
    center, outside = (_float32(m) for m in (stored.embeddings.center, stored.embeddings.outside))
    parts = stored.embeddings.subwords
    return StartVectors(stored.words, center, outside, stored.counts, settings, path, parts)


def origin_of(config: Config) -> StartVectors | None:
    """Read the vectors that a new run starts from, if it does. Raises DataError, see above."""
    source = config.given.get("start_from")
    return read_start(Path(source)) if source else None


def copied_origin(path: Path, settings: TrainingSettings) -> StartVectors | None:
    """Read the copy in a run's folder, or the source itself where the copy is gone.

    Raises:
        RunError: neither holds the vectors that the run started from.
    """
    if settings.start_from is None:
        return None
    start = read_start(path if path.exists() else Path(settings.start_from))
    fingerprint = settings.start_fingerprint
    if fingerprint is not None and start.fingerprint != fingerprint:
        raise RunError(
            f"{start.source} does not hold the vectors that the run started from (fingerprint"
            f" {start.fingerprint}, expected {fingerprint}); restore {path}"
        )
    return start


def _taken_over(config: Config) -> dict[str, Value]:
    """Return what a new run takes over: of a loss or an engine by "table.name"."""
    taken = {}
    for setting, value in resolve(config).values():
        if setting.table not in COMMON:
            taken[f"{setting.table}.{setting.name}"] = value
        elif setting.name in (*_READING, "phrases", *_TRAINED) and value is not None:
            taken[setting.name] = value
    return taken


def _float32(matrix: Array) -> NDArray[np.float32]:
    return matrix.astype(np.float32, copy=False)


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
