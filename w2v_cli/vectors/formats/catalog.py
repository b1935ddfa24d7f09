"""The formats of vectors: their names, what each can hold, and the code that reads and writes it.

Light: help texts list the formats without NumPy. The code of a format is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from w2v_cli.errors import UsageError
from w2v_cli.vectors.answers import Precision

if TYPE_CHECKING:
    from w2v_cli.vectors.formats.streams import Content, Reading, Writing
    from w2v_cli.vectors.table import VectorTable

QUANTIZED: tuple[Precision, ...] = ("int8",)


@dataclass(frozen=True)
class Codec:
    """The code of a format.

    recognises: tells from the content of a path whether it is of this format, alone of all. None:
    the format has no mark; what no other recognises is read as `word2vec`.
    """

    read: Callable[[Path, Reading], VectorTable]
    write: Callable[[VectorTable, Path, Writing], None]
    recognises: Callable[[Content], bool] | None = None


@dataclass(frozen=True)
class Format:
    """One way to store vectors. `suffixes`: names that mean it; `gzip`: `.gz` may follow.

    codec: imports its code. is_folder: it is several files in a folder of their own. whole: it
    holds a model with all that its vectors are made of. kind: what `w2v info` calls a file of it;
    empty: its name.
    """

    name: str
    description: str
    suffixes: tuple[str, ...]
    precisions: tuple[Precision, ...]
    codec: Callable[[], Codec]
    gzip: bool = False
    is_folder: bool = False
    whole: bool = False
    kind: str = ""


def _word2vec() -> Codec:
    from w2v_cli.vectors.formats.word2vec_text import read_text, write_text

    return Codec(read_text, write_text)


def _glove() -> Codec:
    from w2v_cli.vectors.formats.word2vec_text import read_text, write_glove

    return Codec(read_text, write_glove)


def _word2vec_binary() -> Codec:
    from w2v_cli.vectors.formats.word2vec_binary import is_binary, read_binary, write_binary

    return Codec(read_binary, write_binary, is_binary)


def _fasttext_bin() -> Codec:
    from w2v_cli.vectors.formats.fasttext_bin import (
        is_fasttext_bin,
        read_fasttext_bin,
        write_fasttext_bin,
    )

    return Codec(read_fasttext_bin, write_fasttext_bin, is_fasttext_bin)


def _npz() -> Codec:
    from w2v_cli.vectors.formats.array_files import is_npz, read_npz, write_npz

    return Codec(read_npz, write_npz, is_npz)


def _safetensors() -> Codec:
    from w2v_cli.vectors.formats.array_files import (
        is_safetensors,
        read_safetensors,
        write_safetensors,
    )

    return Codec(read_safetensors, write_safetensors, is_safetensors)


def _huggingface() -> Codec:
    from w2v_cli.vectors.formats.array_files import is_folder, read_folder, write_folder

    return Codec(read_folder, write_folder, is_folder)


def _model2vec() -> Codec:
    from w2v_cli.vectors.formats.model2vec import is_model2vec, read_model2vec, write_model2vec

    return Codec(read_model2vec, write_model2vec, is_model2vec)


def _tensorboard() -> Codec:
    from w2v_cli.vectors.formats.projector import is_projector, read_projector, write_projector

    return Codec(read_projector, write_projector, is_projector)


def _parquet() -> Codec:
    from w2v_cli.vectors.formats.parquet import is_parquet, read_parquet, write_parquet

    return Codec(read_parquet, write_parquet, is_parquet)


_TEXT: tuple[Precision, ...] = ("float32", "float16")
_ALL: tuple[Precision, ...] = get_args(Precision)

FORMATS = {
    form.name: form
    for form in (
        Format(
            "word2vec", "word2vec text", (".txt", ".w2v"), _TEXT, _word2vec, gzip=True, kind="text"
        ),
        Format(
            "word2vec-binary",
            "word2vec binary",
            (".bin",),
            ("float32",),
            _word2vec_binary,
            gzip=True,
            kind="binary",
        ),
        Format("glove", "GloVe text, no header", (".glove",), _TEXT, _glove, gzip=True),
        Format("fasttext", "fastText text", (".vec",), _TEXT, _word2vec, gzip=True),
        Format(
            "fasttext-bin",
            "fastText's model, with subwords",
            (),
            ("float32",),
            _fasttext_bin,
            whole=True,
        ),
        Format("npz", "NumPy arrays", (".npz",), _ALL, _npz),
        Format("safetensors", "one safetensors file", (".safetensors",), _ALL, _safetensors),
        Format("huggingface", "a model folder", (), _ALL, _huggingface, is_folder=True),
        Format(
            "model2vec", "a folder that embeds sentences", (), _TEXT, _model2vec, is_folder=True
        ),
        Format(
            "tensorboard",
            "a folder for the TensorBoard projector",
            (".tsv",),
            _TEXT,
            _tensorboard,
            is_folder=True,
        ),
        Format("parquet", "a Parquet table (extra 'parquet')", (".parquet",), _ALL, _parquet),
    )
}


def find_format(name: str) -> Format:
    """Look up a format by name.

    Raises:
        UsageError: there is no such format.
    """
    if name not in FORMATS:
        raise UsageError(f"unknown format {name!r}; choose from: {', '.join(FORMATS)}")
    return FORMATS[name]


def guess_format(path: Path) -> Format:
    """Choose a format by the name of the output; a name without a suffix is a model folder.

    Raises:
        UsageError: an unknown suffix.
    """
    suffixes = path.suffixes
    last = suffixes[-2:-1] if suffixes and suffixes[-1] == ".gz" else suffixes[-1:]
    if not suffixes:
        return FORMATS["huggingface"]
    if "glove" in path.name.lower() and last == [".txt"]:
        return FORMATS["glove"]
    for form in FORMATS.values():
        if last and last[0].lower() in form.suffixes:
            return form
    known = ", ".join(suffix for form in FORMATS.values() for suffix in form.suffixes)
    raise UsageError(
        f"the name {path.name} does not imply a format; end it in one of {known}, or give --format"
    )


def check_output(path: Path, form: Format, precision: Precision) -> None:
    """Refuse what a format cannot do.

    Raises:
        UsageError: a precision it cannot store, or compression that its readers do not expect.
    """
    if precision not in form.precisions:
        able = ", ".join(f.name for f in FORMATS.values() if precision in f.precisions)
        raise UsageError(f"{form.name} cannot hold {precision}; these can: {able}")
    if path.suffix == ".gz" and not form.gzip:
        raise UsageError(f"{form.name} cannot be compressed; omit .gz")
