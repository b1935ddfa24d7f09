"""A corpus as a memory-mapped file of word ids: its summary, how it is written, a held-out part."""

import hashlib
import json
import mmap
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType

import msgspec
import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError
from w2v_cli.json_types import Json
from w2v_cli.storage import files
from w2v_cli.storage.folders import make_folders
from w2v_cli.text.plan import Progress, no_progress
from w2v_cli.text.vocabulary import Vocabulary

#: The files of a prepared folder.
FILES = ("vocab.tsv", "corpus.ids", "corpus.ends", "corpus.json")
#: Which document of the text each one is; written where labels of documents are needed.
DOCUMENTS = "corpus.documents"
#: The files of `split_documents`: what is trained on, and what is held out.
HELD_OUT_FILES = ("training.ids", "held.ids")
_CHECKED_TOKENS = 1 << 22  # at a time
_FIRST_IDS = 1 << 20


@dataclass(frozen=True)
class CorpusSummary:
    """What was found in a corpus.

    n_tokens: of the text. n_kept: tokens with an id. n_words: of the vocabulary. n_distinct: words
    of the text. n_invalid: lines with invalid UTF-8. notes: what a user should know about it.
    """

    n_tokens: int
    n_kept: int
    n_documents: int
    n_words: int
    n_distinct: int
    n_invalid: int
    fingerprint: str
    notes: tuple[str, ...] = ()


def write_summary(summary: CorpusSummary, folder: Path) -> None:
    """Write `corpus.json`, with a checksum of all that is in it. Raises OSError."""
    content = asdict(summary)
    content["checksum"] = _checksum(content)
    files.write_bytes(folder / "corpus.json", f"{json.dumps(content, indent=1)}\n".encode())


def read_summary(folder: Path) -> CorpusSummary:
    """Read what `write_summary` wrote. Raises OSError, or ValueError for anything else."""
    try:
        content = json.loads((folder / "corpus.json").read_bytes())
        if content.pop("checksum") != _checksum(content):
            raise ValueError("the checksum of corpus.json differs")
        return msgspec.convert(content, CorpusSummary)
    except (AttributeError, LookupError, TypeError, RecursionError, msgspec.MsgspecError) as error:
        raise ValueError(f"corpus.json is not what w2v wrote: {error}") from error


