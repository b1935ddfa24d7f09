"""Options: one for every setting of the catalogue, and hints for the names that other tools use."""

import difflib
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from w2v_cli.engines.catalog import ENGINES
from w2v_cli.json_types import Json
from w2v_cli.settings import foreign
from w2v_cli.settings.fields import AUTO, Setting
from w2v_cli.settings.run_settings import choices_of, default_text, help_of, owned, settings_named

if TYPE_CHECKING:
    from click.types import OptionHelpExtra


class FriendlyCommand(click.Command):
    """A command that, for an option of word2vec.c, gensim or fastText, names ours."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Look for foreign names, then parse as usual."""
        known = {opt for param in self.get_params(ctx) for opt in param.opts + param.secondary_opts}
        known |= set(self.get_help_option_names(ctx))
        for argument in args:
            if argument == "--":
                break
            flag = argument.partition("=")[0]
            if flag.startswith("-") and flag not in known:
                _refuse_foreign(ctx, flag, known)
        return super().parse_args(ctx, args)


def _refuse_foreign(ctx: click.Context, flag: str, known: set[str]) -> None:
    name = foreign.plain(flag)
    if f"--{name}" in known and len(name) > 1:
        ctx.fail(f"No such option: {flag}. Did you mean --{name}?")
    ours = foreign.OPTIONS.get(name, "--")
    is_here = ours.split()[0].rstrip(";,") in known or not ours.startswith("--")
    if is_here and (len(name) > 1 or flag.startswith("-t")):
        ctx.fail(f"No such option: {flag}. Here it is called {ours}.")
    if name in foreign.ABSENT:
        ctx.fail(f"No such option: {flag}; {foreign.ABSENT[name]}.")
    if flag.startswith("--"):
        close = difflib.get_close_matches(flag, known, n=1)
        if close:
            ctx.fail(f"No such option: {flag}. Did you mean {close[0]}?")


class FilePath(click.Path):
    """A path; `~` is the home folder, also in `--out=~/x`, which no shell expands."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"path_type": Path, **options})

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Expand the path, then check it as click does."""
        return super().convert(os.path.expanduser(value), param, ctx)


# Types of numeric options with plain names: click says "integer range".


class IntRange(click.IntRange):
    """A whole number within limits."""

    name = "integer"


