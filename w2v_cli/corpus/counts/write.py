"""The last step of every counting: prune, then write the folder."""

from pathlib import Path

import msgspec
import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.corpus.counts.manifest import (
    COUNTS,
    VOCABULARY,
    CountMatrix,
    Manifest,
    write_manifest,
    write_matrix,
)
from w2v_cli.corpus.vocabulary import Vocabulary, write_vocabulary
from w2v_cli.errors import DataError


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
