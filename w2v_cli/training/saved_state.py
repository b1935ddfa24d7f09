"""The state of a run on disk: one checkpoint, which names the vectors that belong to it.

The vectors are written first, then the checkpoint that contains their identity: the checkpoint is
the commit point. If a run stops between the two, a resume finds vectors that the checkpoint does
not name, and writes them again from the checkpoint. With --patience these are the vectors of the
best epoch; such a checkpoint holds them as well as the state of the engine, at twice the size.
(A manifest that names both files would be a third file to keep consistent.)

A checkpoint is one safetensors file with checksums, written whole or not at all. It holds the
engine's arrays, the position in the run (JSON), the settings that a resume may not change (their
hash alone could not say which one differs), and the fingerprints of configuration and corpus. It
contains no pickle and no state of a random generator: all randomness is keyed by the position. The
newest two checkpoints are kept.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Embeddings, Engine, Notice
from w2v_cli.errors import DataError, RunError, shown_setting
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.storage import files
from w2v_cli.storage.folders import make_folders
from w2v_cli.storage.tensors import identity, read_tensors, write_tensors
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.training.run_folder import RunFolder
from w2v_cli.training.second_part import SecondPart
from w2v_cli.training.start_vectors import Growth
from w2v_cli.training.trainer import Position
from w2v_cli.vectors.run_vectors import UNFINISHED, read_run_vectors, write_run_vectors

FORMAT = "w2v-checkpoint"
VERSION = "5"
KEPT = 2
#: Names of the arrays that hold the vectors of an earlier, better epoch.
_KEPT_CENTER, _KEPT_OUTSIDE, _KEPT_ROWS = "kept.center", "kept.outside", "kept.rows"


@dataclass(frozen=True)
class Checkpoint:
    """Arrays and position of a run, and what identifies that run.

    engine, state_version: the engine whose `state()` the arrays are, and its version. vectors: the
    identity of the vectors on disk at that time; None: there were none. vocabulary: the fingerprint
    of RUN/vocab.tsv. settings: those that a resume may not change.
    """

    arrays: Mapping[str, Array]
    position: dict[str, object]
    config_fingerprint: str
    corpus_fingerprint: str
    engine: str
    state_version: int
    vectors: str | None
    vocabulary: str
    settings: Mapping[str, Any]


def checkpoint_files(folder: Path) -> list[Path]:
    """Return the checkpoints in a folder, newest first."""
    return sorted(folder.glob("[0-9]*.safetensors"), reverse=True)


def write_checkpoint(folder: Path, number: int, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint named by `number` (units done), then remove all but the newest two."""
    make_folders(folder)
    path = folder / f"{number:012d}.safetensors"
    body = json.dumps({k: v for k, v in vars(checkpoint).items() if k != "arrays"})
    metadata = {"format": FORMAT, "version": VERSION, "run": body, "run_crc32": _crc(body)}
    write_tensors(path, checkpoint.arrays, metadata)
    remove_old(folder)
    return path


def remove_old(folder: Path) -> None:
    """Remove all checkpoints but the newest two."""
    for old in checkpoint_files(folder)[KEPT:]:
        files.unlink(old)


def read_checkpoint(path: Path) -> Checkpoint:
    """Read and verify a checkpoint.

    Raises DataError if it is damaged, RunError if it has another format or version.
    """
    arrays, metadata = read_tensors(path)
    if metadata.get("format") != FORMAT or metadata.get("version") != VERSION:
        raise RunError(
            f"{path} is not a checkpoint of this version of w2v (version {VERSION} of the format);"
            " resume with the version that wrote it"
        )
    body = metadata.get("run", "")
    if metadata.get("run_crc32") != _crc(body):
        raise DataError(f"{path}: the checksum of the position differs: the file is damaged")
    return Checkpoint(arrays=arrays, **json.loads(body))


