"""Vectors of the words that a file lists, words unseen in training among them."""

from pathlib import Path

from w2v_cli.errors import DataError, reason_of
from w2v_cli.vectors.storable import check_words
from w2v_cli.vectors.table import VectorTable
from w2v_cli.vectors.word_vectors import WordVectors

_MOST_NAMED = 5


def read_words(path: Path) -> list[str]:
    """Read words, one per line; empty lines are skipped.

    Raises:
        DataError: a file that cannot be read, is not UTF-8 or has no word; a repeated word.
    """
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except OSError as error:
        raise DataError(f"{path}: {reason_of(error)}; name a file with a word per line") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: byte {error.start} is not UTF-8; save it as UTF-8") from None
    words = [word for word in (line.strip() for line in lines) if word]
    if not words:
        raise DataError(f"{path}: no words; write a word per line")
    check_words(str(path), words)
    return words


def choose_words(table: VectorTable, words: list[str], source: str) -> VectorTable:
    """Return the vectors of these words, in this order; counts only where all were counted.

    Raises:
        DataError: words without a vector; `source` says where they come from.
    """
    vectors = WordVectors.of(table)
    unknown = [word for word in words if word not in vectors]
    if unknown:
        named = ", ".join(unknown[:_MOST_NAMED]) + (", …" if len(unknown) > _MOST_NAMED else "")
        reason = f" ({table.unseen})" if table.unseen else ""
        raise DataError(
            f"{source}: {len(unknown)} of {len(words)} words have no vector: {named}{reason};"
            " remove them"
        )
    counts = None
    if table.counts is not None and all(word in table.ids for word in words):
        counts = table.counts[[table.ids[word] for word in words]]
    return VectorTable(words, vectors[words], counts)
