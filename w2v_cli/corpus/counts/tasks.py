"""The tasks of counting. Each reads what it is given, writes one file and tells which.

They are plain functions of arguments that can be sent to another machine, without state. Their
last argument is the memory in bytes that they may fill. Each pair of words is kept once until
`both_halves`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.corpus.counts.merge import Rows, merge_matrices, runs_in, with_transpose
from w2v_cli.corpus.counts.parts import Part, added, read_part, table_of_part, write_part
from w2v_cli.corpus.counts.shards import Shard, open_shard
from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.corpus.pair_runs import PairCounter
from w2v_cli.corpus.plan import make_tokenizer
from w2v_cli.corpus.reader_kernels import renumber
from w2v_cli.corpus.reading import no_progress
from w2v_cli.corpus.sampling import keep_prob
from w2v_cli.corpus.scanning import Scanner, scan_all
from w2v_cli.corpus.settings import CorpusSettings
from w2v_cli.corpus.tokenizers import Tokenizer
from w2v_cli.corpus.vocabulary import Vocabulary, read_vocabulary
from w2v_cli.corpus.word_table import table_of
from w2v_cli.storage.folders import temporary_folder

#: What is known of a text besides its counts; see `manifest.Manifest`.
FIGURES = ("n_tokens", "n_kept", "n_documents", "n_invalid")
#: However much the words of a shard take, this share of the memory is for its pairs.
_LEAST_SHARE = 1 / 4
#: What the allocator keeps of the blocks in which a shard was read (measured).
_READING_BYTES = 80 << 20
_PIECE_TOKENS = 1 << 20


@dataclass(frozen=True)
class PairPlan:
    """What decides the weight of a pair.

    shrink: radii are drawn from 1 to the window. fraction_bits: a weight of 1 is 2^fraction_bits.
    """

    window: int
    subsample_threshold: float
    shrink: bool
    fraction_bits: int
    tail: float


def count_words(shard: Shard, settings: CorpusSettings, target: Path, memory: float) -> Part:
    """Count the words of a shard: a table in the order in which they come."""
    source = open_shard(shard, settings)
    scanner = Scanner(_tokenizer(settings), source.encoding_errors)
    n_tokens = sum(block.n_tokens for block in scan_all(source, [scanner], None))
    table = scanner.table
    figures = {"n_distinct": table.n_words, "n_tokens": n_tokens}
    return write_part(target, {"arena": table.arena[: table.used]}, figures)


def merge_words(parts: Sequence[Part], target: Path, memory: float) -> Part:
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
    memory: float,
) -> Part:
    """Count the pairs of a shard by the words of a vocabulary, a file beside the target."""
    vocabulary = read_vocabulary(target.parent / vocabulary_name)
    corpus, figures = _encoded(shard, settings, vocabulary)
    keep = keep_prob(vocabulary.counts, plan.subsample_threshold)
    left = max(memory * _LEAST_SHARE, memory - corpus.tokens.nbytes - _READING_BYTES)
    occurrences = _occurrences(corpus.tokens, len(vocabulary))
    with temporary_folder(target.parent) as folder:
        unit = 2.0**plan.fraction_bits
        counter = PairCounter(
            corpus, keep, plan.window, unit, plan.tail, plan.shrink, transposed=False
        )
        row_starts = counter.count(folder, left, 1, no_progress)
        merged = merge_matrices(runs_in(folder, row_starts), folder, left)
        arrays = {**vars(merged), "occurrences": occurrences}
        return write_part(target, arrays, figures)


def _encoded(
    shard: Shard, settings: CorpusSettings, vocabulary: Vocabulary
) -> tuple[EncodedCorpus, dict[str, int]]:
    """Return a shard as ids, in memory, and the figures of its text."""
    source = open_shard(shard, settings)
    scanner = Scanner(_tokenizer(settings), source.encoding_errors, table_of(vocabulary.words))
    numbers = np.arange(len(vocabulary), dtype=np.uint32)
    ids, ends = np.empty(_PIECE_TOKENS, np.uint32), [np.empty(0, np.int64)]
    n_kept = last_end = n_tokens = n_invalid = 0
    for block in scan_all(source, [scanner], None):
        n_ids, n_ends = renumber(block.ids, block.ends, numbers, n_kept, last_end)
        if n_kept + n_ids > len(ids):
            ids.resize(n_kept + n_ids + len(ids) // 4, refcheck=False)  # moved, not copied
        ids[n_kept : n_kept + n_ids] = block.ids[:n_ids]
        ends.append(block.ends[:n_ends].copy())
        n_kept += n_ids
        n_tokens += block.n_tokens
        n_invalid += block.n_invalid
        if n_ends:
            last_end = int(block.ends[n_ends - 1])
    ids.resize(n_kept, refcheck=False)
    corpus = EncodedCorpus(ids, np.concatenate(ends), n_tokens, vocabulary)
    figures = (n_tokens, n_kept, len(corpus.document_ends), n_invalid)
    return corpus, dict(zip(FIGURES, figures, strict=True))


def _occurrences(tokens: NDArray[np.uint32], n_words: int) -> NDArray[np.int64]:
    """Return how often each word occurs, (V,)."""
    counts = np.zeros(n_words, np.int64)
    for start in range(0, len(tokens), _PIECE_TOKENS):  # a piece at a time is made 8 bytes wide
        counts += np.bincount(tokens[start : start + _PIECE_TOKENS], minlength=n_words)
    return counts


def merge_pairs(parts: Sequence[Part], target: Path, memory: float) -> Part:
    """Add up pair counts."""
    arrays = [read_part(target.parent, part) for part in parts]
    occurrences = np.sum([some.pop("occurrences") for some in arrays], axis=0)
    with temporary_folder(target.parent) as folder:
        merged = merge_matrices([Rows(**some) for some in arrays], folder, memory)
        figures = added([part.figures for part in parts], FIGURES)
        return write_part(target, {**vars(merged), "occurrences": occurrences}, figures)


def both_halves(part: Part, target: Path, memory: float) -> Part:
    """Add the transpose, so that each pair is in the row of either word."""
    arrays = read_part(target.parent, part)
    occurrences = arrays.pop("occurrences")
    with temporary_folder(target.parent) as folder:
        whole = with_transpose(Rows(**arrays), folder, memory)
        return write_part(target, {**vars(whole), "occurrences": occurrences}, part.figures)


def _tokenizer(settings: CorpusSettings) -> Tokenizer:
    """Return the tokenizer; whoever counts has named it in this call."""
    return make_tokenizer(settings, settings.tokenizer)
