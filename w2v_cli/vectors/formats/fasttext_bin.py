"""fastText's own format: a model with the rows of words and of n-grams, version 12.

    int32 magic, version
    int32 dim, ws, epoch, minCount, neg, wordNgrams, loss, model, bucket, minn, maxn, lrUpdateRate
    float64 t
    int32 size, nwords, nlabels; int64 ntokens, pruneidx_size
    for each word: its UTF-8 bytes, a zero byte, int64 count, int8 type
    bool quantised; int64 rows, columns; float32 rows of words, then of buckets
    bool quantised; int64 rows, columns; float32 outside vectors

All little-endian. The order of words, the hash of n-grams and their mean are those of w2v
(`text/ngrams.py`, `engines/centers.py`), so every word, unseen ones too, has the same vector in
both.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.engines.base import SubwordVectors
from w2v_cli.engines.centers import SubwordCenters
from w2v_cli.errors import DataError, UsageError
from w2v_cli.memory import ask_for
from w2v_cli.text.ngrams import HashedSubwords
from w2v_cli.vectors.formats.packed import FASTTEXT_MARK
from w2v_cli.vectors.formats.streams import Content, Reading, Writing, open_output
from w2v_cli.vectors.formats.word2vec_text import decode_words
from w2v_cli.vectors.table import (
    VectorTable,
    check_finite,
    check_lengths,
    check_words,
    without_repeated,
)

MAGIC, VERSION = 793712314, 12
_HEAD = struct.Struct("<2i12id3i2q")
_SHAPE = struct.Struct("<?2q")
_COUNT = struct.Struct("<qb")
_WORD = 0
_NEGATIVE_SAMPLING, _SKIP_GRAM, _SUPERVISED = 2, 2, 3
_SMALLEST_ENTRY = 1 + 1 + _COUNT.size  # a letter, the zero, count and type
_LONGEST_WORD = 2**16
_BLOCK_ROWS = 2048


class _Head(NamedTuple):
    """The first numbers of a file, by fastText's own names."""

    magic: int
    version: int
    dim: int
    ws: int
    epoch: int
    min_count: int
    neg: int
    word_ngrams: int
    loss: int
    model: int
    bucket: int
    minn: int
    maxn: int
    lr_update_rate: int
    t: float
    size: int
    nwords: int
    nlabels: int
    ntokens: int
    pruneidx_size: int


def is_fasttext_bin(content: Content) -> bool:
    """Recognise the first number."""
    return content.mark[:4] == FASTTEXT_MARK


def write_fasttext_bin(table: VectorTable, path: Path, _: Writing) -> None:
    """Write a model that fastText and gensim's `load_facebook_vectors` open.

    Buckets that no word of the vocabulary has are rows of zeros.

    Raises:
        UsageError: the vectors have no subwords, or explicit ones.
        DataError: a word with a zero byte in it.
        OSError: the file cannot be written.
    """
    parts, subwords = table.parts, table.parts and table.parts.subwords
    if parts is None:
        raise UsageError(
            "fasttext-bin holds words and n-grams, and these vectors have no subwords: train with"
            " --subwords 3-6 and export the center vectors, or choose --format word2vec-binary"
        )
    if not isinstance(subwords, HashedSubwords):
        raise UsageError(
            "fasttext-bin holds hashed n-grams, and these are explicit: train with --ngrams hashed"
        )
    for word in table.words:
        if "\0" in word:
            raise DataError(f"the word {word!r} has a zero byte in it, which ends a word there")
    check_lengths(table.words, "fasttext-bin")
    n_words, dim = table.matrix.shape
    counts = np.ones(n_words, np.int64) if table.counts is None else table.counts
    outside = table.outside if table.outside is not None else np.zeros((n_words, dim), np.float32)
    n_rows = n_words + subwords.buckets
    with open_output(path) as file:
        file.write(_HEAD.pack(*_head(n_words, dim, int(counts.sum()), subwords)))
        for word, count in zip(table.words, counts.tolist(), strict=True):
            file.write(word.encode() + b"\0" + _COUNT.pack(count, _WORD))
        file.write(_SHAPE.pack(False, n_rows, dim))
        _write_rows(file, parts.rows[:n_words])
        _write_buckets(file, parts.rows[n_words:], subwords)
        file.write(_SHAPE.pack(False, n_words, dim))
        _write_rows(file, outside)


