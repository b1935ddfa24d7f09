"""`w2v plot`: pictures of words, of relations and of runs."""

from pathlib import Path
from typing import Any

import click

from w2v_cli.commands.options import FriendlyCommand
from w2v_cli.commands.plot_options import chosen_kind, plot_options


@click.command(cls=FriendlyCommand, short_help="Draw words in two dimensions.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN", type=click.Path(path_type=Path))
@plot_options
@click.pass_context
def plot(context: click.Context, /, runs: tuple[Path, ...], **options: Any) -> None:
    """Draw word vectors of RUN, a run or a file of vectors.

    Without words: those of the CS224n picture that RUN knows. Words that RUN
    does not know are named on stderr. The words are coloured by group: the
    course's groups, or clusters of the full vectors, named by their central
    words.

    Other kinds of picture: --compare, --analogy, --heatmap and --curves, the
    only one that takes several runs.
    """
    from w2v_cli.commands.plot_kinds import KINDS
    from w2v_cli.storage.atomic import atomic_write

    kind = chosen_kind(context)
    if len(runs) > 1 and kind != "curves":
        raise click.UsageError(f"{len(runs)} runs; only --curves takes several")
    target = options["out"] or _default_target(runs[0], kind)
    file_format = _format_of(target)
    if options["title"] is None:
        options["title"] = _default_title(runs, options["neighbors_of"])
    picture = KINDS[kind](runs, options)
    with atomic_write(target) as file:
        picture.save(file, file_format)
    for note in picture.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(str(target))
    if options["show"]:
        click.launch(str(target))


def _default_target(run: Path, kind: str) -> Path:
    name = "plot.png" if kind == "words" else f"{kind}.png"
    return (run if run.is_dir() else run.parent) / name


def _default_title(runs: tuple[Path, ...], neighbors_of: str | None) -> str:
    names = ", ".join(run.resolve().name for run in runs)
    return f"{names}: the neighbours of {neighbors_of}" if neighbors_of else names


def _format_of(target: Path) -> str:
    from w2v_cli.pictures.style import FORMATS

    file_format = target.suffix[1:].lower()
    if file_format not in FORMATS:
        raise click.UsageError(f"--out {target}: the name must end in .png, .svg or .pdf")
    return file_format
