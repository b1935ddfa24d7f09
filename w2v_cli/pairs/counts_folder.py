"""What a COUNTS folder holds, and how it is read: `vocab.tsv`, `counts.safetensors`, `counts.json`.

The manifest is written last: a folder without it holds no counts. Nothing in it depends on where
the text lay, how it was cut or who counted it.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.errors import DataError, RunError
from w2v_cli.storage.atomic import atomic_write
from w2v_cli.storage.tensors import identity, read_tensors, write_tensors
from w2v_cli.text.vocabulary import Vocabulary, read_vocabulary, write_vocabulary

FORMAT = 1
VOCABULARY, COUNTS, MANIFEST = "vocab.tsv", "counts.safetensors", "counts.json"
_NEXT_STEP = "count the text again with `w2v count`"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What the counts are of.

    made_with: the settings that decide the counts, by name. n_tokens: words of the text; n_kept:
    those in the vocabulary. given_vocabulary: the counts in `vocab.tsv` are not those of this text,
    but of the text that the vocabulary was made from. fraction_bits: a weight of 1 is
    2^fraction_bits. n_entries: pairs with a count. n_pairs: the sum of all weights. lost_pairs: the
    sum of those that pruning removed. checksums: of all three
    files.
    """

    format: int
    made_with: dict[str, Any]
    given_vocabulary: bool
    n_tokens: int
    n_kept: int
    n_documents: int
    n_invalid: int
    fraction_bits: int
    n_entries: int = 0
    n_pairs: float = 0.0
    lost_pairs: float = 0.0
    checksums: dict[str, str] = {}


@dataclass(frozen=True)
class CountMatrix:
    """Integer pair counts by rows, and how often each word occurs in the text.

    row_start: int64, (V + 1,). columns: uint32, (n,), rising in a row. weights: int64, (n,).
    occurrences: int64, (V,).
    """

    row_start: Array
    columns: Array
    weights: Array
    occurrences: Array


def is_counts(path: Path) -> bool:
    """Tell whether a path is a finished COUNTS folder."""
    return (path / MANIFEST).is_file()


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a COUNTS folder.

    Raises RunError when it is none, or of a version of w2v that is not known here.
    """
    path = folder / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise RunError(f"{folder} has no {MANIFEST}: it is not a folder of counts") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RunError(f"{path} is not a manifest of counts ({error}); {_NEXT_STEP}") from None
    if manifest.format != FORMAT:
        raise RunError(
            f"{folder} holds counts of format {manifest.format}, this w2v reads {FORMAT};"
            f" {_NEXT_STEP}"
        )
    return manifest


def read_counts(folder: Path) -> tuple[Manifest, Vocabulary, CountMatrix]:
    """Map the counts into memory. Raises RunError when files are missing, damaged or do not fit."""
    manifest = read_manifest(folder)
    try:
        arrays, _ = read_tensors(folder / COUNTS)
        matrix = CountMatrix(**arrays)
        found = checksums(folder, manifest)
        vocabulary = read_vocabulary(folder / VOCABULARY)
    except (OSError, DataError, TypeError) as error:
        raise RunError(f"the counts in {folder} cannot be read ({error}); {_NEXT_STEP}") from None
    if found != manifest.checksums or not _fits(matrix, len(vocabulary)):
        raise RunError(f"the files in {folder} do not belong together; {_NEXT_STEP}")
    return manifest, vocabulary, matrix


def _fits(matrix: CountMatrix, n_words: int) -> bool:
    n = int(matrix.row_start[-1]) if len(matrix.row_start) else -1
    shapes = (len(matrix.row_start), len(matrix.columns), len(matrix.weights))
    rises = n >= 0 and matrix.row_start[0] == 0 and bool((np.diff(matrix.row_start) >= 0).all())
    types = [str(array.dtype) for array in vars(matrix).values()]
    return (
        shapes == (n_words + 1, n, n)
        and len(matrix.occurrences) == n_words
        and rises
        and types == ["int64", "uint32", "int64", "int64"]
        and (n == 0 or int(matrix.columns.max()) < n_words)
    )


def write_matrix(path: Path, matrix: CountMatrix) -> None:
    """Write counts, whole or not at all."""
    write_tensors(path, vars(matrix))


def write_manifest(folder: Path, manifest: Manifest) -> Manifest:
    """Write the manifest with the checksums of the other files: from now on there are counts."""
    whole = msgspec.structs.replace(manifest, checksums=checksums(folder, manifest))
    with atomic_write(folder / MANIFEST) as file:
        file.write(msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n")
    return whole


def checksums(folder: Path, manifest: Manifest) -> dict[str, str]:
    """Return what identifies the vocabulary, the counts and the figures of a folder."""
    figures = msgspec.json.encode(msgspec.structs.replace(manifest, checksums={}))
    return {
        VOCABULARY: hash_of(folder / VOCABULARY),
        COUNTS: identity(folder / COUNTS),
        MANIFEST: _hash(figures),
    }


def counts_fingerprint(folder: Path) -> str:
    """Return the hash of a folder's manifest, 16 hexadecimal digits; it names the other files."""
    return hash_of(folder / MANIFEST)


