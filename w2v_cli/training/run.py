"""A run that trains: it writes metrics, checkpoints and vectors as the loop advances."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from w2v_cli.engines.base import Engine, Notice
from w2v_cli.engines.settings import LOSSES
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.storage import files
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.training.hooks import Health, Snapshots, check_pairs
from w2v_cli.training.run_folder import RunFolder
from w2v_cli.training.saved_state import SavedState
from w2v_cli.training.second_part import SecondPart
from w2v_cli.training.start_vectors import Growth
from w2v_cli.training.trainer import (
    Event,
    Hook,
    Paused,
    Position,
    Report,
    Reported,
    Ticked,
    Trainer,
    create_schedule,
    encode,
)

#: After this many units, the pages of the corpus that were read are released.
_UNITS_IN_MEMORY = 128


class Pauses:
    """Decides when to pause: for a checkpoint, a snapshot or a stop.

    Checkpoints are due by the clock, because they do not change results. Snapshots are due by the
    work done, so that a resumed run keeps the same ones.
    """

    def __init__(self, checkpoint_every: float, snapshots: Snapshots) -> None:
        """checkpoint_every: seconds; 0: only at the end of an epoch."""
        self._snapshots = snapshots
        self.stop_asked: Callable[[], bool] = lambda: False
        self._every = checkpoint_every
        self._last = time.monotonic()

    def due(self, done: int) -> bool:
        """Whether to pause after `done` units."""
        elapsed = time.monotonic() - self._last
        return 0 < self._every <= elapsed or self.stop_asked() or self._snapshots.due(done)

    def restart(self) -> None:
        """Restart the clock, after a checkpoint."""
        self._last = time.monotonic()


class TrainingRun:
    """A run folder with its corpus, its engine and the loop. `training.assembly` makes one.

    It holds the folder's lock until `train` ends; without training, call `close`.
    """

    def __init__(
        self,
        folder: RunFolder,
        settings: RunSettings,
        corpus: EncodedCorpus,
        engine: Engine,
        notice: Notice,
        hooks: Sequence[Hook] = (),
        growth: Growth | None = None,
        second: SecondPart | None = None,
    ) -> None:
        """hooks, growth, second: see `Trainer` and `SavedState`."""
        self.folder, self.settings = folder, settings
        self.corpus, self.engine = corpus, engine
        self.saved = SavedState(folder, settings, corpus, engine, growth, second)
        self._snapshots = Snapshots(
            folder.snapshots,
            settings.watch.snapshots,
            settings.training.epochs * engine.n_units,
            settings.trained_vectors,
        )
        self.pauses = Pauses(settings.watch.checkpoint_every, self._snapshots)
        self.trainer = Trainer(
            engine,
            create_schedule(settings.training),
            settings.training.epochs,
            Position(),
            hooks=hooks,
            pause=self.pauses.due,
            has_perplexity=LOSSES[settings.model.loss].has_perplexity,
        )
        self._notice = notice
        self._health = Health(settings, len(corpus.vocabulary))
        self._last_epoch: Report | None = None

    @property
    def position(self) -> Position:
        """How far the run has come."""
        return self.trainer.position

    def close(self) -> None:
        """Release the engine's threads and the folder's lock."""
        self.engine.close()
        self.folder.unlock()

    def train(self, stop_asked: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        """Train to the end, or until `stop_asked` says so, and yield the events.

        Metrics are written before each event is yielded; the state is on disk when the generator
        ends. Raises RunError if training diverges or learns nothing; the last good checkpoint
        then remains.
        """
        self.pauses.stop_asked = stop_asked
        self._snapshots.start(self.position.done)
        try:
            if not self.folder.trim_metrics(self.position.metrics_bytes):
                self._notice(
                    f"{self.folder.metrics} has lost lines; the run itself is not affected"
                )
            with files.open_binary(self.folder.metrics, "ab") as metrics:
                self._keep_snapshot()
                for event in self.trainer.run():
                    if isinstance(event, Reported):
                        self._write_report(event, metrics)
                    if isinstance(event, Ticked) and event.done % _UNITS_IN_MEMORY == 0:
                        self.corpus.release()
                    yield event
                    if isinstance(event, Paused):
                        self._keep_snapshot()
                        stopping = stop_asked() and not self.position.finished
                        self._save(metrics, event.epoch_ended, stopping)
                        if stopping:
                            return
            self._warn()
        finally:
            self.close()

    def _keep_snapshot(self) -> None:
        vocabulary = self.corpus.vocabulary
        done = self.position.done
        self._snapshots.keep(done, self.engine, vocabulary.words, vocabulary.counts)

    def _write_report(self, event: Reported, metrics: BinaryIO) -> None:
        metrics.write(encode(event.report))
        metrics.flush()
        self._health.check(event.report)
        if event.report.is_epoch:
            self._last_epoch = event.report
            if note := self._health.note(event.report):
                self._notice(note)
        if event.notice:
            self._notice(event.notice)

    def _save(self, metrics: BinaryIO, epoch_ended: bool, stopping: bool) -> None:
        check_pairs(self.position)
        files.sync(metrics)  # the checkpoint counts these bytes
        self.position.metrics_bytes = metrics.tell()
        due = (epoch_ended or stopping) and self.position.n_pairs > 0
        with_vectors = due and self._vectors_are_best(epoch_ended)
        self.saved.save(self.position, with_vectors=with_vectors)
        self.pauses.restart()

    def _vectors_are_best(self, epoch_ended: bool) -> bool:
        """Whether to write the vectors: with --patience, only those of the best epoch so far."""
        if self.settings.watch.patience is None:
            return True
        best, epoch = self.position.best, self.position.done // self.engine.n_units
        return best is None or (epoch_ended and best.epoch == epoch)

    def _warn(self) -> None:
        """Warn if a run that has just finished learned little."""
        if self._last_epoch is None or not self.position.finished:
            return
        if warning := self._health.warning(self._last_epoch.loss, self.engine.embeddings()):
            self._notice(warning)
