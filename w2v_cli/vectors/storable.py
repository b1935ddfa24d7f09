"""Words and numbers that may be stored, and how words become bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.errors import DataError

_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")


def pack_words(words: Sequence[str]) -> NDArray[np.uint8]:
    r"""Join words with "\n" into UTF-8 bytes, an array of uint8.

    Raises:
        DataError: no words, an empty word, a line feed in a word, or a word that UTF-8 cannot hold.
    """
    if not len(words):
        raise DataError("no words to store")
    for i, word in enumerate(words):
        if not word or "\n" in word:
            raise DataError(f"word {i} is {word!r}: an empty word or a line feed cannot be stored")
    try:
        return np.frombuffer("\n".join(words).encode(), np.uint8)
    except UnicodeEncodeError as error:
        start = error.object.rfind("\n", 0, error.start) + 1
        word = error.object[start:].split("\n", 1)[0]
        raise DataError(f"the word {word!r} is not valid Unicode text") from None


def unpack_words(source: str, packed: NDArray[np.uint8]) -> list[str]:
    """Undo `pack_words`; `source` names the file in errors.

    Raises:
        DataError: bytes that are not UTF-8, an empty or a repeated word.
    """
    try:
        words = packed.tobytes().decode().split("\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{source}: byte {error.start} of the words is not UTF-8") from None
    check_words(source, words)
    return words


def check_words(source: str, words: Sequence[str], unit: str = "word", first: int = 1) -> None:
    """Refuse empty and repeated words; the message counts `unit`s from `first`.

    Raises:
        DataError: with the places of both.
    """
    if "" in words:
        raise DataError(f"{source}: {unit} {words.index('') + first}: the word is empty")
    try:
        "".join(words).encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start]
        bad = next(i for i, word in enumerate(words) if half in word)
        raise DataError(
            f"{source}: {unit} {bad + first}: the word {words[bad]!r} has half a character"
        ) from None
    if len(set(words)) == len(words):
        return
    seen: dict[str, int] = {}
    for i, word in enumerate(words, first):
        if word in seen:
            raise DataError(
                f"{source}: the word {word!r} appears twice, in {unit} {seen[word]} and {i}; "
                "remove one of them"
            )
        seen[word] = i


def check_finite(
    source: str, matrix: Array, words: Sequence[str], unit: str = "word", first: int = 1
) -> None:
    """Refuse NaN and infinity in (V, D), naming the first word that has one.

    Raises:
        DataError: with the place, the word and the column (from 1).
    """
    step = max(1, 2**18 // max(1, matrix.shape[1]))  # a block that stays in the cache
    for start in range(0, len(matrix), step):
        block = matrix[start : start + step]
        with np.errstate(over="ignore", invalid="ignore"):
            if np.isfinite(block.sum()):
                continue
        bad = np.argwhere(~np.isfinite(block))
        if len(bad):
            row, column = bad[0]
            raise DataError(
                f"{source}: {unit} {start + row + first}: the vector of {words[start + row]!r} "
                f"has {block[row, column]} in column {column + 1}"
            )


def check_counts(source: str, counts: Array | None, n_words: int) -> None:
    """Refuse counts that are not one integer, 0 or more, for each word.

    Raises:
        DataError: with their type, their shape or the first negative one.
    """
    if counts is None:
        return
    if counts.dtype.kind not in "iu" or counts.shape != (n_words,):
        raise DataError(
            f"{source}: {n_words} words, but counts of type {counts.dtype} and shape"
            f" {counts.shape}; expected one integer for each word"
        )
    if counts.size and counts.min() < 0:
        raise DataError(f"{source}: word {int(counts.argmin()) + 1} has the count {counts.min()}")


def check_no_white_space(words: Sequence[str], kind: str) -> None:
    """Refuse words that a format made of lines and spaces cannot hold.

    Any Unicode white space counts (U+00A0, U+0085 and U+2028 too) and every control
    character: readers split at different characters, so only a word without any of them reads
    back the same everywhere.

    Raises:
        DataError: naming the first such word.
    """
    for i, word in enumerate(words, 1):
        if not word or _BREAKS.search(word):
            what = "contains white space or a control character" if word else "is empty"
            raise DataError(
                f"word {i}, {word!r}, {what}, which {kind} cannot carry; "
                "choose safetensors, npz or parquet, which carry any word"
            )
