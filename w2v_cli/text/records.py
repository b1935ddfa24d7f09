"""The text in files that are not plain text: JSON records, treebank rows, the columns of tables.

In records and treebank rows a `Form` finds the text of each line; tables yield their own blocks.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from w2v_cli.errors import DataError, MissingExtraError, reason_of, shown
from w2v_cli.text.blocks import Block, Form, decoded
from w2v_cli.text.unpack import Content, Stream

#: The option that names the column of the text.
TEXT_FIELD = "--text-field"
_LONG_RECORD = re.compile(rb'\{\s*"[^"]*"\s*:')
_MOST_NAMES = 12
TREEBANK_FILE, SPLIT_FILE = "datasetSentences.txt", "datasetSplit.txt"
_SPLIT_LABELS = {"train": "1", "test": "2", "dev": "3"}


@dataclass(frozen=True)
class JsonRecords:
    """Lines of JSON objects; `field` names the one with the text, which `option` has chosen.

    An option other than --text-field chooses labels: numbers are taken as they are written.
    """

    field: str
    option: str = TEXT_FIELD

    def __call__(self, line: str, place: str, number: int) -> str:
        """Return the text of a record; null is an empty text."""
        if not line.strip():
            return ""
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{place}: each line must be a JSON object ({error!r})") from error
        if not isinstance(record, dict):
            raise DataError(f"{place}: each line must be a JSON object with a {self.field!r}")
        if self.field not in record:
            names = ", ".join(repr(name[:40]) for name in list(record)[:_MOST_NAMES])
            raise DataError(
                f"{place}: the record has no {self.field!r}, only {names or 'nothing'};"
                f" name another with {self.option}"
            )
        text = record[self.field]
        if text is None:
            return ""
        if self.option != TEXT_FIELD and isinstance(text, (int, float)):
            return json.dumps(text)
        if not isinstance(text, str):
            raise DataError(f"{place}: {self.field!r} is not a string")
        return text.encode("utf-8", errors="replace").decode()  # half of a surrogate pair becomes ?


def is_records(head: bytes, suffix: str, name: str) -> bool:
    """Tell whether a file has a JSON object on each line, from its first bytes and its suffix.

    Raises DataError for other JSON.
    """
    if suffix in (".jsonl", ".ndjson"):
        return True
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith(b"{") and suffix != ".json":
        return False
    line, newline, _ = start.partition(b"\n")
    try:
        found = isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        # A record may be longer than the head.
        found = not newline and _LONG_RECORD.match(line) is not None
    if suffix == ".json" and not found:
        raise DataError(
            f"{name} is JSON, but not one object a line; convert it, for example with"
            " jq -c '.[]' IN.json > OUT.jsonl"
        )
    return found


def is_treebank(path: Path) -> bool:
    """Tell whether a folder is the Stanford Sentiment Treebank."""
    return (path / TREEBANK_FILE).is_file()


def treebank_sentences(folder: Path, split: str) -> Form:
    """Return the form of a treebank's sentences, header and index column removed.

    split: "all", or "train", "test" or "dev" for the sentences of these only.
    """
    wanted = None if split == "all" else _split_members(folder / SPLIT_FILE, split)

    def sentence_of(line: str, place: str, number: int) -> str | None:
        index, tab, sentence = line.partition("\t")
        if number == 1 and not index.strip().isdigit():
            return None
        if not tab:
            raise DataError(
                f"{place}: no tab between index and sentence;"
                " is this the Stanford Sentiment Treebank?"
            )
        return sentence if wanted is None or index.strip() in wanted else None

    return sentence_of


def _split_members(path: Path, split: str) -> set[str]:
    try:
        rows = path.read_text(encoding="utf-8").splitlines()[1:]
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"--split {split} needs {path}: {reason_of(error)}") from error
    members = set()
    for number, row in enumerate(rows, 2):
        index, comma, which = row.strip().partition(",")
        if row.strip() and not comma:
            raise DataError(f"{path}, line {number}: expected 'sentence,split', got {shown(row)}")
        if which == _SPLIT_LABELS[split]:
            members.add(index)
    return members


# Tables: CSV and TSV, Parquet, Arrow. Each row is a document.


_BLOCK_CHARACTERS = 1 << 19
_READ_BYTES = 1 << 16
_ROWS_AT_ONCE = 1024
_GROUP_SHARE, _LEAST_GROUP_BYTES = 1 / 4, 1 << 20  # of the memory


def delimiter_of(head: bytes, suffix: str, field: str) -> str | None:
    """Return the column separator of a text, None if it is not a table with this column."""
    line = head.partition(b"\n")[0].decode("utf-8-sig", "replace").rstrip("\r")
    if suffix in (".csv", ".tsv"):
        first, others = ("\t", ",;") if suffix == ".tsv" else (",", ";\t")
        found = next((mark for mark in others if field in _cells(line, mark)), first)
        return first if field in _cells(line, first) else found
    return next((mark for mark in "\t,;" if field in _cells(line, mark) and mark in line), None)


def _cells(line: str, mark: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=mark), [])
    except csv.Error:
        return []


def csv_blocks(
    content: Content,
    field: str,
    delimiter: str,
    encoding_errors: str,
    line_bytes: int,
    option: str = TEXT_FIELD,
) -> Iterator[Block]:
    """Yield the texts of a column; the first row names the columns.

    line_bytes: the longest line or cell that is allowed. option: has chosen the column.
    Raises DataError that names the line or the row.
    """
    lines = _Lines(content.stream, content.name, encoding_errors, line_bytes)
    csv.field_size_limit(max(csv.field_size_limit(), line_bytes))
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        names = next(rows, [])
        place = _column(names, field, content.name, option)
        yield from _blocks(_texts(rows, place, content.name), content.name, lines.take_invalid)
    except csv.Error as error:
        raise DataError(f"{content.name}, line {lines.number}: {error}; is this CSV?") from error


def _texts(rows: Iterable[list[str]], place: int, name: str) -> Iterator[str]:
    number = 0
    for row in rows:
        if not row:
            continue
        number += 1
        if place >= len(row):
            raise DataError(
                f"{name}, row {number}: only {len(row)} of the columns that the first line names"
            )
        yield row[place]


class _Lines:
    """The decoded lines of a stream, with their line ends."""

    def __init__(self, stream: Stream, name: str, encoding_errors: str, most: int) -> None:
        self._stream, self._name = stream, name
        self._encoding_errors, self._most = encoding_errors, most
        self.number = 0
        self._n_invalid = 0

    def take_invalid(self) -> int:
        """Return how many lines since the last call had invalid UTF-8."""
        n, self._n_invalid = self._n_invalid, 0
        return n

    def __iter__(self) -> Iterator[str]:
        begun = b""
        while chunk := self._stream.read(_READ_BYTES):
            *lines, begun = (begun + chunk).split(b"\n")
            for line in lines:
                yield self._decoded(line + b"\n")
            if len(begun) > self._most:
                raise DataError(
                    f"{self._name}, line {self.number + 1}: too long for a line of text"
                )
        if begun:
            yield self._decoded(begun)

    def _decoded(self, line: bytes) -> str:
        self.number += 1
        if self.number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        place = f"{self._name}, line {self.number}"
        text, invalid = decoded(line, self._encoding_errors, place)
        self._n_invalid += invalid
        return text


def arrow_blocks(
    content: Content, field: str, memory: float, option: str = TEXT_FIELD
) -> Iterator[Block]:
    """Yield the texts of a column of a Parquet or Arrow file. memory: in GiB.

    option: has chosen the column; see `JsonRecords`.

    Raises:
        DataError: no such column, not text, damaged, or groups of rows too large for the memory.
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingExtraError(f"reading {content.name}, a table,", "parquet") from error
    if content.file is None or not content.file.seekable():
        raise DataError(f"{content.name} is a table in a packed file; unpack it first")
    content.file.seek(0)
    try:
        batches = _opened(content, field, memory, option)
        yield from _blocks(_cells_of(batches, content.name), content.name, lambda: 0)
    except (pa.ArrowException, MemoryError, OSError, ValueError) as error:
        text = " ".join(str(error).split())[:200] or type(error).__name__
        raise DataError(f"cannot read {content.name}: {text}; is the file complete?") from error