def _checksum(content: Json) -> str:
    text = json.dumps(content, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def fingerprint_of(folder: Path, progress: Progress = no_progress) -> str:
    """Return the hash of vocabulary, ids and document ends, 16 hexadecimal digits.

    progress: is called with "checking" and bytes.
    """
    paths = [folder / name for name in FILES[:3]]
    total = sum(path.stat().st_size for path in paths)
    done = 0
    digest = hashlib.blake2b(digest_size=8)
    for path in paths:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
                done += len(chunk)
                progress("checking", done, total)
    return digest.hexdigest()


@dataclass(frozen=True)
class EncodedCorpus:
    """The in-vocabulary tokens of a corpus, in order.

    tokens: word ids, uint32, shape (n,), usually memory-mapped.
    document_ends: int64, shape (n_documents,), one past each document's last token, rising.
    n_tokens: of the text, including tokens of words outside the vocabulary.
    fingerprint: hash of the vocabulary, the ids and the document ends.
    mapping: the mapped file that `tokens` is a view of, if any.
    counts: the folder of pair counts that replaces a text that was never encoded; there are then no
    tokens here.
    """

    tokens: NDArray[np.uint32]
    document_ends: NDArray[np.int64]
    n_tokens: int
    vocabulary: Vocabulary
    fingerprint: str = ""
    mapping: mmap.mmap | None = field(default=None, repr=False, compare=False)
    counts: Path | None = None

    def release(self) -> None:
        """Give the pages read so far back to the system: a corpus may be larger than memory.

        Otherwise they count as this process's memory. Pages that are needed again are read again.
        """
        if self.mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
            self.mapping.madvise(mmap.MADV_DONTNEED)

    def is_sound(self) -> bool:
        """Whether every id is that of a word, and the ends of documents rise to the last token.

        Compiled code does not check bounds: a forged id would read outside the arrays.
        """
        ends, n, n_words = self.document_ends, len(self.tokens), len(self.vocabulary)
        rising = len(ends) > 0 and ends[0] > 0 and bool((np.diff(ends) > 0).all())
        pieces = (self.tokens[i : i + _CHECKED_TOKENS] for i in range(0, n, _CHECKED_TOKENS))
        return rising and ends[-1] == n and all(int(piece.max()) < n_words for piece in pieces)

    def blocks(self, block_tokens: int) -> NDArray[np.int64]:
        """Cut the corpus into blocks of at most `block_tokens` tokens.

        Returns offsets, shape (n_blocks + 1,). A cut is moved back to the last document end
        in the block, so that only documents longer than a block are cut. Windows end at a cut: with
        8,192 tokens a block and window 5, such a document loses about 0.04 % of its pairs.
        """
        n = len(self.tokens)
        cuts = [0]
        while cuts[-1] < n:
            target = cuts[-1] + block_tokens
            if target >= n:
                cuts.append(n)
                break
            before = int(np.searchsorted(self.document_ends, target, side="right")) - 1
            end = int(self.document_ends[before]) if before >= 0 else 0
            cuts.append(end if end > cuts[-1] else target)
        return np.array(cuts, dtype=np.int64)

    def document_of(self, start: int, stop: int) -> NDArray[np.int64]:
        """Return the document of each token in [start, stop), shape (stop - start,)."""
        place = np.arange(start, stop)
        return np.searchsorted(self.document_ends, place, side="right").astype(np.int64)

    def raw_tokens(self, start: int, stop: int) -> int:
        """Return how many tokens of the text the encoded ones [start, stop) represent.

        Dropped tokens count as spread evenly; over a whole epoch the shares add up exactly.
        """
        n = max(len(self.tokens), 1)
        return stop * self.n_tokens // n - start * self.n_tokens // n


# Writing: final ids to files or into memory, and provisional numbers.


class IdSink(ABC):
    """Takes encoded tokens block by block, under their final numbers.

    n_kept: tokens so far that have an id. n_documents: ends of documents so far.
    """

    def __init__(self) -> None:
        self.n_kept = 0
        self.n_documents = 0
        self._last_end = 0

    def add(
        self, ids: NDArray[np.uint32], ends: NDArray[np.int64], numbers: NDArray[np.uint32]
    ) -> None:
        """Append tokens, ids[i] as numbers[ids[i]], in place; `scan_kernels.renumber` says how."""
        # Imported here: queries of vectors write no ids and should not wait for numba.
        from w2v_cli.text.scan_kernels import renumber

        n_ids, n_ends = map(int, renumber(ids, ends, numbers, self.n_kept, self._last_end))
        self._take(ids[:n_ids], ends[:n_ends])
        self.n_kept += n_ids
        self.n_documents += n_ends
        if n_ends:
            self._last_end = int(ends[n_ends - 1])

    @abstractmethod
    def _take(self, ids: NDArray[np.uint32], ends: NDArray[np.int64]) -> None:
        """Append final ids and ends; the caller may overwrite both arrays afterwards."""


class EncodedWriter(IdSink):
    """Writes `corpus.ids` (uint32) and `corpus.ends` (int64).

    numbered: write `corpus.documents` (int64) too: which document of the text each of the encoded
    ones is, counted from 0. A document without known words is in the text only.
    """

    def __init__(self, folder: Path, numbered: bool = False) -> None:
        super().__init__()
        self._ids = files.open_binary(folder / "corpus.ids", "wb")
        self._ends = files.open_binary(folder / "corpus.ends", "wb")
        self._documents = files.open_binary(folder / DOCUMENTS, "wb") if numbered else None
        self._n_seen = 0

    def add(
        self, ids: NDArray[np.uint32], ends: NDArray[np.int64], numbers: NDArray[np.uint32]
    ) -> None:
        """See `IdSink.add`."""
        if self._documents is not None:
            from w2v_cli.text.scan_kernels import UNKNOWN

            known = np.concatenate([[0], np.cumsum(numbers[ids] != UNKNOWN)])[ends] + self.n_kept
            is_kept = np.diff(known, prepend=self._last_end) > 0
            self._documents.write((np.flatnonzero(is_kept) + self._n_seen).data)
            self._n_seen += len(ends)
        super().add(ids, ends, numbers)

    def _take(self, ids: NDArray[np.uint32], ends: NDArray[np.int64]) -> None:
        self._ids.write(ids.data)
        self._ends.write(ends.data)

    def __enter__(self) -> "EncodedWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ids.close()
        self._ends.close()
        if self._documents is not None:
            self._documents.close()


class EncodedInMemory(IdSink):
    """Gathers the ids of a part of a text in memory."""

    def __init__(self) -> None:
        super().__init__()
        self._ids = np.empty(_FIRST_IDS, np.uint32)
        self._ends = [np.empty(0, np.int64)]

    def _take(self, ids: NDArray[np.uint32], ends: NDArray[np.int64]) -> None:
        n = self.n_kept + len(ids)
        if n > len(self._ids):
            self._ids.resize(n + len(self._ids) // 4, refcheck=False)  # moved, not copied
        self._ids[self.n_kept : n] = ids
        self._ends.append(ends.copy())

    def corpus(self, n_tokens: int, vocabulary: Vocabulary) -> EncodedCorpus:
        """Return the corpus; nothing may be added afterwards. n_tokens: of the text."""
        self._ids.resize(self.n_kept, refcheck=False)
        return EncodedCorpus(self._ids, np.concatenate(self._ends), n_tokens, vocabulary)


class ProvisionalIds:
    """Keeps scanned blocks in two files until the final numbers of the words are known.

    n_ids: tokens so far.
    """

    def __init__(self, folder: Path, name: str = "provisional") -> None:
        self.n_ids = 0
        self._paths = (folder / f"{name}.ids", folder / f"{name}.ends")
        self._ids, self._ends = (files.open_binary(path, "w+b") for path in self._paths)
        self._blocks: list[tuple[int, int, int]] = []

    def add(self, ids: NDArray[np.uint32], ends: NDArray[np.int64], table: int) -> None:
        """Append the ids and ends of a block and which table numbered its words."""
        self._ids.write(ids.data)
        self._ends.write(ends.data)
        self._blocks.append((len(ids), len(ends), table))
        self.n_ids += len(ids)

    def blocks(self) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.int64], int]]:
        """Yield what was added, in order."""
        self._ids.seek(0)
        self._ends.seek(0)
        for n_ids, n_ends, table in self._blocks:
            ids = np.fromfile(self._ids, np.uint32, n_ids)
            yield ids, np.fromfile(self._ends, np.int64, n_ends), table

    def remove(self) -> None:
        """Delete the files."""
        for file, path in zip((self._ids, self._ends), self._paths, strict=True):
            file.close()
            files.unlink(path)


