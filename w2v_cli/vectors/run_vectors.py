"""The vectors of a run: `RUN/vectors.safetensors`.

Tensors `center` and `outside`, float32 (V, D); `words`, the UTF-8 text of the words
joined by line feeds; `counts`, int64 (V,). Metadata: format, version, the fingerprint of the
configuration, and which of the vectors to use by default.

With subwords also what the centre vectors are made of: `rows`, float32 (V + R, D); of hashed
n-grams `ngram_buckets`, int64 (R,), rising; of explicit ones `ngrams`, their UTF-8 text joined by
line feeds. Metadata: `subwords`, the lengths of n-grams such as "3-6", and `buckets` where they are
hashed.

With --blend also `blend`, float32 (V, D), and with subwords `blend_turn`, float32 (D, D), what
brings a centre vector into the blend.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Embeddings, SubwordVectors
from w2v_cli.engines.settings import Which
from w2v_cli.errors import DataError, UsageError
from w2v_cli.storage.tensors import read_tensors, write_tensors
from w2v_cli.text.ngrams import ExplicitSubwords, HashedSubwords, Subwords
from w2v_cli.text.settings import CorpusSettings, parse_lengths
from w2v_cli.text.tokenizers import Tokenizer
from w2v_cli.vectors.answers import check_choice
from w2v_cli.vectors.blending import turned
from w2v_cli.vectors.table import (
    VectorTable,
    check_counts,
    check_finite,
    check_words,
    pack_words,
    unpack_words,
)

FILE_NAME = "vectors.safetensors"
FORMAT = "w2v-vectors"
VERSION = "1"
#: Set in the metadata until the training of the run is finished.
UNFINISHED = "unfinished"
_UNFINISHED_NOTE = "the training of this run is not finished; `w2v train --resume` continues it"

#: What is said of a word without a vector, where another kind of vectors would have one.
_UNSEEN = "there are no {} vectors for words that training has not seen; use center vectors"


@dataclass(frozen=True)
class RunVectors:
    """What `vectors.safetensors` of a run holds.

    words: the V distinct words, by falling count.
    counts: int64 (V,), how often each occurred in the corpus.
    embeddings: float32 (V, D) twice, memory-mapped and read-only.
    default: which vectors to use unless told otherwise.
    metadata: every other string stored with the file.
    tokenizer: how the run's text became words; None where its config.toml is missing or damaged.
    """

    words: list[str]
    counts: NDArray[np.int64]
    embeddings: Embeddings
    default: Which
    metadata: dict[str, str]
    tokenizer: Tokenizer | None = None

    def matrix(self, which: Which | None = None) -> NDArray[np.float32]:
        """Return (V, D) float32 of the chosen kind; (V, 2D) for `concat`; None: the default.

        Raises:
            UsageError: there is no such kind.
        """
        return choose_vectors(self.embeddings, which or self.default)

    def table(self, which: Which | None = None) -> VectorTable:
        """Return the words with vectors of the chosen kind; see `matrix`.

        Only centre vectors, and their blend, have parts, and so vectors for words that training has
        not seen.
        """
        which = which or self.default
        matrix = self.matrix(which)
        notes = [_UNFINISHED_NOTE] if UNFINISHED in self.metadata else []
        of_words = partial(VectorTable, self.words, matrix, self.counts)
        table = partial(of_words, notes=notes, tokenizer=self.tokenizer)
        if parts := parts_of(self.embeddings, which, self.words):
            return table(
                parts=parts, outside=self.embeddings.outside if which == "center" else None
            )
        return table(unseen=_UNSEEN.format(which) if self.embeddings.subwords else "")


def choose_vectors(embeddings: Embeddings, which: Which) -> NDArray[np.float32]:
    """Return (V, D) float32 of the chosen kind; (V, 2D) for `concat`.

    Raises:
        UsageError: there is no such kind.
    """
    check_choice("vectors", which, get_args(Which))
    center: NDArray[np.float32] = embeddings.center
    outside: NDArray[np.float32] = embeddings.outside
    match which:
        case "center":
            return center
        case "outside":
            return outside
        case "sum":
            return center + outside
        case "concat":
            return np.concatenate([center, outside], axis=1)
        case "blend":
            if embeddings.blend is None:
                raise UsageError(
                    "these vectors have no blend; train with --blend, or choose center or another"
                )
            blend: NDArray[np.float32] = embeddings.blend
            return blend


def parts_of(embeddings: Embeddings, which: Which, words: Sequence[str]) -> SubwordVectors | None:
    """Return what the chosen vectors of the words are made of; None: they have no parts."""
    parts = embeddings.subwords
    if parts is None or which == "center":
        return parts
    if which == "blend" and embeddings.blend is not None and embeddings.blend_turn is not None:
        return turned(parts, len(words), embeddings.blend_turn, words, embeddings.blend)
    return None


def write_run_vectors(
    path: str | os.PathLike[str],
    words: Sequence[str],
    counts: Array,
    embeddings: Embeddings,
    *,
    default: Which = "center",
    metadata: dict[str, str] | None = None,
) -> None:
    """Write a run's vectors to `path` (a file), whole or not at all.

    Args:
        path: the file, by convention `RUN/vectors.safetensors`.
        words: V distinct words; any text without a line feed.
        counts: (V,) integers.
        embeddings: two (V, D) matrices of finite numbers, stored as float32.
        default: which vectors `load` returns unless told otherwise.
        metadata: further strings to keep (say, the fingerprint of the configuration).

    Raises:
        DataError: a word that cannot be stored, or a number that is not finite.
        OSError: the file cannot be written.
    """
    with np.errstate(over="ignore"):  # checked below
        center = embeddings.center.astype(np.float32, copy=False)
        outside = embeddings.outside.astype(np.float32, copy=False)
    check_finite(str(path), center, words)
    check_finite(str(path), outside, words)
    tensors: dict[str, Array] = {
        "center": center,
        "outside": outside,
        "words": pack_words(words),
        "counts": np.asarray(counts, dtype=np.int64),
    }
    header = {"format": FORMAT, "version": VERSION, "default_vectors": default}
    if embeddings.blend is not None:
        check_finite(str(path), embeddings.blend, words)
        tensors["blend"] = embeddings.blend
    if embeddings.blend_turn is not None:
        tensors["blend_turn"] = embeddings.blend_turn.astype(np.float32)
    if embeddings.subwords is not None:
        parts, lengths = _pack_subwords(embeddings.subwords)
        tensors |= parts
        header |= lengths
    write_tensors(path, tensors, {**(metadata or {}), **header})


def read_run_vectors(path: str | os.PathLike[str]) -> RunVectors:
    """Read what `write_run_vectors` wrote; `path` is the file or the run folder.

    The matrices are memory-mapped. Sizes and checksums are verified.

    Raises:
        DataError: missing, damaged, another format, shapes that do not fit together,
            repeated words or numbers that are not finite.
    """
    file = Path(path)
    if file.is_dir():
        file = file / FILE_NAME
    tensors, metadata = read_tensors(file)
    if metadata.pop("format", None) != FORMAT:
        raise DataError(
            f"{file}: a safetensors file, but not the vectors of a run (no format={FORMAT})"
        )
    version = metadata.pop("version", "none")
    if version != VERSION:
        raise DataError(
            f"{file}: version {version} of the format; this w2v reads version {VERSION}:"
            " update w2v-cli"
        )
    missing = {"center", "outside", "words", "counts"} - tensors.keys()
    if missing:
        raise DataError(f"{file}: no tensor named {', '.join(sorted(missing))}")
    words = unpack_words(str(file), tensors["words"])
    check_words(str(file), words)
    blend = tensors.get("blend"), tensors.get("blend_turn")
    embeddings = Embeddings(tensors["center"], tensors["outside"], None, *blend)
    _check_shapes(file, len(words), embeddings, tensors["counts"])
    parts = _unpack_subwords(str(file), tensors, metadata, embeddings.center.shape)
    embeddings = replace(embeddings, subwords=parts)
    _check_blend(file, embeddings)
    for matrix in (embeddings.center, embeddings.outside, embeddings.blend):
        if matrix is not None:
            check_finite(str(file), matrix, words)
    if parts is not None and not np.isfinite(parts.rows.sum(dtype=np.float64)):
        raise DataError(f"{file}: the rows of its subwords have numbers that are not finite")
    default = metadata.pop("default_vectors", "center")
    if default not in get_args(Which) or (default == "blend" and embeddings.blend is None):
        raise DataError(f"{file}: unknown default_vectors {default!r}")
    tokenizer = _tokenizer_of(file.parent / "config.toml")
    return RunVectors(words, tensors["counts"], embeddings, default, metadata, tokenizer)  # type: ignore[arg-type]


def _tokenizer_of(config: Path) -> Tokenizer | None:
    """Return how a run's text became words. What is wrong with the file, its own reader says."""
    try:
        corpus = tomllib.loads(config.read_text(encoding="utf-8-sig"))["corpus"]
        settings = msgspec.convert({"paths": (), **corpus}, CorpusSettings)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Tokenizer(
        settings.tokenizer, settings.lowercase, settings.normalize, settings.fold_digits
    )


