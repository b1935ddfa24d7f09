"""The corpus of a run: read into its folder, checked, opened."""

from dataclasses import dataclass
from pathlib import Path

from w2v_cli.engines.base import Notice
from w2v_cli.errors import DataError, RunError
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.storage.atomic import atomic_folder, atomic_write
from w2v_cli.text.encoded import EncodedCorpus, fingerprint_of, read_summary
from w2v_cli.text.plan import absent_words
from w2v_cli.text.prepare import open_corpus, prepare_corpus
from w2v_cli.text.sentences import Sentences
from w2v_cli.text.settings import CorpusSettings
from w2v_cli.text.shared_cache import user_cache
from w2v_cli.text.vocabulary import read_vocabulary, write_vocabulary
from w2v_cli.training.counted import counts_in, open_counted
from w2v_cli.training.growth import Growth
from w2v_cli.training.run_folder import RunFolder
from w2v_cli.training.start_vectors import StartVectors
from w2v_cli.training.watcher import Watcher

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