# Held out: a share of the documents is set aside, to measure training on unseen text.


#: Part of the key of this draw, so that it differs from every key of training.
_KEY = 1 << 60
_BLOCK_TOKENS = 1 << 20


def split_documents(
    corpus: EncodedCorpus, share: float, seed: int, folder: Path
) -> tuple[EncodedCorpus, EncodedCorpus]:
    """Return the corpus to train on and the documents held out, `share` of all, drawn by `seed`.

    Both are files in `folder` and share the vocabulary of the whole, counts included.
    Raises DataError when there are too few documents.
    """
    n_documents = len(corpus.document_ends)
    n_held = max(1, round(share * n_documents))
    if n_held >= n_documents:
        raise DataError(
            f"the corpus has {n_documents} documents (a line is one), too few to hold"
            f" {share:g} of them out; omit --holdout"
        )
    rng = np.random.Generator(np.random.Philox(key=np.array([seed, _KEY], np.uint64)))
    held = np.zeros(n_documents, bool)
    held[rng.permutation(n_documents)[:n_held]] = True
    make_folders(folder)
    training, held_out = (folder / name for name in HELD_OUT_FILES)
    return _part(corpus, ~held, training), _part(corpus, held, held_out)


def _part(corpus: EncodedCorpus, chosen: NDArray[np.bool_], path: Path) -> EncodedCorpus:
    """Write the tokens of the chosen documents, (n_documents,) bool, and map them."""
    lengths = np.diff(corpus.document_ends, prepend=0)
    with files.open_binary(path, "wb") as file:
        for start in range(0, len(corpus.tokens), _BLOCK_TOKENS):
            stop = min(start + _BLOCK_TOKENS, len(corpus.tokens))
            file.write(corpus.tokens[start:stop][chosen[corpus.document_of(start, stop)]].data)
    ends = np.cumsum(lengths[chosen])
    n = int(ends[-1])
    mapping = None
    if n:  # an empty file cannot be mapped
        with path.open("rb") as file:
            mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return EncodedCorpus(
        tokens=np.frombuffer(mapping or b"", dtype=np.uint32),
        document_ends=ends,
        n_tokens=corpus.n_tokens * n // max(1, len(corpus.tokens)),
        vocabulary=corpus.vocabulary,
        fingerprint=f"{corpus.fingerprint}-{path.stem}",
        mapping=mapping,
    )