def _crc(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


class SavedState:
    """Writes checkpoints and vectors of a run, and loads the newest ones."""

    def __init__(
        self,
        folder: RunFolder,
        settings: RunSettings,
        corpus: EncodedCorpus,
        engine: Engine,
        growth: Growth | None = None,
        second: SecondPart | None = None,
    ) -> None:
        """growth: adds the words that are not in the corpus, with --from. second: see there."""
        self._second = second
        self._folder, self._settings, self._growth = folder, settings, growth
        self._corpus, self._engine = corpus, engine
        self._vectors: str | None = None
        self._kept: Embeddings | None = None

    def save(self, position: Position, *, with_vectors: bool) -> None:
        """Write a checkpoint; with_vectors: write the current vectors first.

        Without, under --patience, the vectors on disk are those of an earlier, better epoch.
        """
        arrays: dict[str, Array] = dict(self._engine.state())
        if with_vectors:
            self._write_vectors(self._all_vectors(), position.finished)
        elif self._settings.watch.patience is not None and self._vectors is not None:
            kept = self._kept or read_run_vectors(self._folder.vectors).embeddings
            self._kept = kept  # mapped from the file, not in memory
            if position.finished:  # they are final now
                self._write_vectors(kept, finished=True)
            arrays |= {_KEPT_CENTER: kept.center, _KEPT_OUTSIDE: kept.outside}
            if kept.subwords is not None:
                arrays[_KEPT_ROWS] = kept.subwords.rows
        write_checkpoint(
            self._folder.checkpoints,
            position.done,
            Checkpoint(
                arrays=arrays,
                position=position.to_json(),
                config_fingerprint=self._settings.fingerprint(),
                corpus_fingerprint=self._corpus.fingerprint,
                engine=self._engine.name,
                state_version=self._engine.state_version,
                vectors=self._vectors,
                vocabulary=(self._growth or self._corpus).vocabulary.fingerprint,
                settings=self._settings.kept_by_resume(),
            ),
        )

    def _all_vectors(self) -> Embeddings:
        trained = self._engine.embeddings()
        return trained if self._growth is None else self._growth.whole(trained)

    def _write_vectors(self, embeddings: Embeddings, finished: bool) -> None:
        """Write RUN/vectors.safetensors, and remember its identity."""
        self._kept = None
        if self._second is not None:
            embeddings = self._second.added_to(embeddings)
        grown = self._growth or self._corpus
        write_run_vectors(
            self._folder.vectors,
            grown.vocabulary.words,
            grown.vocabulary.counts,
            embeddings,
            default=self._settings.best_vectors,
            metadata={
                "config_fingerprint": self._settings.fingerprint(),
                **({} if finished else {UNFINISHED: "true"}),
            },
        )
        self._vectors = identity(self._folder.vectors)

    def load_newest(self, notice: Notice) -> Position:
        """Load the newest whole checkpoint; return its position, or that of a new run.

        Raises RunError if no checkpoint is whole, or if it belongs to another run.
        """
        found = checkpoint_files(self._folder.checkpoints)
        for path in found:
            try:
                position = self._load(read_checkpoint(path), path, notice)
            except DataError as error:
                notice(f"skipping a damaged checkpoint: {error}")
                continue
            if path == found[0]:  # otherwise an older one may still be needed
                remove_old(self._folder.checkpoints)
            return position
        if found:
            raise RunError(
                f"no checkpoint in {self._folder.checkpoints} is whole;"
                " delete that folder to train from the start with the same settings"
            )
        notice("no checkpoint yet: training from the start")
        return Position()

    def _load(self, checkpoint: Checkpoint, path: Path, notice: Notice) -> Position:
        self._check_origin(checkpoint, path)
        self._engine.load_state(checkpoint.arrays)
        self._vectors = checkpoint.vectors
        position = Position.from_json(checkpoint.position)
        if self._vectors_on_disk() != checkpoint.vectors:
            now = self._all_vectors()
            self._write_vectors(_kept(checkpoint.arrays, now) or now, position.finished)
            notice(
                f"{self._folder.vectors} did not belong to the newest checkpoint"
                " and has been written again from it"
            )
        return position

    def _check_origin(self, checkpoint: Checkpoint, path: Path) -> None:
        """Raise RunError for a checkpoint of another run, DataError if arrays do not fit."""
        changes = self._settings.changes_since(checkpoint.settings)
        if changes:
            told = "; ".join(
                f"{name} was {shown_setting(then)}, is {shown_setting(now)}"
                for name, (then, now) in changes.items()
            )
            raise RunError(
                f"{path} was written with settings other than those in {self._folder.config}:"
                f" {told};"
                " change them back, or start a new run"
            )
        if checkpoint.corpus_fingerprint != self._corpus.fingerprint:
            raise RunError(
                f"{path} was trained on another corpus than the one in {self._folder.corpus};"
                " the text has changed: restore it, or start a new run"
            )
        mine = (self._engine.name, self._engine.state_version)
        if (checkpoint.engine, checkpoint.state_version) != mine:
            raise RunError(
                f"{path} holds the state of engine {checkpoint.engine}, version"
                f" {checkpoint.state_version}; this is {mine[0]}, version {mine[1]}:"
                " resume with the version of w2v that wrote it"
            )
        for name, array in self._engine.state().items():
            theirs = checkpoint.arrays.get(name)
            if theirs is None or (theirs.shape, theirs.dtype) != (array.shape, array.dtype):
                raise DataError(f"{path}: the array {name!r} does not fit this run")

    def _vectors_on_disk(self) -> str | None:
        """The identity of the vectors on disk, or "damaged"; None: there are none."""
        if not self._folder.vectors.exists():
            return None
        try:
            read_run_vectors(self._folder.vectors)
        except DataError:
            return "damaged"
        return identity(self._folder.vectors)


def _kept(arrays: Mapping[str, Array], now: Embeddings) -> Embeddings | None:
    """The vectors of an earlier epoch in a checkpoint, None without; now: the current ones."""
    if _KEPT_CENTER not in arrays:
        return None
    parts = now.subwords and replace(now.subwords, rows=arrays[_KEPT_ROWS])
    return Embeddings(arrays[_KEPT_CENTER], arrays[_KEPT_OUTSIDE], parts)
