"""The reader: from blocks of text to encoded ids, in one pass where memory allows.

Each thread scans blocks: it cuts the text into tokens and numbers the words in a table of its own,
in order of appearance. When all text has been read, the tables are merged, words get their final
numbers, their ids, by falling frequency, and the ids replace the provisional numbers. So the result
depends neither on the number of threads nor on where the text is cut, and writing the ids twice
costs less than reading the text twice. If the tables outgrow their share of the memory, they are
sorted to disk and emptied, and a second pass over the text encodes it with the finished vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError
from w2v_cli.memory import bytes_for_data
from w2v_cli.text import scan_kernels as kernels
from w2v_cli.text.blocks import Block
from w2v_cli.text.encoded import EncodedWriter, IdSink, ProvisionalIds
from w2v_cli.text.phrases import PhraseJoiner
from w2v_cli.text.plan import Phrase, Progress, ReadingPlan, ReadingResult
from w2v_cli.text.sources import TextSource
from w2v_cli.text.text_sample import TextSample
from w2v_cli.text.threads import ordered_map
from w2v_cli.text.tokenizers import Tokenizer
from w2v_cli.text.unicode_table import LETTER, LONE, sigma_contexts
from w2v_cli.text.vocabulary import Vocabulary, WordCounter
from w2v_cli.text.word_table import WordTable, table_of

_NO_LIMIT = -1
#: The tables' share of the memory; merging and the final numbers take the rest.
_TABLES_SHARE = 1 / 3


def read_corpus(
    source: TextSource, plan: ReadingPlan, folder: Path, progress: Progress
) -> ReadingResult:
    """Write `corpus.ids` and `corpus.ends` into the folder.

    Raises DataError for text that cannot be read or has too few words.
    """
    tokenizer, errors = plan.tokenizer, source.encoding_errors
    scanners = [Scanner(tokenizer, errors, sample=plan.sample) for _ in range(plan.n_threads)]
    counter = WordCounter(folder)
    memory = plan.settings.memory
    most_bytes = bytes_for_data(memory) * _TABLES_SHARE / len(scanners)

    def spill_if_large(scanner: Scanner) -> None:
        if scanner.table.n_bytes > most_bytes:
            _spill(scanner, counter)

    n_tokens = n_invalid = 0
    provisional = ProvisionalIds(folder)
    try:
        for block in scan_all(source, scanners, plan.settings.limit_tokens, spill_if_large):
            if not counter.spilled:
                provisional.add(block.ids, block.ends, block.table)
            n_tokens += block.n_tokens
            n_invalid += block.n_invalid
            place = source.file_at(block.bytes_read)
            progress("reading", block.bytes_read, source.n_bytes, n_tokens, place)
        if n_tokens == 0:
            raise DataError("the corpus is empty: it has no words; give a text with words in it")
        if counter.spilled and plan.settings.phrases:
            raise DataError(
                f"the distinct words do not fit into --memory {memory:g} (GiB), and --phrases"
                " needs all of them there; give more, or omit --phrases"
            )
        if counter.spilled:
            encoded = _second_pass(source, plan, folder, scanners, counter, n_tokens, progress)
        else:
            tables = [scanner.table for scanner in scanners]
            scanners.clear()  # or they would keep tables that `encode` no longer needs
            encoded = encode(tables, provisional, plan, folder, progress)
    finally:
        provisional.remove()
    return encoded.result(n_tokens, n_invalid)


@dataclass(frozen=True)
class Encoded:
    """A corpus whose tokens have been written as ids."""

    vocabulary: Vocabulary
    writer: EncodedWriter
    n_distinct: int
    phrases: tuple[list[Phrase], ...] = ()

    def result(self, n_tokens: int, n_invalid: int = 0) -> ReadingResult:
        """Return what was read: n_tokens of the text, n_invalid lines with invalid UTF-8."""
        return ReadingResult(
            self.vocabulary,
            n_tokens,
            self.writer.n_kept,
            self.writer.n_documents,
            self.n_distinct,
            n_invalid,
            self.phrases,
        )


# One pass: provisional numbers become ids once all words are known.


def encode(
    tables: list[WordTable],
    provisional: ProvisionalIds,
    plan: ReadingPlan,
    folder: Path,
    progress: Progress,
) -> Encoded:
    """Choose the vocabulary and write the ids of tokens that several tables have numbered.

    tables: each block of `provisional` names its own by index; the list is emptied on the way.
    """
    whole, *others = tables
    tables.clear()
    merged = [np.arange(whole.n_words, dtype=np.uint32)]
    while others:
        merged.append(whole.add(others.pop(0)))  # pop frees the memory of each
    if plan.settings.phrases:
        return _with_phrases(whole, merged, provisional, plan, folder, progress)
    vocabulary, final = _final_numbers(whole, whole.counts(), plan)
    numbers = [final[own] for own in merged]
    done = 0
    with EncodedWriter(folder, plan.numbered) as writer:
        for ids, ends, table in provisional.blocks():
            done += len(ids)
            writer.add(ids, ends, numbers[table])
            progress("numbering", done, provisional.n_ids)
    return Encoded(vocabulary, writer, whole.n_words)


def _with_phrases(
    table: WordTable,
    merged: list[NDArray[np.uint32]],
    provisional: ProvisionalIds,
    plan: ReadingPlan,
    folder: Path,
    progress: Progress,
) -> Encoded:
    """Join pairs of words, then write the ids. merged: the numbers in `table` of each table's."""

    def blocks() -> Iterator[tuple[NDArray[np.uint32], NDArray[np.int64]]]:
        return ((merged[which][ids], ends) for ids, ends, which in provisional.blocks())

    joiner = PhraseJoiner(table, blocks, folder, plan.settings.memory, progress)
    try:
        phrases = tuple(joiner.join(number) for number in range(1, plan.settings.phrases + 1))
        vocabulary, final = _final_numbers(table, joiner.counts, plan)
        with EncodedWriter(folder, plan.numbered) as writer:
            for ids, ends in joiner.blocks():
                writer.add(ids, ends, final)
    finally:
        joiner.close()
    return Encoded(vocabulary, writer, int(np.count_nonzero(joiner.counts)), phrases)


