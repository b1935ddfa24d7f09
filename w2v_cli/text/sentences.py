"""Sentences passed from Python: recognise their form, and give all of them one form.

A sentence is a text or a sequence of tokens; a token is a string or an integer, which becomes a
word by its decimal form. Sentences come from any iterable (it is read once), from a two-dimensional
array, or from a column of a table: Arrow, pandas, Polars, Hugging Face datasets, recognised by
their attributes, so that none of these packages is needed.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import is_missing
from w2v_cli.errors import DataError, UsageError
from w2v_cli.text.encoded import ProvisionalIds
from w2v_cli.text.plan import Progress, ReadingPlan, ReadingResult
from w2v_cli.text.reader import encode
from w2v_cli.text.word_table import table_of

#: The column of a table that is read, unless it has only one.
COLUMN = "text"


@dataclass(frozen=True)
class Sentences:
    """Sentences of one kind.

    are_texts: whether each is a string to be cut into tokens; else a list of tokens. n: how many
    there are, 0 where that is not known.
    """

    are_texts: bool
    items: Iterable[Any]
    n: int = 0

    def texts(self) -> Iterator[str]:
        """Yield the text of each sentence on one line. Raises DataError for another kind."""
        for number, item in enumerate(self.items, 1):
            if not isinstance(item, str):
                raise DataError(f"sentence {number} is {_kind(item)}, not a text like the first")
            yield " ".join(item.split("\n")).encode("utf-8", "replace").decode()

    def tokens(self) -> Iterator[list[str]]:
        """Yield the tokens of each sentence, as strings. Raises DataError for anything else."""
        for number, item in enumerate(self.items, 1):
            yield _tokens_of(item, number)


def open_sentences(data: object, column: str = COLUMN) -> Sentences:
    """Recognise the form of some sentences.

    column: of a table that has several.

    Raises:
        UsageError: an object without sentences.
        DataError: the first sentence is neither a text nor a list of tokens.
    """
    items, n = _items(data, column)
    present = _present(items, column)
    for first in present:
        if not isinstance(first, str):
            _check_sentence(first, 1)
        return Sentences(isinstance(first, str), chain([first], present), n)
    raise DataError("there are no sentences; give some, each a text or a list of tokens")


def column_values(table: object, column: str) -> list[Any]:
    """Return a column of a table as Python's own objects; None: a missing value.

    Raises UsageError for what is no table, or has no such column.
    """
    names = getattr(table, "column_names", None)
    if names is None:
        names = list(getattr(table, "columns", ()))
    if column not in (known := [str(name) for name in names]):
        raise UsageError(f"the table has no column {column!r}, only: {', '.join(known[:20])}")
    rows = (item.as_py() if hasattr(item, "as_py") else item for item in _items(table, column)[0])
    values = (row[column] if isinstance(row, Mapping) else row for row in rows)
    return [None if is_missing(value) else value for value in values]


def _items(data: object, column: str) -> tuple[Iterable[Any], int]:
    """Return the sentences, or rows that hold them, and how many there are if that is known."""
    if isinstance(data, (bytes, bytearray, Mapping)) or not _is_iterable(data):
        hint = "; choose one of its splits" if isinstance(data, Mapping) and data else ""
        raise UsageError(f"{_kind(data)} is not a collection of sentences{hint or _EXPECTED}")
    if isinstance(data, (set, frozenset)):
        raise UsageError("a set has no order; give the sentences as a list")
    table: Any = data
    names = getattr(data, "column_names", None)  # Arrow, Hugging Face
    if names is None and hasattr(data, "columns") and hasattr(data, "__getitem__"):
        names = list(table.columns)  # pandas, Polars
    if names:
        data = _column(table, [str(name) for name in names], column)
    elif getattr(data, "ndim", 1) > 2 or getattr(data, "ndim", 1) < 1:
        raise UsageError(f"an array of {table.ndim} dimensions{_EXPECTED}")
    chosen: Any = data
    if isinstance(data, list):
        _refuse_file_names(data)
    return chosen, len(chosen) if hasattr(data, "__len__") else 0


_EXPECTED = (
    "; give texts or lists of tokens (strings or integers), an array of shape (sentences, length),"
    " a table, or the names of files with paths=…"
)


def _is_iterable(data: object) -> bool:
    return hasattr(data, "__iter__") or hasattr(data, "__getitem__")


def _column(table: Any, names: list[str], column: str) -> Any:
    """Return the column of a table that has the sentences."""
    if len(names) == 1:
        column = names[0]
    if column not in names:
        shown = ", ".join(names[:20])
        raise UsageError(f"the table has no column {column!r}, only: {shown}; give text_field=…")
    if hasattr(table, "select_columns"):  # a dataset: rows, so that it is not loaded as a whole
        return table.select_columns([column])
    return table[column]


def _present(items: Iterable[Any], column: str) -> Iterator[Any]:
    """Yield the sentences, as Python's own objects, of those rows that have one."""
    for item in items:
        found = item.as_py() if hasattr(item, "as_py") else item  # Arrow
        if isinstance(found, Mapping):
            found = _field(found, column)
        if not is_missing(found):
            yield found


def _field(row: Mapping[str, Any], column: str) -> Any:
    if len(row) == 1:
        return next(iter(row.values()))
    if column not in row:
        raise UsageError(f"a row has no {column!r}, only: {', '.join(row)}; give text_field=…")
    return row[column]