def _head(n_words: int, dim: int, n_tokens: int, subwords: HashedSubwords) -> _Head:
    return _Head(
        magic=MAGIC,
        version=VERSION,
        dim=dim,
        ws=5,
        epoch=5,
        min_count=1,
        neg=5,
        word_ngrams=1,
        loss=_NEGATIVE_SAMPLING,
        model=_SKIP_GRAM,
        bucket=subwords.buckets,
        minn=subwords.shortest,
        maxn=subwords.longest,
        lr_update_rate=100,
        t=1e-4,
        size=n_words,
        nwords=n_words,
        nlabels=0,
        ntokens=n_tokens,
        pruneidx_size=-1,
    )


def _write_rows(file: BinaryIO, rows: Array) -> None:
    for first in range(0, len(rows), _BLOCK_ROWS):
        file.write(np.ascontiguousarray(rows[first : first + _BLOCK_ROWS], "<f4").data)


def _write_buckets(file: BinaryIO, rows: Array, subwords: HashedSubwords) -> None:
    for first in range(0, subwords.buckets, _BLOCK_ROWS):
        n = min(_BLOCK_ROWS, subwords.buckets - first)
        block = np.zeros((n, rows.shape[1]), "<f4")
        start, stop = np.searchsorted(subwords.used, (first, first + n))
        block[subwords.used[start:stop] - first] = rows[start:stop]
        file.write(block.data)


def read_fasttext_bin(path: Path, how: Reading) -> VectorTable:
    """Read a model of words (skip-gram or CBOW); its rows stay in the file, mapped into memory.

    Raises:
        DataError: cut short, left-over bytes, another version; a classifier, a quantised or pruned
            model; vectors of words that are not finite; if strict, a repeated word or one that is
            not UTF-8.
    """
    size = path.stat().st_size
    with open(path, "rb") as file:
        head = _read_head(path, file.read(_HEAD.size), size)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            packed, counts, place = _read_words(path, data, head)
    words, notes = decode_words(str(path), packed, how.strict, "word", 1)
    check_words(str(path), words, repeated=not how.strict)
    _check_left(path, size, place, _SHAPE.size)
    rows, place = _map_matrix(path, place, size, (head.nwords + head.bucket, head.dim))
    _check_left(path, size, place, _SHAPE.size)
    outside, place = _map_matrix(path, place, size, (head.nwords, head.dim))
    if place != size:
        raise DataError(f"{path}: {size - place} bytes follow the model; the file is damaged")
    ask_for(4.0 * head.dim * head.nwords * 2, f"{path}: its {head.nwords:,} vectors", "free some")
    known_outside = outside if head.loss == _NEGATIVE_SAMPLING else None
    if not head.bucket or not head.maxn:
        matrix = np.array(rows[: head.nwords], np.float32)
        check_finite(str(path), matrix, words)
        return without_repeated(VectorTable(words, matrix, counts, notes=notes))
    used = np.arange(head.bucket)
    subwords = HashedSubwords(max(1, head.minn), head.maxn, head.bucket, used)
    center = _means(SubwordCenters(subwords, words), rows)
    check_finite(str(path), center, words)
    parts = SubwordVectors(subwords, rows)
    table = VectorTable(words, center, counts, parts=parts, outside=known_outside, notes=notes)
    return without_repeated(table)


