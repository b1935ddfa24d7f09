"""Which words a picture shows."""

import re
from collections.abc import Sequence

from w2v_cli.errors import DataError, UsageError
from w2v_cli.pictures.groups import CS224N_GROUPS
from w2v_cli.pictures.stop_words import STOP_WORDS
from w2v_cli.vectors.word_vectors import WordVectors

#: The words of the CS224n picture.
CS224N_WORDS = tuple(word for members in CS224N_GROUPS.values() for word in members)
MOST_BY_PATTERN = 500


def split_words(text: str) -> list[str]:
    """Split at white space and commas: "king, queen man" → king, queen, man."""
    return text.replace(",", " ").split()


def top_words(vectors: WordVectors, n: int, stop_words: bool = False) -> list[str]:
    """Return the first n words, the most frequent ones.

    stop_words: also return English words such as "the", and tokens without letters.
    """
    chosen: list[str] = []
    for word in vectors.words:
        if len(chosen) == n:
            break
        if stop_words or _says_something(word):
            chosen.append(word)
    return chosen


def _says_something(word: str) -> bool:
    """Tell whether it has letters and is no stop word, nor made of them, as "don't" is."""
    parts = [part for part in re.split("['’]", word.lower()) if part]
    return any(map(str.isalpha, word)) and not STOP_WORDS.issuperset(parts)


def words_near(vectors: WordVectors, word: str, n: int) -> list[str]:
    """Return a word and its n nearest neighbours, the nearest first.

    Raises:
        UnknownWordError: the vectors do not have the word.
    """
    return [word, *(neighbor.word for neighbor in vectors.neighbors(word, n))]


def words_matching(vectors: WordVectors, pattern: str, n: int = MOST_BY_PATTERN) -> list[str]:
    """Return the first n words that a regular expression matches as a whole.

    Raises:
        UsageError: the pattern is not a regular expression.
    """
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"--regex {pattern}: not a regular expression: {error}") from None
    return [word for word in vectors.words if expression.fullmatch(word)][:n]


def keep_known(wanted: Sequence[str], vectors: WordVectors) -> tuple[list[str], list[str]]:
    """Return the distinct words that the vectors have, and those that they do not have.

    Raises:
        UsageError: a single word was asked for.
        DataError: fewer than two words are known.
    """
    distinct = list(dict.fromkeys(wanted))
    known = [word for word in distinct if word in vectors]
    missing = [word for word in distinct if word not in vectors]
    if len(distinct) == 1 and known:
        raise UsageError(
            f"one word makes no picture; --neighbors-of {known[0]} shows it among its neighbours"
        )
    if not known:
        raise DataError(
            "the vocabulary knows none of the words; --top 50 draws words that it knows"
        )
    if len(known) == 1:
        raise DataError(
            f"the vocabulary knows only {known[0]!r} of the words, and one word makes no picture;"
            " --top 50 draws words that it knows"
        )
    return known, missing
