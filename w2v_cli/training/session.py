"""A run on disk: create it, resume it, train it.

RUN/config.toml    every setting, reproduces the run
RUN/vocab.tsv      word TAB count, most frequent first
RUN/vectors.safetensors, RUN/metrics.jsonl, RUN/checkpoints/, RUN/cache/ (the encoded corpus)
"""

import json
import math
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.corpus.held_out_split import split_documents
from w2v_cli.corpus.prepare import corpus_fingerprint, open_corpus, prepare_corpus
from w2v_cli.corpus.reading import Progress
from w2v_cli.engines import create_engine
from w2v_cli.errors import DataError, RunError
from w2v_cli.settings.config import Config
from w2v_cli.settings.toml import config_to_toml, read_config_file
from w2v_cli.storage.atomic import atomic_folder, atomic_write
from w2v_cli.training.checkpoint import (
    Checkpoint,
    checkpoint_files,
    read_checkpoint,
    write_checkpoint,
)
from w2v_cli.training.held_out import HeldOut
from w2v_cli.training.schedule import create_schedule
from w2v_cli.training.trainer import Event, Paused, Position, Reported, Ticked, Trainer
from w2v_cli.vectors.run_vectors import BEST_VECTORS, Which, choose_vectors, write_run_vectors

Notice = Callable[[str], None]

#: After so many units the pages of the corpus that they read are handed back.
_UNITS_IN_MEMORY = 128
#: Words and vectors → name of a set → score; and how one is made from the files of sets.
EpochScore = Callable[[Sequence[str], NDArray[Any]], dict[str, float | None]]
ScoreMaker = Callable[[Sequence[str]], EpochScore | None]


def _silent(message: str) -> None:
    """Drop a notice."""


def _no_progress(phase: str, done: int, total: int) -> None:
    """Drop a progress report."""


def _no_score(files: Sequence[str]) -> None:
    """Score nothing after an epoch."""


