"""The settings that a user gave; all others stay open until the settings are resolved."""

import difflib
import os
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from w2v_cli.errors import UsageError, reason_of
from w2v_cli.settings.fields import AUTO, Setting, Value
from w2v_cli.settings.foreign import our_setting
from w2v_cli.settings.run_settings import (
    COMMON,
    RunSettings,
    choices_of,
    settings_named,
    tables,
)
from w2v_cli.text.places import absolute_path, check_address, is_address, not_named

#: Choosing one of these drops the settings that belonged to an earlier choice.
_REPLACES = {
    "epochs": ("steps", "halve_every", "minutes"),
    "steps": ("epochs", "minutes"),
    "minutes": ("epochs", "steps", "halve_every"),
    "vocab": ("min_count", "max_vocab", "stop_words", "keep_words"),
    "lr_schedule": ("halve_every", "min_lr"),
    "start_from": ("start_fingerprint",),
}


class Config:
    """Settings by name, each of them checked; `None` means open.

    Every setting can be given by its own name (`dim=50`). In a file, a setting from the table of a
    loss or an engine becomes "table.name"; it is used only with that loss or engine.

    Raises UsageError for an unknown name, or a value of the wrong type, choice or range.

    >>> Config(dim=50, window=None)
    Config(dim=50)
    """

    def __init__(self, **given: Value) -> None:
        by_table = tables()
        by_name: dict[str, list[Setting | None]] = {k: [*v] for k, v in settings_named().items()}
        self.given: dict[str, Value] = {}
        for name, value in given.items():
            table, dot, key = name.rpartition(".")
            setting = by_table.get(table, {}).get(key) if dot else by_name.get(key, [None])[0]
            if setting is None:
                raise UsageError(f"unknown setting {name}{_hint(key, by_name)}")
            if value is not None:
                self.given[name] = _checked(setting, value)

    def over(self, base: "Config") -> "Config":
        """Return these settings where given, else those of `base`.

        A setting given here also removes those of `base` that contradict it: `epochs` removes
        `steps`.
        """
        replaced = {old for name in self.given for old in _REPLACES.get(name, ())}
        kept = {name: value for name, value in base.given.items() if name not in replaced}
        return Config(**{**kept, **self.given})

    def fixed(self) -> "Config":
        """Return these settings without those that are "auto", which means open."""
        return Config(**{name: value for name, value in self.given.items() if value != AUTO})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self.given == other.given

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.given)))

    def __repr__(self) -> str:
        return f"Config({', '.join(f'{k}={v!r}' for k, v in self.given.items())})"


def _checked(setting: Setting, value: Value) -> Any:
    if setting.kind is tuple:
        value = _file_names(setting, value)
    if setting.is_file and isinstance(value, (str, os.PathLike)):
        if not os.fspath(value):
            raise UsageError(f"{setting.name} is an empty name; give the name of a file")
        value = os.path.abspath(os.path.expanduser(value))
    choices = () if setting.form else choices_of(setting)
    if choices and value not in choices:
        raise UsageError(f"{setting.name} is {value!r}; choose from: {', '.join(choices)}")
    return setting.checked(value)


def _file_names(setting: Setting, value: Value) -> Any:
    """Return file names as absolute ones, and a single name as a list of one.

    A run's config.toml is in another folder, where a relative name would mean another file.
    Raises UsageError for an empty name.
    """
    if isinstance(value, (str, os.PathLike)):
        value = [value]
    if not isinstance(value, (list, tuple)):
        return value
    texts = tuple(
        absolute_path(os.fspath(item)) if isinstance(item, (str, os.PathLike)) else item
        for item in value
    )
    if "" in texts:
        raise UsageError(f"{setting.name} has an empty name in it; give the name of a file")
    return texts


def _hint(name: str, known: Mapping[str, Value]) -> str:
    if ours := our_setting(name):
        return f"; here it is called {ours}"
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else "; `w2v train --help` lists all settings"


# Settings as TOML: a table for each group, each loss and each engine.


def read_config_file(path: Path) -> Config:
    """Read the settings that a TOML file gives.

    Relative paths start at the folder of the file. The table of a loss or an engine is used only
    when a run trains with it.

    Raises UsageError for a missing file, bad TOML, an unknown table or key, or a wrong value.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"cannot read {path}: {reason_of(error)}; give a configuration in TOML"
        ) from error
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from error
    known = tables()
    given: dict[str, Value] = {}
    for table, values in content.items():
        if table not in known or not isinstance(values, dict):
            raise UsageError(f"{path}: unknown {_place(table, values)}{_table_hint(table, known)}")
        for key, value in values.items():
            if key not in known[table]:
                raise UsageError(f"{path}: unknown key {key!r} in [{table}]{_key_hint(table, key)}")
            name = key if table in COMMON else f"{table}.{key}"
            given[name] = _absolute(known[table][key], value, path)
    try:
        return Config(**given)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def over_file(chosen: Config, path: Path) -> Config:
    """Return what a user chose, over what the TOML file gives that he named.

    The file may come from somebody else, so it opens no address: the user names these himself.

    Raises UsageError, see `read_config_file`, and for an address; DataError for its scheme.
    """
    base = read_config_file(path)
    corpus = () if "paths" in chosen.given else base.given.get("paths", ())
    for name in filter(is_address, corpus):
        check_address(name)
        raise UsageError(not_named(str(path), name, corpus))
    return chosen.over(base)


def _place(table: str, values: Value) -> str:
    if isinstance(values, dict):
        return f"table [{table}]"
    return f"key {table!r} outside a table"


def _table_hint(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    places = [table for table, settings in tables().items() if name in settings]
    if places:
        return f"; it belongs in [{'] or ['.join(places)}]"
    return f"; did you mean [{close[0]}]?" if close else f"; known tables: {', '.join(known)}"


def _key_hint(table: str, key: str) -> str:
    names = {name: t for t, settings in tables().items() for name in settings}
    mine = list(tables()[table])
    close = difflib.get_close_matches(key, [*mine, *names], n=1)
    if not close:
        return f"; known: {', '.join(sorted(mine))}" if mine else "; it has no settings"
    place = "" if close[0] in mine else f" in [{names[close[0]]}]"
    return f"; did you mean {close[0]!r}{place}?"


def _absolute(setting: Setting, value: Value, config_path: Path) -> Value:
    """Make file names absolute, relative to the folder of the configuration."""
    if setting.kind is tuple:
        return _absolute_paths(setting, value, config_path)
    if setting.is_file and isinstance(value, str) and value:
        return os.path.normpath(config_path.resolve().parent / os.path.expanduser(value))
    return value


def _absolute_paths(setting: Setting, paths: Value, config_path: Path) -> tuple[str, ...]:
    if not isinstance(paths, list) or not all(isinstance(item, str) and item for item in paths):
        raise UsageError(f"{config_path}: {setting.name} must be a list of file names")
    folder = config_path.resolve().parent
    return tuple(absolute_path(item, folder) for item in paths)


def settings_to_toml(settings: RunSettings) -> str:
    """Write all settings of a run; the file reads back as the same settings."""
    import tomli_w

    content: dict[str, dict[str, Value]] = {}
    for setting, value in settings.values():
        # With `steps`, `epochs` is always 1; only the steps are written.
        implied = setting.name == "epochs" and settings.training.steps is not None
        if value is not None and not implied:
            table = content.setdefault(setting.table, {})
            table[setting.name] = list(value) if isinstance(value, tuple) else value
    return tomli_w.dumps(content)
