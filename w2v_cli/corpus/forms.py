"""What the lines of a file are, where they are not plain text: JSON records, treebank rows.

A form takes a decoded line and returns the text of its document, or None where the line has none.
"""

import json
from collections.abc import Callable
from pathlib import Path

from w2v_cli.errors import DataError

#: (line, file, line number) → text
Form = Callable[[str, Path, int], str | None]

_SPLIT_LABELS = {"train": "1", "test": "2", "dev": "3"}


def json_text(line: str, path: Path, number: int) -> str | None:
    """Return the `text` of a JSON record."""
    if not line.strip():
        return ""
    try:
        text = json.loads(line)["text"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(
            f'{path}, line {number}: each line must be a JSON object with a "text" ({error!r})'
        ) from error
    if not isinstance(text, str):
        raise DataError(f'{path}, line {number}: "text" is not a string')
    return text.encode("utf-8", errors="replace").decode()  # half of a surrogate pair becomes ?


def is_treebank(path: Path) -> bool:
    """Tell whether a folder is the Stanford Sentiment Treebank."""
    return (path / "datasetSentences.txt").is_file()


def treebank_sentences(folder: Path, split: str) -> Form:
    """Return the form of a treebank's sentences, header and index column removed.

    split: "all", or "train", "test" or "dev" for the sentences of these only.
    """
    wanted = None if split == "all" else _split_members(folder / "datasetSplit.txt", split)

    def sentence_of(line: str, path: Path, number: int) -> str | None:
        index, tab, sentence = line.partition("\t")
        if number == 1 and not index.strip().isdigit():
            return None
        if not tab:
            raise DataError(
                f"{path}, line {number}: no tab between index and sentence;"
                " is this the Stanford Sentiment Treebank?"
            )
        return sentence if wanted is None or index.strip() in wanted else None

    return sentence_of


def _split_members(path: Path, split: str) -> set[str]:
    try:
        rows = path.read_text(encoding="utf-8").splitlines()[1:]
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"--split {split} needs {path}: {error}") from error
    members = set()
    for number, row in enumerate(rows, 2):
        index, comma, which = row.strip().partition(",")
        if row.strip() and not comma:
            raise DataError(f"{path}, line {number}: expected 'sentence,split', got {row[:40]!r}")
        if which == _SPLIT_LABELS[split]:
            members.add(index)
    return members
