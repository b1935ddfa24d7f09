"""Scan blocks of text on several threads; what comes out keeps the order of the text."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

import numpy as np
from numpy.typing import NDArray

from w2v_cli.corpus import reader_kernels as kernels
from w2v_cli.corpus.blocks import Block
from w2v_cli.corpus.characters import LETTER, LONE, sigma_contexts
from w2v_cli.corpus.eight_bytes import ALL_BUT_SPACE, LETTERS_AND_DIGITS, NO_LETTERS
from w2v_cli.corpus.readers import TextSource
from w2v_cli.corpus.reading import tokens_of
from w2v_cli.corpus.scripts import ScriptSample
from w2v_cli.corpus.tokenizers import Tokenizer
from w2v_cli.corpus.utf8_kernels import is_utf8
from w2v_cli.corpus.word_table import WordTable
from w2v_cli.errors import DataError

_NO_LIMIT = -1
_BLOCKS_IN_HAND = 2


@dataclass(frozen=True)
class Scanned:
    """The words of a block.

    ids: numbers of its words in table number `table`, uint32. ends: int64, how many of them come
    before each end of a document. n_tokens: words, those without a number included. n_invalid:
    lines with invalid UTF-8. bytes_read: of all files, up to the end of the block.
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
        scripts: ScriptSample | None = None,
    ) -> None:
        self._scripts = scripts
        self.table = frozen or WordTable()
        self._frozen = frozen is not None
        self._encoding_errors = encoding_errors
        self._tokenizer = tokenizer
        self._characters = tokenizer.characters()
        self._contexts = _contexts(tokenizer)
        self._letters, self._fold = _plain_ascii(self._characters)
        lone = (self._characters >> np.uint64(40) == LONE).any()
        self._least_bytes = 1 if lone else 2  # of a word and what parts it from the next

    def scan(self, block: Block, number: int = 0, limit: int = _NO_LIMIT) -> Scanned:
        """Scan a block, or its first `limit` words. number: of this scanner's table."""
        data, n_invalid = _text_to_scan(block, self._encoding_errors, self._tokenizer)
        if self._scripts is not None:
            self._scripts.look(data)
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
        """Run the kernel, with as large a table as it needs; return ids, ends and words."""
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
    """Scan a source, up to `limit` words, on a thread for each scanner.

    after_block: called on the scanner's thread when it has done a block.
    """
    if limit is not None:
        yield from _scan_up_to(source, scanners[0], limit, after_block)
        return
    free: SimpleQueue[int] = SimpleQueue()
    for number in range(len(scanners)):
        free.put(number)

    def work(block: Block) -> Scanned:
        number = free.get()
        try:
            scanned = scanners[number].scan(block, number)
            after_block(scanners[number])
            return scanned
        finally:
            free.put(number)

    waiting: deque[Future[Scanned]] = deque()
    with ThreadPoolExecutor(len(scanners)) as pool:
        try:
            for submitted in _submitted(source, lambda block: pool.submit(work, block)):
                waiting.append(submitted)
                if len(waiting) > _BLOCKS_IN_HAND * len(scanners):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _submitted(
    source: TextSource, submit: Callable[[Block], Future[Scanned]]
) -> Iterator[Future[Scanned]]:
    """Submit each block. What stops the source comes last: an earlier block may have an error."""
    try:
        for block in source.blocks():
            yield submit(block)
    except DataError as error:
        failed: Future[Scanned] = Future()
        failed.set_exception(error)
        yield failed


def _scan_up_to(
    source: TextSource, scanner: Scanner, limit: int, after_block: Callable[[Scanner], None]
) -> Iterator[Scanned]:
    """Scan line by line, so that nothing after the last word wanted is looked at."""
    for line in source.lines():
        scanned = scanner.scan(line, limit=limit)
        after_block(scanner)
        yield scanned
        limit -= scanned.n_tokens
        if limit == 0:
            return


def _plain_ascii(characters: NDArray[np.uint64]) -> tuple[int, bool]:
    """Return which ASCII characters the kernel takes as letters without a look, and their case.

    characters: what each becomes. These must become themselves, or all capitals small letters.
    """
    ascii_part = [chr(i) for i in range(128)]
    becomes = [chr(int(packed) & 0xFFFFFFFF) for packed in characters[:128]]
    is_letter = characters[:128] >> np.uint64(40) == LETTER
    for letters, wanted in (
        (ALL_BUT_SPACE, [c > " " for c in ascii_part]),
        (LETTERS_AND_DIGITS, [c.isalnum() for c in ascii_part]),
    ):
        if not is_letter[wanted].all():
            continue
        for fold in (False, True):
            expected = [c.lower() if fold else c for c in ascii_part]
            pairs = zip(becomes, expected, wanted, strict=True)
            if all(new == old for new, old, is_wanted in pairs if is_wanted):
                return letters, fold
    return NO_LETTERS, False


def _contexts(tokenizer: Tokenizer) -> NDArray[np.uint8]:
    folds = tokenizer.is_compiled and tokenizer.lowercase
    return sigma_contexts() if folds else np.empty(0, np.uint8)


def _text_to_scan(block: Block, encoding_errors: str, tokenizer: Tokenizer) -> tuple[bytes, int]:
    """Return a block as valid UTF-8, one document a line, and how many lines were not valid.

    Where a function splits, the lines are its tokens with spaces between them.
    """
    is_plain = block.form is None and tokenizer.is_compiled
    if is_plain and is_utf8(np.frombuffer(block.data, np.uint8)):
        data = block.as_lines()
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
            texts.append(" ".join(tokens_of(tokenizer, text, line.place)))
        texts.append("\n" if line.ends_document else " ")
    if block.ends_document:  # the caller ends it
        del texts[-1:]
    return "".join(texts).encode(), n_invalid
