"""From a corpus on disk to a folder of encoded ids, and back into memory."""

import hashlib
import importlib.util
import json
import mmap
import os
import shutil
import stat
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.corpus.readers import TextSource, open_source
from w2v_cli.corpus.reading import Progress, ReadingPlan, ReadingResult
from w2v_cli.corpus.tokenizers import Tokenizer
from w2v_cli.corpus.vocabulary import Vocabulary, vocabulary_from_pairs
from w2v_cli.errors import DataError, RunError
from w2v_cli.settings.config import Config


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
    config: Config, folder: Path, progress: Progress = lambda phase, done, total: None
) -> CorpusSummary:
    """Count and encode the corpus of `config` into the empty folder `folder`.

    progress: is called with a phase ("reading", then "numbering" or "encoding"), how much is
    done, and how much there is in all; bytes of the text, or words when numbering.
    Raises DataError for a corpus that cannot be read or has too few words.
    """
    patterns = [_spooled(pattern, folder) for pattern in config.paths]
    source = open_source(patterns, config.encoding_errors, config.split)
    plan = ReadingPlan(
        tokenizer=Tokenizer(config.tokenizer, bool(config.lowercase)),
        min_count=config.min_count,
        max_vocab=config.max_vocab,
        limit_tokens=config.limit_tokens,
        memory=config.memory,
        n_threads=config.n_threads or 1,
    )
    return encode_source(source, plan, folder, progress)


def encode_source(
    source: TextSource, plan: ReadingPlan, folder: Path, progress: Progress
) -> CorpusSummary:
    """Read a source as planned and leave an encoded corpus in the folder."""
    result = _read(source, plan, folder, progress)
    if result.n_kept < 2:
        raise DataError("fewer than two known words in the corpus; lower --min-count")
    for spool in folder.glob("spool-*"):
        spool.unlink()
    write_vocabulary(result.vocabulary, folder / "vocab.tsv")
    summary = CorpusSummary(
        n_tokens=result.n_tokens,
        n_kept=result.n_kept,
        n_documents=result.n_documents,
        n_words=len(result.vocabulary),
        n_distinct=result.n_distinct,
        n_invalid=result.n_invalid,
        fingerprint=corpus_fingerprint(folder),
    )
    (folder / "corpus.json").write_text(json.dumps(asdict(summary), indent=1) + "\n")
    return summary


def _read(source: TextSource, plan: ReadingPlan, folder: Path, progress: Progress) -> ReadingResult:
    """Read with compiled code, or by its twin where there is none; the result is the same."""
    if _can_compile():
        from w2v_cli.corpus.reader import read_corpus
    else:
        from w2v_cli.corpus.reference_reader import read_corpus
    return read_corpus(source, plan, folder, progress)


def _can_compile() -> bool:
    switched_off = os.environ.get("NUMBA_DISABLE_JIT", "0") != "0"
    return not switched_off and importlib.util.find_spec("numba") is not None


def open_corpus(folder: Path) -> EncodedCorpus:
    """Map a prepared folder into memory. Raises RunError when its files do not fit together."""
    try:
        summary = CorpusSummary(**json.loads((folder / "corpus.json").read_text()))
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


def write_vocabulary(vocabulary: Vocabulary, path: Path) -> None:
    """Write word TAB count, one a line, most frequent first."""
    rows = (f"{w}\t{c}\n" for w, c in zip(vocabulary.words, vocabulary.counts, strict=True))
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(rows)


def read_vocabulary(path: Path) -> Vocabulary:
    """Read what `write_vocabulary` wrote. Raises RunError naming the line that is off."""
    pairs: list[tuple[str, int]] = []
    with path.open(encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, 1):
            word, tab, count = line.rstrip("\n").partition("\t")
            if not tab or not count.isdigit():
                raise RunError(f"{path}, line {number}: expected word TAB count")
            pairs.append((word, int(count)))
    return vocabulary_from_pairs(pairs)


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


def corpus_fingerprint(folder: Path) -> str:
    """Return the hash of vocabulary, ids and document ends, 16 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=8)
    for name in ("vocab.tsv", "corpus.ids", "corpus.ends"):
        with (folder / name).open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()
