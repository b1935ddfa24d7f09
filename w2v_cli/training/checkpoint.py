"""Checkpoints: one checksummed safetensors file each, written atomically, the newest two kept.

A checkpoint holds the engine's arrays, the position in the run (JSON), the settings that a resume
may not change, and the fingerprints of configuration and corpus. There is no pickle in it and no
generator state: all randomness is keyed by the position.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from w2v_cli.arrays import Array
from w2v_cli.errors import DataError, RunError
from w2v_cli.storage import files
from w2v_cli.storage.folders import make_folders
from w2v_cli.storage.tensors import read_tensors, write_tensors

FORMAT = "w2v-checkpoint"
VERSION = "4"
#: Version 3 held no settings, only their fingerprint.
READABLE = ("3", VERSION)
KEPT = 2


@dataclass(frozen=True)
class Checkpoint:
    """Arrays and position of a run, with what they belong to.

    engine, state_version: which engine's `state()` the arrays are, and which version of it.
    vectors: the identity of the vectors that were on disk then; None: there were none. settings:
    those that a resume may not change; None: written by a version that kept their fingerprint only.
    """

    arrays: Mapping[str, Array]
    position: dict[str, object]
    config_fingerprint: str
    corpus_fingerprint: str
    engine: str
    state_version: int
    vectors: str | None = None
    settings: Mapping[str, Any] | None = None


def checkpoint_files(folder: Path) -> list[Path]:
    """Return the checkpoints in a folder, the newest first."""
    return sorted(folder.glob("[0-9]*.safetensors"), reverse=True)


def write_checkpoint(folder: Path, number: int, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint named by `number` (units done), then remove all but the newest two."""
    make_folders(folder)
    path = folder / f"{number:012d}.safetensors"
    body = json.dumps(
        {
            "position": checkpoint.position,
            "config_fingerprint": checkpoint.config_fingerprint,
            "corpus_fingerprint": checkpoint.corpus_fingerprint,
            "engine": checkpoint.engine,
            "state_version": checkpoint.state_version,
            "vectors": checkpoint.vectors,
            "settings": checkpoint.settings,
        }
    )
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

    Raises DataError when it is damaged, RunError when it has another format or version.
    """
    arrays, metadata = read_tensors(path)
    if metadata.get("format") != FORMAT or metadata.get("version") not in READABLE:
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
