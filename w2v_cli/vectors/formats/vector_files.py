"""Reading and writing vectors in every format; a file is recognised by its content."""

from __future__ import annotations

import warnings
from pathlib import Path

from w2v_cli.engines.settings import Which
from w2v_cli.errors import DataError, UsageError, W2VWarning
from w2v_cli.storage.tensors import read_metadata
from w2v_cli.vectors.answers import Precision
from w2v_cli.vectors.formats.catalog import FORMATS, Format, check_output, guess_format
from w2v_cli.vectors.formats.packed import is_stream, open_input, plain_file
from w2v_cli.vectors.formats.streams import EVERYTHING, Content, Reading, Writing
from w2v_cli.vectors.formats.word2vec_text import LONGEST_HEADER, is_number, parse_header
from w2v_cli.vectors.run_vectors import FILE_NAME, FORMAT, read_run_vectors
from w2v_cli.vectors.table import VectorTable


def write_table(
    table: VectorTable,
    path: Path,
    form: Format | None = None,
    precision: Precision = "float32",
    card: str = "",
) -> None:
    """Write vectors, whole or not at all.

    Args:
        table: words and vectors.
        path: file or (Hugging Face, TensorBoard) folder.
        form: one of `FORMATS`; None: by the file name.
        precision: float32, float16, or int8 with one scale per row.
        card: the text of the model card, for a model folder.

    Raises:
        UsageError: see `check_output` and `guess_format`.
        DataError: a word or a number that the format cannot hold.
        OSError: the path cannot be written.
    """
    form = form or guess_format(path)
    check_output(path, form, precision)
    form.codec().write(table, path, Writing(precision, card))


def read_table(path: Path, which: Which | None = None, how: Reading = EVERYTHING) -> VectorTable:
    """Read a run folder or any vector file, whose content tells the format.

    Args:
        path: file, folder or pipe.
        which: center, outside, sum or concat, for runs; None: the run's default.
        how: how many words, and what is refused.

    Raises:
        DataError: nothing that holds vectors, or damaged (see the formats).
        UsageError: `which` for something that has only one kind of vectors.
    """
    return read_with_kind(path, which, how)[1]


def read_with_kind(
    path: Path, which: Which | None = None, how: Reading = EVERYTHING
) -> tuple[str, VectorTable]:
    """Return "run", or the kind or name of the format, and what `read_table` returns."""
    with plain_file(path) as plain:
        form = _recognise(plain)
        if form is None:
            kind, table = "run", read_run_vectors(plain).table(which)
        elif which is not None:
            raise UsageError(
                f"{path} holds one kind of vectors; only runs offer a choice (--vectors)"
            )
        else:
            kind, table = form.kind or form.name, form.codec().read(plain, how)
    for note in table.notes:
        warnings.warn(f"{path}: {note}", W2VWarning, stacklevel=2)
    if how.limit is not None and how.limit < len(table):
        table = table.top(how.limit)
    return kind, table


def is_run(path: Path) -> bool:
    """Tell whether a path is a run, or the file of its vectors.

    Raises:
        DataError: the path does not exist, or is empty.
    """
    return not is_stream(path) and _is_run(Content.of(path))


def holds_vectors(path: Path) -> bool | None:
    """Tell whether a file holds vectors rather than rated pairs or analogies.

    None: it may be either, as far as its first line tells, such as `king 1 0`.

    Raises:
        DataError: the path does not exist, or is empty.
    """
    form = _recognise(path)
    if form is None or form.name != "word2vec":
        return True
    with open_input(path) as file:
        line = file.readline(LONGEST_HEADER)
    if parse_header(line) is not None:
        return True
    numbers = line.split()[1:]
    if not line.endswith(b"\n"):
        numbers = numbers[:-1]  # the last one may be cut
    are_numbers = bool(numbers) and all(map(is_number, numbers))
    return None if are_numbers and len(numbers) == 2 else are_numbers


def _recognise(path: Path) -> Format | None:
    """Return the format of a path; None for a run. Raises DataError, see `detect`."""
    content = Content.of(path)
    if _is_run(content):
        return None
    for form in FORMATS.values():
        recognises = form.codec().recognises
        if recognises is not None and recognises(content):
            return form
    if (path / "config.toml").is_file():
        raise DataError(
            f"{path}: a run without vectors yet; they are written at the end of each epoch "
            f"(continue with: w2v train --resume --out {path})"
        )
    if content.is_folder:
        raise DataError(f"{path}: a folder without {FILE_NAME}; give a run or a file of vectors")
    if content.mark[:1] == b"\x80":
        raise DataError(
            f"{path}: a Python pickle, which w2v does not read; save its vectors in a word2vec"
            " format (gensim: save_word2vec_format)"
        )
    return FORMATS["word2vec"]  # text has no mark


def _is_run(content: Content) -> bool:
    if content.is_tensors:
        return read_metadata(content.path).get("format") == FORMAT
    return content.has(FILE_NAME)