def _check_shapes(
    file: Path, n_words: int, embeddings: Embeddings, counts: NDArray[np.int64]
) -> None:
    shape = embeddings.center.shape
    if len(shape) != 2 or shape[0] != n_words or embeddings.outside.shape != shape or 0 in shape:
        raise DataError(
            f"{file}: {n_words} words, but center has shape {shape} and outside "
            f"{embeddings.outside.shape}"
        )
    types = {str(matrix.dtype) for matrix in (embeddings.center, embeddings.outside)}
    if types != {"float32"}:
        raise DataError(f"{file}: center and outside have type {types}; expected float32")
    check_counts(str(file), counts, n_words)


def _check_blend(file: Path, embeddings: Embeddings) -> None:
    """Raise DataError for a blend that does not fit the other vectors."""
    dim = embeddings.dim
    for name, array, shape in (
        ("blend", embeddings.blend, embeddings.center.shape),
        ("blend_turn", embeddings.blend_turn, (dim, dim)),
    ):
        if array is not None and (array.shape != shape or array.dtype != np.float32):
            raise DataError(
                f"{file}: {name} has shape {array.shape} and type {array.dtype}; expected {shape},"
                " float32"
            )
    turn = embeddings.blend_turn
    if turn is not None and not np.isfinite(turn).all():
        raise DataError(f"{file}: blend_turn has numbers that are not finite")


# Subwords: n-grams and the rows of words and n-grams.


def _pack_subwords(parts: SubwordVectors) -> tuple[dict[str, Array], dict[str, str]]:
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


def _unpack_subwords(
    source: str, tensors: dict[str, Array], metadata: dict[str, str], shape: tuple[int, int]
) -> SubwordVectors | None:
    """Undo `_pack_subwords`; None: the file holds no subwords.

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
        ngrams = unpack_words(source, tensors["ngrams"])
        check_words(source, ngrams)
        return ExplicitSubwords(shortest, longest, ngrams)
    used, n = tensors["ngram_buckets"], int(buckets)
    if used.ndim != 1 or used.dtype != np.int64 or not len(used) or n < 1:
        raise ValueError(f"{n} buckets, numbers of shape {used.shape}, type {used.dtype}")
    if used[0] < 0 or used[-1] >= n or (np.diff(used) <= 0).any():
        raise ValueError(f"bucket numbers that do not rise from 0 to {n - 1}")
    return HashedSubwords(shortest, longest, n, used)
