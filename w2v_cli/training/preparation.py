"""The corpus of a run: read into its folder, checked, opened."""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from w2v_cli.engines.base import Engine, Notice, Stats, Unit
from w2v_cli.engines.catalog import ENGINES
from w2v_cli.engines.settings import CorpusFigures, ModelSettings
from w2v_cli.errors import DataError, RunError, UsageError, shown_setting
from w2v_cli.memory import ask_for
from w2v_cli.pairs.counts_folder import counts_fingerprint, is_counts, read_counts, read_manifest
from w2v_cli.settings.config import Config
from w2v_cli.settings.fields import Value
from w2v_cli.settings.run_settings import RunSettings, settings_named
from w2v_cli.storage.atomic import atomic_folder, atomic_write
from w2v_cli.text.encoded import EncodedCorpus, fingerprint_of, read_summary
from w2v_cli.text.plan import Progress, absent_words, no_progress
from w2v_cli.text.prepare import open_corpus, prepare_corpus
from w2v_cli.text.sentences import Sentences
from w2v_cli.text.settings import CorpusSettings
from w2v_cli.text.shared_cache import user_cache
from w2v_cli.text.vocabulary import read_vocabulary, write_vocabulary
from w2v_cli.training.run_folder import RunFolder
from w2v_cli.training.start_vectors import Growth, StartVectors


@dataclass(frozen=True)
class Watcher:
    """Who listens.

    notice: one sentence that the user should know. progress: how far the preparation has come.
    """

    notice: Notice = lambda message: None
    progress: Progress = no_progress


# Training on a folder of counts (`w2v count`) instead of a text: what may be set then.


#: Settings that need the text itself, and what they say without it.
_NEEDS_TEXT = ("holdout", "patience", "steps", "limit_tokens", "start_from")


def counts_in(paths: Sequence[str]) -> Path | None:
    """Return the folder of counts that a corpus is, None for a text.

    Raises UsageError when it is not the only one.
    """
    found = [Path(path) for path in paths if path != "-" and is_counts(Path(path))]
    if found and len(paths) > 1:
        raise UsageError(
            f"{found[0]} holds counts and has to be the only corpus;"
            " add counts up first with `w2v merge-counts`"
        )
    return found[0] if found else None


def with_counts(config: Config) -> Config:
    """Return a configuration whose corpus is counts with the settings that they were made with.

    Raises UsageError for settings that contradict those, need the text, or an engine that does.
    """
    folder = counts_in(config.given.get("paths", ()))
    if folder is None:
        return config
    manifest = read_manifest(folder)
    given = dict(config.given)
    for name in _NEEDS_TEXT:
        if given.get(name):
            raise UsageError(
                f"{_option(name)} needs the text, and {folder} holds only counts of it; omit it"
            )
    made_with = {k: tuple(v) if isinstance(v, list) else v for k, v in manifest.made_with.items()}
    for name, value in made_with.items():
        mine = given.get(name, value)
        if mine != value:
            theirs, ours = (shown_setting(v, "no such limit") for v in (value, mine))
            raise UsageError(
                f"{folder} was made with {_option(name)} {theirs}, you gave {ours};"
                " omit it, or count the text again"
            )
    return Config(**{**made_with, **given, "engine": _engine(given, folder)})


def open_counted(folder: Path, notice: Notice) -> EncodedCorpus:
    """Return what an engine needs to know of a text that was only counted.

    Raises DataError when there are no pairs to learn from.
    """
    manifest, vocabulary, _ = read_counts(folder)
    if manifest.n_invalid:
        notice(f"{manifest.n_invalid:,} lines of the counted text contained invalid UTF-8")
    if manifest.n_entries == 0:
        raise DataError(f"{folder} has no pairs, so there is nothing to learn from")
    none = np.empty(0, np.uint32), np.empty(0, np.int64)
    fingerprint = counts_fingerprint(folder)
    return EncodedCorpus(*none, manifest.n_tokens, vocabulary, fingerprint, counts=folder)


def _engine(given: Mapping[str, Value], folder: Path) -> str:
    """Return an engine that trains on counts: the one that was chosen, or the first."""
    loss = given.get("loss", ModelSettings().loss)
    able = [o.name for o in ENGINES.values() if o.takes_counts and loss in o.losses]
    chosen = given.get("engine", able[0])
    if chosen not in able:
        raise UsageError(
            f"engine {chosen} needs the text, and {folder} holds only counts of it;"
            f" choose --engine {' or '.join(able)}"
        )
    return str(chosen)


