"""The tasks of a count: each reads what it is given, writes one file and returns its name.

They are plain functions without state, and their arguments can be sent to another machine. The last
argument is their share of it. Each pair of words is kept once, in the row of the later word: files,
their reading and their merging are half as large.
"""

import hashlib
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.errors import DataError, RunError
from w2v_cli.pairs.cooccurrence import count_half
from w2v_cli.pairs.counts_folder import TextCounts, add_counts
from w2v_cli.pairs.pair_kernels import Weighing
from w2v_cli.pairs.shards import Shard, open_shard
from w2v_cli.storage.folders import temporary_folder
from w2v_cli.storage.tensors import identity, read_metadata, read_tensors, write_tensors
from w2v_cli.text.encoded import EncodedCorpus, EncodedInMemory
from w2v_cli.text.plan import make_tokenizer, no_progress
from w2v_cli.text.reader import Scanner, encoded_blocks, scan_all
from w2v_cli.text.settings import CorpusSettings
from w2v_cli.text.tokenizers import Tokenizer
from w2v_cli.text.vocabulary import Vocabulary, read_vocabulary
from w2v_cli.text.windows import keep_prob
from w2v_cli.text.word_table import WordTable, table_from
from w2v_cli.version import package_version

#: Folder in an unfinished COUNTS folder with the parts.
PARTS = ".parts"
#: Of the files; it is part of their names.
_FORMAT = 3
_FIGURES = "figures"
#: Figures of a text besides its counts; see `Manifest`.
FIGURES = ("n_tokens", "n_kept", "n_documents", "n_invalid")
#: At least this share of the memory is for the pairs of a shard, however many words it has.
_LEAST_SHARE = 1 / 4
#: Memory that the allocator keeps after reading a shard (measured).
_READING_BYTES = 80 << 20
_PIECE_TOKENS = 1 << 20


# The files that tasks leave: each complete or absent, named by a hash of its inputs.


@dataclass(frozen=True)
class Part:
    """A file that a task has written: its name in the folder of parts, and its checksum.

    n_bytes: its size. figures: sums over the text in it, by name.
    """

    name: str
    checksum: str
    n_bytes: int
    figures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Share:
    """What a task may take of its machine: bytes for words or pairs, and threads.

    Results do not depend on it.
    """

    memory: float
    n_threads: int


@dataclass(frozen=True)
class Job:
    """A call of `task(*arguments, target, share)`, which writes the file `target` in `folder`.

    n_bytes: how much it reads, for progress.
    """

    task: Callable[..., Part]
    arguments: tuple[Any, ...]
    folder: str
    name: str
    n_bytes: int
    share: Share

    def run(self) -> Part:
        """Return the part that exists already, else make it.

        Raises what the task raises; RunError when the file cannot be written.
        """
        path = Path(self.folder) / self.name
        try:
            return find_part(path) or self.task(*self.arguments, path, self.share)
        except OSError as error:
            raise cannot_write(path.parent, error) from error


def job(
    task: Callable[..., Part],
    arguments: tuple[Any, ...],
    folder: Path,
    n_bytes: int,
    share: Share,
) -> Job:
    """Name a call by the hash of its inputs."""
    content = msgspec.json.encode([_FORMAT, package_version(), task.__name__, arguments])
    key = hashlib.blake2b(content, digest_size=16).hexdigest()
    name = f"{task.__name__.replace('_', '-')}-{key}.safetensors"
    return Job(task, arguments, str(folder), name, n_bytes, share)


def cannot_write(folder: Path, error: OSError) -> RunError:
    """Return the error for a disk that is full or fails; it names the machine."""
    reason = error.strerror or error
    return RunError(
        f"cannot write to {folder} on {platform.node()}: {reason}; fix that, then run the same"
        " command again: it continues where it stopped"
    )


def find_part(path: Path) -> Part | None:
    """Return the part in a complete file; its arrays are checked when they are read."""
    try:
        return _part(path, json.loads(read_metadata(path)[_FIGURES]))
    except (OSError, DataError, LookupError, TypeError, ValueError, RecursionError):
        return None


def write_part(path: Path, arrays: Mapping[str, Array], figures: Mapping[str, int]) -> Part:
    """Write arrays and figures. Raises OSError when the file cannot be written."""
    write_tensors(path, arrays, {_FIGURES: json.dumps(figures)})
    return _part(path, figures)


def read_part(folder: Path, part: Part) -> dict[str, Array]:
    """Map the arrays of a part into memory.

    Raises RunError if it is missing, damaged, or not the file that was written.
    """
    path = folder / part.name
    try:
        arrays, _ = read_tensors(path)
        if identity(path) == part.checksum:
            return arrays
        reason = "its checksum differs"
    except (OSError, DataError) as error:
        reason = str(error)
    raise RunError(
        f"{path} cannot be used: {reason}; delete it and run the same command again."
        " It continues from the other files"
    )


