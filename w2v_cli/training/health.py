"""Whether a run learns: a training that went nowhere must not end as if all were well."""

import numpy as np

from w2v_cli.engines.base import Embeddings, check_size, initial_embeddings
from w2v_cli.engines.settings import LOSSES
from w2v_cli.errors import RunError
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.training.metrics import Report
from w2v_cli.training.trainer import Position

#: Centre vectors that moved by a smaller share of their length than this hardly moved.
_LEAST_MOVE = 0.01
#: So many times the loss of vectors that know nothing is above it.
_ABOVE = 1.01
#: So many of the most frequent words are looked at.
_N_WORDS = 1000


class Health:
    """Compares a run with vectors that know nothing: their loss, and where they started."""

    def __init__(self, settings: RunSettings, n_words: int) -> None:
        self._settings = settings
        self._lr = settings.training.lr
        self._start = LOSSES[settings.model.loss].start(settings.objective, n_words)
        self._noted = False

    def check(self, report: Report) -> None:
        """Raise RunError when the loss is far above its start."""
        if report.loss is not None:
            check_size(report.loss, self._start, self._lr)

    def note(self, epoch: Report) -> str:
        """What the user should know about an epoch that is not the last, or ""; once per session.

        Threads that race at a rate that is too high may recover as it falls; the vectors are poor.
        """
        if self._noted or epoch.progress >= 1 or not self._is_above(epoch.loss):
            return ""
        self._noted = True
        return (
            f"epoch {epoch.epoch}: the loss, {epoch.loss:.4f} per pair, is above the"
            f" {self._start:.4f} of vectors that know nothing; start a new run with a lower --lr"
            f" (it was {self._lr:g})"
        )

    def _is_above(self, loss: float | None) -> bool:
        return loss is not None and loss > self._start * _ABOVE

    def warning(self, loss: float | None, embeddings: Embeddings) -> str:
        """What the user should know about a finished run, or "".

        loss: of the last epoch.
        """
        if self._is_above(loss):
            return (
                f"the loss ended at {loss:.4f} per pair, above the {self._start:.4f} of vectors"
                f" that know nothing; start a new run with a lower --lr (it was {self._lr:g})"
            )
        if self._move(embeddings) < _LEAST_MOVE:
            return (
                "the vectors hardly moved from where they started at random; train on more text,"
                f" with more --epochs or a higher --lr (it was {self._lr:g})"
            )
        return ""

    def _move(self, embeddings: Embeddings) -> float:
        """How far the words' own rows have moved, as a share of their length at the start."""
        n_words = min(_N_WORDS, embeddings.n_words)
        seed = self._settings.training.seed
        start = initial_embeddings(n_words, embeddings.dim, seed).center  # the first rows of all
        parts = embeddings.subwords
        now = embeddings.center if parts is None else parts.rows
        moved = np.linalg.norm(now[:n_words] - start)
        return float(moved / np.linalg.norm(start))


def check_pairs(position: Position) -> None:
    """Raise RunError when a whole training has not had one pair of words."""
    if position.finished and position.n_pairs == 0:
        raise RunError(
            "nothing was learned: in the whole training no two words stood in one window, because"
            " the text is short and subsampling dropped its words; give more text, or start a new"
            " run with --subsample-threshold 0"
        )
