"""`w2v export` and `w2v convert`: vectors in other tools' formats."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from w2v_cli.commands.options import FriendlyCommand
from w2v_cli.commands.queries import vectors_option
from w2v_cli.vectors.formats.catalog import FORMATS, check_output, find_format, guess_format

_FORMATS_HELP = "OUT is written in the format that its name says:\n\n\b\n" + "\n".join(
    f"  {form.name:16} {' '.join(form.suffixes) or '(no suffix)':14} {form.description}"
    for form in FORMATS.values()
)


def _output_options(function: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option(
            "--quantize", type=click.Choice(["int8"]), help="A byte a number, with a scale a word."
        ),
        click.option("--float16", is_flag=True, help="Two bytes a number (text: five digits)."),
        click.option(
            "--top", type=click.IntRange(min=1), metavar="N", help="Only the first N words."
        ),
        click.option("--normalize", is_flag=True, help="Divide each vector by its length."),
        click.option(
            "--format", "form", type=click.Choice(list(FORMATS)), help="Instead of by name."
        ),
        click.argument("out", type=click.Path(path_type=Path)),
    ):
        function = option(function)
    return function


def _with_formats(command: click.Command) -> click.Command:
    command.help = f"{command.help}\n\n{_FORMATS_HELP}\n\n{_GZIP}"
    return command


_GZIP = (
    "`.gz` after a text or .bin name compresses. A word that the format's readers would break,"
    " such as one with a space in a text format, is refused, and nothing is written."
)


@_with_formats
@click.command(cls=FriendlyCommand, short_help="Write a run's vectors for other tools.")
@click.argument("run", type=click.Path(path_type=Path))
@_output_options
@vectors_option
def export(run: Path, out: Path, vectors: Any, **options: Any) -> None:
    """Write the vectors of RUN to OUT for other tools."""
    _write(run, out, vectors, **options)


@_with_formats
@click.command(cls=FriendlyCommand, short_help="Turn vectors from one format into another.")
@click.argument("source", type=click.Path(path_type=Path), metavar="IN")
@_output_options
def convert(source: Path, out: Path, **options: Any) -> None:
    """Turn vectors IN, in any format of this list, into OUT; the content tells what IN is."""
    _write(source, out, None, **options)


def _write(
    source: Path,
    out: Path,
    vectors: Any,
    form: str | None,
    normalize: bool,
    top: int | None,
    float16: bool,
    quantize: str | None,
) -> None:
    from w2v_cli.errors import UsageError
    from w2v_cli.training.model_card import model_card
    from w2v_cli.vectors.formats.files import read_table, write_table
    from w2v_cli.vectors.queries.neighbors import unit_rows
    from w2v_cli.vectors.run_vectors import FILE_NAME
    from w2v_cli.vectors.table import VectorTable

    if float16 and quantize:
        raise UsageError("--float16 and --quantize exclude each other")
    precision: Any = quantize or ("float16" if float16 else "float32")
    chosen = find_format(form) if form else guess_format(out)
    check_output(out, chosen, precision)
    if out.resolve() in (source.resolve(), source.resolve() / FILE_NAME):
        raise UsageError(f"{out} would replace what is read; choose another OUT")
    if chosen.is_folder and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} exists and is no empty folder, as {chosen.name} needs one")
    table = read_table(source, vectors)
    if top is not None:
        table = table.top(top)
    if normalize:
        table = VectorTable(table.words, unit_rows(table.matrix), table.counts)
    card = ""
    if chosen.name == "huggingface":
        changes = ["lengths divided out"] * normalize + [precision] * (precision != "float32")
        card = model_card(table, source, out.name, vectors, changes)
    write_table(table, out, chosen, precision, card)
    click.echo(f"{out}: {len(table.words):,} words, {table.matrix.shape[1]} numbers each", err=True)
