"""Build a training: a new one, or one that is resumed. Only this module does.

Settings arrive as a `Config` and become `RunSettings` here.
"""

import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from w2v_cli.engines.base import Engine, Notice, Resources
from w2v_cli.engines.catalog import check_ready, create_engine
from w2v_cli.engines.settings import CorpusFigures
from w2v_cli.errors import RunError, UsageError, shown_setting
from w2v_cli.memory import ask_for
from w2v_cli.pairs.cooccurrence import PAIR_FILES
from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve
from w2v_cli.settings.run_settings import MAY_GROW, RunSettings
from w2v_cli.storage.folders import remove_tree
from w2v_cli.text.encoded import HELD_OUT_FILES, EncodedCorpus, split_documents
from w2v_cli.text.places import are_moved, is_address, missing, not_named
from w2v_cli.text.sentences import Sentences
from w2v_cli.text.shared_cache import user_cache
from w2v_cli.text.vocabulary import Vocabulary, read_vocabulary, write_vocabulary
from w2v_cli.training.hooks import EpochScore, HeldOutLoss, Scores, StartCosine
from w2v_cli.training.pace import Clock, chosen_epochs, fix_epochs
from w2v_cli.training.preparation import (
    Input,
    Watcher,
    read_corpus,
    reopen_corpus,
    with_counts,
)
from w2v_cli.training.run import TrainingRun
from w2v_cli.training.run_folder import RunFolder
from w2v_cli.training.second_part import second_part
from w2v_cli.training.start_vectors import Growth, copied_origin, read_start
from w2v_cli.training.trainer import Hook
from w2v_cli.vectors.scores.scoring import score_maker

_BYTES_PER_NUMBER = 4


def start(
    config: Config,
    run_dir: Path,
    watcher: Watcher | None = None,
    tokenizer: str | None = None,
    sentences: Sentences | None = None,
) -> TrainingRun:
    """Start a run in a folder that is missing or empty.

    tokenizer, sentences: see `preparation.Input`. If the corpus turns out to be unusable, nothing
    is left behind.

    Raises:
        UsageError: settings that contradict each other, or no corpus.
        RunError: the folder is not empty, or the engine cannot be used here.
        DataError: a corpus that cannot be used.
    """
    watcher, clock = watcher or Watcher(), Clock()
    config = with_counts(config)
    source = config.given.get("start_from")
    origin = read_start(Path(source)) if source else None
    config = origin.complete(config) if origin else config
    settings = resolve(config)
    if not settings.corpus.paths and sentences is None:
        raise UsageError("no corpus: name text files or folders, or a configuration that does")
    # Find out what cannot be used before any text is read.
    score = score_maker(settings.watch.eval_files)
    check_ready(settings)
    folder = RunFolder(run_dir)
    folder.open_new()
    try:
        if origin:
            folder.will_make(folder.start)
            origin.write(folder.start)
        corpus = read_corpus(settings, folder, watcher, origin, Input(tokenizer, sentences))
        growth = Growth(origin, corpus.vocabulary) if origin else None
        folder.will_make(folder.vocabulary)
        write_vocabulary((growth or corpus).vocabulary, folder.vocabulary)
        if growth:
            growth.note(corpus.vocabulary, settings.corpus.lowercase, watcher.notice)
        # Resolved again: some defaults depend on the size of the corpus.
        figures = CorpusFigures(corpus.n_tokens, len(corpus.vocabulary))
        settings = resolve(config, figures)
        if note := chosen_epochs(config.fixed().given, settings, figures):
            watcher.notice(note)
        run = _assemble(folder, settings, corpus, score, watcher, growth, clock)
        folder.write_config(run.settings)
        return run
    except BaseException:
        folder.clear_failed_start()
        raise