class FloatRange(click.FloatRange):
    """A finite number within limits."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number. Fails for NaN, which no limit excludes, and infinity."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number


# One option for every setting of the catalogue: types, ranges, choices, help and defaults.


Command = TypeVar("Command", bound=Callable[..., Any])


class TrainingCommand(FriendlyCommand):
    """A command with one option for every setting, made from the catalogue at the call."""

    tables: frozenset[str] | None = None  # whose settings are options; None: all
    first: tuple[str, ...] = ()  # names of the options that the help lists first

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters, then the settings."""
        *own, help_option = super().get_params(ctx)
        options = [
            _option(name, settings)
            for name, settings in settings_named().items()
            if self.tables is None or settings[0].table in self.tables
        ]
        return [*own, *(option for option in options if option), help_option]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the options by what they are about; those of `first` come first."""
        table_of = {name: found[0].table for name, found in settings_named().items()}
        table_of |= dict.fromkeys(_WORDS, "words") | {param.name: "" for param in self.params}
        own = "Run" if self.first else "Options"
        titles = [_FIRST, own, *_SECTIONS.values()]
        sections: dict[str, list[tuple[str, str]]] = {title: [] for title in titles}
        for param in sorted(self.get_params(ctx), key=self._rank):
            record = param.get_help_record(ctx)
            table = table_of.get(param.name, "")
            title = _FIRST if param.name in self.first else _title(table) if table else own
            if record is not None and isinstance(param, click.Option):
                sections.setdefault(title, []).append(record)
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def _rank(self, param: click.Parameter) -> int:
        """Return the place of an option of `first`; all others keep theirs, behind them."""
        return self.first.index(param.name) if param.name in self.first else len(self.first)


_FIRST = "Used most"
#: Settings of the corpus that choose words; the others say how the text is read.
_WORDS = frozenset(
    "tokenizer lowercase normalize fold_digits phrases stop_words keep_words vocab min_count"
    " max_vocab".split()
)
_SECTIONS = {
    "corpus": "Corpus",
    "words": "Words",
    "model": "Model",
    "training": "Training",
    "watch": "Watching",
}


def _title(table: str) -> str:
    """Return the heading of a group of settings; losses and engines have one each."""
    return _SECTIONS.get(table) or f"{'Engine' if table in ENGINES else 'Loss'} {table}"


class CorpusCommand(TrainingCommand):
    """A command with the options of a corpus: which text to read and how to split it into words."""

    tables = frozenset({"corpus"})


class _SettingOption(click.Option):
    """The option of a setting. Its help shows limits that a user may meet."""

    def get_help_extra(self, ctx: click.Context) -> "OptionHelpExtra":
        """Leave out an upper limit that only guards against overflow."""
        extra = super().get_help_extra(ctx)
        lower, _, upper = extra.get("range", "").partition("<=x<=")
        if upper and float(upper) >= _NO_LIMIT:
            extra["range"] = f"x>={lower}"
        return extra


_NO_LIMIT = 1e9


def _option(name: str, settings: list[Setting]) -> click.Option | None:
    """Make the option of a setting; None if it has no option of its own."""
    first = settings[0]
    if first.argument:
        return None
    return _SettingOption(
        [_flags(first), name], type=_type_of(first), default=None, help=_help_of(name, settings)
    )


def setting_option(name: str, default: str = "") -> Callable[[Command], Command]:
    """Add the option of one setting to a command; its value is None if not given.

    default: what the help shows, where it differs from that of a training.
    """
    setting = settings_named()[name]
    return click.option(
        _flags(setting[0]),
        name,
        type=_type_of(setting[0]),
        default=None,
        cls=_SettingOption,
        help=_help_of(name, setting, default),
    )


def _flags(setting: Setting) -> str:
    """Return `--name`, for a switch also the option that turns it off."""
    return f"{setting.option}/--no-{setting.option[2:]}" if setting.kind is bool else setting.option


def _type_of(setting: Setting) -> click.ParamType[Any] | None:
    if setting.kind is bool:
        return None
    choices = choices_of(setting)
    if setting.is_file:
        return FilePath(path_type=str)
    if setting.form:
        return _OpenChoice(choices, setting.form)
    if choices:
        return _LossChoice(choices) if setting.name == "loss" else click.Choice(choices)
    if setting.kind is str:
        return click.STRING
    make = IntRange if setting.kind is int else FloatRange
    limits: Json = {"min": setting.low, "max": setting.high, "min_open": setting.above}
    if setting.kind is int:
        limits |= {key: int(limits[key]) for key in ("min", "max") if limits[key] is not None}
    return _OrAuto(make(**limits)) if setting.auto else make(**limits)


def _help_of(name: str, settings: list[Setting], default: str = "") -> str:
    """Return the help of a setting: what it does, which table owns it, its default."""
    owners = [setting.table for setting in settings if setting.table in owned()]
    texts = list(dict.fromkeys(help_of(setting) for setting in settings))
    text = " ".join(
        f"{setting.table}: {help_of(setting)}" if len(texts) > 1 else help_of(setting)
        for setting in settings[: len(texts)]
    )
    if owners and len(texts) == 1:
        text += f" Only with {' and '.join(owners)}."
    default = default or default_text(name)
    return f"{text}  [default: {default}]" if default else text


class _OrAuto(click.ParamType[Any]):
    """A number, or "auto"."""

    def __init__(self, number: IntRange | FloatRange) -> None:
        self._number = number
        self.name = f"{AUTO}|{number.name}"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, or "auto" unchanged."""
        return value if value == AUTO else self._number.convert(value, param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Show both in the help."""
        return f"{AUTO}|{self._number.name.upper()}"


class _LossChoice(click.Choice[str]):
    """A choice that knows fastText's names of the losses."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the choice; refuse a foreign name and give ours."""
        if value in foreign.LOSSES:
            ours = foreign.LOSSES[value]
            self.fail(
                f"{value!r} is called {ours!r} here."
                if ours
                else f"w2v has no hierarchical softmax; choose from: {', '.join(self.choices)}.",
                param,
                ctx,
            )
        return super().convert(value, param, ctx)


class _OpenChoice(click.Choice[str]):
    """A choice that also takes values of a certain form, such as `MODULE:FUNCTION`."""

    def __init__(self, choices: tuple[str, ...], form: str) -> None:
        super().__init__([*choices, form])
        self._form = form

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the choice, or what looks like the form; `Config` checks it."""
        if value != self._form and ":" in value:
            return str(value)
        return super().convert(value, param, ctx)