class Session:
    """One run folder being trained."""

    def __init__(
        self, run_dir: Path, config: Config, notice: Notice, score: EpochScore | None
    ) -> None:
        self.run_dir = run_dir
        self.config = config
        self._score = score
        self.position = Position()
        self._notice = notice
        self._stop_asked: Callable[[], bool] = lambda: False
        self._checkpointed_at = time.monotonic()
        self.corpus: EncodedCorpus = open_corpus(self._corpus_dir)
        self._note_invalid_text()
        self._held_out: HeldOut | None = None
        if config.holdout:
            folder = run_dir / "cache" / "holdout"
            self.corpus, held = split_documents(self.corpus, config.holdout, config.seed, folder)
            self._held_out = HeldOut(config, held)
        self.engine = create_engine(config, self.corpus, run_dir / "cache", notice)
        self.trainer = Trainer(
            self.engine,
            create_schedule(config),
            config.epochs or 1,
            self.position,
            self._pause_due,
        )

    @property
    def _corpus_dir(self) -> Path:
        return self.run_dir / "cache" / "corpus"

    def train(self, stop_asked: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        """Train to the end, or until `stop_asked` says so, and yield the events.

        Metrics are written before each event is seen; the state is on disk when the generator
        ends. Raises RunError when training diverges; the last good checkpoint then stands.
        """
        self._stop_asked = stop_asked
        self._trim_metrics()
        try:
            with (self.run_dir / "metrics.jsonl").open("a", encoding="utf-8") as metrics:
                for event in self.trainer.run():
                    if isinstance(event, Reported):
                        self._add_losses(event)
                        if event.is_epoch and self._score is not None:
                            event.metrics["eval"] = self._score(
                                self.corpus.vocabulary.words, self._vectors_in_use()
                            )
                        metrics.write(json.dumps(event.metrics, allow_nan=False) + "\n")
                        metrics.flush()
                    if isinstance(event, Ticked) and event.done % _UNITS_IN_MEMORY == 0:
                        self.corpus.release()
                    yield event
                    if isinstance(event, Paused):
                        stopping = stop_asked() and not self.position.finished
                        self.position.metrics_bytes = metrics.tell()
                        self._save(
                            write_vectors=(event.epoch_ended or stopping)
                            and self._vectors_are_best(event.epoch_ended)
                        )
                        if stopping:
                            return
        finally:
            self.engine.close()

    def load(self, checkpoint: Checkpoint, path: Path) -> None:
        """Take up the state of a checkpoint. Raises RunError when it is another run's."""
        if checkpoint.config_fingerprint != self.config.fingerprint():
            raise RunError(
                f"{path} was written with other settings than {self.run_dir / 'config.toml'};"
                " put the original config.toml back, or start a new run"
            )
        if checkpoint.corpus_fingerprint != self.corpus.fingerprint:
            raise RunError(
                f"{path} was trained on another corpus than the one in {self._corpus_dir};"
                " the text has changed: put it back, or start a new run"
            )
        self.engine.load_state(checkpoint.arrays)
        vars(self.position).update(vars(Position.from_json(checkpoint.position)))

    @property
    def _best_vectors(self) -> Which:
        return BEST_VECTORS.get(self.config.engine or "", "center")

    def _add_losses(self, event: Reported) -> None:
        """Add the perplexity (naive softmax) and, at an epoch's end, the held-out loss."""
        metrics = event.metrics
        if event.is_epoch and self._held_out is not None:
            prior = getattr(self.engine, "prior", None)  # of engine softmax
            measured = self._held_out.measure(
                self.engine.embeddings(), prior, metrics["epoch"], self.position
            )
            metrics.update(measured)
            if self.position.finished:
                self._notice(
                    f"stopping: the held-out loss has not fallen since epoch"
                    f" {self.position.best_epoch}, whose vectors are kept"
                )
        if self.config.loss == "naive-softmax":
            for loss in [name for name in ("loss", "held_out_loss") if metrics.get(name)]:
                metrics[loss.replace("loss", "perplexity")] = math.exp(min(metrics[loss], 700.0))

    def _vectors_are_best(self, epoch_ended: bool) -> bool:
        """With --patience only the vectors of the best epoch so far are kept."""
        if self.config.patience is None:
            return True
        epoch = self.position.done // self.engine.n_units
        return self.position.best_epoch == (epoch if epoch_ended else 0)

    def _vectors_in_use(self) -> NDArray[Any]:
        return choose_vectors(self.engine.embeddings(), self._best_vectors)

    def _pause_due(self) -> bool:
        every = self.config.checkpoint_every
        due = every > 0 and time.monotonic() - self._checkpointed_at >= every
        return due or self._stop_asked()

    def _save(self, write_vectors: bool) -> None:
        write_checkpoint(
            self.run_dir / "checkpoints",
            self.position.done,
            Checkpoint(
                arrays=self.engine.state(),
                position=self.position.to_json(),
                config_fingerprint=self.config.fingerprint(),
                corpus_fingerprint=self.corpus.fingerprint,
            ),
        )
        if write_vectors:
            write_run_vectors(
                self.run_dir / "vectors.safetensors",
                self.corpus.vocabulary.words,
                self.corpus.vocabulary.counts,
                self.engine.embeddings(),
                default=self._best_vectors,
                metadata={"config_fingerprint": self.config.fingerprint()},
            )
        self._checkpointed_at = time.monotonic()

    def _trim_metrics(self) -> None:
        """Drop the lines that were written after the checkpoint a run resumes from."""
        path = self.run_dir / "metrics.jsonl"
        if path.exists() and path.stat().st_size > self.position.metrics_bytes:
            os.truncate(path, self.position.metrics_bytes)

    def _note_invalid_text(self) -> None:
        n = json.loads((self._corpus_dir / "corpus.json").read_text())["n_invalid"]
        if n:
            what = {"replace": "replaced by U+FFFD", "ignore": "left out"}
            self._notice(
                f"{n} lines hold invalid UTF-8; the bad bytes were"
                f" {what[self.config.encoding_errors]} (--encoding-errors strict stops there)"
            )


def create_run(
    config: Config,
    run_dir: Path,
    notice: Notice = _silent,
    progress: Progress = _no_progress,
    score_maker: ScoreMaker = _no_score,
) -> Session:
    """Start a run in a folder that does not exist or is empty.

    config: resolved. score_maker makes what scores the vectors after each epoch.
    When the corpus turns out to be unusable, nothing is left behind.
    Raises RunError for a folder that holds something, DataError for a bad corpus.
    """
    _clear_leftovers(run_dir)
    if run_dir.exists() and (not run_dir.is_dir() or any(run_dir.iterdir())):
        if (run_dir / "config.toml").exists():
            raise RunError(
                f"{run_dir} holds another run; continue it with --resume,"
                " or choose another --out for a new one"
            )
        raise RunError(f"{run_dir} is not an empty folder; choose another --out")
    score = score_maker(config.eval_files)  # a bad file is noticed before the corpus is read
    existed = run_dir.exists()
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"cannot create {run_dir}: {error}; choose another --out") from error
    try:
        _write_text(run_dir / "config.toml", config_to_toml(config))
        _prepare(config, run_dir, progress)
        return Session(run_dir, config, notice, score)
    except BaseException:
        _clear(run_dir, existed)
        raise