def resume(
    given: Config,
    run_dir: Path,
    watcher: Watcher | None = None,
    tokenizer: str | None = None,
    sentences: Sentences | None = None,
) -> TrainingRun:
    """Continue a run from its newest whole checkpoint.

    given: settings that the user gave. They must agree with the run's own, but a finished run may
    get more epochs. tokenizer, sentences: see `preparation.Input`; used only if the encoded corpus
    is missing.

    Raises RunError if there is no run, or configuration, corpus or checkpoint do not match.
    """
    watcher = watcher or Watcher()
    if "minutes" in given.given:
        raise UsageError(
            "--minutes sets the number of epochs of a new run; omit it to resume, or extend a"
            " finished run with --resume --epochs"
        )
    folder = RunFolder(run_dir)
    stored = folder.open_run()
    try:
        return _resume(given, stored, folder, watcher, Input(tokenizer, sentences))
    except BaseException:
        folder.unlock()
        raise


def _resume(
    given: Config, stored: Config, folder: RunFolder, watcher: Watcher, text: Input
) -> TrainingRun:
    if "start_from" in given.given:
        raise UsageError(
            f"{folder.path} keeps its own copy of the vectors it started from; omit --from to"
            f" resume"
        )
    before, settings = resolve(stored), resolve(given.fixed().over(stored))
    _check_files(settings, folder, ("eval_files",))
    origin = copied_origin(folder.start, settings.training)
    more = _check_changes(folder, before, settings)
    check_ready(settings)
    corpus = reopen_corpus(settings, folder, watcher)
    was_there = corpus is not None
    if corpus is None:
        _check_addresses(given, settings, folder)
        _check_files(settings, folder, ("paths", "stop_words", "keep_words", "vocab"))
        watcher.notice("the encoded corpus is missing; reading the text again")
        corpus = read_corpus(settings, folder, watcher, origin, text)
    growth = Growth(origin, corpus.vocabulary) if origin else None
    _restore_vocabulary(folder, (growth or corpus).vocabulary, watcher.notice)
    score = score_maker(settings.watch.eval_files)
    run = _assemble(folder, settings, corpus, score, watcher, growth)
    try:
        position = run.saved.load_newest(watcher.notice)
    except RunError:
        if not was_there:
            remove_tree(folder.corpus)  # of another text: the right one is read at the next try
        raise
    if position.total != before.training.epochs * run.engine.n_units:
        position.finished = False  # the run was killed after epochs were added
    run.trainer.position = position
    if before.watch.patience is None and settings.watch.patience is not None:
        position.best = None  # vectors of earlier epochs are gone, so the best is yet to come
    if more:
        _extend(run)
    elif before.differences(settings):  # files are in another place
        folder.write_config(settings)
    return run


def _restore_vocabulary(folder: RunFolder, vocabulary: Vocabulary, notice: Notice) -> None:
    """Write RUN/vocab.tsv again if it is missing or not the vocabulary of the run."""
    if folder.vocabulary.exists():
        with suppress(RunError, OSError):
            if read_vocabulary(folder.vocabulary).fingerprint == vocabulary.fingerprint:
                return
        notice(f"{folder.vocabulary} was changed after it was written; it is written again")
    write_vocabulary(vocabulary, folder.vocabulary)


