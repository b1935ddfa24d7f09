"""Word boundaries of Unicode Standard Annex 29, found by the package `regex`."""

from functools import cache

import regex


def tokenize(line: str) -> list[str]:
    """Return the segments that have a letter or digit in them: `3.14 can't` → `3.14 can't`.

    Chinese characters and hiragana stand alone, katakana stay together. Thai, Lao, Khmer and
    Burmese are cut into characters: words take a dictionary.
    """
    return [segment for segment in _boundary().split(line) if not _no_word().fullmatch(segment)]


@cache
def _boundary() -> regex.Pattern[str]:
    return regex.compile(r"\b", regex.WORD | regex.VERSION1)


@cache
def _no_word() -> regex.Pattern[str]:
    return regex.compile(r"[^\p{L}\p{N}]*", regex.VERSION1)