def _means(centers: SubwordCenters, rows: Array) -> NDArray[np.float32]:
    """The centre vectors of all words, some thousand at a time, (V, D)."""
    center = np.empty((centers.n_words, rows.shape[1]), np.float32)
    for first in range(0, centers.n_words, _BLOCK_ROWS):
        words = np.arange(first, min(centers.n_words, first + _BLOCK_ROWS))
        center[words] = centers.of_mapped(rows, words)
    return center


def _read_head(path: Path, start: bytes, size: int) -> _Head:
    if len(start) < _HEAD.size:
        raise DataError(f"{path}: {size} bytes, too few for a fastText model; it was cut short")
    head = _Head(*_HEAD.unpack(start))
    if head.version != VERSION:
        raise DataError(
            f"{path}: a fastText model of version {head.version}; w2v reads version {VERSION}"
        )
    if head.model == _SUPERVISED:
        raise DataError(
            f"{path}: a supervised fastText model, a classifier; w2v reads models of words"
            " (fasttext skipgram, fasttext cbow)"
        )
    if head.pruneidx_size > 0:
        raise DataError(f"{path}: a pruned fastText model; give the .bin that it was made of")
    sizes = head.dim, head.nwords, head.nlabels + 1, head.bucket + 1
    fits = head.size == head.nwords + head.nlabels
    if min(*sizes, head.minn + 1, head.maxn + 1) < 1 or not fits:
        raise DataError(
            f"{path}: sizes that cannot be (dim {head.dim}, {head.nwords} words of {head.size},"
            f" {head.bucket} buckets, n-grams {head.minn}-{head.maxn}): the file is damaged"
        )
    _check_left(path, size, _HEAD.size, head.size * _SMALLEST_ENTRY)
    return head


def _read_words(
    path: Path, data: mmap.mmap, head: _Head
) -> tuple[list[bytes], NDArray[np.int64], int]:
    """Return the words, their counts, and the byte after them and the labels.

    A model of words has labels where its text had words like __label__; they have no rows.
    """
    words: list[bytes] = []
    counts = np.zeros(head.nwords, np.int64)
    place = _HEAD.size
    for i in range(head.size):
        end = data.find(b"\0", place, place + _LONGEST_WORD)
        if end < 0 or end + 1 + _COUNT.size > len(data):
            raise DataError(
                f"{path}: byte {place}: word {i + 1} of {head.size:,} does not end; the file was"
                " cut short or is damaged"
            )
        count, kind = _COUNT.unpack_from(data, end + 1)
        if kind == _WORD and len(words) < head.nwords:
            counts[len(words)] = count
            words.append(data[place:end])
        place = end + 1 + _COUNT.size
    if len(words) < head.nwords:
        raise DataError(f"{path}: {head.nwords:,} words are promised, and {len(words):,} are there")
    return words, counts, place


def _map_matrix(path: Path, place: int, size: int, expected: tuple[int, int]) -> tuple[Array, int]:
    """Map the matrix at a byte into memory; return it and the byte after it."""
    with open(path, "rb") as file:
        file.seek(place)
        quantised, *shape = _SHAPE.unpack(file.read(_SHAPE.size))
    if quantised:
        raise DataError(f"{path}: a quantised fastText model; give the .bin that it was made of")
    if tuple(shape) != expected:
        raise DataError(
            f"{path}: byte {place}: a matrix of {shape[0]:,} × {shape[1]:,} numbers, where"
            f" {expected[0]:,} × {expected[1]:,} belong: the file is damaged"
        )
    place += _SHAPE.size
    n_bytes = 4 * expected[0] * expected[1]
    _check_left(path, size, place, n_bytes)
    return np.memmap(path, "<f4", "r", place, expected), place + n_bytes


def _check_left(path: Path, size: int, place: int, n_bytes: int) -> None:
    if size - place < n_bytes:
        raise DataError(
            f"{path}: {n_bytes:,} bytes are needed from byte {place:,} on, and the file has"
            f" {size:,}: it was cut short"
        )
