"""The slow twin of `reader`, in plain Python: one pass counts, one writes ids.

It defines what the compiled reader has to do, and reads for the tests that run without numba's JIT.
"""

from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from reference_phrases import Part, join_in_passes

from w2v_cli.errors import DataError
from w2v_cli.storage import files
from w2v_cli.text.plan import Progress, ReadingPlan, ReadingResult
from w2v_cli.text.sources import TextSource
from w2v_cli.text.vocabulary import Vocabulary, WordCounter

_BUFFER_TOKENS = 1 << 20


def read_corpus(
    source: TextSource, plan: ReadingPlan, folder: Path, progress: Progress
) -> ReadingResult:
    """Do what `reader.read_corpus` does; memory and n_threads of the plan do not matter."""
    counter = WordCounter(folder)
    for tokens, _ in _token_pieces(source, plan, "counting", progress):
        counter.add(tokens)
    if counter.n_tokens == 0:
        raise DataError("the corpus is empty: it has no words; give a text with words in it")
    n_invalid = source.n_invalid
    n_tokens = counter.n_tokens
    read, passes = join_in_passes(
        lambda: _token_pieces(source, plan, "encoding", progress), plan.settings.phrases
    )
    if passes:
        for _ in counter.totals():  # deletes its files
            pass
        counter = WordCounter(folder)
        for tokens, _ in read():
            counter.add(tokens)
    vocabulary = plan.vocabulary(counter.totals())
    n_kept, n_documents = _encode(read(), vocabulary, folder)
    phrases = tuple(one.phrases() for one in passes)
    return ReadingResult(
        vocabulary, n_tokens, n_kept, n_documents, counter.n_distinct, n_invalid, phrases
    )


def _token_pieces(
    source: TextSource, plan: ReadingPlan, phase: str, progress: Progress
) -> Iterator[tuple[list[str], bool]]:
    """Yield (tokens, ends_document) up to the limit."""
    left = plan.settings.limit_tokens
    for piece in source.pieces():
        plan.sample.look(piece.text.encode())
        tokens = plan.tokenizer.tokens_at(piece.place, piece.text)
        progress(phase, source.bytes_read, source.n_bytes)
        if left is not None:
            tokens = tokens[:left]
            left -= len(tokens)
        yield tokens, piece.ends_document or left == 0
        if left == 0:
            return


def _encode(parts: Iterable[Part], vocabulary: Vocabulary, folder: Path) -> tuple[int, int]:
    """Write `corpus.ids` (uint32) and `corpus.ends` (int64); return (tokens, documents)."""
    lookup = vocabulary.ids.get
    ends = array("q")
    written = 0
    buffer = array("I")
    with files.open_binary(folder / "corpus.ids", "wb") as file:
        for tokens, ends_document in parts:
            buffer.extend(i for i in map(lookup, tokens) if i is not None)
            total = written + len(buffer)
            if ends_document and total > (ends[-1] if ends else 0):
                ends.append(total)
            if len(buffer) >= _BUFFER_TOKENS:
                buffer.tofile(file)
                written = total
                del buffer[:]
        buffer.tofile(file)
        written += len(buffer)
    files.write_bytes(folder / "corpus.ends", np.array(ends, np.int64).tobytes())
    return written, len(ends)
