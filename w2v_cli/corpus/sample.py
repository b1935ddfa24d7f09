"""Where the files of the sample corpus are: in the checkout, or where pip installed them."""

from importlib import metadata
from pathlib import Path

from w2v_cli.errors import UsageError
from w2v_cli.version import DISTRIBUTION

INSTALLED_FOLDER = "share/w2v-cli"
"""Where `pyproject.toml` (data-files) puts them, below the environment's folder."""


def sample_file(name: str) -> Path:
    """Return the path of sample.txt, similarity.tsv or analogies.txt. Raises UsageError."""
    root = Path(__file__).resolve().parents[2]
    path = root / "data" / name
    if (root / "pyproject.toml").is_file() and path.is_file():
        return path
    for file in _installed_files():
        if file.as_posix().endswith(f"{INSTALLED_FOLDER}/{name}"):
            return Path(str(file.locate())).resolve()
    raise UsageError("the sample corpus was not found: name a CORPUS, a text file or folder")


def _installed_files() -> list[metadata.PackagePath]:
    try:
        return metadata.files(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return []
