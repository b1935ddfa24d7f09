"""A folder for the TensorBoard embedding projector: `tensors.tsv` and `metadata.tsv`.

Load both at https://projector.tensorflow.org, or point TensorBoard's `--logdir` at the folder.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError
from w2v_cli.memory import ask_for
from w2v_cli.storage import files
from w2v_cli.storage.atomic import atomic_folder
from w2v_cli.vectors.formats.array_files import check_lines
from w2v_cli.vectors.formats.streams import Content, Reading, Writing
from w2v_cli.vectors.table import (
    VectorTable,
    check_counts,
    checked_table,
    encode_matrix,
)

TENSORS = "tensors.tsv"
METADATA = "metadata.tsv"
_CONFIG = f'embeddings {{\n  tensor_path: "{TENSORS}"\n  metadata_path: "{METADATA}"\n}}\n'
_LONGEST_REASON = 200
_HEADER = "word\tcount"


def is_projector(content: Content) -> bool:
    """Recognise the folder."""
    is_model = content.has("model.safetensors") or content.has("tokenizer.json")
    return content.has(TENSORS) and content.is_folder and not is_model


def write_projector(table: VectorTable, path: Path, how: Writing) -> None:
    """Write the folder. With counts, the metadata have two columns and therefore a header.

    Raises:
        DataError: a word that contains a tab or a line break.
        OSError: the folder exists and is not empty, or cannot be written.
    """
    check_lines(table.words, METADATA)
    tabbed = next((word for word in table.words if "\t" in word), None)
    if tabbed is not None:
        raise DataError(f"the word {tabbed!r} contains a tab, which {METADATA} cannot carry")
    matrix = encode_matrix(table.matrix, how.precision)["vectors"]
    digits = {"float32": "%.9g", "float16": "%.5g"}[how.precision]
    row_format = "\t".join([digits] * matrix.shape[1]) + "\n"
    lines = table.words
    if table.counts is not None:
        counted = zip(table.words, table.counts.tolist(), strict=True)
        lines = [_HEADER, *(f"{word}\t{count}" for word, count in counted)]
    with atomic_folder(path) as folder:
        files.write_bytes(folder / METADATA, ("\n".join(lines) + "\n").encode())
        files.write_bytes(folder / "projector_config.pbtxt", _CONFIG.encode())
        with files.open_binary(folder / TENSORS, "wb") as file:
            file.writelines((row_format % tuple(row.tolist())).encode() for row in matrix)


def read_projector(path: Path, how: Reading) -> VectorTable:
    """Read the folder back.

    Raises:
        DataError: a part is missing, not UTF-8, or they do not fit together; if strict, a repeated
            word.
    """
    names = [path / METADATA, path / TENSORS]
    size = sum(name.stat().st_size for name in names if name.exists())
    ask_for(2 * size, f"{path}: its files", "use a machine with more")
    try:
        text = (path / METADATA).read_bytes().decode()
    except UnicodeDecodeError as error:
        raise DataError(f"{path / METADATA}: byte {error.start} is not UTF-8") from None
    except OSError as error:
        raise DataError(f"{path / METADATA}: {error.strerror}; it names the rows") from None
    words, counts = _read_columns(path, text.removesuffix("\n").split("\n"))
    matrix = _read_matrix(path / TENSORS)
    if len(matrix) != len(words):
        raise DataError(f"{path}: {len(words)} words, but {len(matrix)} vectors")
    check_counts(str(path / METADATA), counts, len(words))
    first = 1 if counts is None else 2
    return checked_table(
        str(path / METADATA), words, matrix, how.strict, counts=counts, unit="line", first=first
    )


def _read_columns(path: Path, lines: list[str]) -> tuple[list[str], NDArray[np.int64] | None]:
    if lines[0] != _HEADER:
        return lines, None
    rows = [line.split("\t") for line in lines[1:]]
    try:
        return [word for word, _ in rows], np.array([int(n) for _, n in rows], dtype=np.int64)
    except (ValueError, OverflowError):
        raise DataError(f"{path / METADATA}: a line is not 'word TAB count'") from None


def _read_matrix(path: Path) -> NDArray[np.float32]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an empty file
            matrix = np.loadtxt(
                path, np.float32, delimiter="\t", ndmin=2, encoding="utf-8", comments=None
            )
    except (ValueError, OSError) as error:  # names the row
        raise DataError(f"{path}: {str(error)[:_LONGEST_REASON]}") from None
    if matrix.size == 0:
        raise DataError(f"{path}: it contains no vectors")
    return matrix