def hash_of(path: Path) -> str:
    """Return the hash of a small file, 16 hexadecimal digits."""
    return _hash(path.read_bytes())


def _hash(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()


# The last step of every counting: prune, then write the folder.


def write_counts(
    out: Path,
    about: Manifest,
    vocabulary: Vocabulary,
    matrix: CountMatrix,
    min_pairs: float = 0.0,
    max_vocab: int | None = None,
) -> Manifest:
    """Write vocabulary, counts and manifest; drop rare pairs and all but the first words.

    Raises DataError when no pair is left; OSError when the files cannot be written.
    """
    unit = 2.0**-about.fraction_bits
    before = total_of(matrix.weights)
    if max_vocab is not None and max_vocab < len(vocabulary):
        vocabulary = Vocabulary(vocabulary.words[:max_vocab], vocabulary.counts[:max_vocab])
        matrix = first_words(matrix, max_vocab)
    if min_pairs:
        matrix = without(matrix, matrix.weights < int(np.ceil(min_pairs / unit)))
    if not len(matrix.weights):
        raise DataError("no pair is left to learn from; lower --min-pairs, or give more text")
    left = total_of(matrix.weights)
    write_vocabulary(vocabulary, out / VOCABULARY)
    write_matrix(out / COUNTS, matrix)
    figures = {
        "n_entries": len(matrix.columns),
        "n_kept": int(matrix.occurrences.sum()),
        "n_pairs": left * unit,
        "lost_pairs": (before - left) * unit,
    }
    return write_manifest(out, msgspec.structs.replace(about, **figures))


def total_of(weights: Array) -> int:
    """Return the sum of weights below 2⁶², which may be larger than int64 holds."""
    total = 0
    for part in np.array_split(weights, len(weights) // 2**20 + 1):
        total += (int((part >> 32).sum()) << 32) + int((part & 0xFFFFFFFF).sum())
    return total


def first_words(matrix: CountMatrix, n: int) -> CountMatrix:
    """Return the counts of the first n words with each other."""
    end = int(matrix.row_start[n])
    rows = CountMatrix(
        matrix.row_start[: n + 1],
        matrix.columns[:end],
        matrix.weights[:end],
        matrix.occurrences[:n],
    )
    return without(rows, rows.columns >= n)


def without(matrix: CountMatrix, drop: Array) -> CountMatrix:
    """Return the matrix without the entries to drop, a mask (n,)."""
    kept = ~drop
    before = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
    return CountMatrix(
        before[matrix.row_start], matrix.columns[kept], matrix.weights[kept], matrix.occurrences
    )
