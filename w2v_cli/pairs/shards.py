"""Shards: parts of a corpus that can be counted apart, files or ranges of text and JSONL files.

A range may be cut anywhere; a shard holds the whole lines that begin in its range. So no document
is cut, and every line is in exactly one shard, whatever the size of the ranges.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import BinaryIO

from msgspec.structs import replace

from w2v_cli.errors import DataError, UsageError
from w2v_cli.text.blocks import Block, Form, most_line_bytes, raw_blocks
from w2v_cli.text.places import (
    LocalFile,
    Place,
    RemoteFile,
    State,
    is_address,
    remote_system,
)
from w2v_cli.text.plan import make_tokenizer
from w2v_cli.text.records import TREEBANK_FILE, is_treebank
from w2v_cli.text.settings import CorpusSettings
from w2v_cli.text.sources import PIECE_BYTES, Found, TextSource, open_source
from w2v_cli.text.text_sample import TextSample

#: Sizes of ranges: large enough to hide the cost of a task, small enough to lose one. Those of a
#: large text are longer, because the counts of a shard grow more slowly than its text.
_LEAST_BYTES, _MOST_BYTES, _MOST_SHARDS = 1 << 26, 1 << 30, 256
#: What a note on the tokenizer is based on.
_SAMPLED_SHARDS, _SAMPLED_LINES = 16, 64


@dataclass(frozen=True)
class Shard:
    """A file, or the lines in it that begin at bytes start ≤ b < stop.

    path: of the file, or its address. state: of the file when the text was cut, and ever since.
    """

    path: str
    state: State
    start: int = 0
    stop: int | None = None

    @property
    def n_bytes(self) -> int:
        """Bytes on disk."""
        return (self.state[0] if self.stop is None else self.stop) - self.start


def cut(settings: CorpusSettings, shard_bytes: int | None = None) -> list[Shard]:
    """Cut a corpus into shards: large text and JSONL files at ends of lines, others not at all.

    shard_bytes: length of a range; None: by the size of the text.

    Raises UsageError for a text that can be read only once and for settings that need it in one
    piece; DataError for a corpus that cannot be read.
    """
    _check(settings)
    source = open_source(settings)
    if shard_bytes is None:
        shard_bytes = min(_MOST_BYTES, max(_LEAST_BYTES, source.n_bytes // _MOST_SHARDS))
    shards = []
    for place, state, by_line in source.parts():
        path = str(place.path) if isinstance(place, LocalFile) else place.name
        whole = Shard(path, state)
        if by_line and whole.n_bytes > shard_bytes:
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
        raise UsageError(
            "--phrases needs the text in one piece; omit it to count, or write the text with its"
            " phrases joined first"
        )


def open_shard(shard: Shard, settings: CorpusSettings) -> TextSource:
    """Open a shard for reading.

    Raises DataError when the file is gone or was changed since the text was cut.
    """
    place = _place(shard)
    try:
        state = place.state()
    except OSError as error:
        raise DataError(f"cannot read {place.name}: {error}; do all machines see it?") from error
    if state != shard.state:
        raise DataError(f"{place.name} was changed while it was counted; start again on a copy")
    if shard.start or shard.stop is not None:
        return RangeSource(shard, settings)
    name, split = shard.path, "all"
    if Path(name).name == TREEBANK_FILE and is_treebank(Path(name).parent):
        name, split = str(Path(name).parent), settings.split
    return open_source(replace(settings, paths=(name,), split=split), is_part=True)


def note_on(shards: Sequence[Shard], settings: CorpusSettings) -> str:
    """Say which tokenizer suits the text better, by a few lines of some shards; "" if none does.

    Raises what `open_shard` raises.
    """
    sample = TextSample()
    for shard in shards[:: max(1, len(shards) // _SAMPLED_SHARDS)]:
        for piece in islice(open_shard(shard, settings).pieces(), _SAMPLED_LINES):
            sample.look(piece.text.encode())
    return sample.note(make_tokenizer(settings, settings.tokenizer))


def _place(shard: Shard) -> Place:
    if is_address(shard.path):
        return RemoteFile(*remote_system(shard.path))
    return LocalFile(Path(shard.path))


class RangeSource(TextSource):
    """The lines of a file that begin in a range of bytes."""

    def __init__(self, shard: Shard, settings: CorpusSettings) -> None:
        self._place = _place(shard)
        super().__init__(Found([self._place]), settings)
        self._line_bytes = most_line_bytes(settings.memory)
        self._shard = shard
        self.n_bytes = shard.n_bytes

    def blocks(self) -> Iterator[Block]:
        """Yield the lines. Raises DataError for what cannot be read."""
        shard = self._shard
        try:
            with self._place.open() as file:
                form = self.form_of(file, self._place.name)
                first = _line_after(file, shard.start)
                last = shard.state[0] if shard.stop is None else _line_after(file, shard.stop)
                file.seek(first)
                yield from self._lines(_Range(file, last - first), first, form)
        except OSError as error:
            raise DataError(f"cannot read {self._place.name}: {error}") from error

    def _lines(self, stream: "_Range", first: int, form: Form | None) -> Iterator[Block]:
        name, number = self._place.name, 1
        # Lines are numbered from the start of the range: those before it were not counted.
        place = f"{name} (from byte {first:,})" if first else name
        raw = raw_blocks(stream, name, form is None, PIECE_BYTES, self._line_bytes)
        for data, ends in raw:
            yield Block(data, ends, place, number, form, stream.n_read)
            number += data.count(b"\n")


class _Range:
    """The next bytes of a file, from its position, up to a number."""

    def __init__(self, file: BinaryIO, n_bytes: int) -> None:
        self.n_read = 0
        self._file, self._n_bytes = file, n_bytes

    def read(self, n: int) -> bytes:
        """Read up to n bytes."""
        data = self._file.read(min(n, self._n_bytes - self.n_read))
        self.n_read += len(data)
        return data


def _line_after(file: BinaryIO, place: int) -> int:
    """Return where the first line starts that starts at `place` or later."""
    if place == 0:
        return 0
    file.seek(place - 1)
    while chunk := file.read(PIECE_BYTES):
        found = chunk.find(b"\n")
        if found >= 0:
            return file.tell() - len(chunk) + found + 1
    return file.tell()
