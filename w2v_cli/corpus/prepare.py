"""From a corpus on disk to a folder of encoded ids: one pass counts, one writes ids."""

import hashlib
import json
import mmap
import shutil
import stat
import sys
from array import array
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from w2v_cli.corpus.counting import WordCounter
from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.corpus.readers import TextSource, open_source
from w2v_cli.corpus.settings import CorpusSettings
from w2v_cli.corpus.tokenizer import Tokenizer, create_tokenizer
from w2v_cli.corpus.vocabulary import (
    Vocabulary,
    build_vocabulary,
    read_vocabulary,
    write_vocabulary,
)
from w2v_cli.errors import DataError, RunError

Progress = Callable[[str, int, int], None]
_BUFFER_TOKENS = 1 << 20


@dataclass(frozen=True)
class CorpusSummary:
    """What a corpus turned out to be. Token figures count running words."""

    n_tokens: int
    n_kept: int
    n_documents: int
    n_words: int
    n_distinct: int
    n_invalid: int
    fingerprint: str


def prepare_corpus(
    settings: CorpusSettings, folder: Path, progress: Progress = lambda phase, done, total: None
) -> CorpusSummary:
    """Count and encode the corpus of `settings` into the empty folder `folder`.

    progress: is called with ("counting" or "encoding", bytes read, bytes in all).
    Raises DataError for a corpus that cannot be read or has too few words.
    """
    patterns = [_spooled(pattern, folder) for pattern in settings.paths]
    source = open_source(patterns, settings.encoding_errors, settings.split)
    tokenize = create_tokenizer(settings.tokenizer, settings.lowercase)
    counter = WordCounter(folder)
    for tokens, _ in _token_pieces(source, tokenize, settings.limit_tokens, "counting", progress):
        counter.add(tokens)
    if counter.n_tokens == 0:
        raise DataError("the corpus is empty: it has no words; give a text with words in it")
    n_invalid = source.n_invalid
    vocabulary = build_vocabulary(counter.totals(), settings.min_count, settings.max_vocab)
    n_kept, n_documents = _encode(
        source, tokenize, vocabulary, settings.limit_tokens, folder, progress
    )
    if n_kept < 2:
        raise DataError("fewer than two known words in the corpus; lower --min-count")
    for spool in folder.glob("spool-*"):
        spool.unlink()
    write_vocabulary(vocabulary, folder / "vocab.tsv")
    summary = CorpusSummary(
        n_tokens=counter.n_tokens,
        n_kept=n_kept,
        n_documents=n_documents,
        n_words=len(vocabulary),
        n_distinct=counter.n_distinct,
        n_invalid=n_invalid,
        fingerprint=corpus_fingerprint(folder),
    )
    (folder / "corpus.json").write_text(json.dumps(asdict(summary), indent=1) + "\n")
    return summary


def read_summary(folder: Path) -> CorpusSummary:
    """Read what `prepare_corpus` found. Raises OSError, ValueError or TypeError if it cannot."""
    return CorpusSummary(**json.loads((folder / "corpus.json").read_text()))


def open_corpus(folder: Path) -> EncodedCorpus:
    """Map a prepared folder into memory. Raises RunError when its files do not fit together."""
    try:
        summary = read_summary(folder)
        vocabulary = read_vocabulary(folder / "vocab.tsv")
        with (folder / "corpus.ids").open("rb") as file:
            mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        tokens = np.frombuffer(mapping, dtype=np.uint32)
        ends = np.fromfile(folder / "corpus.ends", dtype=np.int64)
    except (OSError, ValueError, TypeError) as error:
        raise RunError(
            f"the encoded corpus in {folder} cannot be read ({error});"
            " delete that folder and start again: it is made anew from the text"
        ) from error
    sizes = (len(tokens), len(ends), len(vocabulary))
    if sizes != (summary.n_kept, summary.n_documents, summary.n_words):
        raise RunError(
            f"the encoded corpus in {folder} is not whole; delete that folder and start again:"
            " it is made anew from the text"
        )
    return EncodedCorpus(tokens, ends, summary.n_tokens, vocabulary, summary.fingerprint, mapping)


def _spooled(pattern: str, folder: Path) -> str:
    """Copy what can be read only once (standard input, a pipe) to a file; return its path."""
    is_pipe = pattern != "-" and Path(pattern).exists() and _is_fifo(Path(pattern))
    if pattern != "-" and not is_pipe:
        return pattern
    target = folder / f"spool-{len(list(folder.glob('spool-*')))}.txt"
    with target.open("wb") as file:
        if pattern == "-":
            shutil.copyfileobj(sys.stdin.buffer, file)
        else:
            with Path(pattern).open("rb") as pipe:
                shutil.copyfileobj(pipe, file)
    return str(target)


def _is_fifo(path: Path) -> bool:
    return stat.S_ISFIFO(path.stat().st_mode)


def _token_pieces(
    source: TextSource, tokenize: Tokenizer, limit: int | None, phase: str, progress: Progress
) -> Iterator[tuple[list[str], bool]]:
    """Yield (tokens, ends_document) up to `limit` running words."""
    left = limit
    for piece in source.pieces():
        tokens = tokenize(piece.text)
        progress(phase, source.bytes_read, source.n_bytes)
        if left is not None:
            tokens = tokens[:left]
            left -= len(tokens)
        yield tokens, piece.ends_document or left == 0
        if left == 0:
            return


def _encode(
    source: TextSource,
    tokenize: Tokenizer,
    vocabulary: Vocabulary,
    limit: int | None,
    folder: Path,
    progress: Progress,
) -> tuple[int, int]:
    """Write `corpus.ids` (uint32) and `corpus.ends` (int64); return (tokens, documents)."""
    lookup = vocabulary.ids.get
    ends = array("q")
    written = 0
    with (folder / "corpus.ids").open("wb") as file:
        buffer = array("I")
        for tokens, ends_document in _token_pieces(source, tokenize, limit, "encoding", progress):
            buffer.extend(i for i in map(lookup, tokens) if i is not None)
            total = written + len(buffer)
            if ends_document and total > (ends[-1] if ends else 0):
                ends.append(total)
            if len(buffer) >= _BUFFER_TOKENS:
                written += _flush(buffer, file)
        written += _flush(buffer, file)
    if written and (not ends or ends[-1] != written):
        ends.append(written)
    with (folder / "corpus.ends").open("wb") as file:
        ends.tofile(file)
    return written, len(ends)


def _flush(buffer: "array[int]", file: BinaryIO) -> int:
    n = len(buffer)
    buffer.tofile(file)
    del buffer[:]
    return n


def corpus_fingerprint(folder: Path) -> str:
    """Return the hash of vocabulary, ids and document ends, 16 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=8)
    for name in ("vocab.tsv", "corpus.ids", "corpus.ends"):
        with (folder / name).open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()
