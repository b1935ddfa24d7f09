"""A run being trained: metrics, checkpoints and vectors are written as the loop goes on."""

import os
import time
from collections.abc import Callable, Iterator

from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.engines.base import Engine, Notice
from w2v_cli.engines.catalog import ENGINES
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.training.checkpoint import Checkpoint, write_checkpoint
from w2v_cli.training.metrics import encode
from w2v_cli.training.run_folder import RunFolder
from w2v_cli.training.trainer import Event, Paused, Position, Reported, Ticked, Trainer
from w2v_cli.vectors.run_vectors import write_run_vectors

#: After so many units the pages of the corpus that they read are handed back.
_UNITS_IN_MEMORY = 128


class TrainingRun:
    """A run folder with its corpus, its engine and the loop. `training.assembly` makes one."""

    def __init__(
        self,
        folder: RunFolder,
        settings: RunSettings,
        corpus: EncodedCorpus,
        engine: Engine,
        notice: Notice,
    ) -> None:
        self.folder, self.settings = folder, settings
        self.corpus, self.engine = corpus, engine
        self.trainer: Trainer
        self._notice = notice
        self._stop_asked: Callable[[], bool] = lambda: False
        self._checkpointed_at = time.monotonic()

    @property
    def position(self) -> Position:
        """How far the run has come."""
        return self.trainer.position

    def train(self, stop_asked: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        """Train to the end, or until `stop_asked` says so, and yield the events.

        Metrics are written before each event is seen; the state is on disk when the generator
        ends. Raises RunError when training diverges; the last good checkpoint then stands.
        """
        self._stop_asked = stop_asked
        if not self.folder.trim_metrics(self.position.metrics_bytes):
            self._notice(f"{self.folder.metrics} has lost lines; the run itself is whole")
        try:
            with self.folder.metrics.open("ab") as metrics:
                for event in self.trainer.run():
                    if isinstance(event, Reported):
                        metrics.write(encode(event.report))
                        metrics.flush()
                        if event.notice:
                            self._notice(event.notice)
                    if isinstance(event, Ticked) and event.done % _UNITS_IN_MEMORY == 0:
                        self.corpus.release()
                    yield event
                    if isinstance(event, Paused):
                        os.fsync(metrics.fileno())  # a checkpoint counts these bytes
                        self.position.metrics_bytes = metrics.tell()
                        stopping = stop_asked() and not self.position.finished
                        self._save(event.epoch_ended, stopping)
                        if stopping:
                            return
        finally:
            self.engine.close()

    def pause_due(self) -> bool:
        """Whether a checkpoint is due, or a stop was asked for."""
        every = self.settings.watch.checkpoint_every
        due = every > 0 and time.monotonic() - self._checkpointed_at >= every
        return due or self._stop_asked()

    def _save(self, epoch_ended: bool, stopping: bool) -> None:
        """Write the vectors, then the checkpoint that says they are there."""
        if (epoch_ended or stopping) and self._vectors_are_best(epoch_ended):
            write_run_vectors(
                self.folder.vectors,
                self.corpus.vocabulary.words,
                self.corpus.vocabulary.counts,
                self.engine.embeddings(),
                default=ENGINES[self.settings.training.engine].vectors,
                metadata={"config_fingerprint": self.settings.fingerprint()},
            )
        write_checkpoint(
            self.folder.checkpoints,
            self.position.done,
            Checkpoint(
                arrays=self.engine.state(),
                position=self.position.to_json(),
                config_fingerprint=self.settings.fingerprint(),
                corpus_fingerprint=self.corpus.fingerprint,
                engine=self.engine.name,
                state_version=self.engine.state_version,
            ),
        )
        self._checkpointed_at = time.monotonic()

    def _vectors_are_best(self, epoch_ended: bool) -> bool:
        """With --patience only the vectors of the best epoch so far are kept."""
        if self.settings.watch.patience is None:
            return True
        best, epoch = self.position.best, self.position.done // self.engine.n_units
        return best is None or (epoch_ended and best.epoch == epoch)
