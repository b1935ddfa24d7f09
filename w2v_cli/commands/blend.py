"""`w2v blend`: one file of vectors made of several runs or files."""

from pathlib import Path

import click

from w2v_cli.commands.ask import VectorCommand, vectors_option
from w2v_cli.commands.export import check_target
from w2v_cli.commands.options import FilePath, IntRange
from w2v_cli.engines.settings import Which
from w2v_cli.errors import visible
from w2v_cli.vectors.formats.catalog import FORMATS, check_output, find_format, guess_format


@click.command(cls=VectorCommand, short_help="Blend several runs or files of vectors into one.")
@click.argument("parts", type=FilePath(), metavar="A B…", nargs=-1, required=True)
@click.option("--out", type=FilePath(), required=True, help="File to write.")
@click.option(
    "--weights",
    metavar="W,W…",
    help="A weight for each part, such as 1,0.5.  [default: 1 each]",
)
@click.option(
    "--dim", type=IntRange(min=1), help="Length of a vector.  [default: that of the first part]"
)
@vectors_option
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    metavar="FORMAT",
    help="Use this format, whatever the name of OUT.",
)
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
def blend(
    parts: tuple[Path, ...],
    out: Path,
    weights: str | None,
    dim: int | None,
    vectors: Which | None,
    form: str | None,
    force: bool,
) -> None:
    """Blend runs or files of vectors into one, over the words that all of them have.

    Unit vectors of the parts, times their weights, are put side by side and reduced to --dim. A
    training blended with spectral vectors (--engine spectral) is better than both at most tasks;
    `w2v train --blend spectral` makes such a run at once. The name of OUT chooses the format, as in
    w2v export. If a part has subwords, --format fasttext-bin keeps its n-grams: then words that
    training has not seen have a vector too.
    """
    from w2v_cli.training.report import model_card
    from w2v_cli.vectors.blending import blend_tables
    from w2v_cli.vectors.formats.vector_files import read_table, write_table

    chosen = find_format(form) if form else guess_format(out)
    check_output(out, chosen, "float32")
    for part in parts:
        check_target(part, out, chosen, force)
    names = [visible(str(part)) for part in parts]
    tables = [read_table(part, vectors) for part in parts]
    found = blend_tables(tables, _numbers(weights), dim, names)
    change = f"blend of {' and '.join(part.name for part in parts)}"
    card = model_card(found.table, out, out.name, None, [change], chosen.name)
    write_table(found.table, out, chosen, "float32", card)
    for name, n in zip(names, found.n_known, strict=True):
        click.echo(f"{name}: {n:,} words", err=True)
    shown = f"{len(found.table):,} words that all have, {found.table.dim} dimensions"
    click.echo(f"{visible(str(out))}: {shown}", err=True)


def _numbers(text: str | None) -> list[float] | None:
    if text is None:
        return None
    try:
        return [float(number) for number in text.split(",")]
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is not a list of numbers such as 1,0.5", param_hint="--weights"
        ) from None
