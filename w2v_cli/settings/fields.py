"""The fields of a struct as settings: type, range, choices, default and help of each."""

import math
from dataclasses import dataclass, field
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from w2v_cli.errors import UsageError

#: Stands for "no default": the value is chosen when the settings are resolved.
OPEN = msgspec.NODEFAULT

#: With this value the engine chooses, depending on the corpus.
AUTO = "auto"

#: The value of a setting; its struct defines the type.
Value = Any

_MOST_BITS = 100
_NOUNS = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


@dataclass(frozen=True)
class Setting:
    """One setting, as its struct defines it.

    table: of the TOML file. kind: int, float, str, bool or tuple. choices: the possible values of a
    text, if there are few; form: what any other value looks like. is_file: a text is the name of a
    file. low, high: the range of a number; above: `low` itself is excluded. default: OPEN if it
    depends on other settings; default_note then describes it. argument: the name on the command
    line, if it is not `--name`. free: a resume may change it. auto: "auto" is allowed too; it is
    the same as omitting the setting.
    """

    name: str
    table: str
    annotation: Value
    kind: type
    help: str
    choices: tuple[str, ...] = ()
    form: str = ""
    is_file: bool = False
    low: float | None = None
    high: float | None = None
    above: bool = False
    default: Value = OPEN
    default_note: str = ""
    argument: str = ""
    free: bool = False
    auto: bool = False

    @property
    def option(self) -> str:
        """Its name on the command line: `n_threads` → `--n-threads`."""
        return self.argument or "--" + self.name.replace("_", "-")

    def checked(self, value: object) -> Any:
        """Return the value, converted to the type of the setting.

        Raises UsageError that names the setting, for a wrong type, choice or range.
        """
        if self.auto and value == AUTO:
            return value
        value = _plain(value)
        if isinstance(value, float) and not math.isfinite(value):
            raise UsageError(f"{self.name} is {value}; give a finite number")
        for text in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(text, str) and not _is_utf8(text):
                raise UsageError(
                    f"{self.name}: {text!r} is not UTF-8, and config.toml cannot hold it;"
                    " rename the file"
                )
        try:
            return msgspec.convert(value, self.annotation)
        except msgspec.ValidationError:
            raise UsageError(self._problem(value)) from None

    def _problem(self, value: Value) -> str:
        if self.choices:
            known = ", ".join(self.choices) + (f", or {self.form}" if self.form else "")
            return f"{self.name} is {value!r}; choose from: {known}"
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or self.kind not in (int, float) or not _fits(value, self.kind):
            noun = "a list of texts" if self.kind is tuple else _NOUNS[self.kind]
            noun += f" or {AUTO}" if self.auto else ""
            return f"{self.name} must be {noun}, not {value!r}"
        limits = []
        if self.low is not None:
            limits.append(f"{'above' if self.above else 'at least'} {_number(self.low)}")
        if self.high is not None:
            limits.append(f"at most {_number(self.high)}")
        return f"{self.name} is {_number(value)}; it must be {' and '.join(limits)}"


def _is_utf8(text: str) -> bool:
    """Whether a text can be written as UTF-8; file names may contain bytes that cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _plain(value: object) -> Any:
    """Return a NumPy scalar as Python's own number, without importing NumPy."""
    is_scalar = type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0
    return value.item() if is_scalar else value  # type: ignore[attr-defined]


def _number(value: float) -> str:
    """Write a number in full. Rounded, 2^63 and the largest seed would look the same."""
    if not isinstance(value, int):
        return f"{value:g}"
    return (
        str(value) if value.bit_length() < _MOST_BITS else f"a number of {value.bit_length()} bits"
    )


def _fits(value: float, kind: type) -> bool:
    return kind is float or isinstance(value, int)


@dataclass
class _Found:
    """What the layers of an annotation have said so far."""

    kind: type = str
    choices: tuple[str, ...] = ()
    limits: dict[str, float] = field(default_factory=dict)
    help: str = ""
    extra: dict[str, Value] = field(default_factory=dict)


def settings_of(struct: type[Struct], table: str) -> dict[str, Setting]:
    """Return the settings of a struct by name, in its order."""
    hints = get_type_hints(struct, include_extras=True)
    settings = {}
    for info in msgspec.structs.fields(struct):
        found = _Found()
        _look_into(hints[info.name], found)
        settings[info.name] = Setting(
            name=info.name,
            table=table,
            annotation=hints[info.name],
            kind=found.kind,
            help=found.help,
            choices=found.choices or tuple(found.extra.get("choices", ())),
            form=found.extra.get("form", ""),
            is_file=found.extra.get("file", False),
            low=found.limits.get("ge", found.limits.get("gt")),
            high=found.limits.get("le"),
            above="gt" in found.limits,
            default=info.default,
            default_note=found.extra.get("default", ""),
            argument=found.extra.get("argument", ""),
            free=found.extra.get("resume") == "free",
            auto=found.extra.get("auto", False),
        )
    return settings


def _look_into(annotation: Value, found: _Found) -> None:
    """Collect what an annotation says, from the outermost layer to the innermost."""
    origin: object = get_origin(annotation)
    if origin is Annotated:
        inner, *notes = get_args(annotation)
        for meta in notes:
            if isinstance(meta, Meta):
                _take(meta, found)
        _look_into(inner, found)
    elif origin in (Union, UnionType):
        (inner,) = (part for part in get_args(annotation) if part is not NoneType)
        _look_into(inner, found)
    elif origin is Literal:
        found.choices = get_args(annotation)
    else:
        found.kind = origin if isinstance(origin, type) else annotation


def _take(meta: Meta, found: _Found) -> None:
    found.help = found.help or meta.description or ""
    found.extra |= meta.extra or {}
    for name in ("ge", "gt", "le"):
        value = getattr(meta, name)
        if value is not None:
            found.limits[name] = value