def _option(name: str) -> str:
    return settings_named()[name][0].option if name in settings_named() else name


# The corpus of a run: read into its folder, checked, opened.


#: A text with more lines than this share that are not UTF-8 is probably in another encoding.
_MANY_INVALID = 0.01
#: Words of a list that a note names.
_MOST_NAMED = 5


@dataclass(frozen=True)
class Input:
    """What a call gives of a corpus besides the settings.

    tokenizer: the one that the user named in this call. A function is imported only when it is
    this one, never because a configuration has it. sentences: from Python, instead of files.
    """

    tokenizer: str | None = None
    sentences: Sentences | None = None


def open_prepared(settings: RunSettings, folder: RunFolder, watcher: Watcher) -> EncodedCorpus:
    """Open the corpus of a run, or the counts that stand for one."""
    counts = counts_in(settings.corpus.paths)
    if counts:
        return open_counted(counts, watcher.notice)
    corpus = open_corpus(folder.corpus)
    _check_pairs(corpus)
    _note_invalid_text(folder, settings.corpus, watcher.notice)
    return corpus


def prepare(
    settings: RunSettings,
    folder: RunFolder,
    watcher: Watcher,
    origin: StartVectors | None,
    text: Input,
) -> None:
    """Read the corpus into a run's folder; of counts, only their vocabulary.

    Raises RunError when the corpus came from Python and is not given again.
    """
    if counts := counts_in(settings.corpus.paths):
        write_run_vocabulary(folder, counts, origin)
        return
    if not settings.corpus.paths and text.sentences is None:
        raise RunError(
            f"{folder.path} was trained on sentences from Python, and its encoded corpus is"
            " missing; resume with the same ones: w2v_cli.train(sentences, …, resume=True)"
        )
    with atomic_folder(folder.corpus) as temporary:
        summary = prepare_corpus(
            settings.corpus,
            temporary,
            watcher.progress,
            n_threads=settings.training.n_threads,
            named=text.tokenizer,
            shared=user_cache(watcher.notice),
            sentences=text.sentences,
            known=frozenset(origin.words if origin else ()),
        )
    for note in summary.notes:
        watcher.notice(note)
    write_run_vocabulary(folder, folder.corpus, origin)
    if settings.corpus.vocab is not None:
        _note_absent_words(settings.corpus, folder, watcher.notice, text)


def write_run_vocabulary(folder: RunFolder, corpus: Path, origin: StartVectors | None) -> None:
    """Write `vocab.tsv` of a run: words of its corpus, and of the vectors it starts from."""
    if origin is None:
        with atomic_write(folder.vocabulary) as file:
            file.write((corpus / "vocab.tsv").read_bytes())
        return
    of_text = read_vocabulary(corpus / "vocab.tsv")
    write_vocabulary(Growth(origin, of_text).vocabulary, folder.vocabulary)


def check_prepared(folder: RunFolder, watcher: Watcher) -> None:
    """Raise RunError when the corpus of a run is damaged."""
    corpus = open_corpus(folder.corpus)
    is_whole = fingerprint_of(folder.corpus, watcher.progress) == corpus.fingerprint
    if not is_whole or not corpus.is_sound():
        raise RunError(
            f"the encoded corpus in {folder.corpus} is damaged;"
            " delete that folder and resume again: it is rebuilt from the text"
        )


def _check_pairs(corpus: EncodedCorpus) -> None:
    if len(corpus.document_ends) == len(corpus.tokens):
        raise DataError(
            "no document (a line) has two known words, so there are no pairs to learn from;"
            " put words that belong together on one line, or lower --min-count"
        )


def _note_invalid_text(folder: RunFolder, settings: CorpusSettings, notice: Notice) -> None:
    summary = read_summary(folder.corpus)
    n = summary.n_invalid
    if n == 0:
        return
    what = {"replace": "replaced by U+FFFD", "ignore": "dropped"}
    note = (
        f"{n} lines contain invalid UTF-8; the bad bytes were"
        f" {what[settings.encoding_errors]} (--encoding-errors strict stops there)"
    )
    if n > _MANY_INVALID * summary.n_documents:
        note += (
            ". That is a large share of the text: it is probably in another encoding; convert it"
            " to UTF-8, for example with iconv, and start a new run"
        )
    notice(note)