def resume_run(
    run_dir: Path,
    given: dict[str, Any],
    notice: Notice = _silent,
    progress: Progress = _no_progress,
    score_maker: ScoreMaker = _no_score,
) -> Session:
    """Take up a run where its newest whole checkpoint left it.

    given: settings named by the user; they may not contradict the run's own.
    Raises RunError when there is no run, or configuration, corpus or checkpoint do not match.
    """
    path = run_dir / "config.toml"
    _clear_leftovers(run_dir)
    if not path.exists():
        raise RunError(f"{run_dir} holds no run to resume (no config.toml); leave --resume away")
    config = Config(**read_config_file(path))
    wanted = Config(**{**vars(config), **given})
    differing = config.differences(wanted)
    if config.paths != wanted.paths:
        differing.append(f"paths: {list(config.paths)} here, {list(wanted.paths)} there")
    if differing:
        raise RunError(
            f"{run_dir} was started with other settings ({'; '.join(differing)});"
            " leave them away to resume, or start a new run"
        )
    if (run_dir / "cache" / "corpus").exists():
        _check_cache(run_dir)
    else:
        notice("the encoded corpus is gone; reading the text again")
        _prepare(config, run_dir, progress)
    session = Session(run_dir, wanted, notice, score_maker(wanted.eval_files))
    _load_newest(session, notice)
    return session


def _load_newest(session: Session, notice: Notice) -> None:
    files = checkpoint_files(session.run_dir / "checkpoints")
    for path in files:
        try:
            session.load(read_checkpoint(path), path)
            return
        except DataError as error:
            notice(f"skipping a damaged checkpoint: {error}")
    if files:
        raise RunError(
            f"no checkpoint in {session.run_dir / 'checkpoints'} is whole;"
            " delete that folder to train from the start with the same settings"
        )
    notice("no checkpoint yet: training from the start")


def _prepare(config: Config, run_dir: Path, progress: Progress) -> None:
    with atomic_folder(run_dir / "cache" / "corpus") as folder:
        prepare_corpus(config, folder, progress)
    vocabulary = (run_dir / "cache" / "corpus" / "vocab.tsv").read_bytes()
    with atomic_write(run_dir / "vocab.tsv") as file:
        file.write(vocabulary)


def _check_cache(run_dir: Path) -> None:
    folder = run_dir / "cache" / "corpus"
    if corpus_fingerprint(folder) != open_corpus(folder).fingerprint:
        raise RunError(
            f"the encoded corpus in {folder} was damaged;"
            " delete that folder and resume again: it is made anew from the text"
        )


def _write_text(path: Path, text: str) -> None:
    with atomic_write(path) as file:
        file.write(text.encode("utf-8"))


def _clear_leftovers(run_dir: Path) -> None:
    """Remove half-written temporary files that a killed run has left behind."""
    for folder in (run_dir, run_dir / "cache", run_dir / "checkpoints"):
        for leftover in folder.glob(".*.tmp"):
            if leftover.is_dir():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()


def _clear(run_dir: Path, existed: bool) -> None:
    """Remove what an unsuccessful start has written."""
    for name in ("config.toml", "vocab.tsv"):
        (run_dir / name).unlink(missing_ok=True)
    shutil.rmtree(run_dir / "cache", ignore_errors=True)
    if not existed:
        with suppress(OSError):
            run_dir.rmdir()