def _opened(content: Content, field: str, memory: float, option: str) -> Iterator[Any]:
    """Yield the column in parts."""
    import pyarrow as pa
    from pyarrow import ipc, parquet

    if content.kind == "parquet":
        table = parquet.ParquetFile(content.file, page_checksum_verification=True)
        place = _column(table.schema_arrow.names, field, content.name, option)
        _check_text(table.schema_arrow.field(place).type, field, content.name, option)
        _check_groups(table, content.name, _most_group_bytes(memory))
        for batch in table.iter_batches(_ROWS_AT_ONCE, columns=[field]):
            yield batch.column(0)
        return
    open_ipc = ipc.open_file if content.kind == "arrow" else ipc.open_stream
    reader = open_ipc(pa.PythonFile(content.file, "r"))
    place = _column(reader.schema.names, field, content.name, option)
    _check_text(reader.schema.field(place).type, field, content.name, option)
    batches: Iterable[Any] = reader
    if content.kind == "arrow":
        batches = (reader.get_batch(i) for i in range(reader.num_record_batches))
    for batch in batches:
        for start in range(0, batch.num_rows, _ROWS_AT_ONCE):
            yield batch.column(place).slice(start, _ROWS_AT_ONCE)


def _most_group_bytes(memory: float) -> int:
    """Return how much one group of rows may take when there are `memory` GiB."""
    return max(int(memory * 2**30 * _GROUP_SHARE), _LEAST_GROUP_BYTES)


