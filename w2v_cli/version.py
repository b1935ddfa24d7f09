"""The version of the package; only `pyproject.toml` states it."""

from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "w2v-cli"


def package_version() -> str:
    """Return the installed version; for a checkout that is not installed, a stand-in."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "0+unknown"
