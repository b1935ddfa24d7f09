"""Words with one vector each: what every format reads and writes, and what answers questions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.engines.base import SubwordVectors
from w2v_cli.errors import DataError, shown
from w2v_cli.memory import ask_for
from w2v_cli.text.tokenizers import Tokenizer
from w2v_cli.vectors.answers import Precision, checked_number


class VectorTable:
    """V distinct words, by convention the most frequent first, and their vectors.

    words: V strings. matrix: float32 (V, D), row i for word i, often memory-mapped and
    read-only. counts: int64 (V,), or None when unknown.
    With subwords, parts: what the vectors are made of; outside: float32 (V, D), if known.
    unseen: why a word without a row has no vector, although another kind of vectors has one.
    notes: what a user should know about the file that the table came from. tokenizer: how the run's
    text became words (a user's function is not imported); None: unknown.
    """

    def __init__(
        self,
        words: Sequence[str],
        matrix: NDArray[np.float32],
        counts: NDArray[np.int64] | None = None,
        *,
        parts: SubwordVectors | None = None,
        outside: NDArray[np.float32] | None = None,
        unseen: str = "",
        notes: Sequence[str] = (),
        tokenizer: Tokenizer | None = None,
    ) -> None:
        if not isinstance(matrix, np.ndarray):
            matrix = np.array(matrix, np.float32)
        if matrix.ndim != 2 or len(words) != len(matrix):
            raise DataError(f"{len(words)} words, but a matrix of shape {matrix.shape}")
        self.words = list(words)
        if not set(map(type, self.words)) <= {str, np.str_}:
            strange = next(word for word in self.words if not isinstance(word, str))
            raise DataError(f"words are strings, and {shown(strange)} is none")
        self.matrix = matrix.astype(np.float32, copy=False)
        self.counts = counts
        self.parts, self.outside = parts, outside
        self.unseen = unseen
        self.notes = tuple(notes)
        self.tokenizer = tokenizer

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self.matrix.shape[1])

    @cached_property
    def ids(self) -> dict[str, int]:
        """Word → row."""
        return {word: i for i, word in enumerate(self.words)}

    def __len__(self) -> int:
        """Return the number of words."""
        return len(self.words)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self):,} words, {self.dim} dimensions>"

    def top(self, n: int) -> VectorTable:
        """Return the first n words only."""
        n = checked_number("n", n)
        counts = None if self.counts is None else self.counts[:n]
        return self.with_rows(self.words[:n], self.matrix[:n], counts)

    def with_rows(
        self,
        words: Sequence[str],
        matrix: NDArray[np.float32],
        counts: NDArray[np.int64] | None,
    ) -> VectorTable:
        """Return a table of other words or vectors of the same origin, without subwords."""
        return VectorTable(words, matrix, counts, tokenizer=self.tokenizer)


def encode_matrix(matrix: NDArray[np.float32], precision: Precision) -> dict[str, Array]:
    """Return the arrays that store a matrix at a precision: `vectors`, and for int8 `scales`.

    int8: each row is divided by scale = largest absolute entry / 127 and rounded, so an
    entry is off by at most half a scale; `scales` is float32 (V, 1).

    Raises:
        DataError: a number that float16 cannot hold.
    """
    if precision == "float32":
        return {"vectors": matrix}
    if precision == "float16":
        with np.errstate(over="ignore"):
            half = matrix.astype(np.float16)
        if not np.isfinite(half).all():
            raise DataError(
                "numbers beyond 65,504 do not fit in float16; use float32 or --normalize"
            )
        return {"vectors": half}
    scales = (np.abs(matrix).max(axis=1, keepdims=True) / 127).astype(np.float32)
    scaled = np.divide(matrix, scales, out=np.zeros_like(matrix), where=scales > 0)
    return {"vectors": np.clip(np.rint(scaled), -127, 127).astype(np.int8), "scales": scales}


def decode_matrix(source: str, arrays: dict[str, Array]) -> NDArray[np.float32]:
    """Undo `encode_matrix`; float32 is passed through, memory-mapped or not.

    Raises:
        DataError: no matrix of numbers, or scales that do not fit it.
    """
    matrix = arrays.get("vectors")
    if matrix is None or matrix.ndim != 2 or 0 in matrix.shape:
        shape = None if matrix is None else matrix.shape
        raise DataError(f"{source}: no matrix of vectors (shape {shape})")
    if matrix.dtype == np.int8:
        scales = arrays.get("scales")
        if scales is None or scales.shape != (len(matrix), 1) or scales.dtype.kind != "f":
            raise DataError(f"{source}: int8 vectors without a scale for each of them")
        with np.errstate(over="ignore", invalid="ignore"):  # the caller checks for infinities
            return matrix * scales.astype(np.float32)
    if matrix.dtype.kind != "f":
        raise DataError(f"{source}: the vectors have type {matrix.dtype}; expected floats or int8")
    with np.errstate(over="ignore", invalid="ignore"):
        return matrix.astype(np.float32, copy=False)


# Words and numbers that may be stored, and how words become bytes.

#: Of UTF-8, in formats whose readers look for the end of a word only so far.
LONGEST_WORD = 2**16 - 1
_BLOCK_ROWS = 4096
#: Characters of a long word that a message shows.
_SHOWN = 40
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")


def pack_words(words: Sequence[str]) -> NDArray[np.uint8]:
    r"""Join words with "\n" into UTF-8 bytes, an array of uint8.

    NumPy's string arrays would pad every word to the longest (one URL of 1,000 letters makes
    400,000 words 1.6 GB) and drop NULs at the end.

    Raises:
        DataError: no words, an empty word, a line feed in a word, or a word that UTF-8 cannot hold.
    """
    if not len(words):
        raise DataError("no words to store")
    for i, word in enumerate(words):
        if not word or "\n" in word:
            raise DataError(f"word {i} is {word!r}: an empty word or a line feed cannot be stored")
    try:
        return np.frombuffer("\n".join(words).encode(), np.uint8)
    except UnicodeEncodeError as error:
        start = error.object.rfind("\n", 0, error.start) + 1
        word = error.object[start:].split("\n", 1)[0]
        raise DataError(f"the word {word!r} is not valid Unicode text") from None


def unpack_words(source: str, packed: NDArray[np.uint8]) -> list[str]:
    """Undo `pack_words`; `source` names the file in errors.

    Raises:
        DataError: bytes that are not UTF-8.
    """
    try:
        return packed.tobytes().decode().split("\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{source}: byte {error.start} of the words is not UTF-8") from None


def check_words(
    source: str,
    words: Sequence[str],
    unit: str = "word",
    first: int = 1,
    *,
    repeated: bool = False,
) -> None:
    """Refuse empty words and, unless allowed, repeated ones; messages count `unit`s from `first`.

    Raises:
        DataError: with the places of both.
    """
    if "" in words:
        raise DataError(f"{source}: {unit} {words.index('') + first}: the word is empty")
    try:
        "".join(words).encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start]
        bad = next(i for i, word in enumerate(words) if half in word)
        raise DataError(
            f"{source}: {unit} {bad + first}: the word {words[bad]!r} has half a character"
        ) from None
    if repeated or len(set(words)) == len(words):
        return
    seen: dict[str, int] = {}
    for i, word in enumerate(words, first):
        if word in seen:
            raise DataError(
                f"{source}: the word {word!r} appears twice, in {unit} {seen[word]} and {i}; "
                "remove one of them"
            )
        seen[word] = i


def checked_table(
    source: str,
    words: list[str],
    matrix: NDArray[np.float32],
    strict: bool,
    *,
    counts: NDArray[np.int64] | None = None,
    notes: Sequence[str] = (),
    unit: str = "word",
    first: int = 1,
) -> VectorTable:
    """Return the table of what a file holds, the first of equal words kept unless strict.

    Raises:
        DataError: see `check_words` and `check_finite`.
    """
    check_words(source, words, unit, first, repeated=not strict)
    check_finite(source, matrix, words, unit, first)
    return without_repeated(VectorTable(words, matrix, counts, notes=notes))


def without_repeated(table: VectorTable) -> VectorTable:
    """Return a table in which the first of equal words is kept, and a note counts the others."""
    first: dict[str, int] = {}
    for i, word in enumerate(table.words):
        first.setdefault(word, i)
    n_repeated = len(table) - len(first)
    if not n_repeated:
        return table
    kept = np.fromiter(first.values(), np.int64, len(first))
    parts = table.parts
    if parts is not None:  # the rows of words, then those of n-grams
        ask_for(parts.rows.nbytes, "the vectors without repeated words", "use a machine with more")
        rows = np.concatenate([parts.rows[kept], parts.rows[len(table) :]])
        parts = SubwordVectors(parts.subwords, rows)
    are = "word is" if n_repeated == 1 else "words are"
    note = f"{n_repeated:,} repeated {are} left out; the first of each is kept"
    return VectorTable(
        list(first),
        rows_moved_up(table.matrix, kept),
        None if table.counts is None else table.counts[kept],
        parts=parts,
        outside=None if table.outside is None else table.outside[kept],
        notes=[*table.notes, note],
        tokenizer=table.tokenizer,
    )


def rows_moved_up(matrix: NDArray[np.float32], kept: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the rows `kept`, which rise, in place unless the matrix is read-only."""
    if not matrix.flags.writeable:
        return matrix[kept]
    for start in range(0, len(kept), _BLOCK_ROWS):  # rows only move up: no copy of the whole
        block = kept[start : start + _BLOCK_ROWS]
        matrix[start : start + len(block)] = matrix[block]
    return matrix[: len(kept)]


