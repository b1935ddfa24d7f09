"""Watch the loss on held-out documents, and say when it no longer falls."""

from typing import Any

from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.engines.held_out import HeldOutPairs
from w2v_cli.engines.parameters import Embeddings
from w2v_cli.errors import DataError
from w2v_cli.settings.config import Config
from w2v_cli.training.trainer import Position


class HeldOut:
    """Measures after each epoch. The best so far is kept in the `Position`, for a resume."""

    def __init__(self, config: Config, corpus: EncodedCorpus) -> None:
        self._pairs = HeldOutPairs(config, corpus)
        self._patience = config.patience
        if len(self._pairs.centers) == 0:
            raise DataError(
                "the held-out documents hold no pair of words; hold out more with --holdout"
            )

    def measure(
        self, embeddings: Embeddings, prior: Any, epoch: int, position: Position
    ) -> dict[str, float]:
        """Return `held_out_loss` after an epoch for the metrics; may finish the position."""
        loss = self._pairs.mean_loss(embeddings, prior)
        if position.best_loss is None or loss < position.best_loss:
            position.best_loss, position.best_epoch = loss, epoch
        elif self._patience is not None and epoch - position.best_epoch >= self._patience:
            position.finished = True
        return {"held_out_loss": loss}
