"""Count words exactly in bounded memory: what does not fit is sorted to disk and merged."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from threading import Lock

from w2v_cli.storage import files

#: Distinct words held in memory before they are written out (about 1 GB).
MOST_IN_MEMORY = 8_000_000


class WordCounter:
    """Counts tokens; `folder` takes the files that are needed when memory is not enough.

    n_tokens: running words so far. n_distinct: known once `totals` has been read to its end.
    """

    def __init__(self, folder: Path, most_in_memory: int = MOST_IN_MEMORY) -> None:
        self.n_tokens = 0
        self.n_distinct = 0
        self._counts: Counter[str] = Counter()
        self._folder = folder
        self._most = most_in_memory
        self._runs: list[Path] = []
        self._lock = Lock()

    def add(self, tokens: Sequence[str]) -> None:
        """Count some tokens."""
        self.n_tokens += len(tokens)
        self._counts.update(tokens)
        if len(self._counts) > self._most:
            self._spill_own()

    def spill(self, counts: Iterable[tuple[str, int]]) -> None:
        """Write the counts of distinct words, in word order, to the disk; threads may call this."""
        with self._lock:
            path = self._folder / f"counts-{len(self._runs)}.tsv"
            self._runs.append(path)
        with files.open_binary(path, "wb") as file:
            file.writelines(f"{word}\t{count}\n".encode() for word, count in counts)

    @property
    def spilled(self) -> bool:
        """Whether any counts are on the disk."""
        return bool(self._runs)

    def totals(self) -> Iterator[tuple[str, int]]:
        """Yield every distinct word with its count, once."""
        if self._runs:
            self._spill_own()
        merged = heapq.merge(*(_read_run(path) for path in self._runs), self._counts.items())
        for word, group in groupby(merged, key=lambda pair: pair[0]):
            self.n_distinct += 1
            yield word, sum(count for _, count in group)
        for path in self._runs:
            files.unlink(path)

    def _spill_own(self) -> None:
        self.spill(sorted(self._counts.items()))
        self._counts.clear()


def _read_run(path: Path) -> Iterator[tuple[str, int]]:
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            word, _, count = line.rstrip("\n").rpartition("\t")
            yield word, int(count)
