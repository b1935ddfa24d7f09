"""What a user chose; everything else is open until the settings are resolved."""

import difflib
import os
from collections.abc import Mapping
from typing import Any

from w2v_cli.errors import UsageError
from w2v_cli.settings.catalog import choices_of, new_name, renamed, settings_named, tables
from w2v_cli.settings.fields import AUTO, Setting, Value
from w2v_cli.settings.foreign import our_name

#: Choosing one of these anew frees the ones that belonged to the earlier choice.
_REPLACES = {
    "epochs": ("steps", "halve_every", "minutes"),
    "steps": ("epochs", "minutes"),
    "minutes": ("epochs", "steps", "halve_every"),
    "vocab": ("min_count", "max_vocab", "stop_words", "keep_words"),
    "lr_schedule": ("halve_every", "min_lr"),
    "start_from": ("start_fingerprint",),
}


class Config:
    """Settings by name, checked one by one; `None` means open.

    Value setting can be given by its own name (`dim=50`). Of a table that one loss or one engine
    owns, a file gives "table.name", which counts only where that loss or engine is chosen.

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

        What is chosen here also replaces what it makes meaningless there, such as `epochs` the
        number of `steps`.
        """
        replaced = {old for name in self.given for old in _REPLACES.get(name, ())}
        kept = {name: value for name, value in base.given.items() if name not in replaced}
        return Config(**{**kept, **self.given})

    def fixed(self) -> "Config":
        """Return these settings without those that are "auto": to have one chosen is to leave it
        open.
        """
        return Config(**{name: value for name, value in self.given.items() if value != AUTO})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self.given == other.given

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.given)))

    def __repr__(self) -> str:
        return f"Config({', '.join(f'{k}={v!r}' for k, v in self.given.items())})"


def _checked(setting: Setting, value: Value) -> Any:
    if setting.kind is tuple:
        value = _texts(setting, value)
    if setting.is_file and isinstance(value, (str, os.PathLike)):
        if not os.fspath(value):
            raise UsageError(f"{setting.name} is an empty name; give the name of a file")
        value = os.path.abspath(value)
    choices = () if setting.form else choices_of(setting)
    if choices and value not in choices:
        new = new_name(setting.name, value)
        if new:
            raise UsageError(f"{setting.name} {value!r} is now called {new!r}; write that")
        raise UsageError(f"{setting.name} is {value!r}; choose from: {', '.join(choices)}")
    return setting.checked(value)


def _texts(setting: Setting, value: Value) -> Any:
    """Take one text or path for a list of one; refuse an empty one."""
    if isinstance(value, (str, os.PathLike)):
        value = [value]
    if not isinstance(value, (list, tuple)):
        return value
    texts = tuple(os.fspath(item) if isinstance(item, os.PathLike) else item for item in value)
    if "" in texts:
        raise UsageError(f"{setting.name} has an empty name in it; give the name of a file")
    return texts


def _hint(name: str, known: Mapping[str, Value]) -> str:
    if new := renamed(name):
        return f"; it is now called {new}"
    if ours := our_name(name):
        return f"; here it is called {ours}"
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else "; `w2v train --help` lists all settings"
