"""From what a user names (paths, folders, globs, lists, addresses) to blocks of text.

First the files are found, then each is unpacked and cut into blocks. The content of a file decides
what it is; its name decides only between text and CSV. A document is a line, or what `documents`
says; in records and tables it is a record. Blocks hold whole lines; only a line longer than a block
is cut, at white space. This file does not guess encodings: text is UTF-8.
"""

import bisect
import glob
import json
import lzma
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

from w2v_cli.errors import DataError, W2VError, reason_of
from w2v_cli.text.blocks import (
    Block,
    Form,
    Piece,
    Readable,
    most_line_bytes,
    raw_blocks,
    split_lines,
)
from w2v_cli.text.places import (
    LocalFile,
    Place,
    RemoteFile,
    State,
    absolute_path,
    check_address,
    is_address,
    not_named,
    remote_system,
)
from w2v_cli.text.records import (
    SPLIT_FILE,
    TEXT_FIELD,
    TREEBANK_FILE,
    JsonRecords,
    arrow_blocks,
    csv_blocks,
    delimiter_of,
    is_records,
    is_treebank,
    treebank_sentences,
)
from w2v_cli.text.settings import DEFAULT_MEMORY, CorpusSettings, Documents
from w2v_cli.text.tokenizers import is_compiled
from w2v_cli.text.unpack import Content, Stream, Tally, by_lines, unpacked

#: The field of records, or the column of tables, unless `text_field` names another.
DEFAULT_FIELD = "text"

# Finding the files.


_ALL = "all"
#: Names of the splits in data sets.
_SPLIT_NAMES = {"train": ("train",), "test": ("test",), "dev": ("validation", "dev", "valid")}


@dataclass
class Found:
    """The files to read.

    form: of their lines; None: told by content. notes: for the user. labels: files that say which
    lines are read, with their states before they were read.
    """

    places: list[Place] = field(default_factory=list)
    form: Form | None = None
    notes: list[str] = field(default_factory=list)
    labels: list[tuple[Place, State]] = field(default_factory=list)


def find_text(patterns: Sequence[str], text_field: str | None, split: str) -> Found:
    """Find the files that paths, folders, globs, lists and addresses name.

    Raises DataError for a missing file, and for a folder without text.
    """
    addresses = frozenset(filter(is_address, patterns))
    for address in addresses:  # before anything is opened
        check_address(address)
    finder = _Finder(text_field, split, addresses)
    for pattern in patterns:
        finder.add(pattern)
    found = finder.found
    if not found.places:
        raise DataError("no corpus given; name text files or folders, or - for standard input")
    if found.form is not None and len(found.places) > 1:
        raise DataError("a Stanford Sentiment Treebank folder has to be the only corpus")
    if split != _ALL and not finder.knows_splits:
        raise DataError(
            f"--split {split} needs a Stanford Sentiment Treebank folder, or the folder of a data"
            " set with splits, as the corpus"
        )
    return found


