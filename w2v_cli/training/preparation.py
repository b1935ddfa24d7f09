"""The corpus of a run: a text that is read into its folder, or a folder of counts.

A text is read once, into RUN/cache/corpus, and a resume opens that. A folder of counts (`w2v
count`) takes the place of the text. It is not copied, because counts can be larger than the free
disk space; so a resume needs the folder in the same place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from w2v_cli.engines.base import Notice
from w2v_cli.engines.catalog import ENGINES
from w2v_cli.errors import DataError, RunError, UsageError, shown_setting
from w2v_cli.pairs.counts_folder import counts_fingerprint, is_counts, read_counts, read_manifest
from w2v_cli.settings.config import Config
from w2v_cli.settings.fields import Value
from w2v_cli.settings.resolve import chosen_loss
from w2v_cli.settings.run_settings import RunSettings, settings_named
from w2v_cli.storage.atomic import atomic_folder
from w2v_cli.text.encoded import CorpusSummary, EncodedCorpus, fingerprint_of, read_summary
from w2v_cli.text.plan import Progress, no_progress
from w2v_cli.text.prepare import open_corpus, prepare_corpus
from w2v_cli.text.sentences import Sentences
from w2v_cli.text.settings import CorpusSettings
from w2v_cli.text.shared_cache import user_cache
from w2v_cli.training.run_folder import RunFolder
from w2v_cli.training.start_vectors import StartVectors

#: If a larger share of the lines is not UTF-8, the text is probably in another encoding.
_MANY_INVALID = 0.01


@dataclass(frozen=True)
class Watcher:
    """Callbacks.

    notice: called with a message for the user. progress: called as the preparation advances.
    """

    notice: Notice = lambda message: None
    progress: Progress = no_progress


@dataclass(frozen=True)
class Input:
    """What a caller gives besides the settings.

    tokenizer: the one that the user named in this call. A function is imported only if it is this
    one, never because a configuration names it. sentences: from Python, instead of files.
    """

    tokenizer: str | None = None
    sentences: Sentences | None = None


def read_corpus(
    settings: RunSettings,
    folder: RunFolder,
    watcher: Watcher,
    origin: StartVectors | None,
    text: Input,
) -> EncodedCorpus:
    """Read the text of a run into its folder and open it; counts are only opened.

    Raises:
        RunError: the corpus came from Python and is not given again, or is another one.
        DataError: a corpus that cannot be used.
    """
    if counts := counts_in(settings.corpus.paths):
        return _open_counted(counts, watcher.notice)
    if not settings.corpus.paths and text.sentences is None:
        raise RunError(
            f"{folder.path} was trained on sentences from Python, and its encoded corpus is"
            " missing; resume with the same ones: w2v_cli.train(sentences, …, resume=True)"
        )
    folder.will_make(folder.cache)
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
        # They get their names as this block ends.
        folder.will_make(*(folder.corpus / entry.name for entry in temporary.iterdir()))
    for note in summary.notes:
        watcher.notice(note)
    return _usable(open_corpus(folder.corpus), summary, settings.corpus, watcher.notice)


def reopen_corpus(
    settings: RunSettings, folder: RunFolder, watcher: Watcher
) -> EncodedCorpus | None:
    """Open the encoded corpus of a run; None: it is missing and must be read again.

    Raises RunError if it is damaged.
    """
    if counts := counts_in(settings.corpus.paths):
        return _open_counted(counts, watcher.notice)
    if not folder.corpus.exists():
        return None
    corpus = open_corpus(folder.corpus)
    is_whole = fingerprint_of(folder.corpus, watcher.progress) == corpus.fingerprint
    if not is_whole or not corpus.is_sound():
        raise RunError(
            f"the encoded corpus in {folder.corpus} is damaged;"
            " delete that folder and resume again: it is rebuilt from the text"
        )
    return _usable(corpus, read_summary(folder.corpus), settings.corpus, watcher.notice)


def _usable(
    corpus: EncodedCorpus, summary: CorpusSummary, settings: CorpusSettings, notice: Notice
) -> EncodedCorpus:
    """Return the corpus, after a note if its text had invalid UTF-8.

    Raises DataError if no two of its words make a pair.
    """
    if len(corpus.document_ends) == len(corpus.tokens):
        raise DataError(
            "no document (a line) has two known words, so there are no pairs to learn from;"
            " put words that belong together on one line, or lower --min-count"
        )
    if summary.n_invalid:
        notice(_on_invalid_text(summary, settings))
    return corpus


def _on_invalid_text(summary: CorpusSummary, settings: CorpusSettings) -> str:
    what = {"replace": "replaced by U+FFFD", "ignore": "dropped"}
    note = (
        f"{summary.n_invalid} lines contain invalid UTF-8; the bad bytes were"
        f" {what[settings.encoding_errors]} (--encoding-errors strict stops there)"
    )
    if summary.n_invalid > _MANY_INVALID * summary.n_documents:
        note += (
            ". That is a large share of the text: it is probably in another encoding; convert it"
            " to UTF-8, for example with iconv, and start a new run"
        )
    return note


# Training on a folder of counts instead of a text.

#: Settings that need the text itself.
_NEEDS_TEXT = ("holdout", "patience", "steps", "limit_tokens", "start_from")


def counts_in(paths: Sequence[str]) -> Path | None:
    """Return the folder of counts if the corpus is one, None for a text.

    Raises UsageError if there is another path beside it.
    """
    found = [Path(path) for path in paths if path != "-" and is_counts(Path(path))]
    if found and len(paths) > 1:
        raise UsageError(
            f"{found[0]} holds counts and must be the only corpus;"
            " add up several counts with `w2v count --merge` first"
        )
    return found[0] if found else None


def with_counts(config: Config) -> Config:
    """Return a configuration; if its corpus is counts, with the settings they were made with.

    Raises UsageError for settings that contradict those, or that need the text itself.
    """
    folder = counts_in(config.given.get("paths", ()))
    if folder is None:
        return config
    manifest = read_manifest(folder)
    given = dict(config.given)
    for name in _NEEDS_TEXT:
        if given.get(name):
            raise UsageError(
                f"{_option(name)} needs the text, but {folder} holds only its counts; omit it"
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
    engine = _engine(given, folder)
    return Config(**{**made_with, **given, "engine": engine})


def _engine(given: Mapping[str, Value], folder: Path) -> str:
    """Return an engine that trains on counts: the one that was given, or the first."""
    loss = chosen_loss(given)
    able = [o.name for o in ENGINES.values() if o.takes_counts and loss in o.losses]
    chosen = given.get("engine", able[0])
    if chosen not in able:
        raise UsageError(
            f"engine {chosen} needs the text, but {folder} holds only its counts;"
            f" choose --engine {' or '.join(able)}"
        )
    return str(chosen)


def _option(name: str) -> str:
    return settings_named()[name][0].option


def _open_counted(folder: Path, notice: Notice) -> EncodedCorpus:
    """Return an encoded corpus without tokens, which points to the counts.

    Raises DataError if there are no pairs to learn from.
    """
    manifest, vocabulary, _ = read_counts(folder)
    if manifest.n_invalid:
        notice(f"{manifest.n_invalid:,} lines of the counted text contained invalid UTF-8")
    if manifest.n_entries == 0:
        raise DataError(f"{folder} has no pairs, so there is nothing to learn from")
    none = np.empty(0, np.uint32), np.empty(0, np.int64)
    fingerprint = counts_fingerprint(folder)
    return EncodedCorpus(*none, manifest.n_tokens, vocabulary, fingerprint, counts=folder)
