"""What happens at the end of an epoch besides saving: scores, held-out loss, early stop.

A hook is called with the state of the run and returns what it found; it changes nothing itself.
"""

from collections.abc import Callable, Sequence

from w2v_cli.arrays import Array
from w2v_cli.engines.base import SubwordVectors
from w2v_cli.engines.catalog import best_vectors
from w2v_cli.engines.held_out import held_out_pairs
from w2v_cli.errors import DataError
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.training.growth import Growth
from w2v_cli.training.trainer import Best, EpochEnd, Finding
from w2v_cli.vectors.run_vectors import choose_vectors

#: Words, vectors (V, D) and what they are made of → score by set.
EpochScore = Callable[[Sequence[str], Array, SubwordVectors | None], dict[str, float | None]]


class HeldOutLoss:
    """Measures the loss on held-out documents, and stops when it no longer falls."""

    def __init__(self, settings: RunSettings, held_out: EncodedCorpus) -> None:
        """Raises DataError when no two words of the held-out documents are a pair."""
        self._pairs = held_out_pairs(settings, held_out)
        self._patience = settings.watch.patience
        if len(self._pairs) == 0:
            raise DataError(
                "the held-out documents contain no pair of words; hold out more with --holdout"
            )

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
    ) -> None:
        """growth: words that are scored besides those of the text."""
        self._words = words if growth is None else growth.vocabulary.words
        self._score, self._growth = score, growth
        self._which = best_vectors(settings)

    def __call__(self, end: EpochEnd) -> Finding:
        """Return `eval`: score by set."""
        embeddings = end.engine.embeddings()
        if self._growth is not None:
            embeddings = self._growth.whole(embeddings)
        vectors = choose_vectors(embeddings, self._which)
        scores = self._score(self._words, vectors, embeddings.subwords)
        return Finding({"eval": scores}, end.best)


class StartCosine:
    """Measures how far known words have moved from the vectors that they started from."""

    def __init__(self, settings: RunSettings, growth: Growth) -> None:
        self._growth, self._which = growth, best_vectors(settings)

    def __call__(self, end: EpochEnd) -> Finding:
        """Return `start_cosine`."""
        cosine = self._growth.cosine(end.engine.embeddings(), self._which)
        return Finding({} if cosine is None else {"start_cosine": cosine}, end.best)