def _assemble(
    folder: RunFolder,
    settings: RunSettings,
    corpus: EncodedCorpus,
    score: EpochScore | None,
    watcher: Watcher,
    growth: Growth | None,
    clock: Clock | None = None,
) -> TrainingRun:
    """Build engine, hooks and loop for a corpus that has been read.

    clock: of a new run, which may have a time budget.
    """
    _check_memory(settings, len(corpus.vocabulary))
    hooks: list[Hook] = []
    if settings.watch.holdout:
        share, seed = settings.watch.holdout, settings.training.seed
        folder.will_make(*(folder.holdout / name for name in HELD_OUT_FILES))
        corpus, held_out = split_documents(corpus, share, seed, folder.holdout)
        hooks.append(HeldOutLoss(settings, held_out))
    folder.will_make(folder.blend, *(folder.pairs / name for name in PAIR_FILES))
    # Not shared with held-out documents: another seed would hold out others.
    shared = None if settings.watch.holdout else user_cache(watcher.notice)
    resources = Resources(settings.corpus.memory, watcher.progress, shared)
    second = second_part(settings, folder, corpus, watcher.notice, resources)
    if score is not None:
        hooks.append(Scores(settings, corpus.vocabulary.words, score, growth, second))

    def create(settings: RunSettings) -> Engine:
        return create_engine(settings, corpus, folder.cache, watcher.notice, resources)

    if clock and settings.training.minutes is not None:
        settings = fix_epochs(settings, create, clock, watcher.notice)
    engine = create(settings)
    if growth is not None:
        hooks.append(StartCosine(settings, growth))
        growth.start(engine, freeze=settings.training.freeze == "known")
    return TrainingRun(folder, settings, corpus, engine, watcher.notice, hooks, growth, second)


def _check_memory(settings: RunSettings, n_words: int) -> None:
    """Raise RunError if the vectors alone need more memory than is free."""
    ask_for(
        2 * n_words * settings.model.dim * _BYTES_PER_NUMBER,
        f"{n_words:,} words with {settings.model.dim:,} dimensions",
        "lower --dim or --max-vocab, or raise --min-count",
        RunError,
    )


def _check_changes(folder: RunFolder, before: RunSettings, after: RunSettings) -> bool:
    """Refuse changes that a resume may not make; return whether epochs were added."""
    differing = before.differences(after)
    paths = before.corpus.paths, after.corpus.paths
    if paths[0] != paths[1]:
        differing["paths"] = paths
    differing = {name: pair for name, pair in differing.items() if not _have_moved(*pair)}
    epochs = differing.pop("epochs", None) if differing.keys() <= MAY_GROW else None
    if differing:
        changes = "; ".join(_change(name, *values) for name, values in differing.items())
        raise RunError(
            f"{folder.path} was started with other settings: {changes};"
            " omit them to resume, or start a new run"
        )
    if epochs and epochs[1] < epochs[0]:
        raise RunError(
            f"{folder.path} has {epochs[0]} epochs; --resume --epochs can only raise the number"
        )
    return epochs is not None


def _have_moved(mine: object, given: object) -> bool:
    """Tell whether a setting names files that are gone from where the run knows them."""
    return are_moved(mine, given) and bool(missing(mine)) and not missing(given)


def _check_files(settings: RunSettings, folder: RunFolder, names: Collection[str]) -> None:
    """Refuse to go on without files that the run needs again. names: of the settings."""
    for setting, value in settings.values():
        if setting.name in names and (gone := missing(value)):
            option = "" if setting.name == "paths" else f"{setting.option} "
            raise RunError(
                f"the run {folder.path} needs {gone[0]}, which is no longer there; if it was moved,"
                f" name its new place: add {option}FOLDER/{os.path.basename(gone[0])}"
            )


def _check_addresses(given: Config, settings: RunSettings, folder: RunFolder) -> None:
    """Refuse addresses that only the run names: it may have come from elsewhere."""
    for path in settings.corpus.paths:
        if is_address(path) and path not in given.given.get("paths", ()):
            raise RunError(not_named(f"the run {folder.path}", path, settings.corpus.paths))


def _change(name: str, mine: object, given: object) -> str:
    """Describe one difference; None: there is no such setting."""
    values = [shown_setting(value, "no such setting") for value in (mine, given)]
    return f"the run has {name} {values[0]}, you gave {values[1]}"


def _extend(run: TrainingRun) -> None:
    """Extend a finished run to its new number of epochs; refuse an unfinished one."""
    if not run.position.finished:
        raise RunError(
            f"{run.folder.path} is not finished; finish it with --resume alone,"
            " then add epochs with --resume --epochs"
        )
    run.position.finished = False
    run.folder.write_config(run.settings)
