"""Training on a folder of counts (`w2v count`) instead of a text: what may be set then."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from w2v_cli.engines.base import Notice
from w2v_cli.engines.catalog import ENGINES
from w2v_cli.engines.settings import ModelSettings
from w2v_cli.errors import DataError, UsageError
from w2v_cli.pairs.counts_folder import counts_fingerprint, is_counts, read_counts, read_manifest
from w2v_cli.settings.config import Config
from w2v_cli.settings.fields import Value
from w2v_cli.settings.run_settings import settings_named
from w2v_cli.text.encoded import EncodedCorpus

#: Settings that need the text itself, and what they say without it.
_NEEDS_TEXT = ("holdout", "patience", "steps", "limit_tokens", "start_from")


def counts_in(paths: Sequence[str]) -> Path | None:
    """Return the folder of counts that a corpus is, None for a text.

    Raises UsageError when it is not the only one.
    """
    found = [Path(path) for path in paths if path != "-" and is_counts(Path(path))]
    if found and len(paths) > 1:
        raise UsageError(
            f"{found[0]} holds counts and has to be the only corpus;"
            " add counts up first with `w2v merge-counts`"
        )
    return found[0] if found else None


def with_counts(config: Config) -> Config:
    """Return a configuration whose corpus is counts with the settings that they were made with.

    Raises UsageError for settings that contradict those, need the text, or an engine that does.
    """
    folder = counts_in(config.given.get("paths", ()))
    if folder is None:
        return config
    manifest = read_manifest(folder)
    given = dict(config.given)
    for name in _NEEDS_TEXT:
        if given.get(name):
            raise UsageError(
                f"{_option(name)} needs the text, and {folder} holds only counts of it; omit it"
            )
    made_with = {k: tuple(v) if isinstance(v, list) else v for k, v in manifest.made_with.items()}
    for name, value in made_with.items():
        mine = given.get(name, value)
        if mine != value:
            raise UsageError(
                f"{folder} was made with {_option(name)} {_shown(value)}, you gave"
                f" {_shown(mine)}; omit it, or count the text again"
            )
    return Config(**{**made_with, **given, "engine": _engine(given, folder)})


def open_counted(folder: Path, notice: Notice) -> EncodedCorpus:
    """Return what an engine needs to know of a text that was only counted.

    Raises DataError when there are no pairs to learn from.
    """
    manifest, vocabulary, _ = read_counts(folder)
    if manifest.n_invalid:
        notice(f"{manifest.n_invalid:,} lines of the counted text contained invalid UTF-8")
    if manifest.n_entries == 0:
        raise DataError(f"{folder} has no pairs, so there is nothing to learn from")
    none = np.empty(0, np.uint32), np.empty(0, np.int64)
    fingerprint = counts_fingerprint(folder)
    return EncodedCorpus(*none, manifest.n_tokens, vocabulary, fingerprint, counts=folder)


def _engine(given: Mapping[str, Value], folder: Path) -> str:
    """Return an engine that trains on counts: the one that was chosen, or the first."""
    loss = given.get("loss", ModelSettings().loss)
    able = [o.name for o in ENGINES.values() if o.takes_counts and loss in o.losses]
    chosen = given.get("engine", able[0])
    if chosen not in able:
        raise UsageError(
            f"engine {chosen} needs the text, and {folder} holds only counts of it;"
            f" choose --engine {' or '.join(able)}"
        )
    return str(chosen)


def _option(name: str) -> str:
    return settings_named()[name][0].option if name in settings_named() else name


def _shown(value: Value) -> str:
    return {None: "no such limit", True: "yes", False: "no"}.get(value, str(value))
