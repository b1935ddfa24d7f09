"""Reading and writing vectors in every format; a file is recognised by its content."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from w2v_cli.engines.settings import Which
from w2v_cli.errors import DataError, UsageError
from w2v_cli.text.tokenizers import Tokenizer
from w2v_cli.vectors.formats.catalog import Format, Precision, check_output, guess_format
from w2v_cli.vectors.formats.streams import open_input
from w2v_cli.vectors.run_vectors import FILE_NAME, read_run_vectors
from w2v_cli.vectors.table import VectorTable

_FASTTEXT_MAGIC = b"\xba\x16\x4f\x2f"
#: What `detect` calls a format → the module and the function that read it, where they are not
#: named after it.
_READERS = {
    "text": ("word2vec_text", "read_text"),
    "binary": ("word2vec_binary", "read_binary"),
    "huggingface": ("array_files", "read_folder"),
    "tensorboard": ("projector", "read_projector"),
    "npz": ("array_files", "read_npz"),
    "safetensors": ("array_files", "read_safetensors"),
    "fasttext-bin": ("fasttext_bin", "read_fasttext_bin"),
}
#: Formats of several files, one of which may be given instead of the folder.
_FOLDERS = ("huggingface", "model2vec")


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
    match form.name:
        case "word2vec" | "fasttext":
            _module("word2vec_text").write_text(table, path, precision, header=True)
        case "glove":
            _module("word2vec_text").write_text(table, path, precision, header=False)
        case "word2vec-binary":
            _module("word2vec_binary").write_binary(table, path)
        case "fasttext-bin":
            _module("fasttext_bin").write_fasttext_bin(table, path)
        case "npz":
            _module("array_files").write_npz(table, path, precision)
        case "safetensors":
            _module("array_files").write_safetensors(table, path, precision)
        case "huggingface":
            _module("array_files").write_folder(table, path, precision, card)
        case "model2vec":
            module = _module("model2vec")
            tokenizer = tokenizer or module.tokenizer_for(table.words)
            module.write_model2vec(table, path, precision, card, tokenizer)
        case "tensorboard":
            _module("projector").write_projector(table, path, precision)
        case "parquet":
            _module("parquet").write_parquet(table, path, precision)


def read_table(path: Path, which: Which | None = None) -> VectorTable:
    """Read a run folder or any vector file, whose content tells the format.

    Args:
        path: file or folder.
        which: center, outside, sum or concat, for runs; None: the run's default.

    Raises:
        DataError: nothing that holds vectors, or damaged (see the formats).
        UsageError: `which` for something that has only one kind of vectors.
    """
    kind = detect(path)
    if kind == "run":
        return read_run_vectors(path).table(which)
    if which is not None:
        raise UsageError(f"{path} holds one kind of vectors; only runs offer a choice (--vectors)")
    module, function = _READERS.get(kind, (kind, f"read_{kind}"))
    in_folder = kind in _FOLDERS and not path.is_dir()
    return _read(module, function, path.parent if in_folder else path)


def _module(name: str) -> Any:
    return importlib.import_module(f"w2v_cli.vectors.formats.{name}")


def _read(module: str, function: str, path: Path) -> VectorTable:
    table: VectorTable = getattr(_module(module), function)(path)
    return table


def detect(path: Path) -> str:
    """Recognize what a path holds by its content.

    Returns run, huggingface, model2vec, tensorboard, npz, safetensors, parquet, fasttext-bin,
    binary or text.

    Raises:
        DataError: missing, empty, or a known format that is not supported.
    """
    return _detect_folder(path) if path.is_dir() else _detect_file(path)


def _detect_file(path: Path) -> str:
    if not path.exists():
        raise DataError(f"{path}: no such file or folder; give a run or a file of vectors")
    with open(path, "rb") as file:
        start = file.read(16)
    if not start:
        raise DataError(f"{path}: the file is empty")
    header_bytes = int.from_bytes(start[:8], "little")
    # First of all: the length of a header can look like the mark of any other format.
    if start[8:9] == b"{" and header_bytes <= path.stat().st_size - 8:
        return _detect_safetensors(path)
    if start[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return "npz"
    if path.suffix == ".parquet" or (start[:4] == b"PAR1" and _ends_with(path, b"PAR1")):
        return "parquet"
    if path.suffix == ".safetensors":
        return _detect_safetensors(path)
    if start[:1] == b"\x80":
        raise DataError(
            f"{path}: a Python pickle, which w2v does not read; save its vectors in a word2vec"
            " format (gensim: save_word2vec_format)"
        )
    if start[:4] == _FASTTEXT_MAGIC:
        return "fasttext-bin"
    return "binary" if _is_binary(path) else "text"


def holds_vectors(path: Path) -> bool:
    """Return whether it is vectors (a folder, or a file whose second column is a number).

    Raises:
        DataError: the path does not exist, or is empty.
    """
    kind = detect(path)
    if kind != "text":
        return True
    from w2v_cli.vectors.formats.word2vec_text import LONGEST_HEADER, is_number, parse_header

    with open_input(path) as file:
        line = file.readline(LONGEST_HEADER)
    return parse_header(line) is not None or all(map(is_number, line.split()[1:2]))


def _detect_folder(path: Path) -> str:
    for name, kind in (
        (FILE_NAME, "run"),
        ("tokenizer.json", "model2vec"),
        ("model.safetensors", "huggingface"),
        ("tensors.tsv", "tensorboard"),
    ):
        if (path / name).is_file():
            return kind
    if (path / "config.toml").is_file():
        raise DataError(
            f"{path}: a run without vectors yet; they are written at the end of each epoch "
            f"(continue with: w2v train --resume --out {path})"
        )
    raise DataError(f"{path}: a folder without {FILE_NAME}; give a run or a file of vectors")


def _detect_safetensors(path: Path) -> str:
    from w2v_cli.storage.tensors import read_metadata
    from w2v_cli.vectors.run_vectors import FORMAT

    if read_metadata(path).get("format") == FORMAT:
        return "run"
    if path.name == "model.safetensors" and (path.parent / "tokenizer.json").is_file():
        return "model2vec"
    alone = path.name != "model.safetensors" or not (path.parent / "vocab.txt").is_file()
    return "safetensors" if alone else "huggingface"


def _ends_with(path: Path, mark: bytes) -> bool:
    with open(path, "rb") as file:
        file.seek(-len(mark), 2)
        return file.read() == mark


def _is_binary(path: Path) -> bool:
    """After a header `V D`: is the first word followed by D numbers as text, or by bytes?"""
    from w2v_cli.vectors.formats.word2vec_text import LONGEST_HEADER, parse_header

    with open_input(path) as file:
        header = parse_header(file.readline(LONGEST_HEADER))
        if header is None:
            return False
        sample = file.read(2**16)
    numbers = sample.partition(b"\n")[0].partition(b" ")[2]
    if not _printable(numbers):
        return True
    if len(numbers.split()) == header[1]:
        return False
    # A damaged text, or bytes that happen to look like text.
    return b"\0" in sample or path.name.removesuffix(".gz").endswith(".bin")


def _printable(text: bytes) -> bool:
    return not text.translate(None, bytes(range(32, 127)) + b"\t\r")