class _Finder:
    def __init__(self, text_field: str | None, split: str, addresses: frozenset[str]) -> None:
        self.found = Found()
        self._addresses = addresses
        self.knows_splits = False
        self._tables = text_field is not None
        self._split = split

    def add(self, pattern: str) -> None:
        """Add what a pattern names."""
        if is_address(pattern):
            self._add_address(pattern)
        elif pattern.startswith("@"):
            self._add_list(Path(pattern[1:]))
        elif Path(pattern).is_dir():
            self._add_folder(Path(pattern))
        elif Path(pattern).exists():
            self.found.places.append(LocalFile(Path(pattern)))
        else:
            self._add_glob(pattern)

    def _add_glob(self, pattern: str) -> None:
        names = sorted(glob.glob(pattern, recursive=True))
        files = [Path(name) for name in names if Path(name).is_file()]
        if not files:
            raise DataError(f"no such file or folder: {pattern}")
        self.found.places += map(LocalFile, files)

    def _add_list(self, path: Path) -> None:
        try:
            lines = split_lines(path.read_bytes().decode("utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(
                f"cannot read the list of files {path}: {reason_of(error)}; give a text with a"
                " file name per line"
            ) from error
        if not any(line.strip() for line in lines):
            raise DataError(f"the list {path} names no files; give one per line")
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            if line.startswith("@") or line.strip() == "-":
                raise DataError(f"{path}, line {number}: a list cannot name {line.strip()!r}")
            try:
                self._add_listed(absolute_path(line.strip(), path.parent))
            except DataError as error:
                raise DataError(f"{path}, line {number}: {error}") from error

    def _add_listed(self, name: str) -> None:
        """Add a name of a list; a list may come from elsewhere, so it opens no address."""
        if not is_address(name):
            self.add(name)
        elif name not in self._addresses:  # else it is read where the user named it
            check_address(name)
            raise DataError(not_named("the list", name))

    def _add_folder(self, folder: Path) -> None:
        if is_treebank(folder):
            self.knows_splits = True
            labels = LocalFile(folder / SPLIT_FILE)
            if self._split != _ALL and labels.path.is_file():
                self.found.labels.append((labels, labels.state()))
            self.found.form = treebank_sentences(folder, self._split)
            self.found.places.append(LocalFile(folder / TREEBANK_FILE))
        elif (folder / "dataset_dict.json").is_file():
            self._add_splits(folder)
        elif (folder / "state.json").is_file() and (folder / "dataset_info.json").is_file():
            self._add_data_set(folder)
        else:
            tally = Tally(self._tables)
            names = [name for name in _names_under(folder, tally) if tally.takes(name)]
            self.found.places += [LocalFile(folder / name) for name in names]
            self.found.notes.append(tally.note(str(folder)))

    def _add_splits(self, folder: Path) -> None:
        """Add a data set with splits, as `DatasetDict.save_to_disk` leaves it."""
        self.knows_splits = True
        names = _json_of(folder / "dataset_dict.json", "splits")
        wanted = _SPLIT_NAMES.get(self._split, names)
        chosen = [name for name in names if name in wanted]
        if not chosen:
            raise DataError(
                f"{folder} has no split {self._split}; it has: {', '.join(map(str, names))}"
            )
        for name in chosen:
            self._add_data_set(folder / _plain_name(name, folder))

    def _add_data_set(self, folder: Path) -> None:
        """Add a data set as `Dataset.save_to_disk` leaves it: Arrow files, listed in state.json."""
        for item in _json_of(folder / "state.json", "_data_files"):
            name = item.get("filename") if isinstance(item, dict) else None
            path = folder / _plain_name(name, folder)
            if not path.is_file():
                raise DataError(f"the data set {folder} lacks its file {path.name}; copy it again")
            self.found.places.append(LocalFile(path))

    def _add_address(self, address: str) -> None:
        system, path = remote_system(address)
        try:
            if glob.has_magic(path) and not address.startswith(("http://", "https://")):
                names = sorted(system.glob(path))
                if not names:
                    raise DataError(f"no such file: {address}")
            elif not system.isdir(path) or address.startswith(("http://", "https://")):
                names = [path]
            else:
                names = self._chosen_of(system, path, address)
        except DataError:
            raise
        except Exception as error:  # each of the packages behind fsspec has its own
            raise DataError(f"cannot read {address}: {error or type(error).__name__}") from error
        self.found.places += [RemoteFile(system, name) for name in names]

    def _chosen_of(self, system: Any, path: str, address: str) -> list[str]:
        tally = Tally(self._tables)
        start = len(path.rstrip("/")) + 1
        names = [name for name in sorted(system.find(path)) if tally.takes(name[start:])]
        self.found.notes.append(tally.note(address))
        return names


def _names_under(folder: Path, tally: Tally) -> list[str]:
    """Return all files of a folder and its subfolders, in order; count anything else."""

    def fail(error: OSError) -> None:
        raise DataError(f"cannot read the folder {error.filename}: {error.strerror}") from error

    names = []
    for root, folders, files in os.walk(folder, onerror=fail):
        for name in folders:
            if os.path.islink(os.path.join(root, name)):
                tally.leave_out("linked folder")
        for name in files:
            path = os.path.join(root, name)
            if os.path.isfile(path):
                names.append(os.path.relpath(path, folder))
            else:
                tally.leave_out("broken link" if os.path.islink(path) else "not a file")
    return sorted(names, key=lambda name: Path(name).parts)


def _json_of(path: Path, key: str) -> list[Any]:
    try:
        value = json.loads(path.read_bytes())[key]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(f"{path} is not a valid data set file: {error!r}") from error
    if not isinstance(value, list):
        raise DataError(f"{path} is not a valid data set file: {key!r} is not a list")
    return value


def _plain_name(name: object, folder: Path) -> str:
    """Return a name that stays within its folder. Raises DataError for any other."""
    if not isinstance(name, str) or name in ("", ".", "..") or Path(name).name != name:
        raise DataError(f"the data set {folder} names the file {name!r}, which is not in it")
    return name


# Reading their text.


PIECE_BYTES = 1 << 20
#: Blocks for slow tokenizers, so that progress is visible.
SMALL_PIECE_BYTES = 1 << 15
_STDIN = "standard input"

#: Errors that readers raise for a damaged file.
_DAMAGED = (
    *(OSError, EOFError, lzma.LZMAError, zlib.error, zipfile.BadZipFile, tarfile.TarError),
    *(struct.error, LookupError, OverflowError, RuntimeError, ValueError),
)


#: Paths of files with their states.
States = list[tuple[str, State]]


class TextSource:
    """The text of several files, which can be read more than once.

    During a pass over `pieces`, bytes_read rises to n_bytes (on disk, compressed ones as such);
    after it, n_invalid is the number of lines (or pieces of long lines) with invalid UTF-8. notes:
    what a user should know about the files; notes on archives appear during the first pass.

    is_part: these files are some of a corpus, so none of them need have the `text_field`.
    as_it_is: the files are plain text, whatever their content suggests.
    option: has chosen the `text_field`; one other than --text-field chooses labels, see
    `JsonRecords`, and files without columns are then refused.
    """

    def __init__(
        self,
        found: Found,
        settings: CorpusSettings,
        *,
        is_part: bool = False,
        as_it_is: bool = False,
        option: str = TEXT_FIELD,
    ) -> None:
        self._option = option
        self.encoding_errors = settings.encoding_errors
        self.bytes_read = self.n_invalid = 0
        self._settings = settings
        self._is_part, self._as_it_is = is_part, as_it_is
        self._field = DEFAULT_FIELD if settings.text_field is None else settings.text_field
        self._places = found.places
        self._form, self._labels = found.form, found.labels
        self._notes = dict.fromkeys(found.notes)
        self._field_used = False
        try:
            self._states = [place.state() for place in self._places]
        except Exception as error:
            raise DataError(f"cannot read the corpus: {error}") from error
        self._last_bytes = list(accumulate(size for size, _ in self._states))
        self.n_bytes = self._last_bytes[-1] if self._last_bytes else 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know about the files."""
        return tuple(self._notes)

    def parts(self) -> Iterator[tuple[Place, State, bool]]:
        """Yield each file with its state, and whether each of its lines is a document."""
        for place, state in zip(self._places, self._states, strict=True):
            with place.open() as file:
                content = next(unpacked(file, place.name, False, lambda note: None), None)
                by_line = content is not None and content.file is file and self._by_line(content)
            yield place, state, by_line

    def form_of(self, file: BinaryIO, name: str) -> Form | None:
        """Return the form of the lines of an uncompressed file; None: plain text."""
        content = next(unpacked(file, name, False, lambda note: None), None)
        return None if content is None else self._look(content)[0]

    def states(self) -> States | None:
        """Return path and state of each file that decides the text.

        None if they do not identify it: the text is then read again for every run.
        """
        found = []
        for place, state in self._all():
            if not isinstance(place, LocalFile):
                return None
            found.append((str(place.path.absolute()), state))
        return found

    def is_unchanged(self) -> bool:
        """Whether all files are still those that were found."""
        try:
            return all(place.state() == state for place, state in self._all())
        except OSError:
            return False

    def _all(self) -> list[tuple[Place, State]]:
        return [*zip(self._places, self._states, strict=True), *self._labels]

    def file_at(self, bytes_read: int) -> tuple[int, int]:
        """Return which file a number of bytes read leads into, from 1, and how many there are."""
        place = bisect.bisect_left(self._last_bytes, bytes_read)
        return min(place + 1, len(self._places)), len(self._places)

    def blocks(self) -> Iterator[Block]:
        """Yield all text in order. Raises DataError for what cannot be read."""
        done = 0
        for place, state in zip(self._places, self._states, strict=True):
            try:
                file = place.open()
            except Exception as error:
                raise DataError(_cannot_read(place.name, error)) from error
            with file:
                yield from self._file_blocks(file, place, done)
                _check_unchanged(place, place.state(file), state)
            done += state[0]
        for place, state in self._labels:
            _check_unchanged(place, place.state(), state)
        is_named = self._settings.text_field is not None
        if is_named and not self._field_used and not self._is_part:
            raise DataError(
                f"--text-field {self._field}: no file has records or a table with"
                " that column; check the name, or omit it"
            )

    def lines(self) -> Iterator[Block]:
        """Yield the text as blocks of one line (or a piece of a long one)."""
        for block in self.blocks():
            yield from block.lines()

    def n_documents(self) -> int:
        """Read the text and return how many documents it has, those without words included."""
        n = 0
        for block in self.blocks():
            if block.form is None and block.documents == "line":
                n += block.data.count(b"\n")
                n += block.ends_document and not block.data.endswith(b"\n")
            else:
                n += sum(
                    line.ends_document and line.text(self.encoding_errors)[0] is not None
                    for line in block.lines()
                )
        return n

    def pieces(self) -> Iterator[Piece]:
        """Yield the decoded text, one document (or a part of one) at a time."""
        self.bytes_read = self.n_invalid = 0
        for line in self.lines():
            text, invalid = line.text(self.encoding_errors)
            self.n_invalid += invalid + line.n_invalid
            self.bytes_read = line.bytes_read
            if text is not None:
                yield Piece(text, line.ends_document, line.place)

    def _file_blocks(self, file: BinaryIO, place: Place, done: int) -> Iterator[Block]:
        damaged = _DAMAGED if isinstance(place, LocalFile) else Exception
        tables = self._settings.text_field is not None
        name = place.name
        try:
            contents = unpacked(file, place.name, tables, self._note)
            if self._as_it_is:
                contents = iter([Content(name, Stream(file), "text", file)])
            for content in contents:
                name = content.name
                for block in self._content_blocks(content):
                    yield replace(block, bytes_read=done + file.tell())
        except W2VError:
            raise
        except damaged as error:
            raise DataError(_cannot_read(name, error, file.tell())) from error

    def _content_blocks(self, content: Content) -> Iterator[Block]:
        settings = self._settings
        line_bytes = most_line_bytes(settings.memory)
        form, delimiter = self._look(content)
        is_table = content.kind != "text" or delimiter is not None
        self._field_used |= is_table or isinstance(form, JsonRecords)
        if content.kind != "text":
            yield from arrow_blocks(content, self._field, settings.memory, self._option)
        elif delimiter is not None:
            errors = settings.encoding_errors
            yield from csv_blocks(content, self._field, delimiter, errors, line_bytes, self._option)
        elif self._option != TEXT_FIELD and not isinstance(form, JsonRecords):
            raise DataError(
                f"{content.name} has no column {self._field!r}; {self._option} needs tables"
                " (CSV, TSV, Parquet, Arrow) or records (JSON lines) that have it"
            )
        else:
            documents = "line" if form else settings.documents
            n_bytes = PIECE_BYTES if is_compiled(settings.tokenizer) else SMALL_PIECE_BYTES
            raw = raw_blocks(content.stream, content.name, form is None, n_bytes, line_bytes)
            yield from _numbered(raw, content.name, form, documents)

    def _look(self, content: Content) -> tuple[Form | None, str | None]:
        """Return the form of a text's lines, and the column separator if it is a table."""
        if self._form is not None or content.kind != "text" or self._as_it_is:
            return self._form, None
        head = content.stream.peek()
        if is_records(head, content.suffix, content.name):
            return JsonRecords(self._field, self._option), None
        if content.suffix in (".csv", ".tsv") or self._settings.text_field is not None:
            return None, delimiter_of(head, content.suffix, self._field)
        return None, None

    def _by_line(self, content: Content) -> bool:
        """Whether each line of a content is a document: of plain text, or of JSON records."""
        if content.kind != "text" or self._form is not None:
            return False
        form, delimiter = self._look(content)
        return delimiter is None and (form is not None or self._settings.documents == "line")

    def _note(self, text: str) -> None:
        self._notes[text] = None


def open_source(
    settings: CorpusSettings,
    patterns: Sequence[str] | None = None,
    *,
    is_part: bool = False,
    as_it_is: bool = False,
    option: str = TEXT_FIELD,
) -> TextSource:
    """Find the files of a corpus and return their text.

    patterns: what to read instead of each of `settings.paths`: copies of inputs that can be read
    only once; messages use the names in the settings. is_part, as_it_is, option: see `TextSource`.
    Raises DataError for a missing file and for a folder without text.
    """
    patterns = settings.paths if patterns is None else patterns
    found = find_text(patterns, settings.text_field, settings.split)
    names = {p: _STDIN if n == "-" else n for p, n in zip(patterns, settings.paths, strict=True)}
    for place in found.places:
        if isinstance(place, LocalFile):
            place.name = names.get(str(place.path), place.name)
    return TextSource(found, settings, is_part=is_part, as_it_is=as_it_is, option=option)


def _check_unchanged(place: Place, now: State, before: State) -> None:
    if now != before:
        raise DataError(
            f"{place.name} was changed while it was read; wait until it is complete, or train on a"
            " copy"
        )


def _cannot_read(name: str, error: Exception, place: int | None = None) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"cannot read {name}: {error.strerror}"
    text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    before = "" if place is None else f" (before byte {place:,} of the file)"
    return f"cannot read {name}: {text}{before}; is the file complete? Unpack or download it again"


def _numbered(
    raw: Iterator[tuple[bytes, bool]], name: str, form: Form | None, documents: Documents
) -> Iterator[Block]:
    """Make blocks of raw ones; where lines are not documents, an empty block ends the file."""
    number, starts_line, by_line = 1, True, documents == "line"
    for data, ends in raw:
        yield Block(
            data, ends and by_line, name, number, form, documents=documents, starts_line=starts_line
        )
        number += data.count(b"\n")
        starts_line = ends
    if not by_line:
        yield Block(b"", True, name, number)


def stream_pieces(stream: Readable, name: str, encoding_errors: str = "replace") -> Iterator[Piece]:
    """Yield the decoded text of a stream that can be read only once, line by line.

    name: for messages. Raises DataError for invalid UTF-8 if encoding_errors is "strict".
    """
    number = 1
    line_bytes = most_line_bytes(DEFAULT_MEMORY)
    whole = by_lines(Stream(stream))
    for data, ends in raw_blocks(whole, name, True, PIECE_BYTES, line_bytes):
        for line in Block(data, ends, name, number).lines():
            text, _ = line.text(encoding_errors)
            yield Piece(text or "", line.ends_document, line.place)
        number += data.count(b"\n")
