"""The compiled reader: from a source of text to encoded ids, in one pass where memory allows.

Each thread numbers the words it meets in a table of its own, as they come. When all text is read
the tables are merged, words get their final numbers by falling frequency, and the ids are
renumbered. So the result does not depend on the number of threads nor on where the text is cut.
Where the tables outgrow their share of the memory, they are sorted to disk and emptied, and a
second pass over the text encodes it with the finished vocabulary.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.corpus.counting import WordCounter
from w2v_cli.corpus.encoded_writer import EncodedWriter, ProvisionalIds
from w2v_cli.corpus.memory import bytes_for_data
from w2v_cli.corpus.numbering import Encoded, final_numbers, with_phrases
from w2v_cli.corpus.readers import TextSource
from w2v_cli.corpus.reading import Progress, ReadingPlan, ReadingResult
from w2v_cli.corpus.scanning import Scanner, scan_all
from w2v_cli.corpus.word_table import WordTable, table_of
from w2v_cli.errors import DataError

#: The tables' share of the memory: merging and final numbers take as much again, and twice.
_TABLES_SHARE = 1 / 3


def read_corpus(
    source: TextSource, plan: ReadingPlan, folder: Path, progress: Progress
) -> ReadingResult:
    """Write `corpus.ids` and `corpus.ends` into the folder.

    Raises DataError for text that cannot be read or has too few words.
    """
    make = partial(Scanner, plan.tokenizer, source.encoding_errors, scripts=plan.scripts)
    scanners = [make() for _ in range(plan.n_threads)]
    counter = WordCounter(folder)
    most_bytes = bytes_for_data(plan.memory) * _TABLES_SHARE / len(scanners)

    def spill_if_large(scanner: Scanner) -> None:
        if scanner.table.n_bytes > most_bytes:
            _spill(scanner, counter)

    n_tokens = n_invalid = 0
    provisional = ProvisionalIds(folder)
    try:
        for block in scan_all(source, scanners, plan.limit_tokens, spill_if_large):
            if not counter.spilled:
                provisional.add(block.ids, block.ends, block.table)
            n_tokens += block.n_tokens
            n_invalid += block.n_invalid
            place = source.file_at(block.bytes_read)
            progress("reading", block.bytes_read, source.n_bytes, n_tokens, place)
        if n_tokens == 0:
            raise DataError("the corpus is empty: it has no words; give a text with words in it")
        if counter.spilled and plan.phrases:
            raise DataError(
                f"the distinct words do not fit into --memory {plan.memory:g} (GiB), and --phrases"
                " needs all of them there; give more, or omit --phrases"
            )
        if counter.spilled:
            encoded = _second_pass(source, plan, folder, scanners, counter, n_tokens, progress)
        else:
            encoded = _numbered(plan, folder, scanners, provisional, n_tokens, progress)
    finally:
        provisional.remove()
    return ReadingResult(
        encoded.vocabulary,
        n_tokens,
        encoded.writer.n_kept,
        encoded.writer.n_documents,
        encoded.n_distinct,
        n_invalid,
        encoded.phrases,
    )


def _numbered(
    plan: ReadingPlan,
    folder: Path,
    scanners: list[Scanner],
    provisional: ProvisionalIds,
    n_tokens: int,
    progress: Progress,
) -> Encoded:
    """Merge the tables and give the provisional ids their final numbers."""
    whole = scanners[0].table
    merged = [np.arange(whole.n_words, dtype=np.uint32)]
    for scanner in scanners[1:]:
        merged.append(whole.add(scanner.table))
        scanner.table = WordTable()  # frees the memory
    if plan.phrases:
        blocks = partial(_merged_blocks, provisional, merged)
        return with_phrases(plan, folder, whole, blocks, progress)
    vocabulary, final = final_numbers(whole, whole.counts(), plan)
    numbers = [final[own] for own in merged]
    done = 0
    with EncodedWriter(folder) as writer:
        for ids, ends, table in provisional.blocks():
            done += len(ids)
            writer.add(ids, ends, numbers[table])
            progress("numbering", done, n_tokens)
    return Encoded(vocabulary, writer, whole.n_words)


def _merged_blocks(
    provisional: ProvisionalIds, merged: list[NDArray[np.uint32]]
) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.int64]]]:
    """Yield what was scanned under the numbers of the merged table."""
    for ids, ends, number in provisional.blocks():
        yield merged[number][ids], ends


def _spill(scanner: Scanner, counter: WordCounter) -> None:
    """Sort a scanner's words to disk and empty its table."""
    table, scanner.table = scanner.table, WordTable()
    counter.spill(table.in_order())


def _second_pass(
    source: TextSource,
    plan: ReadingPlan,
    folder: Path,
    scanners: list[Scanner],
    counter: WordCounter,
    n_tokens: int,
    progress: Progress,
) -> Encoded:
    """Add up the counts on the disk, then encode the text with the finished vocabulary."""
    for scanner in scanners:
        _spill(scanner, counter)
    vocabulary = plan.vocabulary(counter.totals())
    table = table_of(vocabulary.words)
    numbers = np.arange(len(vocabulary), dtype=np.uint32)
    scanners = [Scanner(plan.tokenizer, source.encoding_errors, table) for _ in scanners]
    n_read = 0
    with EncodedWriter(folder) as writer:
        for block in scan_all(source, scanners, plan.limit_tokens):
            writer.add(block.ids, block.ends, numbers)
            n_read += block.n_tokens
            place = source.file_at(block.bytes_read)
            progress("encoding", block.bytes_read, source.n_bytes, n_read, place)
    if n_read != n_tokens:
        raise DataError("the text changed while it was read; train on a copy")
    return Encoded(vocabulary, writer, counter.n_distinct)
