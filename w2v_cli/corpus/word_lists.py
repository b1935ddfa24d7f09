"""Files that list words: one per line, as a user writes them."""

from collections.abc import Callable
from pathlib import Path

from w2v_cli.errors import DataError, reason_of


def read_word_list(path: Path, option: str, fold: Callable[[str], str]) -> frozenset[str]:
    """Return the words of a file, folded as the text is.

    Each line has a word; what follows a tab (such as a count) and empty lines are passed over.
    Raises DataError for a file that cannot be read, has no words, or two words in one line.
    """
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{option} {path}: {reason_of(error)}; give a text with a word per line"
        ) from error
    words: set[str] = set()
    for number, line in enumerate(lines, 1):
        parts = line.partition("\t")[0].split()
        if len(parts) > 1:
            raise DataError(
                f"{option} {path}, line {number}: expected one word, got {line.strip()[:60]!r}"
            )
        words.update(fold(part) for part in parts)
    if not words:
        raise DataError(f"{option} {path} has no words; give a text with a word per line")
    return frozenset(words)