def _tokens_of(sentence: Any, number: int) -> list[str]:
    """Return the tokens of a sentence as strings."""
    _check_sentence(sentence, number)
    tokens = sentence.tolist() if hasattr(sentence, "tolist") else list(sentence)
    kinds = set(map(type, tokens))
    if not kinds <= {str}:
        tokens = [_text_of(token, number, i) for i, token in enumerate(tokens, 1)]
    joined = "".join(tokens)
    if "\n" in joined or "" in tokens or not _is_unicode(joined):
        raise _unusable(tokens, number)
    return tokens


def _unusable(tokens: list[str], number: int) -> DataError:
    """Name the first token that no vocabulary can hold."""
    for i, token in enumerate(tokens, 1):
        if not token or "\n" in token or not _is_unicode(token):
            what = "is not valid Unicode" if token else "is empty"
            what = "has a line break in it" if "\n" in token else what
            return DataError(f"sentence {number}, token {i} {what}; remove or replace such tokens")
    raise AssertionError("all tokens can be used")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _text_of(token: Any, number: int, i: int) -> str:
    if isinstance(token, str):
        return str(token)
    if isinstance(token, (int, np.integer)) and not isinstance(token, (bool, np.bool_)):
        return str(int(token))
    raise DataError(
        f"sentence {number}, token {i} is {_kind(token)}; tokens are strings or integers"
    )


def _check_sentence(sentence: Any, number: int) -> None:
    wrong = isinstance(sentence, (str, bytes, bytearray, set, frozenset, Mapping))
    if wrong or not hasattr(sentence, "__iter__") or getattr(sentence, "ndim", 1) != 1:
        raise DataError(
            f"sentence {number} is {_kind(sentence)};"
            " each has to be a text or a list of tokens, all of one kind"
        )


def _refuse_file_names(data: list[Any]) -> None:
    """Refuse a list of file names, which would be read as sentences."""
    if data and all(isinstance(item, str) and _is_file(item) for item in data[:100]):
        raise UsageError(
            f"{data[0]!r} is a file, and a list of strings is a list of sentences;"
            " name files with paths=[…]"
        )


def _is_file(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        return False


def _kind(value: object) -> str:
    """Describe an object: its type, and its content if that is short."""
    shown = repr(value)
    return f"{type(value).__name__} {shown}" if len(shown) <= 40 else f"a {type(value).__name__}"


# Sentences that are tokens already are encoded in one pass, without text or tokenizer: their words
# are numbered in order of appearance, and `encode` does the rest.


_BLOCK_TOKENS = 1 << 18
#: Memory of a distinct word besides its letters: its entry, its number, its place in the result.
_BYTES_A_WORD = 250


class _Numbers(dict[str, int]):
    """Word → number; a new word gets the next number."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


def read_tokens(
    sentences: Iterable[list[str]], n: int, plan: ReadingPlan, folder: Path, progress: Progress
) -> ReadingResult:
    """Write `corpus.ids` and `corpus.ends` into the folder.

    n: how many sentences there are, 0 if that is not known. Of the plan, the tokenizer is not used.

    Raises DataError when there are no words, or more distinct ones than fit into the memory.
    """
    numbers = _Numbers()
    counts = np.zeros(1 << 12, np.int64)
    done = n_letters = 0
    provisional = ProvisionalIds(folder)
    try:
        for block in _blocks(sentences, plan.settings.limit_tokens):
            before = len(numbers)
            ids, ends = _numbered(block, numbers)
            n_letters += sum(map(sys.getsizeof, islice(reversed(numbers), len(numbers) - before)))
            _check_memory(len(numbers), n_letters, plan.settings.memory)
            counts = _grown(counts, len(numbers))
            counts += np.bincount(ids, minlength=len(counts))
            provisional.add(ids, ends, 0)
            done += len(block)
            progress("reading sentences", done, n, provisional.n_ids)
        if provisional.n_ids == 0:
            raise DataError("the sentences contain no words; give some that do")
        tables = [table_of(list(numbers), counts[: len(numbers)])]
        del numbers  # the table has all of them
        encoded = encode(tables, provisional, plan, folder, progress)
    finally:
        provisional.remove()
    return encoded.result(provisional.n_ids)


def _blocks(sentences: Iterable[list[str]], limit: int | None) -> Iterator[list[list[str]]]:
    """Yield sentences in groups of some size, up to `limit` tokens."""
    block: list[list[str]] = []
    size = 0
    for sentence in sentences:
        tokens = sentence if limit is None else sentence[:limit]
        block.append(tokens)
        size += len(tokens)
        if limit is not None:
            limit -= len(tokens)
        if size >= _BLOCK_TOKENS or limit == 0:
            yield block
            block, size = [], 0
        if limit == 0:
            return
    if block:
        yield block


def _numbered(
    block: list[list[str]], numbers: _Numbers
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the numbers of the tokens, and how many come before each end of a sentence."""
    ends = np.cumsum([len(tokens) for tokens in block])
    flat = (number for tokens in block for number in map(numbers.__getitem__, tokens))
    return np.fromiter(flat, np.uint32, int(ends[-1])), ends


def _grown(counts: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    if n <= len(counts):
        return counts
    larger = np.zeros(2 * n, np.int64)
    larger[: len(counts)] = counts
    return larger


def _check_memory(n_words: int, n_letters: int, memory: float) -> None:
    if n_words * _BYTES_A_WORD + n_letters > memory * 2**30:
        raise DataError(
            f"{n_words:,} distinct tokens do not fit into {memory:g} GiB; raise memory=…, or write"
            " the sentences to a file: files may have any number of distinct words"
        )
