"""From the numbers that words got as they came to their final ones, by falling frequency."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.corpus.encoded_writer import EncodedWriter
from w2v_cli.corpus.phrases import PhraseJoiner, ReadBlocks
from w2v_cli.corpus.reader_kernels import UNKNOWN
from w2v_cli.corpus.reading import Phrase, Progress, ReadingPlan
from w2v_cli.corpus.vocabulary import Vocabulary
from w2v_cli.corpus.word_table import WordTable


@dataclass(frozen=True)
class Encoded:
    """A corpus under its final numbers."""

    vocabulary: Vocabulary
    writer: EncodedWriter
    n_distinct: int
    phrases: tuple[list[Phrase], ...] = ()


def with_phrases(
    plan: ReadingPlan,
    folder: Path,
    table: WordTable,
    blocks: ReadBlocks,
    progress: Progress,
) -> Encoded:
    """Join pairs of words, then give the ids their final numbers."""
    joiner = PhraseJoiner(table, blocks, folder, plan.memory, progress)
    try:
        phrases = tuple(joiner.join(number) for number in range(1, plan.phrases + 1))
        vocabulary, final = final_numbers(table, joiner.counts, plan)
        with EncodedWriter(folder) as writer:
            for ids, ends in joiner.blocks():
                writer.add(ids, ends, final)
    finally:
        joiner.close()
    return Encoded(vocabulary, writer, int(np.count_nonzero(joiner.counts)), phrases)


def final_numbers(
    table: WordTable, counts: NDArray[np.int64], plan: ReadingPlan
) -> tuple[Vocabulary, NDArray[np.uint32]]:
    """Return the vocabulary and the number in it of each word of the table, (n_words,)."""
    _, words, counts = table.frequent(plan.min_count, plan.named_words, counts)
    vocabulary = plan.vocabulary(zip(words, counts.tolist(), strict=True))
    del words, counts
    final = np.full(table.n_words, UNKNOWN, np.uint32)
    own = table.find_distinct(vocabulary.words)
    here = np.flatnonzero(own >= 0)  # a given vocabulary may have words that the text has not
    final[own[here]] = here
    return vocabulary, final
