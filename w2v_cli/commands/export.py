"""`w2v export`: the vectors of a run or a file in other tools' formats."""

from collections.abc import Callable
from inspect import cleandoc
from pathlib import Path
from typing import TypedDict, Unpack

import click

from w2v_cli.commands.ask import VectorCommand, strict_option, vectors_option
from w2v_cli.commands.options import FilePath, IntRange
from w2v_cli.engines.settings import Which
from w2v_cli.errors import visible
from w2v_cli.vectors.answers import Precision
from w2v_cli.vectors.formats.catalog import (
    FORMATS,
    QUANTIZED,
    Format,
    check_output,
    find_format,
    guess_format,
)


def _named_by(form: Format) -> str:
    """Return the names that mean a format."""
    return " ".join(form.suffixes) or ("(no suffix)" if form.is_folder else "(--format)")


_FORMATS_HELP = "The name of OUT chooses the format:\n\n\b\n" + "\n".join(
    f"  {form.name:16} {_named_by(form):14} {form.description}" for form in FORMATS.values()
)
_LIMITS_HELP = (
    "A text or .bin name that ends in .gz is compressed. A word that the format's readers would"
    " break, such as one with a space in a text format, is refused, and nothing is written."
)


class OutputOptions(TypedDict):
    """The options that say how OUT is written."""

    form: str | None
    normalize: bool
    top: int | None
    words: Path | None
    float16: bool
    quantize: Precision | None
    force: bool


def _output_options(function: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--force", is_flag=True, help="Replace OUT if it exists."),
        click.option(
            "--quantize",
            type=click.Choice(QUANTIZED),
            help="One byte per value, one scale per word.",
        ),
        click.option("--float16", is_flag=True, help="Two bytes per value (in text: five digits)."),
        click.option(
            "--top", type=IntRange(min=1), metavar="N", help="Write only the first N words."
        ),
        click.option(
            "--words",
            type=FilePath(),
            metavar="FILE",
            help="Write only the words that FILE lists, one per line; with subwords also words that"
            " training has not seen.",
        ),
        click.option("--normalize", is_flag=True, help="Divide each vector by its length."),
        click.option(
            "--format",
            "form",
            type=click.Choice(list(FORMATS)),
            metavar="FORMAT",
            help="Use this format, whatever the name of OUT.",
        ),
        click.argument("out", type=FilePath()),
    ):
        function = option(function)
    return function


def _with_formats(command: click.Command) -> click.Command:
    command.help = f"{cleandoc(command.help or '')}\n\n{_FORMATS_HELP}\n\n{_LIMITS_HELP}"
    return command


@_with_formats
@click.command(cls=VectorCommand, short_help="Write vectors in another format, for other tools.")
@click.argument("source", type=FilePath(), metavar="RUN|FILE")
@_output_options
@vectors_option
@strict_option
def export(
    source: Path, out: Path, vectors: Which | None, strict: bool, **options: Unpack[OutputOptions]
) -> None:
    """Write the vectors of a run, or of a file in any format listed here, to OUT.

    The format of a file is recognised by its content, not by its name.
    """
    from w2v_cli.training.report import model_card
    from w2v_cli.vectors.formats.streams import Reading
    from w2v_cli.vectors.formats.vector_files import read_table, write_table
    from w2v_cli.vectors.nearest import unit_rows
    from w2v_cli.vectors.word_vectors import choose_words, read_words

    precision = _precision(options["float16"], options["quantize"])
    if options["words"] and options["top"]:
        raise click.UsageError("--words and --top exclude each other")
    chosen = find_format(options["form"]) if options["form"] else guess_format(out)
    check_output(out, chosen, precision)
    check_target(source, out, chosen, options["force"])
    if chosen.whole:
        _check_whole(chosen, options)
    table = read_table(source, vectors, Reading(strict=strict))
    if options["words"]:
        table = choose_words(table, read_words(options["words"]), str(options["words"]))
    if options["top"] is not None:
        table = table.top(options["top"])
    if options["normalize"]:
        table = table.with_rows(table.words, unit_rows(table.matrix), table.counts)
    card = ""
    if chosen.is_folder:
        changes = ["normalized"] * options["normalize"] + [precision] * (precision != "float32")
        card = model_card(table, source, out.name, vectors, changes, chosen.name)
    write_table(table, out, chosen, precision, card)
    click.echo(f"{visible(str(out))}: {len(table):,} words, {table.dim} dimensions", err=True)


def _check_whole(form: Format, options: OutputOptions) -> None:
    """Refuse options that change or choose vectors, of a format that holds a whole model."""
    given = {"--words": options["words"], "--top": options["top"]}
    given["--normalize"] = options["normalize"]
    for name, value in given.items():
        if value:
            raise click.UsageError(f"{form.name} holds a whole model; omit {name}")


def _precision(float16: bool, quantize: Precision | None) -> Precision:
    if float16 and quantize:
        raise click.UsageError("--float16 and --quantize exclude each other")
    return "float16" if float16 else quantize or "float32"


def check_target(source: Path, out: Path, form: Format, force: bool) -> None:
    """Refuse to write over what is read, or, unless forced, over anything."""
    from w2v_cli.vectors.run_vectors import FILE_NAME

    if out.resolve() in (source.resolve(), source.resolve() / FILE_NAME):
        raise click.BadParameter(
            f"{out} would replace what is read; choose another name", param_hint="OUT"
        )
    if form.is_folder:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise click.BadParameter(
                f"{out} exists and is not an empty folder, which {form.name} needs;"
                " remove it or choose another name",
                param_hint="OUT",
            )
    elif out.exists() and not force:
        raise click.BadParameter(
            f"{out} exists; choose another name, or replace it with --force", param_hint="OUT"
        )
