"""Command-line options made from the fields of `Config`; names of other tools are answered."""

import difflib
from collections.abc import Callable
from dataclasses import Field, fields
from typing import Any, TypeVar

import click

from w2v_cli.settings.config import ENGINE_DEFAULTS, Config, type_name

Command = TypeVar("Command", bound=Callable[..., Any])

#: Names of word2vec.c, gensim and fastText (lower case, dashes) → ours.
FOREIGN_NAMES = {
    "size": "--dim",
    "vector-size": "--dim",
    "sample": "--subsample-threshold",
    "t": "--subsample-threshold",
    "negative": "--n-negatives",
    "neg": "--n-negatives",
    "threads": "--n-threads",
    "thread": "--n-threads",
    "workers": "--n-threads",
    "iter": "--epochs",
    "epoch": "--epochs",
    "mincount": "--min-count",
    "max-vocab-size": "--max-vocab",
    "max-final-vocab": "--max-vocab",
    "ws": "--window",
    "alpha": "--lr",
    "min-alpha": "--min-lr",
    "learning-rate": "--lr",
    "ns-exponent": "--noise-power",
    "batch-words": "--batch-size",
    "train": "CORPUS (the argument without a name)",
    "input": "CORPUS (the argument without a name)",
    "corpus-file": "CORPUS (the argument without a name)",
    "sentences": "CORPUS (the argument without a name)",
    "output": "--out",
}
#: What other tools have and w2v does not.
ABSENT = {
    "cbow": "w2v trains skip-gram only",
    "sg": "w2v trains skip-gram only; leave it away",
    "hs": "w2v has no hierarchical softmax; see --loss",
    "minn": "w2v has no subwords; leave it away",
    "maxn": "w2v has no subwords; leave it away",
    "binary": "train first, then choose a format with `w2v export`",
}


class FriendlyCommand(click.Command):
    """A command that answers the option names of word2vec.c, gensim and fastText with ours."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Look for foreign names, then parse as usual."""
        known = {opt for param in self.params for opt in param.opts + param.secondary_opts}
        known |= set(self.get_help_option_names(ctx))
        for argument in args:
            if argument == "--":
                break
            flag = argument.partition("=")[0]
            if flag.startswith("-") and flag not in known:
                _refuse_foreign(ctx, flag, known)
        return super().parse_args(ctx, args)


def _refuse_foreign(ctx: click.Context, flag: str, known: set[str]) -> None:
    name = flag.lstrip("-").lower().replace("_", "-")
    if f"--{name}" in known and len(name) > 1:
        ctx.fail(f"No such option: {flag}. Did you mean --{name}?")
    if name in FOREIGN_NAMES and (len(name) > 1 or flag.startswith("-t")):
        ctx.fail(f"No such option: {flag}. Here it is called {FOREIGN_NAMES[name]}.")
    if name in ABSENT:
        ctx.fail(f"No such option: {flag}; {ABSENT[name]}.")
    if flag.startswith("--"):
        close = difflib.get_close_matches(flag, known, n=1)
        if close:
            ctx.fail(f"No such option: {flag}. Did you mean {close[0]}?")


def option_name(field_name: str) -> str:
    """Return the command-line name of a setting: `n_threads` → `--n-threads`."""
    return "--" + field_name.replace("_", "-")


def config_options(command: Command) -> Command:
    """Add one option for every `Config` field; what is not given arrives as None."""
    for spec in reversed(fields(Config)):
        if spec.metadata["cli"]:
            command = _option(spec)(command)
    return command


def _option(spec: "Field[Any]") -> Callable[[Command], Command]:
    name = option_name(spec.name)
    kind = type_name(spec)
    if kind == "bool":
        flags = f"{name}/--no-{name[2:]}"
        return click.option(flags, spec.name, default=None, help=help_text(spec))
    types: dict[str, Any] = {"int": click.INT, "float": click.FLOAT, "str": click.STRING}
    choices = spec.metadata["choices"]
    option_type = click.Choice(choices) if choices else types[kind]
    return click.option(name, spec.name, type=option_type, default=None, help=help_text(spec))


def help_text(spec: "Field[Any]") -> str:
    """Return a setting's help with its default, read from `config.py`."""
    text = str(spec.metadata["help"])
    default = default_text(spec)
    return f"{text}  [default: {default}]" if default else text


def default_text(spec: "Field[Any]") -> str:
    """Return a setting's default as shown to the user, empty when there is none."""
    if spec.default not in (None, ()):
        return ("yes" if spec.default else "no") if type_name(spec) == "bool" else f"{spec.default}"
    by_engine = {e: d[spec.name] for e, d in ENGINE_DEFAULTS.items() if spec.name in d}
    return ", ".join(f"{engine} {value}" for engine, value in by_engine.items())
