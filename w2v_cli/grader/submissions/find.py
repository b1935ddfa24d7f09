"""A folder of submissions: which file is whose."""

from dataclasses import dataclass
from pathlib import Path

from w2v_cli.errors import UsageError

_IGNORED = ("__pycache__", "__MACOSX", "node_modules", "site-packages")


@dataclass(frozen=True)
class Submission:
    """One hand-in. file: what is graded; None with the reason in `problem`."""

    name: str
    file: Path | None
    problem: str = ""


def find_submissions(folder: Path) -> list[Submission]:
    """Find the submissions in a folder, by name.

    Each Python file in the folder is one, and so is each folder in it. Of the files in such a
    folder the one with "word2vec" in its name counts, or the only one.

    Raises:
        UsageError: the folder holds none.
    """
    found = []
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry.name in _IGNORED:
            continue
        if entry.is_dir():
            found.append(_in_folder(entry))
        elif entry.suffix == ".py":
            found.append(Submission(entry.stem, entry))
    if not any(submission.file for submission in found):
        raise UsageError(f"{folder}: no Python files in it, and none in its folders")
    return found


def _in_folder(folder: Path) -> Submission:
    files = [path for path in sorted(folder.rglob("*.py")) if _counts(path, folder)]
    named = [path for path in files if "word2vec" in path.stem.lower()]
    chosen = named if named else files
    if len(chosen) == 1:
        return Submission(folder.name, chosen[0])
    if not files:
        return Submission(folder.name, None, "no Python file")
    names = ", ".join(str(path.relative_to(folder)) for path in chosen[:5])
    return Submission(folder.name, None, f"{len(chosen)} files to choose from: {names}")


def _counts(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    return path.is_file() and not any(p.startswith(".") or p in _IGNORED for p in parts)