def _final_numbers(
    table: WordTable, counts: NDArray[np.int64], plan: ReadingPlan
) -> tuple[Vocabulary, NDArray[np.uint32]]:
    """Return the vocabulary and the id in it of each word of the table, (n_words,)."""
    _, words, counts = table.frequent(plan.settings.min_count, plan.named_words, counts)
    vocabulary = plan.vocabulary(zip(words, counts.tolist(), strict=True))
    del words, counts
    final = np.full(table.n_words, kernels.UNKNOWN, np.uint32)
    own = table.find_distinct(vocabulary.words)
    here = np.flatnonzero(own >= 0)  # a given vocabulary may have words that the text lacks
    final[own[here]] = here
    return vocabulary, final


# Two passes: the first counts, the second encodes.


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
    n_read = 0
    limit = plan.settings.limit_tokens
    with EncodedWriter(folder, plan.numbered) as writer:
        for block in encoded_blocks(
            source, plan.tokenizer, vocabulary, writer, plan.n_threads, limit
        ):
            n_read += block.n_tokens
            place = source.file_at(block.bytes_read)
            progress("encoding", block.bytes_read, source.n_bytes, n_read, place)
    if n_read != n_tokens:
        raise DataError("the text changed while it was read; train on a copy")
    return Encoded(vocabulary, writer, counter.n_distinct)


def encoded_blocks(
    source: TextSource,
    tokenizer: Tokenizer,
    vocabulary: Vocabulary,
    sink: IdSink,
    n_threads: int = 1,
    limit: int | None = None,
) -> Iterator[Scanned]:
    """Encode a text with a finished vocabulary into a sink; yield each block once it is added."""
    table = table_of(vocabulary.words)  # numbers words as the vocabulary does
    numbers = np.arange(len(vocabulary), dtype=np.uint32)
    scanners = [Scanner(tokenizer, source.encoding_errors, table) for _ in range(n_threads)]
    for block in scan_all(source, scanners, limit):
        sink.add(block.ids, block.ends, numbers)
        yield block


# From blocks of text to numbered words.


@dataclass(frozen=True)
class Scanned:
    """The tokens of a block.

    ids: numbers of its words in table number `table`, uint32. ends: int64, how many of them come
    before each end of a document. n_tokens: those without a number included. n_invalid: lines with
    invalid UTF-8. bytes_read: of all files, up to the end of the block.
    """

    ids: NDArray[np.uint32]
    ends: NDArray[np.int64]
    n_tokens: int
    n_invalid: int
    bytes_read: int
    table: int


