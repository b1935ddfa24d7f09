"""From a corpus on disk to a folder of encoded ids, and back into memory."""

import mmap
import shutil
import stat
import sys
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from w2v_cli.errors import DataError, RunError
from w2v_cli.storage import files
from w2v_cli.text.encoded import (
    CorpusSummary,
    EncodedCorpus,
    fingerprint_of,
    read_summary,
    write_summary,
)
from w2v_cli.text.plan import (
    Progress,
    ReadingPlan,
    ReadingResult,
    make_plan,
    no_progress,
)
from w2v_cli.text.reader import read_corpus
from w2v_cli.text.sentences import Sentences, read_tokens
from w2v_cli.text.settings import CorpusSettings
from w2v_cli.text.shared_cache import (
    SharedCache,
    corpus_key,
    fetch_corpus,
    keep_corpus,
    states_of_lists,
)
from w2v_cli.text.sources import TextSource, open_source
from w2v_cli.text.vocabulary import read_vocabulary, write_vocabulary

_TEXTS_A_REPORT = 1000
#: Words of a list that a note names.
_MOST_NAMED = 5


def prepare_corpus(
    settings: CorpusSettings,
    folder: Path,
    progress: Progress = no_progress,
    *,
    n_threads: int = 1,
    named: str | None = None,
    shared: SharedCache | None = None,
    known: frozenset[str] = frozenset(),
    sentences: Sentences | None = None,
    numbered: bool = False,
) -> CorpusSummary:
    """Count and encode the corpus of `settings` into the empty folder `folder`.

    progress: is called with a phase ("reading", then "numbering" or "encoding"), how much is
    done, and how much there is in all; bytes of the text, or words when numbering.
    named: the tokenizer that the user named in this call; see `make_plan`.
    shared: the cache to look in and to add to; None: the text is always read.
    known: words to keep however rare they are, besides those of `keep_words`.
    sentences: from Python; used instead of files.
    numbered: write `corpus.documents`, see `EncodedWriter`; the cache is not used then.

    Raises DataError for a corpus that cannot be read or has too few words.
    """
    listed = states_of_lists(settings)  # before the lists are read
    has_tokens = sentences is not None and not sentences.are_texts
    plan = make_plan(settings, n_threads, named, has_tokens=has_tokens)
    plan = replace(plan, known_words=known, numbered=numbered)
    if sentences is not None:
        return _of_sentences(sentences, plan, folder, progress)
    patterns = [_spooled(pattern, folder) for pattern in settings.paths]
    source = open_source(settings, patterns)
    spooled = tuple(patterns) != settings.paths
    # A vocabulary with known words fits one start only.
    key = (
        None
        if shared is None or spooled or known or numbered
        else corpus_key(settings, source, listed)
    )
    if shared is None or key is None:
        return _encode_source(source, plan, folder, progress)
    if fetch_corpus(shared, key, folder, progress):
        return read_summary(folder)
    summary = _encode_source(source, plan, folder, progress)
    if source.is_unchanged() and states_of_lists(settings) == listed:
        keep_corpus(shared, key, folder, settings)
    return summary


def read_text(
    settings: CorpusSettings,
    folder: Path,
    progress: Progress = no_progress,
    *,
    n_threads: int = 1,
    named: str | None = None,
) -> ReadingResult:
    """Read the corpus of `settings` for its words only; `folder` takes the encoded files.

    Raises DataError for a corpus that cannot be read or has too few words.
    """
    plan = make_plan(settings, n_threads, named)
    patterns = [_spooled(pattern, folder) for pattern in settings.paths]
    source = open_source(settings, patterns)
    result = read_corpus(source, plan, folder, progress)
    return replace(result, notes=_notes(source, plan, result))


def _of_sentences(
    sentences: Sentences, plan: ReadingPlan, folder: Path, progress: Progress
) -> CorpusSummary:
    """Encode sentences from Python, which need to come only once."""
    if not sentences.are_texts:
        found = read_tokens(sentences.tokens(), sentences.n, plan, folder, progress)
        return _committed(found, folder, plan)
    path = folder / "spool-0.txt"
    with files.open_binary(path, "wb") as file:
        for done, text in enumerate(sentences.texts(), 1):
            file.write(text.encode() + b"\n")
            if done % _TEXTS_A_REPORT == 0:
                progress("taking sentences", done, sentences.n)
    plain = CorpusSettings(paths=(str(path),), lowercase=plan.settings.lowercase)
    source = open_source(plain, as_it_is=True)
    return _encode_source(source, plan, folder, progress)