def _part(path: Path, figures: Mapping[str, int]) -> Part:
    return Part(path.name, identity(path), path.stat().st_size, figures)


def table_of_part(arrays: Mapping[str, Array], figures: Mapping[str, int]) -> WordTable:
    """Return the table of words that a part holds."""
    return table_from(arrays["arena"], figures["n_distinct"])


def added(figures: Sequence[Mapping[str, int]], names: Sequence[str]) -> dict[str, int]:
    """Add up figures by name."""
    return {name: sum(some[name] for some in figures) for name in names}


# The tasks.


@dataclass(frozen=True)
class PairPlan:
    """The settings that decide the weight of a pair.

    shrink: radii are drawn from 1 to the window. fraction_bits: a weight of 1 is 2^fraction_bits.
    """

    window: int
    subsample_threshold: float
    shrink: bool
    fraction_bits: int
    tail: float


def count_words(shard: Shard, settings: CorpusSettings, target: Path, share: Share) -> Part:
    """Count the words of a shard: a table in order of appearance."""
    source = open_shard(shard, settings)
    tokenizer = _tokenizer(settings)
    scanners = [Scanner(tokenizer, source.encoding_errors) for _ in range(share.n_threads)]
    n_tokens = sum(block.n_tokens for block in scan_all(source, scanners, None))
    table = scanners[0].table
    for other in scanners[1:]:
        table.add(other.table)
    figures = {"n_distinct": table.n_words, "n_tokens": n_tokens}
    return write_part(target, {"arena": table.arena[: table.used]}, figures)


def merge_words(parts: Sequence[Part], target: Path, share: Share) -> Part:
    """Add up tables of words."""
    first, *others = (table_of_part(read_part(target.parent, p), p.figures) for p in parts)
    for other in others:
        first.add(other)
    figures = added([part.figures for part in parts], ["n_tokens"])
    figures["n_distinct"] = first.n_words
    return write_part(target, {"arena": first.arena[: first.used]}, figures)


def count_pairs(
    shard: Shard,
    settings: CorpusSettings,
    vocabulary_name: str,
    plan: PairPlan,
    target: Path,
    share: Share,
) -> Part:
    """Count the pairs of a shard by the words of a vocabulary, a file beside the target."""
    vocabulary = read_vocabulary(target.parent / vocabulary_name)
    corpus, figures = _encoded(shard, settings, vocabulary, share.n_threads)
    keep = keep_prob(vocabulary.counts, plan.subsample_threshold)
    taken = corpus.tokens.nbytes + _READING_BYTES
    left = max(share.memory * _LEAST_SHARE, share.memory - taken)
    occurrences = _occurrences(corpus.tokens, len(vocabulary))
    weighing = Weighing(keep, plan.window, plan.shrink, plan.tail, 2.0**plan.fraction_bits)
    with temporary_folder(target.parent) as folder:
        half = count_half(corpus, weighing, folder, left, share.n_threads, no_progress)
        counts = TextCounts(half, occurrences)
        return write_part(target, counts.arrays(), figures)


def _encoded(
    shard: Shard, settings: CorpusSettings, vocabulary: Vocabulary, n_threads: int
) -> tuple[EncodedCorpus, dict[str, int]]:
    """Return a shard as ids, in memory, and the figures of its text."""
    sink = EncodedInMemory()
    n_tokens = n_invalid = 0
    source = open_shard(shard, settings)
    for block in encoded_blocks(source, _tokenizer(settings), vocabulary, sink, n_threads):
        n_tokens += block.n_tokens
        n_invalid += block.n_invalid
    figures = (n_tokens, sink.n_kept, sink.n_documents, n_invalid)
    return sink.corpus(n_tokens, vocabulary), dict(zip(FIGURES, figures, strict=True))


def _occurrences(tokens: NDArray[np.uint32], n_words: int) -> NDArray[np.int64]:
    """Return how often each word occurs, (V,)."""
    counts = np.zeros(n_words, np.int64)
    for start in range(0, len(tokens), _PIECE_TOKENS):  # bincount makes int64 of each piece
        counts += np.bincount(tokens[start : start + _PIECE_TOKENS], minlength=n_words)
    return counts


def merge_pairs(parts: Sequence[Part], target: Path, share: Share) -> Part:
    """Add up pair counts."""
    counts = [TextCounts.of(read_part(target.parent, part)) for part in parts]
    with temporary_folder(target.parent) as folder:
        total = add_counts(counts, folder, share.memory, share.n_threads)
        return write_part(target, total.arrays(), added([p.figures for p in parts], FIGURES))


def _tokenizer(settings: CorpusSettings) -> Tokenizer:
    """Return the tokenizer, which was named on this command line."""
    return make_tokenizer(settings, settings.tokenizer)
