"""What the lines of a file are, where they are not plain text: JSON records, treebank rows.

A form takes a decoded line and returns the text of its document, or None where the line has none.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from w2v_cli.errors import DataError, reason_of

#: (line, where it is, line number) → text
Form = Callable[[str, str, int], str | None]

_LONG_RECORD = re.compile(rb'\{\s*"[^"]*"\s*:')
_MOST_NAMES = 12
TREEBANK_FILE = "datasetSentences.txt"
_SPLIT_LABELS = {"train": "1", "test": "2", "dev": "3"}


@dataclass(frozen=True)
class JsonRecords:
    """Lines of JSON objects; `field` names the one with the text."""

    field: str

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
                " name another with --text-field"
            )
        text = record[self.field]
        if text is None:
            return ""
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
        # A record may be longer than what is there to look at.
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
    wanted = None if split == "all" else _split_members(folder / "datasetSplit.txt", split)

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
            raise DataError(f"{path}, line {number}: expected 'sentence,split', got {row[:40]!r}")
        if which == _SPLIT_LABELS[split]:
            members.add(index)
    return members
