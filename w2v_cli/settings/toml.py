"""Settings as TOML: a table for each group, and one for each loss and engine with its own."""

import difflib
import os
import tomllib
from collections.abc import Collection
from pathlib import Path

from w2v_cli.errors import UsageError, reason_of
from w2v_cli.settings.catalog import COMMON, renamed, table_of, tables
from w2v_cli.settings.config import Config
from w2v_cli.settings.fields import Setting, Value
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.text.places import absolute_path


def read_config_file(path: Path) -> Config:
    """Read the settings that a TOML file gives.

    Relative paths are taken from the file's own folder. A table of a loss or an engine counts
    only for a training with that loss or engine.

    Raises UsageError for a missing file, bad TOML, an unknown table or key, or a wrong value.
    """
    try:
        text = path.read_text(encoding="utf-8")
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
            home = table_of(table, key)
            if key not in known[home]:
                raise UsageError(f"{path}: unknown key {key!r} in [{table}]{_key_hint(table, key)}")
            if home != table and key in content.get(home, {}):
                continue  # what stands in the table of today counts
            setting = known[home][key]
            name = key if home in COMMON else f"{home}.{key}"
            given[name] = _absolute(setting, value, path)
    try:
        return Config(**given)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


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
    if new := renamed(key):
        return f"; it is now called {new!r}"
    names = {name: t for t, settings in tables().items() for name in settings}
    mine = list(tables()[table])
    close = difflib.get_close_matches(key, [*mine, *names], n=1)
    if not close:
        return f"; known: {', '.join(sorted(mine))}" if mine else "; it has no settings"
    place = "" if close[0] in mine else f" in [{names[close[0]]}]"
    return f"; did you mean {close[0]!r}{place}?"


def _absolute(setting: Setting, value: Value, config_path: Path) -> Value:
    """Take the names of files from the folder of the configuration."""
    if setting.kind is tuple:
        return _absolute_paths(setting, value, config_path)
    if setting.is_file and isinstance(value, str) and value:
        return os.path.normpath(config_path.resolve().parent / value)
    return value


def _absolute_paths(setting: Setting, paths: Value, config_path: Path) -> tuple[str, ...]:
    if not isinstance(paths, list) or not all(isinstance(item, str) and item for item in paths):
        raise UsageError(f"{config_path}: {setting.name} must be a list of file names")
    folder = config_path.resolve().parent
    return tuple(absolute_path(item, folder) for item in paths)


def settings_to_toml(settings: RunSettings) -> str:
    """Write everything that a run obeys; the file reads back as the same settings."""
    import tomli_w

    content: dict[str, dict[str, Value]] = {}
    for setting, value in settings.values():
        # A training of so many steps is one epoch; only the steps are written.
        implied = setting.name == "epochs" and settings.training.steps is not None
        if value is not None and not implied:
            table = content.setdefault(setting.table, {})
            table[setting.name] = list(value) if isinstance(value, tuple) else value
    return tomli_w.dumps(content)
