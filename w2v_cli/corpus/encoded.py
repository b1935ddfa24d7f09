"""A corpus as a memory-mapped file of word ids, and what is known about it as a whole."""

import hashlib
import json
import mmap
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.corpus.reading import Progress, no_progress
from w2v_cli.corpus.vocabulary import Vocabulary

#: The files of a prepared folder.
_PIECE_TOKENS = 1 << 22
FILES = ("vocab.tsv", "corpus.ids", "corpus.ends", "corpus.json")


@dataclass(frozen=True)
class CorpusSummary:
    """What a corpus turned out to be. Token figures count running words.

    notes: what a user should know of it.
    """

    n_tokens: int
    n_kept: int
    n_documents: int
    n_words: int
    n_distinct: int
    n_invalid: int
    fingerprint: str
    notes: tuple[str, ...] = ()


def read_summary(folder: Path) -> CorpusSummary:
    """Read what is known. Raises OSError, ValueError or TypeError if it cannot."""
    content = json.loads((folder / "corpus.json").read_text())
    notes = tuple(str(note) for note in content.pop("notes", ()))
    return CorpusSummary(**content, notes=notes)


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
    n_tokens: raw running words of the corpus, out-of-vocabulary ones included.
    fingerprint: hash of the vocabulary, the ids and the document ends.
    mapping: what `tokens` is a view of, where it is a file.
    counts: the folder of pair counts that stands for a text which was never encoded; there are
    then no tokens here.
    """

    tokens: NDArray[np.uint32]
    document_ends: NDArray[np.int64]
    n_tokens: int
    vocabulary: Vocabulary
    fingerprint: str = ""
    mapping: mmap.mmap | None = field(default=None, repr=False, compare=False)
    counts: Path | None = None

    def release(self) -> None:
        """Hand the pages read so far back to the system: a corpus may be larger than memory.

        They count as this process's memory otherwise. What is needed again is read again.
        """
        if self.mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
            self.mapping.madvise(mmap.MADV_DONTNEED)

    def is_sound(self) -> bool:
        """Whether all ids are of words and all ends of documents rise to the last token.

        Compiled code looks neither up nor down: a forged id would read somebody else's memory.
        """
        ends, n, n_words = self.document_ends, len(self.tokens), len(self.vocabulary)
        rising = len(ends) > 0 and ends[0] > 0 and bool((np.diff(ends) > 0).all())
        pieces = (self.tokens[i : i + _PIECE_TOKENS] for i in range(0, n, _PIECE_TOKENS))
        return rising and ends[-1] == n and all(int(piece.max()) < n_words for piece in pieces)

    def blocks(self, block_tokens: int) -> NDArray[np.int64]:
        """Cut the corpus into blocks of at most `block_tokens` tokens.

        Returns offsets, shape (n_blocks + 1,). A cut is moved back to the last document end
        in the block, so that only documents longer than a block are cut (windows end there).
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
        """Return the document each token in [start, stop) stands in, shape (stop - start,)."""
        place = np.arange(start, stop)
        return np.searchsorted(self.document_ends, place, side="right").astype(np.int64)

    def raw_tokens(self, start: int, stop: int) -> int:
        """Return the raw running words that stand for the tokens [start, stop).

        Dropped words are spread evenly; over a whole epoch the shares add up exactly.
        """
        n = max(len(self.tokens), 1)
        return stop * self.n_tokens // n - start * self.n_tokens // n
