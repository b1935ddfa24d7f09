"""From what a user names (paths, folders, globs, lists, addresses) to the files to read."""

import glob
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from w2v_cli.errors import DataError, reason_of
from w2v_cli.text.blocks import Form
from w2v_cli.text.places import (
    LocalFile,
    Place,
    RemoteFile,
    absolute_path,
    is_address,
    remote_system,
)
from w2v_cli.text.records import TREEBANK_FILE, is_treebank, treebank_sentences
from w2v_cli.text.unpack import Tally

# Which files of a folder or an archive are read, which are left out, and what to say of it.


# From what a user names (paths, folders, globs, lists, addresses) to the files to read.


_ALL = "all"
#: What data sets call the splits.
_SPLIT_NAMES = {"train": ("train",), "test": ("test",), "dev": ("validation", "dev", "valid")}


@dataclass
class Found:
    """The files to read, what their lines are (None: what they look like), and notes on them."""

    places: list[Place] = field(default_factory=list)
    form: Form | None = None
    notes: list[str] = field(default_factory=list)


def find_text(patterns: Sequence[str], text_field: str | None, split: str) -> Found:
    """Find the files that paths, folders, globs, lists and addresses name.

    Raises DataError for what is missing, and for a folder without text.
    """
    finder = _Finder(text_field, split)
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
    def __init__(self, text_field: str | None, split: str) -> None:
        self.found = Found()
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
            lines = path.read_bytes().decode("utf-8-sig").splitlines()
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
                self.add(absolute_path(line.strip(), path.parent))
            except DataError as error:
                raise DataError(f"{path}, line {number}: {error}") from error

    def _add_folder(self, folder: Path) -> None:
        if is_treebank(folder):
            self.knows_splits = True
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
    """Return all files of a folder and those below it, in order; count what is no file."""

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
        raise DataError(f"{path} is not what a data set has there: {error!r}") from error
    if not isinstance(value, list):
        raise DataError(f"{path} is not what a data set has there: {key!r} is not a list")
    return value


def _plain_name(name: object, folder: Path) -> str:
    """Return a name that stays within its folder. Raises DataError for any other."""
    if not isinstance(name, str) or name in ("", ".", "..") or Path(name).name != name:
        raise DataError(f"the data set {folder} names the file {name!r}, which is not in it")
    return name
