"""Which slice, and which unit, each document of a text belongs to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from w2v_cli.errors import DataError, UsageError, shown
from w2v_cli.text.settings import CorpusSettings
from w2v_cli.text.sources import open_source

#: More values than this are not slices yet.
MOST_SLICES = 20
#: The document is in no slice, or in no unit with others.
NONE = -1
_ENDINGS = re.compile(r"\.[A-Za-z]\w*(\.(gz|bz2|xz|zst|zip))?$")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d\d(-\d\d)?([T ].*)?")
_RANGE = re.compile(r"(?P<low>.+?)\.\.(?P<high>.+)|(?P<from>\d+(\.\d+)?)-(?P<to>\d+(\.\d+)?)")
_EXAMPLE = "such as --slices 1990-1999,2000-2009"


@dataclass(frozen=True)
class Labels:
    """Slices and units of the documents of a text, in its order.

    names: of the slices. slices: of each document, NONE: left out. units: numbers that documents
    which belong together share; None: each document stands alone.
    """

    names: tuple[str, ...]
    slices: NDArray[np.int64]
    units: NDArray[np.int64] | None = None


def label_paths(settings: CorpusSettings) -> Labels:
    """Make a slice of each of the paths: a file, a folder, a glob or a list of files.

    Raises:
        UsageError: fewer than two paths, or too many.
        DataError: what cannot be read.
    """
    paths = settings.paths
    if len(paths) < 2:
        raise UsageError(
            "one text is one slice; give two texts or more, or name the column of a table whose"
            " values are the slices with --by"
        )
    if len(set(paths)) < len(paths):
        raise UsageError("the same text is given twice; each is a slice of its own")
    _check_number(len(paths), "texts")
    counts = []
    for path in paths:
        own = replace(settings, paths=(path,))
        counts.append(open_source(own, is_part=True).n_documents())
    return Labels(_names_of(paths), np.repeat(np.arange(len(paths)), counts))


def _names_of(paths: Sequence[str]) -> tuple[str, ...]:
    """Return the shortest names that tell paths apart: without endings, without a common folder."""
    names = [_ENDINGS.sub("", Path(path.rstrip("/")).name) or path for path in paths]
    if len(set(names)) < len(names):
        names = list(paths)
        while len({path.partition("/")[0] for path in names}) == 1:
            names = [path.partition("/")[2] for path in names]
    return tuple(names)


def label_values(values: Sequence[str], ranges: str | None = None) -> Labels:
    """Make a slice of each value, in natural order, or of each range of `--slices`.

    values: one for each document; empty ones are in no slice.

    Raises:
        UsageError: ranges that cannot be read.
        DataError: a single value or too many, or a value that is in no form that ranges take.
    """
    if ranges is not None:
        chosen = [_Range(item.strip()) for item in ranges.split(",")]
        _check_number(len(chosen), "slices")
        names = tuple(each.name for each in chosen)
        slices = np.array([_slice_of(chosen, v, d) for d, v in enumerate(values, 1)], np.int64)
    else:
        names = tuple(sorted({value for value in values if value}, key=_natural))
        _check_number(len(names), "values")
        numbers = {name: i for i, name in enumerate(names)}
        slices = np.array([numbers.get(value, NONE) for value in values], np.int64)
    sizes = np.bincount(slices[slices >= 0], minlength=len(names))
    if ranges is not None and (sizes == 0).any():
        name = names[int(sizes.argmin())]
        raise DataError(f"no document is in the slice {name}; the values are {_some(values)}")
    if len(names) < 2:
        found = f"only {names[0]!r}" if names else "no values"
        raise DataError(f"the column has {found}: one slice; name another column with --by")
    return Labels(names, slices)


def units_of(values: Sequence[str]) -> NDArray[np.int64]:
    """Number the units; a document without a value is a unit of its own."""
    known = {value: i for i, value in enumerate(dict.fromkeys(filter(None, values)))}
    return np.array(
        [known[value] if value else len(known) + d for d, value in enumerate(values)], np.int64
    )


def column_of(settings: CorpusSettings, column: str, option: str) -> list[str]:
    """Return the value of a column for each document; option: the one that named the column.

    Raises DataError for a text without this column.
    """
    source = open_source(replace(settings, text_field=column), option=option)
    return [piece.text.strip() for piece in source.pieces() if piece.ends_document]


def _check_number(n: int, what: str) -> None:
    if n > MOST_SLICES:
        raise DataError(
            f"{n:,} {what} are too many slices (at most {MOST_SLICES}); group them with --slices,"
            f" {_EXAMPLE}"
        )


def _natural(value: str) -> list[tuple[int, float, str]]:
    """Order numbers in a value by size: 2 before 10."""
    if _NUMBER.fullmatch(value):
        return [(0, float(value), "")]
    parts = re.split(r"(\d+)", value)
    return [(0, float(part), "") if part.isdigit() else (1, 0.0, part) for part in parts if part]


class _Range:
    """A slice of `--slices`: LOW-HIGH for numbers, LOW..HIGH for numbers or dates, or one value."""

    def __init__(self, text: str) -> None:
        if not text:
            raise UsageError(f"--slices has an empty slice; separate them by commas, {_EXAMPLE}")
        self.name = text
        found = _RANGE.fullmatch(text)
        self.is_range = found is not None and _DATE.fullmatch(text) is None
        if self.is_range and found:
            self._low = (found["low"] or found["from"]).strip()
            self._high = (found["high"] or found["to"]).strip()
            for end in (self._low, self._high):
                if not (_NUMBER.fullmatch(end) or _DATE.fullmatch(end)):
                    raise UsageError(f"--slices: {end!r} is neither a number nor a date")
            if not self.has(self._low):
                raise UsageError(f"--slices: the range {text} is empty")

    def has(self, value: str) -> bool:
        """Whether a value, a number or a date if this is a range, is in the slice."""
        if not self.is_range:
            return value == self.name
        low, high = self._low, self._high
        if all(_NUMBER.fullmatch(each) for each in (low, high, value)):
            return float(low) <= float(value) <= float(high)
        # Dates as texts: 1999-12-31 is in a range that ends at 1999 or at 1999-12.
        return low <= value and value[: len(high)] <= high


def _slice_of(ranges: Sequence[_Range], value: str, number: int) -> int:
    """Return the first slice that has a value. number: of the document, for messages."""
    if not value:
        return NONE
    for i, each in enumerate(ranges):
        if each.has(value):
            return i
    readable = _NUMBER.fullmatch(value) or _DATE.fullmatch(value)
    if not readable and any(each.is_range for each in ranges):
        raise DataError(
            f"document {number}: {shown(value)} is neither a number nor a date such as 1999-12-31,"
            " so it is in no range; correct the column, or list its values with --slices A,B"
        )
    return NONE


def _some(values: Sequence[str]) -> str:
    known = sorted(set(filter(None, values)), key=_natural)
    shown_values = ", ".join(known[:5])
    return f"{shown_values}, …, {known[-1]}" if len(known) > 6 else shown_values
