"""The states of a run that `w2v train --snapshots N` keeps, as points on one fixed map."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from w2v_cli.engines.settings import Which
from w2v_cli.equations import Array
from w2v_cli.errors import DataError
from w2v_cli.pictures.projection import project
from w2v_cli.vectors.run_vectors import read_run_vectors


@dataclass(frozen=True)
class Snapshots:
    """S states of the same n words, in the order of training.

    words: n words. progress: shares of the training that were done, shape (S,), rising.
    vectors: shape (S, n, D).
    """

    words: list[str]
    progress: Array
    vectors: Array


def read_snapshots(run_dir: Path, words: Sequence[str], which: Which | None = None) -> Snapshots:
    """Read RUN/snapshots/*.safetensors; keep those of the words that every state has.

    which: "center", "outside", "sum" or "concat"; None: what the snapshots say.

    Raises:
        DataError: fewer than two snapshots, one without its progress, or fewer than two words.
    """
    files = sorted((run_dir / "snapshots").glob("*.safetensors"))
    if len(files) < 2:
        raise DataError(
            f"{run_dir}: --animate needs snapshots; train again with --snapshots 60 to keep them"
        )
    states = [read_run_vectors(file) for file in files]
    tables = [{word: i for i, word in enumerate(state.words)} for state in states]
    shared = [word for word in words if all(word in table for table in tables)]
    if len(shared) < 2:
        raise DataError(f"{run_dir}: the snapshots have fewer than two of the words; try --top 50")
    rows = [
        state.matrix(which)[[table[word] for word in shared]]
        for state, table in zip(states, tables, strict=True)
    ]
    progress = [_progress(file, state.metadata) for file, state in zip(files, states, strict=True)]
    order = np.argsort(progress, kind="stable")
    vectors = np.stack(rows).astype(np.float64)[order]
    return Snapshots(shared, np.array(progress)[order], vectors)


def paths_on_the_map(snapshots: Snapshots) -> Array:
    """Return the words' points in each state, shape (S, n, 2).

    The map is that of the last state, its mean and its two principal axes; it stays as it is, so
    whatever moves is the words.
    """
    last = snapshots.vectors[-1]
    middle = last.mean(axis=0)
    points = project(last).points
    # The axes that take the centred rows to their points, by least squares.
    axes, *_ = np.linalg.lstsq(last - middle, points, rcond=None)
    paths: Array = (snapshots.vectors - middle) @ axes
    return paths


def between(paths: Array, progress: Array, at: Array) -> Array:
    """Fill in points between states: for each share in `at` (F,), shape (F, n, 2)."""
    right = np.clip(np.searchsorted(progress, at, side="right"), 1, len(progress) - 1)
    span = progress[right] - progress[right - 1]
    share = np.divide(at - progress[right - 1], span, out=np.ones_like(at), where=span > 0)
    weight = np.clip(share, 0, 1)[:, None, None]
    filled: Array = (1 - weight) * paths[right - 1] + weight * paths[right]
    return filled


def _progress(file: Path, metadata: dict[str, str]) -> float:
    try:
        return float(metadata["progress"])
    except (KeyError, ValueError):
        raise DataError(f"{file}: a snapshot without its progress; train again") from None