def _check_groups(table: Any, name: str, most_bytes: int) -> None:
    """Refuse groups of rows that take too much memory, all columns together.

    The sizes of single columns are not read: pyarrow aborts the process if the figures of a damaged
    column contradict each other.
    """
    for number in range(table.num_row_groups):
        n_bytes = table.metadata.row_group(number).total_byte_size
        if n_bytes > most_bytes:
            raise DataError(
                f"{name}: group {number + 1} of its rows unpacks to {n_bytes / 2**30:.1f} GiB;"
                " raise --memory, or write the file with smaller groups"
            )


def _check_text(kind: Any, field: str, name: str, option: str) -> None:
    from pyarrow import types

    if option != TEXT_FIELD and not types.is_nested(kind):
        return
    kind = kind.value_type if types.is_dictionary(kind) else kind
    is_view = getattr(types, "is_string_view", lambda kind: False)
    if not (types.is_string(kind) or types.is_large_string(kind) or is_view(kind)):
        raise DataError(f"{name}: the column {field!r} holds {kind}, not text")


def _cells_of(parts: Iterable[Any], name: str) -> Iterator[str]:
    number = 0
    for part in parts:
        try:
            part.validate(full=True)  # pyarrow trusts the offsets of a damaged file
            cells = part.to_pylist()
        except UnicodeDecodeError as error:
            raise DataError(
                f"{name}, after row {number}: invalid UTF-8 ({error.reason})"
            ) from error
        number += len(cells)
        for cell in cells:
            yield "" if cell is None else str(cell)


def _column(names: list[str], field: str, name: str, option: str) -> int:
    """Return the place of a column. Raises DataError that says which columns there are."""
    places = [i for i, each in enumerate(names) if each == field]
    if len(places) == 1:
        return places[0]
    if places:
        raise DataError(f"{name} has {len(places)} columns called {field!r}; rename one")
    listed = ", ".join(" ".join(each.split())[:40] for each in names[:_MOST_NAMES]) or "none"
    more = ", …" if len(names) > _MOST_NAMES else ""
    raise DataError(
        f"{name} has no column {field!r}; name one with {option} (columns: {listed}{more})"
    )


def _blocks(texts: Iterable[str], name: str, n_invalid: Callable[[], int]) -> Iterator[Block]:
    """Gather texts, one a row, into blocks with one text a line."""
    rows: list[str] = []
    n_characters = number = 0
    for text in texts:
        number += 1
        rows.append(text.replace("\n", " "))
        n_characters += len(text) + 1
        if n_characters > _BLOCK_CHARACTERS:
            yield _block(rows, name, number, n_invalid())
            rows, n_characters = [], 0
    if rows:
        yield _block(rows, name, number, n_invalid())


def _block(rows: list[str], name: str, last: int, n_invalid: int) -> Block:
    data = "".join(f"{row}\n" for row in rows).encode("utf-8", "replace")
    return Block(data, True, name, last - len(rows) + 1, unit="row", n_invalid=n_invalid)
