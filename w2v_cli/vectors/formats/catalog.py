"""The formats of vectors: their names, what each can hold, which one a file name means.

Separate from the code that reads and writes them, so that help texts need no NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from w2v_cli.errors import UsageError

Precision = Literal["float32", "float16", "int8"]
QUANTIZED: tuple[Precision, ...] = ("int8",)


@dataclass(frozen=True)
class Format:
    """One way to store vectors. `suffixes`: names that mean it; `gzip`: `.gz` may follow.

    is_folder: it is several files in a folder of their own. whole: it holds a model with all that
    its vectors are made of.
    """

    name: str
    description: str
    suffixes: tuple[str, ...]
    precisions: tuple[Precision, ...]
    gzip: bool = False
    is_folder: bool = False
    whole: bool = False


_TEXT: tuple[Precision, ...] = ("float32", "float16")
_ALL: tuple[Precision, ...] = get_args(Precision)

FORMATS = {
    form.name: form
    for form in (
        Format("word2vec", "word2vec text", (".txt", ".w2v"), _TEXT, gzip=True),
        Format("word2vec-binary", "word2vec binary", (".bin",), ("float32",), gzip=True),
        Format("glove", "GloVe text, no header", (".glove",), _TEXT, gzip=True),
        Format("fasttext", "fastText text", (".vec",), _TEXT, gzip=True),
        Format("fasttext-bin", "fastText's model, with subwords", (), ("float32",), whole=True),
        Format("npz", "NumPy arrays", (".npz",), _ALL),
        Format("safetensors", "one safetensors file", (".safetensors",), _ALL),
        Format("huggingface", "a model folder", (), _ALL, is_folder=True),
        Format(
            "model2vec",
            "a folder that embeds sentences",
            (),
            _TEXT,
            is_folder=True,
        ),
        Format(
            "tensorboard",
            "a folder for the TensorBoard projector",
            (".tsv",),
            _TEXT,
            is_folder=True,
        ),
        Format("parquet", "a Parquet table (extra 'parquet')", (".parquet",), _ALL),
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
