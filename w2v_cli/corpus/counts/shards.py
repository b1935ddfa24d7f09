"""Parts of a corpus that can be counted apart: whole files, or ranges of plain text files.

A range is cut anywhere; a shard holds the lines that begin in its range, whole. So no document is
cut, and every line is in one shard, whatever the size of the ranges.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from w2v_cli.corpus.blocks import Block
from w2v_cli.corpus.forms import TREEBANK_FILE, is_treebank
from w2v_cli.corpus.plan import open_corpus_source, reading_of
from w2v_cli.corpus.readers import PIECE_BYTES, TextSource, open_source, raw_blocks
from w2v_cli.corpus.settings import CorpusSettings
from w2v_cli.corpus.sources.find import Found
from w2v_cli.corpus.sources.options import Reading
from w2v_cli.corpus.sources.places import LocalFile
from w2v_cli.errors import DataError, UsageError

#: Ranges are so long: large enough to hide what a task costs, small enough to lose one. Of a large
#: text they are longer, because the counts of a shard grow more slowly than its text.
_LEAST_BYTES, _MOST_BYTES, _MOST_SHARDS = 1 << 26, 1 << 30, 256


@dataclass(frozen=True)
class Shard:
    """The file `path`, or the lines in it that begin at bytes start ≤ b < stop.

    state: size and time of change of the file when the text was cut; it must stay the same.
    """

    path: str
    state: tuple[int, int]
    start: int = 0
    stop: int | None = None

    @property
    def n_bytes(self) -> int:
        """Bytes on disk."""
        return (self.state[0] if self.stop is None else self.stop) - self.start


def cut(settings: CorpusSettings, shard_bytes: int | None = None) -> list[Shard]:
    """Cut a corpus into shards: large plain text files at ends of lines, others not at all.

    shard_bytes: length of a range; None: by the size of the text.

    Raises UsageError for what can be read only once, or needs the text in one piece; DataError
    for a corpus that cannot be read.
    """
    _check(settings)
    source = open_corpus_source(settings)
    if shard_bytes is None:
        shard_bytes = min(_MOST_BYTES, max(_LEAST_BYTES, source.n_bytes // _MOST_SHARDS))
    shards = []
    for place, state, is_plain in source.parts():
        if not isinstance(place, LocalFile):
            raise UsageError(f"{place.name} is not a file here; fetch it to count it")
        whole = Shard(str(place.path), state)
        if is_plain and whole.n_bytes > shard_bytes:
            starts = range(0, whole.n_bytes, shard_bytes)
            edges = pairwise([*starts, None])
            shards += [Shard(whole.path, whole.state, a or 0, b) for a, b in edges]
        else:
            shards.append(whole)
    return shards


def _check(settings: CorpusSettings) -> None:
    if "-" in settings.paths:
        raise UsageError("the text is read twice, so not from standard input; give a file")
    if settings.limit_tokens is not None:
        raise UsageError("--limit-tokens needs the text in one piece; omit it to count")
    if settings.phrases:
        raise UsageError("--phrases needs the text in one piece; omit it to count")


def open_shard(shard: Shard, settings: CorpusSettings) -> TextSource:
    """Open a shard for reading.

    Raises DataError when the file is gone or was changed since the text was cut.
    """
    path = Path(shard.path)
    try:
        status = path.stat()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error}; is it there on every machine?") from error
    if (status.st_size, status.st_mtime_ns) != shard.state:
        raise DataError(f"{path} was changed while it was counted; start again on a copy")
    if shard.start or shard.stop is not None:
        return RangeSource(shard, reading_of(settings))
    name = path.parent if path.name == TREEBANK_FILE and is_treebank(path.parent) else path
    reading = replace(reading_of(settings), is_part=True)
    split = settings.split if name != path else "all"
    return open_source([str(name)], split=split, reading=reading)


class RangeSource(TextSource):
    """The lines of a plain text file that begin in a range of bytes."""

    def __init__(self, shard: Shard, reading: Reading) -> None:
        super().__init__(Found([LocalFile(Path(shard.path))]), reading)
        self._most_line_bytes = reading.limits().line_bytes
        self._shard = shard
        self.n_bytes = shard.n_bytes

    def blocks(self) -> Iterator[Block]:
        """Yield the lines. Raises DataError for what cannot be read."""
        shard, path = self._shard, Path(self._shard.path)
        try:
            with path.open("rb") as file:
                first = _line_after(file, shard.start)
                last = shard.state[0] if shard.stop is None else _line_after(file, shard.stop)
                file.seek(first)
                yield from self._lines(_Range(file, last - first), first)
        except OSError as error:
            raise DataError(f"cannot read {path}: {error}") from error

    def _lines(self, stream: "_Range", first: int) -> Iterator[Block]:
        path, number = self._shard.path, 1
        # Lines are numbered from the start of the range: nobody has counted those before it.
        name = f"{path} (from byte {first:,})" if first else path
        for data, ends in raw_blocks(stream, path, True, PIECE_BYTES, self._most_line_bytes):
            yield Block(data, ends, name, number, None, stream.n_read)
            number += data.count(b"\n")


class _Range:
    """So many bytes of a file, from where it stands."""

    def __init__(self, file: BinaryIO, n_bytes: int) -> None:
        self.n_read = 0
        self._file, self._n_bytes = file, n_bytes

    def read(self, n: int) -> bytes:
        """Read up to n bytes."""
        data = self._file.read(min(n, self._n_bytes - self.n_read))
        self.n_read += len(data)
        return data


def _line_after(file: BinaryIO, place: int) -> int:
    """Return where the first line begins that begins at `place` or later."""
    if place == 0:
        return 0
    file.seek(place - 1)
    while chunk := file.read(PIECE_BYTES):
        found = chunk.find(b"\n")
        if found >= 0:
            return file.tell() - len(chunk) + found + 1
    return file.tell()
