r"""A folder that model2vec and sentence-transformers' `StaticEmbedding` load.

`model.safetensors` has the matrix as `embeddings`, `tokenizer.json` says in the format of the
`tokenizers` library how text becomes rows, `config.json` and `modules.json` say what it is. One
token is added, for unknown words: its row is zero and model2vec leaves it out, so that a text's
vector is the mean of its known words' vectors, as in `w2v embed`.

The written tokenizer does what ours does, as far as that library can: it lower-cases character by
character, so the final sigma of Greek becomes σ, and its version of Unicode decides what a letter
is. The library has no counterpart of `uax29` or of functions.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from w2v_cli.errors import DataError, UsageError
from w2v_cli.json_types import Json
from w2v_cli.storage import files
from w2v_cli.storage.atomic import atomic_folder
from w2v_cli.storage.tensors import read_tensors, write_tensors
from w2v_cli.text.tokenizers import TOKENIZERS, Tokenizer
from w2v_cli.vectors.formats.streams import Content, Reading, Writing
from w2v_cli.vectors.table import (
    VectorTable,
    check_words,
    checked_table,
    decode_matrix,
    encode_matrix,
)

MODEL = "model.safetensors"
TOKENIZER = "tokenizer.json"
WEIGHT = "embeddings"
_UNKNOWN = "[UNK]"

_JOINER = "[\u200c\u200d]"
_LETTER, _MARK = r"[\p{L}\p{N}]", r"[\p{Mn}\p{Mc}]"
_PART = f"{_LETTER}+(?:{_JOINER}?{_MARK}+{_LETTER}*|{_JOINER}{_LETTER}+)*"
#: What each of our tokenizers keeps, as a pattern of the library; None: all but white space.
_KEPT = {
    "words": rf"{_PART}(?:['\-]{_PART})*",
    "characters": f"{_LETTER}{_MARK}*",
    "whitespace": None,
}


def is_model2vec(content: Content) -> bool:
    """Recognise a folder with a tokenizer, or its matrix."""
    return content.has(TOKENIZER)


def write_model2vec(table: VectorTable, path: Path, how: Writing) -> None:
    """Write the folder.

    Args:
        table: words and vectors.
        path: the folder; new or empty.
        how: float32 or float16; `README.md` is the card. For a table without a tokenizer, one
            is written that leaves the words whole.

    Raises:
        UsageError: a tokenizer that the library cannot do.
        DataError: an empty or repeated word, or one that is not valid Unicode text.
        OSError: the folder exists and is not empty, or cannot be written.
    """
    check_words(str(path), table.words)
    unknown = _UNKNOWN
    known = set(table.words)
    while unknown in known:
        unknown = f"[{unknown}]"
    rows = np.concatenate([table.matrix, np.zeros((1, table.dim), np.float32)])
    tensors = {WEIGHT: encode_matrix(rows, how.precision)["vectors"]}
    tokenizer = table.tokenizer or tokenizer_for(table.words)
    content = _tokenizer_json([*table.words, unknown], unknown, tokenizer)
    config = {
        "model_type": "model2vec",
        "architectures": ["StaticModel"],
        "normalize": False,
        "hidden_dim": table.dim,
        "embedding_dtype": how.precision,
    }
    modules = [
        {"idx": 0, "name": "0", "path": ".", "type": "sentence_transformers.models.StaticEmbedding"}
    ]
    with atomic_folder(path) as folder:
        write_tensors(folder / MODEL, tensors, {"format": "pt"})
        for name, each in (
            (TOKENIZER, content),
            ("config.json", config),
            ("modules.json", modules),
        ):
            files.write_bytes(folder / name, _encoded(each))
        files.write_bytes(folder / "README.md", how.card.encode())


def tokenizer_for(words: Sequence[str]) -> Tokenizer:
    """Return a tokenizer that keeps these words whole, for vectors of unknown origin."""
    lowercase = all(word == word.lower() for word in words)
    split = Tokenizer("words", False)
    whole = sum(split(word) == [word] for word in words)
    return Tokenizer("words" if whole >= 0.99 * len(words) else "whitespace", lowercase)


def read_model2vec(path: Path, how: Reading) -> VectorTable:
    """Read a folder, or its matrix, whose tokenizer has one row per word.

    Raises:
        DataError: a part is missing or damaged, or the tokenizer is of pieces of words.
    """
    path = path if path.is_dir() else path.parent
    arrays, _ = read_tensors(path / MODEL)
    if WEIGHT not in arrays:
        raise DataError(f"{path / MODEL}: no tensor {WEIGHT}")
    try:
        model = json.loads((path / TOKENIZER).read_bytes())["model"]
        vocabulary, unknown = model["vocab"], model.get("unk_token")
        numbers = list(vocabulary.values())
        are_rows = all(type(n) is int for n in numbers) and sorted(numbers) == [
            *range(len(numbers))
        ]
        is_words = model["type"] == "WordLevel" and are_rows
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(f"{path / TOKENIZER}: not a tokenizer ({error})") from None
    if not is_words:
        raise DataError(f"{path / TOKENIZER}: not a tokenizer of whole words, which w2v needs")
    matrix = decode_matrix(str(path / MODEL), {"vectors": arrays[WEIGHT]})
    if len(matrix) != len(vocabulary):
        raise DataError(f"{path}: {len(vocabulary)} words, but vectors of shape {matrix.shape}")
    pairs = sorted((row, word) for word, row in vocabulary.items() if word != unknown)
    words = [word for _, word in pairs]
    matrix = matrix[[row for row, _ in pairs]]
    return checked_table(str(path), words, matrix, how.strict)


def _tokenizer_json(words: Sequence[str], unknown: str, tokenizer: Tokenizer) -> Json:
    split = _split(tokenizer)
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": _normalizers(tokenizer)},
        "pre_tokenizer": split,
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {word: row for row, word in enumerate(words)},
            "unk_token": unknown,
        },
    }


def _normalizers(tokenizer: Tokenizer) -> list[Json]:
    """Say what is done to a text before it is split, in the order of `Tokenizer.fold`."""
    steps: list[Json] = []
    if tokenizer.normalize is not None:
        steps.append({"type": tokenizer.normalize.upper()})
    if tokenizer.lowercase:
        steps.append({"type": "Lowercase"})
    if tokenizer.fold_digits:
        steps.append(_replace({"Regex": r"\p{Nd}"}, "0"))
    rule = TOKENIZERS[tokenizer.name]
    changes = {**rule.replacements, **dict.fromkeys(rule.dropped, "")}
    steps += [_replace({"String": old}, new) for old, new in changes.items()]
    if tokenizer.name == "whitespace":
        steps.append(_replace({"String": "\0"}, " "))
    return steps


def _replace(pattern: Json, content: str) -> Json:
    return {"type": "Replace", "pattern": pattern, "content": content}


def _split(tokenizer: Tokenizer) -> Json:
    if tokenizer.name not in _KEPT:
        raise UsageError(
            f"model2vec has no tokenizer like {tokenizer.name}; these can be exported:"
            f" {', '.join(_KEPT)}"
        )
    kept = _KEPT[tokenizer.name]
    if kept is None:
        return {"type": "WhitespaceSplit"}
    return {"type": "Split", "pattern": {"Regex": kept}, "behavior": "Removed", "invert": True}


def _encoded(content: object) -> bytes:
    try:
        return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
    except UnicodeEncodeError as error:
        raise DataError(f"a word is not valid Unicode text ({error})") from None
