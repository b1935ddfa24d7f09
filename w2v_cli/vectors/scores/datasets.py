"""Files of rated word pairs and of analogies.

Word similarity: two words and a number per line, separated by tabs, commas, semicolons or
spaces, with or without a header. The rating is in the first column after the words that holds
a number: that reads WordSim-353 (also its table of single raters), SimLex-999 (part of
speech before the rating), MEN, RG-65, MTurk-287 and -771, SimVerb. `#` starts a comment.

Analogies: one `a b c d` per line (a is to b as c is to d) under headings `: section`, as in
`questions-words.txt` of word2vec; `d` may be several answers, `x/y/z`. A file of two words per
line, as BATS has them, asks about each pair of its lines.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError, shown


@dataclass(frozen=True)
class SimilarityData:
    """Rated pairs: `pairs[i]` = (left word, right word, rating)."""

    name: str
    pairs: list[tuple[str, str, float]]

    @property
    def ratings(self) -> NDArray[np.float64]:
        """The ratings alone, (P,)."""
        return np.array([rating for _, _, rating in self.pairs])


@dataclass(frozen=True)
class AnalogyData:
    """Questions by section: (a, b, c, d) each, d being the answer, or answers such as `x/y/z`."""

    name: str
    sections: dict[str, list[tuple[str, str, str, str]]]


def read_dataset(path: str | os.PathLike[str]) -> SimilarityData | AnalogyData:
    """Read either kind; headings `:` or four words without a number mean analogies.

    Raises:
        DataError: missing, empty, not UTF-8, or a line that fits neither layout (named).
    """
    file = Path(path)
    try:
        text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8"
        ) from None
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; give a file of rated pairs or analogies") from None
    except IsADirectoryError:
        raise DataError(f"{path} is a folder; give a file of rated pairs or analogies") from None
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None
    numbered = enumerate(text.split("\n"), 1)
    lines = [(n, line.strip()) for n, line in numbered if line.strip() and line.strip()[0] != "#"]
    if not lines:
        raise DataError(f"{path}: it contains no pairs and no questions")
    headed = any(line[0] == ":" for _, line in lines)
    last = _words(lines[-1][1])
    if headed or (len(last) == 4 and not _numbers(last)):
        return AnalogyData(file.stem, _sections(path, lines))
    if len(last) == 2 and all(len(_words(line)) == 2 for _, line in lines):
        if len(lines) == 1:
            raise DataError(
                f"{path}: one pair of words: a rated pair needs a number after it, and a relation"
                " (BATS) a second pair to ask about"
            )
        return AnalogyData(file.stem, {"all": _pairings([_words(line) for _, line in lines])})
    return SimilarityData(file.stem, _pairs(path, lines))


def _words(line: str) -> list[str]:
    """Return the words of a question; between tabs they may have spaces."""
    return [word.strip() for word in line.split("\t" if "\t" in line else None)]


def _pairings(pairs: list[list[str]]) -> list[tuple[str, str, str, str]]:
    """Return what BATS asks: each pair of a relation with every other one.

    Gladkova, Drozd & Matsuoka 2016, "Analogy-based detection of morphological and semantic
    relations with word embeddings: what works and what doesn't".
    """
    return [
        (a, b.split("/")[0], c, d)
        for i, (a, b) in enumerate(pairs)
        for j, (c, d) in enumerate(pairs)
        if i != j
    ]


def _pairs(
    path: str | os.PathLike[str], lines: list[tuple[int, str]]
) -> list[tuple[str, str, float]]:
    rows = [(number, _columns(line)) for number, line in lines]
    rating = min(_numbers(rows[-1][1][2:]), default=0) + 2  # the column, read off the last line
    pairs = []
    for number, columns in rows:
        value = _number(columns[rating]) if len(columns) > rating else None
        if value is not None and columns[0] and columns[1]:
            pairs.append((columns[0], columns[1], value))
        elif number != rows[0][0] or len(columns) <= rating or _is_number(columns[rating]):
            # Only the first line may be a header, whose column has a name.
            raise DataError(
                f"{path}: line {number} is not a rated pair (word, word, number): "
                + shown(" ".join(columns))
            )
    if not pairs:
        raise DataError(f"{path}: a header, but no pairs")
    return pairs


def _columns(line: str) -> list[str]:
    separator = next((mark for mark in "\t;," if mark in line), None)
    return [column.strip().strip('"') for column in line.split(separator)]


def _sections(
    path: str | os.PathLike[str], lines: list[tuple[int, str]]
) -> dict[str, list[tuple[str, str, str, str]]]:
    sections: dict[str, list[tuple[str, str, str, str]]] = {}
    section = "all"
    for number, line in lines:
        if line[0] == ":":
            section = line[1:].strip() or "all"
            sections.setdefault(section, [])
            continue
        words = _words(line)
        if len(words) != 4:
            raise DataError(
                f"{path}: line {number}: expected 4 words, got {len(words)}: {shown(line)}"
            )
        sections.setdefault(section, []).append((words[0], words[1], words[2], words[3]))
    if not any(sections.values()):
        raise DataError(f"{path}: headings, but no questions")
    return sections


def _numbers(columns: list[str]) -> list[int]:
    """Places of the columns that hold a number."""
    return [i for i, column in enumerate(columns) if _number(column) is not None]


def _number(text: str) -> float | None:
    """Return a finite number."""
    return value if _is_number(text) and math.isfinite(value := float(text)) else None


def _is_number(text: str) -> bool:
    """Tell whether a text is a number, NaN and infinity too."""
    try:
        float(text)
    except ValueError:
        return False
    return True