def _encode_source(
    source: TextSource, plan: ReadingPlan, folder: Path, progress: Progress
) -> CorpusSummary:
    """Read a source as planned and leave an encoded corpus in the folder."""
    result = read_corpus(source, plan, folder, progress)
    return _committed(result, folder, plan, _notes(source, plan, result))


def _notes(source: TextSource, plan: ReadingPlan, result: ReadingResult) -> tuple[str, ...]:
    """Return what a user should know about a corpus."""
    notes = (*source.notes, *_absent(plan, result), plan.note_on_text())
    return tuple(filter(None, notes))


def _absent(plan: ReadingPlan, result: ReadingResult) -> Iterator[str]:
    """Say which of the words to keep are not in the text."""
    absent = plan.keep_words - set(result.vocabulary.words) - plan.stop_words
    if absent:
        yield (
            f"{len(absent):,} of the words in --keep-words are not in the text: {_first(absent)}"
        )


def _untrained(plan: ReadingPlan, result: ReadingResult) -> Iterator[str]:
    """Say which words of a given vocabulary get no vector."""
    absent = plan.given_words.difference(result.vocabulary.words)
    if absent:
        yield (
            f"words of --vocab that do not occur in the corpus and get no vector: {len(absent):,}"
            f" ({_first(absent)})"
        )


def _first(words: Collection[str]) -> str:
    return ", ".join(sorted(words)[:_MOST_NAMED]) + (", …" if len(words) > _MOST_NAMED else "")


def _committed(
    result: ReadingResult, folder: Path, plan: ReadingPlan, notes: tuple[str, ...] = ()
) -> CorpusSummary:
    """Check the result, and write the vocabulary and the summary beside the ids."""
    n_counted = int(result.vocabulary.counts.sum())
    if result.n_kept != n_counted:
        raise DataError(
            f"the text changed while it was read: {n_counted:,} known words were counted, but"
            f" {result.n_kept:,} read; start again when nothing writes to it"
        )
    if result.n_kept < 2:
        raise DataError("fewer than two known words in the corpus; lower --min-count")
    for spool in folder.glob("spool-*"):
        files.unlink(spool)
    write_vocabulary(result.vocabulary, folder / "vocab.tsv")
    summary = CorpusSummary(
        n_tokens=result.n_tokens,
        n_kept=result.n_kept,
        n_documents=result.n_documents,
        n_words=len(result.vocabulary),
        n_distinct=result.n_distinct,
        n_invalid=result.n_invalid,
        fingerprint=fingerprint_of(folder),
        notes=(*notes, *_untrained(plan, result)),
    )
    write_summary(summary, folder)
    return summary


def open_corpus(folder: Path) -> EncodedCorpus:
    """Map a prepared folder into memory. Raises RunError if its files do not belong together."""
    try:
        summary = read_summary(folder)
        vocabulary = read_vocabulary(folder / "vocab.tsv")
        with (folder / "corpus.ids").open("rb") as file:
            mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        tokens = np.frombuffer(mapping, dtype=np.uint32)
        ends = np.fromfile(folder / "corpus.ends", dtype=np.int64)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise RunError(
            f"the encoded corpus in {folder} cannot be read ({error});"
            " delete that folder and start again: it is rebuilt from the text"
        ) from error
    sizes = (len(tokens), len(ends), len(vocabulary))
    if sizes != (summary.n_kept, summary.n_documents, summary.n_words):
        raise RunError(
            f"the encoded corpus in {folder} is not whole; delete that folder and start again:"
            " it is rebuilt from the text"
        )
    return EncodedCorpus(tokens, ends, summary.n_tokens, vocabulary, summary.fingerprint, mapping)


def _spooled(pattern: str, folder: Path) -> str:
    """Copy what can be read only once (standard input, a pipe) to a file; return its path."""
    is_pipe = pattern != "-" and Path(pattern).exists() and _is_fifo(Path(pattern))
    if pattern != "-" and not is_pipe:
        return pattern
    target = folder / f"spool-{len(list(folder.glob('spool-*')))}.txt"
    with files.open_binary(target, "wb") as file:
        if pattern == "-":
            shutil.copyfileobj(sys.stdin.buffer, file)
        else:
            with Path(pattern).open("rb") as pipe:
                shutil.copyfileobj(pipe, file)
    return str(target)


def _is_fifo(path: Path) -> bool:
    return stat.S_ISFIFO(path.stat().st_mode)
