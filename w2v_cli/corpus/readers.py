"""From files, folders, globs and standard input to pieces of text.

A document is a line (in `.jsonl` files: the `text` of a record). Lines of any length are read in
pieces of bounded size. Compression is recognised by content, not by name. What this file does
not do: guess encodings (text is UTF-8), unpack archives, or read the network.
"""

import bz2
import glob
import gzip
import json
import lzma
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

from w2v_cli.errors import DataError

PIECE_BYTES = 1 << 20
_TEXT_SUFFIXES = {"", ".txt", ".text", ".md", ".jsonl", ".tok", ".tokens"}
_COMPRESSED_SUFFIXES = {".gz", ".bz2", ".xz"}
_OPENERS: tuple[tuple[bytes, Callable[..., Any]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\x00", lzma.open),
)
_FOREIGN = {
    b"PK\x03\x04": "a zip archive",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"7z\xbc\xaf": "a 7z archive",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"%PDF": "a PDF document",
}


@dataclass(frozen=True)
class Piece:
    """Some text, and whether its document ends with it."""

    text: str
    ends_document: bool


class TextSource:
    """The text of several files, which can be read more than once.

    After a pass, `n_invalid` holds the number of lines (or pieces of long lines) with invalid
    UTF-8. `bytes_read` rises to `n_bytes` during a pass (bytes on disk, compressed ones as such).
    """

    def __init__(
        self, files: Sequence[Path], encoding_errors: str = "replace", split: str = "all"
    ) -> None:
        self.files = list(files)
        self.encoding_errors = encoding_errors
        self.split = split
        self.n_bytes = sum(path.stat().st_size for path in self.files)
        self.bytes_read = 0
        self.n_invalid = 0

    def pieces(self) -> Iterator[Piece]:
        """Yield all text in order. Raises DataError for what cannot be read."""
        self.bytes_read = self.n_invalid = 0
        done = 0
        for path in self.files:
            try:
                yield from self._file_pieces(path, done)
            except (OSError, EOFError, lzma.LZMAError) as error:
                raise DataError(
                    f"cannot read {path}: {error}; is the file whole? unpack or fetch it again"
                ) from error
            done += path.stat().st_size
            self.bytes_read = done

    def _file_pieces(self, path: Path, done: int) -> Iterator[Piece]:
        with path.open("rb") as file:
            stream = _open_stream(file, path)
            records = _suffix(path) == ".jsonl"
            raw_pieces = _raw_pieces(stream, cut_long_lines=not records)
            for number, (raw, ends) in enumerate(raw_pieces, 1):
                self.bytes_read = done + file.tell()
                text = self._decode(raw, path, number)
                yield Piece(_json_text(text, path, number) if records else text, ends)

    def _decode(self, raw: bytes, path: Path, number: int) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            self.n_invalid += 1
            if self.encoding_errors == "strict":
                raise DataError(
                    f"{path}, line {number}: invalid UTF-8 ({error.reason} at byte {error.start});"
                    " convert the file, or use --encoding-errors replace or ignore"
                ) from error
            return raw.decode("utf-8", errors=self.encoding_errors)


class SentimentTreebank(TextSource):
    """The sentences of a Stanford Sentiment Treebank folder, header and index column removed."""

    def pieces(self) -> Iterator[Piece]:
        """Yield the sentences of the chosen split, one a document."""
        wanted = None if self.split == "all" else self._split_members()
        for i, piece in enumerate(super().pieces()):
            index, tab, sentence = piece.text.partition("\t")
            if i == 0 and not index.strip().isdigit():
                continue
            if not tab:
                raise DataError(
                    f"{self.files[0]}, line {i + 1}: no tab between index and sentence;"
                    " is this the Stanford Sentiment Treebank?"
                )
            if wanted is None or index.strip() in wanted:
                yield Piece(sentence, True)

    def _split_members(self) -> set[str]:
        label = {"train": "1", "test": "2", "dev": "3"}[self.split]
        path = self.files[0].parent / "datasetSplit.txt"
        try:
            rows = path.read_text(encoding="utf-8").splitlines()[1:]
        except OSError as error:
            raise DataError(f"--split {self.split} needs {path}: {error}") from error
        pairs = (row.strip().split(",") for row in rows if row.strip())
        return {index for index, which in pairs if which == label}


def open_source(
    patterns: Sequence[str], encoding_errors: str = "replace", split: str = "all"
) -> TextSource:
    """Find the files that paths, folders and globs name and return their text.

    Raises DataError for a path that is missing or a folder without text.
    """
    files = [file for pattern in patterns for file in _expand(pattern)]
    if not files:
        raise DataError("no corpus given; name text files or folders, or - for standard input")
    if any(is_treebank(Path(pattern)) for pattern in patterns):
        if len(patterns) > 1:
            raise DataError("a Stanford Sentiment Treebank folder has to be the only corpus")
        return SentimentTreebank(files, encoding_errors, split)
    if split != "all":
        raise DataError("--split needs a Stanford Sentiment Treebank folder as the corpus")
    return TextSource(files, encoding_errors)


def is_treebank(path: Path) -> bool:
    """Tell whether a folder is the Stanford Sentiment Treebank."""
    return (path / "datasetSentences.txt").is_file()


def _expand(pattern: str) -> list[Path]:
    path = Path(pattern)
    if path.is_dir():
        if is_treebank(path):
            return [path / "datasetSentences.txt"]
        found = sorted(file for file in path.rglob("*") if _is_text(file, path))
        if not found:
            suffixes = " ".join(sorted(_TEXT_SUFFIXES - {""}))
            raise DataError(f"the folder {path} has no text files ({suffixes}, or compressed)")
        return found
    if path.exists():
        return [path]
    found = sorted(Path(name) for name in glob.glob(pattern, recursive=True))
    found = [file for file in found if file.is_file()]
    if not found:
        raise DataError(f"no such file or folder: {pattern}")
    return found


def _is_text(file: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
    return file.is_file() and not hidden and _suffix(file) in _TEXT_SUFFIXES


def _suffix(path: Path) -> str:
    """Return the suffix without the one of a compression: `a.jsonl.gz` → `.jsonl`."""
    return Path(path.stem).suffix if path.suffix in _COMPRESSED_SUFFIXES else path.suffix


def _open_stream(file: BinaryIO, path: Path) -> IO[bytes]:
    head = file.read(4096)
    file.seek(0)
    for magic, opener in _OPENERS:
        if head.startswith(magic):
            stream: IO[bytes] = opener(file)
            return stream
    for magic, name in _FOREIGN.items():
        if head.startswith(magic):
            raise DataError(f"{path} is {name}; convert it to plain UTF-8 text first")
    if b"\x00" in head:
        raise DataError(f"{path} is a binary file, not text; give UTF-8 text")
    if path.suffix in _COMPRESSED_SUFFIXES and head:
        raise DataError(
            f"{path} is named {path.suffix} but is not compressed so; rename it or fetch it again"
        )
    return file


def _raw_pieces(stream: IO[bytes], cut_long_lines: bool) -> Iterator[tuple[bytes, bool]]:
    """Yield lines; one longer than PIECE_BYTES may come in pieces cut at white space."""
    rest = b""
    first = True
    while chunk := stream.read(PIECE_BYTES):
        if first and chunk.startswith(b"\xef\xbb\xbf"):
            chunk = chunk[3:]
        first = False
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line, True
        if cut_long_lines and len(rest) > PIECE_BYTES:
            cut = max(rest.rfind(b" "), rest.rfind(b"\t"))
            if cut > 0:
                yield rest[:cut], False
                rest = rest[cut:]
    if rest:
        yield rest, True


def _json_text(line: str, path: Path, number: int) -> str:
    if not line.strip():
        return ""
    try:
        text = json.loads(line)["text"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(
            f'{path}, line {number}: each line must be a JSON object with a "text" ({error!r})'
        ) from error
    if not isinstance(text, str):
        raise DataError(f'{path}, line {number}: "text" is not a string')
    if "\\u" in line:  # half a pair of surrogates is no character
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
