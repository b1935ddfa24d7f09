"""The catalogue of tokenizers: from a line of text to its tokens.

The Python function of a tokenizer defines its tokens. A tokenizer may also give a kind to every
character; then the compiled reader splits by itself, and tests compare the two on every script.
Otherwise the function is called line by line, and the compiled reader numbers what it returns.

To add one: a section below, its line in `TOKENIZERS`, and its name in `settings.TOKENIZER_NAMES`.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError
from w2v_cli.text.own_tokenizer import Tokenize
from w2v_cli.text.unicode_table import (
    DROPPED,
    INNER,
    JOINER,
    LETTER,
    LONE,
    MARK,
    N_CHARACTERS,
    SEPARATOR,
    decimals,
    mark_class,
    marks,
    pack_characters,
    ranges,
)

Normalize = Literal["nfc", "nfkc"]


@dataclass(frozen=True)
class Rule:
    """How one tokenizer of the catalogue splits.

    tokenize: from a line to its tokens. character_kinds: returns the kind of each
    character, (0x110000,) uint8, such as LETTER or SEPARATOR; None if kinds are not enough.
    replacements: character → what `tokenize` puts in its place. dropped: characters that it leaves
    out of words without cutting them.
    """

    tokenize: Tokenize
    character_kinds: Callable[[], NDArray[np.uint8]] | None = None
    replacements: Mapping[str, str] = field(default_factory=dict)
    dropped: str = ""


# words: Unicode words without punctuation.


#: The typographic apostrophe becomes the plain one.
_APOSTROPHES = {"’": "'"}
#: Says where a word may be cut at the end of a line, and is no part of it.
_SOFT_HYPHEN = "\u00ad"
#: Zero-width non-joiner and joiner: Persian, Sinhala and others write words with them.
_ZERO_WIDTH = "\u200c\u200d"
_ZERO_WIDTHS = re.compile(f"([{_ZERO_WIDTH}])[{_ZERO_WIDTH}]+")


def split_words(line: str) -> list[str]:
    """Return Unicode words without punctuation: `Don’t shout, Jean-Luc!` → `Don't shout Jean-Luc`.

    A word starts with a letter or digit of any script and continues with letters, digits and
    combining marks (vowel signs, accents). Hyphens, apostrophes, and zero-width joiners and
    non-joiners stay inside a word; soft hyphens are dropped.
    """
    for old, new in _APOSTROPHES.items():
        line = line.replace(old, new)
    line = _ZERO_WIDTHS.sub(r"\1", line.replace(_SOFT_HYPHEN, ""))
    return _word_pattern().findall(line)


def _kinds_in_words() -> NDArray[np.uint8]:
    kinds = np.zeros(N_CHARACTERS, np.uint8)
    # A mark continues a word and never starts one: otherwise the variation selector after an emoji
    # would be a word.
    kinds[marks()] = MARK
    for letters in ranges(r"[^\W_]+"):
        kinds[letters] = LETTER
    kinds[[ord("'"), ord("-")]] = JOINER
    kinds[[ord(c) for c in _ZERO_WIDTH]] = INNER
    kinds[ord(_SOFT_HYPHEN)] = DROPPED
    return kinds


@cache
def _word_pattern() -> re.Pattern[str]:
    joined = f"[{_ZERO_WIDTH}]"
    word = rf"[^\W_]+(?:{joined}?{mark_class()}+[^\W_]*|{joined}[^\W_]+)*"
    return re.compile(rf"{word}(?:['\-]{word})*")


# whitespace: split at white space and change nothing, as word2vec.c, gensim and CS224n do.


def split_at_spaces(line: str) -> list[str]:
    """Return the parts between white space; a NUL, of a damaged file, counts as one."""
    return line.replace("\0", " ").split()


def _kinds_between_spaces() -> NDArray[np.uint8]:
    kinds = np.full(N_CHARACTERS, LETTER, np.uint8)
    for spaces in ranges(r"[\s\0]+"):
        kinds[spaces] = SEPARATOR
    return kinds


# characters: every letter or digit is a token, with its combining marks.


def split_characters(line: str) -> list[str]:
    """Return letters and digits: `猫がAB` → `猫 が A B`. Everything else is dropped."""
    return _character_pattern().findall(line)


def _kinds_of_characters() -> NDArray[np.uint8]:
    kinds = _kinds_in_words()
    kinds[kinds == LETTER] = LONE
    kinds[kinds > JOINER] = SEPARATOR
    return kinds


@cache
def _character_pattern() -> re.Pattern[str]:
    return re.compile(rf"[^\W_]{mark_class()}*")


# uax29: word boundaries of Unicode Standard Annex 29, found by the package `regex`. On 20,000
# random strings they equalled those of `uniseg`, a plain Python implementation of the standard;
# `unicode-segmentation-rs` differed on three, and PyICU has no wheels.


def split_by_uax29(line: str) -> list[str]:
    """Return the segments that have a letter or digit in them: `3.14 can't` → `3.14 can't`.

    Chinese characters and hiragana stand alone, katakana stay together. Thai, Lao, Khmer and
    Burmese are cut into characters: words would need a dictionary.
    """
    boundary, no_word = _uax29_patterns()
    return [segment for segment in boundary.split(line) if not no_word.fullmatch(segment)]


@cache
def _uax29_patterns() -> tuple[Any, Any]:
    """Return what matches a word boundary, and what matches a segment without a word."""
    import regex  # not at the top: few runs need it

    boundary = regex.compile(r"\b", regex.WORD | regex.VERSION1)
    return boundary, regex.compile(r"[^\p{L}\p{N}]*", regex.VERSION1)


TOKENIZERS: Mapping[str, Rule] = {
    "words": Rule(split_words, _kinds_in_words, _APOSTROPHES, _SOFT_HYPHEN),
    "whitespace": Rule(split_at_spaces, _kinds_between_spaces),
    "characters": Rule(split_characters, _kinds_of_characters),
    "uax29": Rule(split_by_uax29),
}


# A tokenizer, with the changes made to the text before it is split.


_FORMS: dict[str, Literal["NFC", "NFKC"]] = {"nfc": "NFC", "nfkc": "NFKC"}
_FOLDED_DIGIT = "0"


@dataclass(frozen=True)
class Tokenizer:
    """How lines become tokens.

    name: in the catalogue, or of the user's `function`. lowercase, normalize, fold_digits: changes
    made to the text before it is split: normalisation first, then lower case, then digits.
    """

    name: str
    lowercase: bool
    normalize: Normalize | None = None
    fold_digits: bool = False
    function: Tokenize | None = None

    def __call__(self, line: str) -> list[str]:
        """Return the tokens of a line."""
        split = self.function or TOKENIZERS[self.name].tokenize
        return split(self.fold(line))

    def tokens_at(self, place: str, line: str) -> list[str]:
        """Return the tokens of a line. Raises DataError that names its place."""
        try:
            return self(line)
        except DataError as error:
            raise DataError(f"{place}: {error}") from error

    def fold(self, text: str) -> str:
        """Return a text with these changes made."""
        text = self.normalized(text)
        if self.lowercase:
            text = text.lower()
        return text.translate(_folded_digits()) if self.fold_digits else text

    def spelled(self, word: str) -> str:
        """Return a word of a list or a question as the tokenizer spells it in a text."""
        rule = TOKENIZERS.get(self.name)
        changes = {**rule.replacements, **dict.fromkeys(rule.dropped)} if rule else {}
        return self.fold(word).translate(str.maketrans(changes))

    def normalized(self, text: str) -> str:
        """Return a text in the chosen Unicode form."""
        if self.normalize is None or text.isascii():
            return text
        return unicodedata.normalize(_FORMS[self.normalize], text)

    @property
    def is_compiled(self) -> bool:
        """Whether the compiled reader splits by itself, by the kind of each character."""
        return is_compiled(self.name)

    def characters(self) -> NDArray[np.uint64]:
        """Return what each character becomes, (0x110000,); see `pack_characters`.

        If a function splits, the kernel reads its tokens with white space between them.
        """
        if self.is_compiled:
            return _characters(self.name, self.lowercase, self.fold_digits)
        return _characters("whitespace", False, False)


def is_compiled(name: str) -> bool:
    """Tell whether the compiled reader splits as this tokenizer does, by kinds of characters."""
    return name in TOKENIZERS and TOKENIZERS[name].character_kinds is not None


@cache
def _characters(name: str, lowercase: bool, fold_digits: bool) -> NDArray[np.uint64]:
    rule = TOKENIZERS[name]
    assert rule.character_kinds is not None
    replacements = dict(rule.replacements)
    if fold_digits:
        replacements |= {chr(digit): _FOLDED_DIGIT for digit in decimals()}
    return pack_characters(rule.character_kinds(), replacements, lowercase)


@cache
def _folded_digits() -> dict[int, str]:
    return dict.fromkeys(decimals(), _FOLDED_DIGIT)