def _note_absent_words(
    settings: CorpusSettings, folder: RunFolder, notice: Notice, text: Input
) -> None:
    """Say which words of a given vocabulary get no vector."""
    found = read_vocabulary(folder.corpus / "vocab.tsv")
    absent = absent_words(settings, found, text.tokenizer)
    if absent:
        first = ", ".join(absent[:_MOST_NAMED]) + (", …" if len(absent) > _MOST_NAMED else "")
        notice(
            f"words of --vocab that do not occur in the corpus and get no vector: {len(absent):,}"
            f" ({first})"
        )


# The memory that a training will take.


_BYTES_PER_NUMBER = 4


def check_memory(settings: RunSettings, n_words: int) -> None:
    """Raise RunError when the vectors alone need more memory than is free."""
    ask_for(
        2 * n_words * settings.model.dim * _BYTES_PER_NUMBER,
        f"{n_words:,} words with {settings.model.dim:,} dimensions",
        "lower --dim or --max-vocab, or raise --min-count",
        RunError,
    )


# How many epochs a new run has: chosen by its corpus, or as many as fit into the minutes given.


#: The speed is measured for this share of the time, and at most for so many seconds.
_SHARE, _LONGEST = 0.05, 5.0


class Clock:
    """Counts the seconds since a run began."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def elapsed(self) -> float:
        """Seconds since then."""
        return time.monotonic() - self._start


@dataclass
class Measured:
    """What was done in the time that it took."""

    stats: Stats
    n_units: int
    seconds: float

    @property
    def words_per_second(self) -> float:
        """Raw corpus words per second."""
        return self.stats.n_tokens / self.seconds


def train_for(engine: Engine, seconds: float, lr: float) -> Measured:
    """Train epoch after epoch until the time is up, one unit at least."""
    stats, n_units = Stats(), 0
    start = time.perf_counter()

    def units() -> Iterator[Unit]:
        for epoch in itertools.count():
            for index in range(engine.n_units):
                if (epoch or index) and time.perf_counter() - start > seconds:
                    return
                yield Unit(epoch, index, lr)

    for _, done in engine.train(units()):
        stats.add(done)
        n_units += 1
    return Measured(stats, n_units, time.perf_counter() - start)


def chosen_epochs(config: Config, settings: RunSettings, figures: CorpusFigures) -> str:
    """Say in one line how many epochs were chosen for the user, and why; "": none were.

    config: what the user chose. settings: what came of it.
    """
    training = settings.training
    given = config.fixed().given
    if not {"epochs", "steps", "minutes"}.isdisjoint(given):
        return ""
    reason = ENGINES[training.engine].reason(figures)
    if training.start_from is not None:
        reason += " and vectors to start from"
    epochs = f"{training.epochs} epoch{'s' if training.epochs > 1 else ''}"
    rate = "" if "lr" in given else f", learning rate {training.lr:g}"
    return f"{epochs}{rate}: chosen for {reason} (--epochs and --lr choose others)"


def fix_epochs(
    settings: RunSettings, create: Callable[[RunSettings], Engine], clock: Clock, notice: Notice
) -> RunSettings:
    """Replace `minutes` by the number of epochs that fit into them, one at least.

    Args:
        settings: those of a run that has `minutes`.
        create: builds the engine; its training is thrown away.
        clock: when the run began.
        notice: is told what was measured.
    """
    training = settings.training
    limit = 60 * (training.minutes or 0.0)
    engine = create(replace(settings, training=replace(training, epochs=1)))
    try:
        seconds = min(_LONGEST, _SHARE * max(limit - clock.elapsed(), 0.0))
        pace = train_for(engine, seconds, training.lr)
        epoch = pace.seconds / pace.n_units * engine.n_units
    finally:
        engine.close()
    left = limit - clock.elapsed()
    n_epochs = max(1, int(left / epoch))
    notice(_measured(training.minutes or 0.0, n_epochs, epoch, left))
    return replace(settings, training=replace(training, epochs=n_epochs, minutes=None))


def _measured(minutes: float, n_epochs: int, epoch: float, left: float) -> str:
    shown = f"{epoch:.2g} s" if epoch < 100 else f"{epoch / 60:.1f} minutes"
    limit = f"{minutes:g} minute{'' if minutes == 1 else 's'}"
    if left < epoch:
        return f"an epoch takes about {shown}, which is more than is left of {limit}: training one"
    return f"an epoch takes about {shown}: {n_epochs} fit into {limit}"
