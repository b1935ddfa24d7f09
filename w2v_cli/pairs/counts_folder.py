"""What a COUNTS folder holds, and how it is read: `vocab.tsv`, `counts.safetensors`, `counts.json`.

The manifest is written last: a folder without it holds no counts. It does not depend on the path of
the text, on how it was cut or on which workers counted it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.errors import DataError, RunError
from w2v_cli.pairs.matrix import PairCounts, merge
from w2v_cli.storage.atomic import atomic_write
from w2v_cli.storage.tensors import identity, read_tensors, write_tensors
from w2v_cli.text.vocabulary import Vocabulary, read_vocabulary, write_vocabulary

FORMAT = 1
VOCABULARY, COUNTS, MANIFEST = "vocab.tsv", "counts.safetensors", "counts.json"
_NEXT_STEP = "count the text again with `w2v count`"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted, and with which settings.

    made_with: the settings that decide the counts, by name. n_tokens: of the text; n_kept: those of
    words in the vocabulary. given_vocabulary: the counts in `vocab.tsv` are not those of this text,
    but of the text that the vocabulary was made from. fraction_bits: a weight of 1 is
    2^fraction_bits. n_entries: pairs with a count. n_pairs: the sum of all weights. lost_pairs: the
    sum of those that pruning removed. checksums: of all three files.
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
class TextCounts:
    """The pair counts of a text, integers, and how often each word occurs in it.

    pairs: weights are int64; the manifest has their unit, 2^-fraction_bits.
    occurrences: int64, (V,).
    """

    pairs: PairCounts
    occurrences: Array

    @classmethod
    def of(cls, arrays: Mapping[str, Array]) -> "TextCounts":
        """Make it from what `arrays` returned. Raises KeyError if one is missing."""
        pairs = PairCounts(arrays["row_start"], arrays["columns"], arrays["weights"])
        return cls(pairs, arrays["occurrences"])

    def arrays(self) -> dict[str, Array]:
        """Return the arrays by name, for a file."""
        return {
            "row_start": self.pairs.row_start,
            "columns": self.pairs.columns,
            "weights": self.pairs.weights,
            "occurrences": self.occurrences,
        }


def add_counts(
    counts: Sequence[TextCounts], folder: Path, n_bytes: float, n_threads: int = 1
) -> TextCounts:
    """Add up the counts of several texts; for the other arguments see `merge`."""
    pairs = merge([some.pairs for some in counts], folder, n_bytes, n_threads=n_threads)
    return TextCounts(pairs, np.sum([some.occurrences for some in counts], axis=0))


def is_counts(path: Path) -> bool:
    """Tell whether a path is a finished COUNTS folder."""
    return (path / MANIFEST).is_file()


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a COUNTS folder.

    Raises RunError if there is none, or if it has an unknown format.
    """
    path = folder / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise RunError(f"{folder} has no {MANIFEST}: it is not a folder of counts") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RunError(f"{path} is not a manifest of counts ({error}); {_NEXT_STEP}") from None
    if manifest.format != FORMAT:
        raise RunError(
            f"{folder} holds counts of format {manifest.format}, this w2v reads {FORMAT};"
            f" {_NEXT_STEP}"
        )
    return manifest


def read_counts(folder: Path) -> tuple[Manifest, Vocabulary, TextCounts]:
    """Map the counts into memory. Raises RunError for missing, damaged or mismatched files."""
    manifest = read_manifest(folder)
    try:
        arrays, _ = read_tensors(folder / COUNTS)
        counts = TextCounts.of(arrays)
        found = checksums(folder, manifest)
        vocabulary = read_vocabulary(folder / VOCABULARY)
    except (OSError, DataError, KeyError) as error:
        raise RunError(f"the counts in {folder} cannot be read ({error}); {_NEXT_STEP}") from None
    if found != manifest.checksums or not _fits(counts, len(vocabulary)):
        raise RunError(f"the files in {folder} do not belong together; {_NEXT_STEP}")
    return manifest, vocabulary, counts


def _fits(counts: TextCounts, n_words: int) -> bool:
    kinds = [(str(array.dtype), array.ndim) for array in counts.arrays().values()]
    if kinds != [("int64", 1), ("uint32", 1), ("int64", 1), ("int64", 1)]:
        return False
    row_start, columns, weights, _ = counts.pairs
    n = int(row_start[-1]) if len(row_start) else -1
    rises = n >= 0 and row_start[0] == 0 and bool((np.diff(row_start) >= 0).all())
    return (
        (len(row_start), len(columns), len(weights)) == (n_words + 1, n, n)
        and len(counts.occurrences) == n_words
        and rises
        and (n == 0 or int(columns.max()) < n_words)
    )


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


# The last step of every count: prune, then write the folder.


def write_counts(
    out: Path,
    about: Manifest,
    vocabulary: Vocabulary,
    counts: TextCounts,
    min_pairs: float = 0.0,
    max_vocab: int | None = None,
) -> Manifest:
    """Write vocabulary, counts and manifest; drop rare pairs and all but the first words.

    min_pairs: pairs with a smaller count are dropped. max_vocab: keep this many words.

    Raises DataError when no pair is left; OSError when the files cannot be written.
    """
    unit = 2.0**-about.fraction_bits
    before = total_of(counts.pairs.weights)
    if max_vocab is not None and max_vocab < len(vocabulary):
        vocabulary = Vocabulary(vocabulary.words[:max_vocab], vocabulary.counts[:max_vocab])
        counts = _first_words(counts, max_vocab)
    if min_pairs:
        pairs = _without(counts.pairs, counts.pairs.weights < int(np.ceil(min_pairs / unit)))
        counts = TextCounts(pairs, counts.occurrences)
    if not len(counts.pairs.weights):
        raise DataError("no pair is left to learn from; lower --min-pairs, or give more text")
    left = total_of(counts.pairs.weights)
    write_vocabulary(vocabulary, out / VOCABULARY)
    write_tensors(out / COUNTS, counts.arrays())
    figures = {
        "n_entries": len(counts.pairs.columns),
        "n_kept": int(counts.occurrences.sum()),
        "n_pairs": left * unit,
        "lost_pairs": (before - left) * unit,
    }
    return _write_manifest(out, msgspec.structs.replace(about, **figures))


def total_of(weights: Array) -> int:
    """Return the sum of weights below 2⁶², which may be larger than int64 holds."""
    total = 0
    for part in np.array_split(weights, len(weights) // 2**20 + 1):
        total += (int((part >> 32).sum()) << 32) + int((part & 0xFFFFFFFF).sum())
    return total


def _first_words(counts: TextCounts, n: int) -> TextCounts:
    """Return the counts of the first n words with each other."""
    row_start, columns, weights, _ = counts.pairs
    end = int(row_start[n])
    rows = PairCounts(row_start[: n + 1], columns[:end], weights[:end])
    return TextCounts(_without(rows, rows.columns >= n), counts.occurrences[:n])


def _without(pairs: PairCounts, drop: Array) -> PairCounts:
    """Return the matrix without the entries to drop, a mask (n,)."""
    kept = ~drop
    before = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
    return PairCounts(before[pairs.row_start], pairs.columns[kept], pairs.weights[kept])


def _write_manifest(folder: Path, manifest: Manifest) -> Manifest:
    """Write the manifest with the checksums of the other files, which completes the folder."""
    whole = msgspec.structs.replace(manifest, checksums=checksums(folder, manifest))
    with atomic_write(folder / MANIFEST) as file:
        file.write(msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n")
    return whole
