"""Small states of the vectors, kept while a run trains: `w2v plot --animate` shows them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Embeddings, Engine
from w2v_cli.engines.settings import Which
from w2v_cli.storage.folders import make_folders
from w2v_cli.vectors.run_vectors import write_run_vectors

#: A snapshot holds so many of the most frequent words.
MOST_WORDS = 1_500


class Snapshots:
    """Writes RUN/snapshots/NNNNNN.safetensors at n evenly spaced places of a training.

    The places depend on the work only, so that a resumed run keeps the same states.
    """

    def __init__(self, folder: Path, n: int, total: int, which: Which) -> None:
        """n: how many, 0 for none. total: units of the whole training."""
        self._folder, self._which, self._total = folder, which, total
        self._places = [total * i // n for i in range(1, n + 1)] if n else []

    def start(self, done: int) -> None:
        """Begin, or continue, after `done` units: places that have passed need no state."""
        self._places = [place for place in self._places if place > done]

    def due(self, done: int) -> bool:
        """Whether a place has been reached, so that the engine should come to rest."""
        return bool(self._places) and done >= self._places[0]

    def keep(self, done: int, engine: Engine, words: Sequence[str], counts: Array) -> None:
        """Write the state after `done` units, if one is due; the first is that of the start."""
        if not self._places or not (done == 0 or self.due(done)):
            return
        n = min(len(words), MOST_WORDS)
        vectors = engine.embeddings()
        progress = done / self._total
        make_folders(self._folder)
        write_run_vectors(
            self._folder / f"{round(progress * 1e6):07d}.safetensors",
            words[:n],
            counts[:n],
            Embeddings(np.array(vectors.center[:n]), np.array(vectors.outside[:n])),
            default=self._which,
            metadata={"progress": repr(progress)},
        )
        self._places = [place for place in self._places if place > done]
