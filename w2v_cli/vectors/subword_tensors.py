"""What subword vectors are in a file: the rows, the n-grams they belong to, and their lengths.

Tensors: `rows`, float32 (V + R, D); of hashed n-grams `ngram_buckets`, int64 (R,), rising; of
explicit ones `ngrams`, their UTF-8 text joined by line feeds. Metadata: `subwords`, such as "3-6",
and `buckets` where they are hashed.
"""

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.base import SubwordVectors
from w2v_cli.errors import DataError, UsageError
from w2v_cli.text.ngrams import ExplicitSubwords, HashedSubwords, Subwords
from w2v_cli.text.settings import parse_lengths
from w2v_cli.vectors.storable import pack_words, unpack_words


def pack_subwords(parts: SubwordVectors) -> tuple[dict[str, Array], dict[str, str]]:
    """Return the tensors and the metadata that hold what centre vectors are made of."""
    subwords = parts.subwords
    tensors: dict[str, Array] = {"rows": parts.rows.astype(np.float32, copy=False)}
    metadata = {"subwords": f"{subwords.shortest}-{subwords.longest}"}
    if isinstance(subwords, HashedSubwords):
        tensors["ngram_buckets"] = subwords.used
        metadata["buckets"] = str(subwords.buckets)
    elif isinstance(subwords, ExplicitSubwords):
        tensors["ngrams"] = pack_words(subwords.texts)
    return tensors, metadata


def unpack_subwords(
    source: str, tensors: dict[str, Array], metadata: dict[str, str], shape: tuple[int, int]
) -> SubwordVectors | None:
    """Undo `pack_subwords`; None: the file holds no subwords.

    shape: (V, D) of the words. Takes its entries out of `metadata`.

    Raises:
        DataError: naming the file, where tensors are missing or do not fit together.
    """
    if "subwords" not in metadata:
        return None
    lengths, buckets = metadata.pop("subwords"), metadata.pop("buckets", None)
    try:
        subwords = _subwords(source, tensors, lengths, buckets)
    except (UsageError, KeyError, ValueError) as error:
        raise DataError(f"{source}: its subwords are damaged ({error})") from None
    rows = tensors.get("rows", np.zeros(0, np.float32))
    expected = shape[0] + len(subwords), shape[1]
    if rows.shape != expected or rows.dtype != np.float32:
        raise DataError(
            f"{source}: its subwords are damaged (rows of shape {rows.shape}, type {rows.dtype};"
            f" expected {expected}, float32)"
        )
    return SubwordVectors(subwords, rows)


def _subwords(
    source: str, tensors: dict[str, Array], lengths: str, buckets: str | None
) -> Subwords:
    shortest, longest = parse_lengths(lengths)
    if buckets is None:
        return ExplicitSubwords(shortest, longest, unpack_words(source, tensors["ngrams"]))
    used, n = tensors["ngram_buckets"], int(buckets)
    if used.ndim != 1 or used.dtype != np.int64 or not len(used) or n < 1:
        raise ValueError(f"{n} buckets, numbers of shape {used.shape}, type {used.dtype}")
    if used[0] < 0 or used[-1] >= n or (np.diff(used) <= 0).any():
        raise ValueError(f"bucket numbers that do not rise from 0 to {n - 1}")
    return HashedSubwords(shortest, longest, n, used)