class Scanner:
    """Scans one block at a time into its own table, or by a frozen one shared with others."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        encoding_errors: str,
        frozen: WordTable | None = None,
        sample: TextSample | None = None,
    ) -> None:
        self._sample = sample
        self.table = frozen or WordTable()
        self._frozen = frozen is not None
        self._encoding_errors = encoding_errors
        self._tokenizer = tokenizer
        self._characters = tokenizer.characters()
        self._contexts = _contexts(tokenizer)
        self._letters, self._fold = _plain_ascii(self._characters)
        lone = (self._characters >> np.uint64(40) == LONE).any()
        self._least_bytes = 1 if lone else 2  # of a word and the separator after it

    def scan(self, block: Block, number: int = 0, limit: int = _NO_LIMIT) -> Scanned:
        """Scan a block, or its first `limit` tokens. number: of this scanner's table."""
        data, n_invalid = _text_to_scan(block, self._encoding_errors, self._tokenizer)
        if self._sample is not None:
            self._sample.look(data)
        text = np.frombuffer(data, np.uint8)
        ids = np.empty(len(text) // self._least_bytes + 1, np.uint32)
        ends = np.empty(data.count(b"\n") + 1, np.int64)
        n_ids, n_ends, n_tokens = self._fill(text, ids, ends, limit)
        if block.ends_document or n_tokens == limit:
            ends[n_ends] = n_ids
            n_ends += 1
        return Scanned(ids[:n_ids], ends[:n_ends], n_tokens, n_invalid, block.bytes_read, number)

    def _fill(
        self, text: NDArray[np.uint8], ids: NDArray[np.uint32], ends: NDArray[np.int64], limit: int
    ) -> tuple[int, int, int]:
        """Run the kernel, growing the table as needed; return (ids, ends, tokens) written."""
        table = self.table
        most_pieces = len(text) // 4 + 2  # lower-casing makes a word at most half as long again
        pieces = np.empty(most_pieces + 2 * kernels.AHEAD, np.uint64)
        ahead = np.empty((kernels.AHEAD + 1, kernels.N_FIELDS), np.uint64)
        state = table.state(kernels.SCAN_STATE_SIZE)
        state[kernels.LIMIT_AT] = limit
        while True:
            status = kernels.scan(
                text,
                self._characters,
                self._contexts,
                self._letters,
                self._fold,
                table.slots,
                table.arena,
                self._frozen,
                pieces,
                ahead,
                ids,
                ends,
                state,
            )
            if not self._frozen:
                table.take(state)
            if status != kernels.FULL:
                break
            table.make_room(1, most_pieces)
        n_ids, n_ends, n_tokens = state[[kernels.N_IDS, kernels.N_ENDS, kernels.N_TOKENS]]
        return int(n_ids), int(n_ends), int(n_tokens)


def scan_all(
    source: TextSource,
    scanners: Sequence[Scanner],
    limit: int | None,
    after_block: Callable[[Scanner], None] = lambda scanner: None,
) -> Iterator[Scanned]:
    """Scan a source, up to `limit` tokens, on a thread for each scanner.

    after_block: called on the scanner's thread when it has done a block.
    """
    if limit is not None:
        yield from _scan_up_to(source, scanners[0], limit, after_block)
        return

    def work(number: int, block: Block) -> Scanned:
        scanned = scanners[number].scan(block, number)
        after_block(scanners[number])
        return scanned

    yield from ordered_map(work, range(len(scanners)), source.blocks())


def _scan_up_to(
    source: TextSource, scanner: Scanner, limit: int, after_block: Callable[[Scanner], None]
) -> Iterator[Scanned]:
    """Scan line by line, so that nothing after the last wanted token is read."""
    for line in source.lines():
        scanned = scanner.scan(line, limit=limit)
        after_block(scanner)
        yield scanned
        limit -= scanned.n_tokens
        if limit == 0:
            return


def _plain_ascii(characters: NDArray[np.uint64]) -> tuple[int, bool]:
    """Return which ASCII characters are letters to the kernel without a look-up, and their case.

    characters: what each becomes. These must become themselves, or all capitals small letters.
    """
    ascii_part = [chr(i) for i in range(128)]
    becomes = [chr(int(packed) & 0xFFFFFFFF) for packed in characters[:128]]
    is_letter = characters[:128] >> np.uint64(40) == LETTER
    for letters, wanted in (
        (kernels.ALL_BUT_SPACE, [c > " " for c in ascii_part]),
        (kernels.LETTERS_AND_DIGITS, [c.isalnum() for c in ascii_part]),
    ):
        if not is_letter[wanted].all():
            continue
        for fold in (False, True):
            expected = [c.lower() if fold else c for c in ascii_part]
            pairs = zip(becomes, expected, wanted, strict=True)
            if all(new == old for new, old, is_wanted in pairs if is_wanted):
                return letters, fold
    return kernels.NO_LETTERS, False


def _contexts(tokenizer: Tokenizer) -> NDArray[np.uint8]:
    folds = tokenizer.is_compiled and tokenizer.lowercase
    return sigma_contexts() if folds else np.empty(0, np.uint8)


def _text_to_scan(block: Block, encoding_errors: str, tokenizer: Tokenizer) -> tuple[bytes, int]:
    """Return a block as valid UTF-8, one document a line, and how many lines were not valid.

    If a Python function splits, the lines are its tokens with spaces between them: a slow function
    runs once per line, memory stays bounded, and the same kernel numbers the words. Invalid UTF-8
    and records also go line by line through Python.
    """
    is_plain = block.form is None and tokenizer.is_compiled
    if is_plain and kernels.is_utf8(np.frombuffer(block.data, np.uint8)):
        data = block.as_lines()
        if block.ends_document and data.endswith(b"\n"):
            data = data[:-1]  # the caller adds this end
        if tokenizer.normalize is None or data.isascii():
            return data, block.n_invalid
        return tokenizer.normalized(data.decode()).encode(), block.n_invalid
    texts = []
    n_invalid = 0
    for line in block.lines():
        text, invalid = line.text(encoding_errors)
        n_invalid += invalid + line.n_invalid
        if text is None:
            continue
        if tokenizer.is_compiled:
            texts.append(tokenizer.normalized(text.replace("\n", " ")))
        else:
            texts.append(" ".join(tokenizer.tokens_at(line.place, text)))
        texts.append("\n" if line.ends_document else " ")
    if block.ends_document:  # the caller adds its end
        del texts[-1:]
    return "".join(texts).encode(), n_invalid
