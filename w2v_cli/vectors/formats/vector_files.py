"""Reading and writing vectors in every format; a file is recognised by its content."""

from __future__ import annotations

from pathlib import Path

from w2v_cli.engines.settings import Which
from w2v_cli.errors import DataError, UsageError
from w2v_cli.storage.tensors import read_metadata
from w2v_cli.text.tokenizers import Tokenizer
from w2v_cli.vectors.answers import Precision
from w2v_cli.vectors.formats.catalog import FORMATS, Format, check_output, guess_format
from w2v_cli.vectors.formats.streams import Content, Writing, open_input
from w2v_cli.vectors.formats.word2vec_text import LONGEST_HEADER, is_number, parse_header
from w2v_cli.vectors.run_vectors import FILE_NAME, FORMAT, read_run_vectors
from w2v_cli.vectors.table import VectorTable


def write_table(
    table: VectorTable,
    path: Path,
    form: Format | None = None,
    precision: Precision = "float32",
    card: str = "",
    tokenizer: Tokenizer | None = None,
) -> None:
    """Write vectors, whole or not at all.

    Args:
        table: words and vectors.
        path: file or (Hugging Face, TensorBoard) folder.
        form: one of `FORMATS`; None: by the file name.
        precision: float32, float16, or int8 with one scale per row.
        card: the text of the model card, for a model folder.
        tokenizer: how text becomes words, for a folder that embeds text; None: one that leaves
            the words whole.

    Raises:
        UsageError: see `check_output` and `guess_format`.
        DataError: a word or a number that the format cannot hold.
        OSError: the path cannot be written.
    """
    form = form or guess_format(path)
    check_output(path, form, precision)
    form.codec().write(table, path, Writing(precision, card, tokenizer))


def read_table(path: Path, which: Which | None = None) -> VectorTable:
    """Read a run folder or any vector file, whose content tells the format.

    Args:
        path: file or folder.
        which: center, outside, sum or concat, for runs; None: the run's default.

    Raises:
        DataError: nothing that holds vectors, or damaged (see the formats).
        UsageError: `which` for something that has only one kind of vectors.
    """
    form = _recognise(path)
    if form is None:
        return read_run_vectors(path).table(which)
    if which is not None:
        raise UsageError(f"{path} holds one kind of vectors; only runs offer a choice (--vectors)")
    return form.codec().read(path)


def detect(path: Path) -> str:
    """Recognise what a path holds by its content: "run", or the kind or name of a format.

    Raises:
        DataError: missing, empty, or nothing that holds vectors.
    """
    form = _recognise(path)
    return "run" if form is None else form.kind or form.name


def holds_vectors(path: Path) -> bool:
    """Return whether it is vectors (a folder, or a file whose second column is a number).

    Raises:
        DataError: the path does not exist, or is empty.
    """
    if detect(path) != "text":
        return True
    with open_input(path) as file:
        line = file.readline(LONGEST_HEADER)
    return parse_header(line) is not None or all(map(is_number, line.split()[1:2]))


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
