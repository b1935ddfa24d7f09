"""Settings as TOML: one table for each group of `Config` fields."""

import difflib
import os
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

from w2v_cli.errors import UsageError
from w2v_cli.settings.config import Config

TABLES = tuple(dict.fromkeys(spec.metadata["table"] for spec in fields(Config)))


def read_config_file(path: Path) -> dict[str, Any]:
    """Read the settings that a TOML file gives, checked for unknown names.

    Relative paths are taken from the file's own folder.
    Raises UsageError for a missing file, bad TOML, an unknown table or key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the configuration {path}: {error}") from error
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from error
    settings: dict[str, Any] = {}
    for table, values in content.items():
        if table not in TABLES or not isinstance(values, dict):
            raise UsageError(f"{path}: unknown {_place(table, values)}{_close(table, TABLES)}")
        settings |= _read_table(path, table, values)
    for name in ("paths", "eval_files"):
        if name in settings:
            settings[name] = _absolute_paths(name, settings[name], path)
    return settings


def _read_table(path: Path, table: str, values: dict[str, Any]) -> dict[str, Any]:
    known = {spec.name for spec in fields(Config) if spec.metadata["table"] == table}
    for key in values:
        if key not in known:
            raise UsageError(f"{path}: unknown key {key!r} in [{table}]{_close(key, known)}")
    return values


def _place(name: str, values: Any) -> str:
    if isinstance(values, dict):
        return f"table [{name}]"
    return f"key {name!r} outside a table (tables: {', '.join(TABLES)})"


def _close(name: str, known: Any) -> str:
    every_key = [spec.name for spec in fields(Config)]
    matches = difflib.get_close_matches(name, [*known, *every_key], n=1)
    if matches and matches[0] in every_key:
        table = next(s.metadata["table"] for s in fields(Config) if s.name == matches[0])
        return f"; did you mean {matches[0]!r} in [{table}]?"
    return f"; did you mean {matches[0]!r}?" if matches else f"; known: {', '.join(sorted(known))}"


def _absolute_paths(name: str, paths: Any, config_path: Path) -> tuple[str, ...]:
    if not isinstance(paths, list) or not all(isinstance(item, str) for item in paths):
        raise UsageError(f"{config_path}: {name} must be a list of strings")
    folder = config_path.resolve().parent
    return tuple(item if item == "-" else os.path.normpath(folder / item) for item in paths)


def config_to_toml(config: Config) -> str:
    """Write all settings of a resolved configuration; settings that are None stay out."""
    import tomli_w

    content: dict[str, dict[str, Any]] = {table: {} for table in TABLES}
    for spec in fields(config):
        value = getattr(config, spec.name)
        if value is not None:
            content[spec.metadata["table"]][spec.name] = (
                list(value) if isinstance(value, tuple) else value
            )
    return tomli_w.dumps(content)