def check_finite(
    source: str, matrix: Array, words: Sequence[str], unit: str = "word", first: int = 1
) -> None:
    """Refuse NaN and infinity in (V, D), naming the first word that has one.

    Raises:
        DataError: with the place, the word and the column (from 1).
    """
    step = max(1, 2**18 // max(1, matrix.shape[1]))  # a block that stays in the cache
    for start in range(0, len(matrix), step):
        block = matrix[start : start + step]
        with np.errstate(over="ignore", invalid="ignore"):
            if np.isfinite(block.sum()):
                continue
        bad = np.argwhere(~np.isfinite(block))
        if len(bad):
            row, column = bad[0]
            raise DataError(
                f"{source}: {unit} {start + row + first}: the vector of {words[start + row]!r} "
                f"has {block[row, column]} in column {column + 1}"
            )


def check_counts(source: str, counts: Array | None, n_words: int) -> None:
    """Refuse counts that are not one integer, 0 or more, for each word.

    Raises:
        DataError: with their type, their shape or the first negative one.
    """
    if counts is None:
        return
    if counts.dtype.kind not in "iu" or counts.shape != (n_words,):
        raise DataError(
            f"{source}: {n_words} words, but counts of type {counts.dtype} and shape"
            f" {counts.shape}; expected one integer for each word"
        )
    if counts.size and counts.min() < 0:
        raise DataError(f"{source}: word {int(counts.argmin()) + 1} has the count {counts.min()}")


def check_no_white_space(words: Sequence[str], kind: str) -> None:
    """Refuse words that a format made of lines and spaces cannot hold.

    Any Unicode white space counts (U+00A0, U+0085 and U+2028 too) and every control
    character: readers split at different characters, so only a word without any of them reads
    back the same everywhere.

    Raises:
        DataError: naming the first such word.
    """
    for i, word in enumerate(words, 1):
        if not word or _BREAKS.search(word):
            what = "contains white space or a control character" if word else "is empty"
            raise DataError(
                f"word {i}, {word!r}, {what}, which {kind} cannot carry; "
                "choose safetensors, npz or parquet, which carry any word"
            )
    check_lengths(words, kind)


def check_lengths(words: Sequence[str], kind: str) -> None:
    """Refuse words that readers of a format would take for damage.

    Raises:
        DataError: naming the first word of more than `LONGEST_WORD` bytes.
    """
    for i, word in enumerate(words, 1):
        if len(word) > LONGEST_WORD // 4 and (n_bytes := len(word.encode())) > LONGEST_WORD:
            raise DataError(
                f"word {i}, {word[:_SHOWN]!r}…, has {n_bytes:,} bytes, and {kind} carries words of"
                f" up to {LONGEST_WORD:,}; choose safetensors, npz or parquet"
            )
