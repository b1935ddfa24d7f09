"""Encode sentences that are words already, in one pass: no text, no tokenizer.

Words are numbered as they come and written to disk under these numbers; final numbers, by falling
frequency, follow once all are known. So the sentences need to come only once.
"""

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.corpus.encoded_writer import EncodedWriter, ProvisionalIds
from w2v_cli.corpus.numbering import with_phrases
from w2v_cli.corpus.reader_kernels import UNKNOWN
from w2v_cli.corpus.reading import Progress, ReadingPlan, ReadingResult
from w2v_cli.corpus.word_table import table_of
from w2v_cli.errors import DataError

_BLOCK_TOKENS = 1 << 18
#: What a distinct word takes besides its letters: its entry, its number, its place in the result.
_BYTES_A_WORD = 250


class _Numbers(dict[str, int]):
    """Word → number; a word that is asked for the first time gets the next one."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


def read_tokens(
    sentences: Iterable[list[str]], n: int, plan: ReadingPlan, folder: Path, progress: Progress
) -> ReadingResult:
    """Write `corpus.ids` and `corpus.ends` into the folder.

    n: how many sentences there are, 0 if that is not known. Of the plan, the tokenizer is not used.

    Raises DataError when there are no words, or more distinct ones than fit into the memory.
    """
    numbers = _Numbers()
    counts = np.zeros(1 << 12, np.int64)
    n_tokens = done = n_letters = 0
    provisional = ProvisionalIds(folder)
    try:
        for block in _blocks(sentences, plan.limit_tokens):
            before = len(numbers)
            ids, ends = _numbered(block, numbers)
            n_letters += sum(map(sys.getsizeof, islice(reversed(numbers), len(numbers) - before)))
            _check_memory(len(numbers), n_letters, plan.memory)
            counts = _grown(counts, len(numbers))
            counts += np.bincount(ids, minlength=len(counts))
            provisional.add(ids, ends, 0)
            n_tokens += len(ids)
            done += len(block)
            progress("reading sentences", done, n, n_tokens)
        if n_tokens == 0:
            raise DataError("the sentences have no words in them; give some that have")
        if plan.phrases:
            return _with_phrases(plan, folder, list(numbers), counts, provisional, progress)
        pairs = zip(numbers, counts[: len(numbers)].tolist(), strict=True)
        vocabulary = plan.vocabulary(pairs)
        final = np.full(len(numbers), UNKNOWN, np.uint32)
        for number, word in enumerate(vocabulary.words):
            final[numbers[word]] = number
        with EncodedWriter(folder) as writer:
            for ids, ends, _ in provisional.blocks():
                writer.add(ids, ends, final)
    finally:
        provisional.remove()
    return ReadingResult(vocabulary, n_tokens, writer.n_kept, writer.n_documents, len(numbers), 0)


def _with_phrases(
    plan: ReadingPlan,
    folder: Path,
    words: list[str],
    counts: NDArray[np.int64],
    provisional: ProvisionalIds,
    progress: Progress,
) -> ReadingResult:
    table = table_of(words, counts[: len(words)])

    def blocks() -> Iterator[tuple[NDArray[np.uint32], NDArray[np.int64]]]:
        return ((ids, ends) for ids, ends, _ in provisional.blocks())

    encoded = with_phrases(plan, folder, table, blocks, progress)
    writer, n_tokens = encoded.writer, int(counts.sum())
    figures = (writer.n_kept, writer.n_documents, encoded.n_distinct, 0)
    return ReadingResult(encoded.vocabulary, n_tokens, *figures, encoded.phrases)


def _blocks(sentences: Iterable[list[str]], limit: int | None) -> Iterator[list[list[str]]]:
    """Yield sentences in groups of some size, up to `limit` words."""
    block: list[list[str]] = []
    size = 0
    for sentence in sentences:
        words = sentence if limit is None else sentence[:limit]
        block.append(words)
        size += len(words)
        if limit is not None:
            limit -= len(words)
        if size >= _BLOCK_TOKENS or limit == 0:
            yield block
            block, size = [], 0
        if limit == 0:
            return
    if block:
        yield block


def _numbered(
    block: list[list[str]], numbers: _Numbers
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the numbers of the words, and how many come before each end of a sentence."""
    ends = np.cumsum([len(words) for words in block])
    flat = (number for words in block for number in map(numbers.__getitem__, words))
    return np.fromiter(flat, np.uint32, int(ends[-1])), ends


def _grown(counts: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    if n <= len(counts):
        return counts
    larger = np.zeros(2 * n, np.int64)
    larger[: len(counts)] = counts
    return larger


def _check_memory(n_words: int, n_letters: int, memory: float) -> None:
    if n_words * _BYTES_A_WORD + n_letters > memory * 2**30:
        raise DataError(
            f"{n_words:,} distinct tokens do not fit into {memory:g} GiB; raise memory=…, or write"
            " the sentences to a file: of files w2v reads any number of distinct words"
        )
