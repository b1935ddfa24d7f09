"""Which files of a folder or an archive are read, which are left out, and what to say of it."""

from collections import Counter
from pathlib import PurePath

from w2v_cli.errors import DataError

TEXT_SUFFIXES = ("", ".txt", ".text", ".md", ".tok", ".tokens", ".jsonl", ".ndjson")
TABLE_SUFFIXES = (".csv", ".tsv", ".parquet", ".arrow")
ARCHIVE_SUFFIXES = (".zip", ".tar", ".tgz", ".tbz2", ".txz")
COMPRESSED_SUFFIXES = (".gz", ".bz2", ".xz", ".zst")


def inner_suffix(name: str) -> str:
    """Return the suffix in lower case, without that of a compression: `A.tsv.gz` → `.tsv`."""
    path = PurePath(name.lower())
    return PurePath(path.stem).suffix if path.suffix in COMPRESSED_SUFFIXES else path.suffix


def whole_suffix(name: str) -> str:
    """Return the suffix with that of a compression, in lower case."""
    path = PurePath(name.lower())
    inner = inner_suffix(name)
    return inner + path.suffix if path.suffix in COMPRESSED_SUFFIXES else inner


class Tally:
    """Chooses files by their suffixes and counts them.

    tables: whether tables are read too, because a column was named.
    """

    def __init__(self, tables: bool, archives: bool = True) -> None:
        wanted = TEXT_SUFFIXES + (TABLE_SUFFIXES if tables else ())
        self._wanted = wanted + (ARCHIVE_SUFFIXES if archives else ())
        self._tables = tables
        self._read: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()

    def takes(self, name: str) -> bool:
        """Tell whether to read the file of this path within the folder, and count it."""
        parts = PurePath(name).parts
        if any(part.startswith(".") or part == "__MACOSX" for part in parts):
            self.leave_out("hidden")
            return False
        kind = whole_suffix(parts[-1]) or "without suffix"
        wanted = inner_suffix(parts[-1]) in self._wanted
        (self._read if wanted else self._left_out)[kind] += 1
        return wanted

    def leave_out(self, kind: str) -> None:
        """Count something that is not read."""
        self._left_out[kind] += 1

    def note(self, name: str) -> str:
        """Say which files are read and which are not.

        Raises DataError where none are read.
        """
        left_out = ""
        if self._left_out:
            left_out = f"{_files(self._left_out)} left out{_listed(self._left_out)}"
            tables = [kind for kind in self._left_out if kind.startswith(TABLE_SUFFIXES)]
            if tables and not self._tables:
                left_out += "; --text-field COLUMN reads tables"
        if not self._read:
            raise DataError(
                f"{name} has no text files: {left_out or 'it is empty'};"
                " name files themselves to read them whatever their suffix"
            )
        read = f"{name}: {_files(self._read)} read{_listed(self._read)}"
        return f"{read}, {left_out}" if left_out else read


def _files(counts: Counter[str]) -> str:
    n = counts.total()
    return f"{n:,} file{'' if n == 1 else 's'}"


def _listed(counts: Counter[str]) -> str:
    kinds = [f"{n:,} {kind}" for kind, n in counts.most_common(8)]
    if len(counts) > len(kinds):
        kinds.append("…")
    return f" ({', '.join(kinds)})" if kinds else ""
