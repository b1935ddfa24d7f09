"""Measurements during a training: hooks at the end of an epoch, health checks, and snapshots.

A hook (held-out loss, scores, distance from the start) gets the state of the run and returns what
it found. It changes nothing: the loop adds the figures to the report and decides whether to stop.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Embeddings, Engine, SubwordVectors, check_size, initial_embeddings
from w2v_cli.engines.held_out import held_out_pairs
from w2v_cli.engines.settings import LOSSES, Which
from w2v_cli.errors import DataError, RunError
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.storage.folders import make_folders
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.training.second_part import SecondPart
from w2v_cli.training.start_vectors import Growth
from w2v_cli.training.trainer import Best, EpochEnd, Finding, Position, Report
from w2v_cli.vectors.run_vectors import choose_vectors, parts_of, write_run_vectors

#: (words, vectors (V, D), subword vectors) → score by set.
EpochScore = Callable[[Sequence[str], Array, SubwordVectors | None], dict[str, float | None]]


class HeldOutLoss:
    """Measures the loss on held-out documents; stops the run when it no longer falls."""

    def __init__(self, settings: RunSettings, held_out: EncodedCorpus) -> None:
        """Raises DataError if the held-out documents have no pair of words."""
        self._pairs = held_out_pairs(settings, held_out)
        self._patience = settings.watch.patience
        if len(self._pairs) == 0:
            raise DataError("the held-out documents contain no pair of words; raise --holdout")

    def __call__(self, end: EpochEnd) -> Finding:
        """Return `held_out_loss`, the best epoch so far, and whether to stop."""
        loss = self._pairs.mean_loss(end.engine.embeddings(), end.engine.score_offset())
        best = end.best
        if best is None or loss < best.loss:
            best = Best(loss, end.epoch)
        stop = ""
        if self._patience is not None and end.epoch - best.epoch >= self._patience:
            stop = (
                f"stopping: the held-out loss has not fallen since epoch {best.epoch},"
                " whose vectors are kept"
            )
        return Finding({"held_out_loss": loss}, best, stop)


class Scores:
    """Scores the vectors on rated pairs and analogies."""

    def __init__(
        self,
        settings: RunSettings,
        words: Sequence[str],
        score: EpochScore,
        growth: Growth | None = None,
        second: SecondPart | None = None,
    ) -> None:
        """growth: adds the words that are not in the text, with --from. second: of a blend."""
        self._second = second
        self._words = words if growth is None else growth.vocabulary.words
        self._score, self._growth = score, growth
        self._which = settings.best_vectors

    def __call__(self, end: EpochEnd) -> Finding:
        """Return `eval`: score by set."""
        embeddings = end.engine.embeddings()
        if self._growth is not None:
            embeddings = self._growth.whole(embeddings)
        if self._second is not None:
            embeddings = self._second.added_to(embeddings)
        vectors = choose_vectors(embeddings, self._which)
        parts = parts_of(embeddings, self._which, self._words)
        scores = self._score(self._words, vectors, parts)
        return Finding({"eval": scores}, end.best)


class StartCosine:
    """Measures how far known words have moved from their start vectors."""

    def __init__(self, settings: RunSettings, growth: Growth) -> None:
        self._growth, self._which = growth, settings.trained_vectors

    def __call__(self, end: EpochEnd) -> Finding:
        """Return `start_cosine`."""
        cosine = self._growth.cosine(end.engine.embeddings(), self._which)
        return Finding({} if cosine is None else {"start_cosine": cosine}, end.best)


# Whether a run learns. A training that learned nothing must not end as if it had succeeded.

#: A move by less than this share of a vector's length is hardly a move.
_LEAST_MOVE = 0.01
#: A loss is bad if it is above this many times that of untrained vectors.
_ABOVE = 1.01
#: This many of the most frequent words are examined.
_N_WORDS = 1000


class Health:
    """Compares a run with untrained vectors: their loss and their positions."""

    def __init__(self, settings: RunSettings, n_words: int) -> None:
        self._settings = settings
        self._lr = settings.training.lr
        self._start = LOSSES[settings.model.loss].start(settings.objective, n_words)
        self._noted = False

    def check(self, report: Report) -> None:
        """Raise RunError if the loss is far above that of untrained vectors."""
        if report.loss is not None:
            check_size(report.loss, self._start, self._lr)

    def note(self, epoch: Report) -> str:
        """Return a warning about an epoch that is not the last, or ""; at most one per session.

        As the rate falls, racing threads may recover from too high a rate; the vectors stay poor.
        """
        if self._noted or epoch.progress >= 1 or not self._is_above(epoch.loss):
            return ""
        self._noted = True
        return (
            f"epoch {epoch.epoch}: the loss, {epoch.loss:.4f} per pair, is above the"
            f" {self._start:.4f} of untrained vectors; start a new run with a lower --lr"
            f" (it was {self._lr:g})"
        )

    def _is_above(self, loss: float | None) -> bool:
        return loss is not None and loss > self._start * _ABOVE

    def warning(self, loss: float | None, embeddings: Embeddings) -> str:
        """Return a warning about a finished run, or "". loss: of the last epoch."""
        if self._is_above(loss):
            return (
                f"the loss ended at {loss:.4f} per pair, above the {self._start:.4f} of untrained"
                f" vectors; start a new run with a lower --lr (it was {self._lr:g})"
            )
        if self._move(embeddings) < _LEAST_MOVE:
            return (
                "the vectors hardly moved from their random start; train on more text, with more"
                f" --epochs or a higher --lr (it was {self._lr:g})"
            )
        return ""

    def _move(self, embeddings: Embeddings) -> float:
        """Return how far words' own rows have moved, as a share of their initial length."""
        n_words = min(_N_WORDS, embeddings.n_words)
        seed = self._settings.training.seed
        start = initial_embeddings(n_words, embeddings.dim, seed).center  # the first rows of all
        parts = embeddings.subwords
        now = embeddings.center if parts is None else parts.rows
        moved = np.linalg.norm(now[:n_words] - start)
        return float(moved / np.linalg.norm(start))


def check_pairs(position: Position) -> None:
    """Raise RunError if a finished training has not seen a single pair of words."""
    if position.finished and position.n_pairs == 0:
        raise RunError(
            "nothing was learned: no window of the whole training held two words, because the text"
            " is short and subsampling dropped its words; give more text, or start a new run with"
            " --subsample-threshold 0"
        )


# Small copies of the vectors, kept while a run trains, for `w2v plot --animate`.

#: A snapshot holds this many of the most frequent words.
MOST_WORDS = 1_500


class Snapshots:
    """Writes RUN/snapshots/NNNNNNN.safetensors at n evenly spaced points of a training.

    The points depend only on the work done, so that a resumed run keeps the same ones.
    """

    def __init__(self, folder: Path, n: int, total: int, which: Which) -> None:
        """n: number of snapshots. total: units of the whole training."""
        self._folder, self._which, self._total = folder, which, total
        self._places = [total * i // n for i in range(1, n + 1)] if n else []

    def start(self, done: int) -> None:
        """Begin or continue after `done` units, without the points already passed."""
        self._places = [place for place in self._places if place > done]

    def due(self, done: int) -> bool:
        """Whether a point has been reached, so that the engine should pause."""
        return bool(self._places) and done >= self._places[0]

    def keep(self, done: int, engine: Engine, words: Sequence[str], counts: Array) -> None:
        """Write a snapshot after `done` units if one is due; at 0 units it always is."""
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
