"""`w2v plot`: pictures of words, of relations and of runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from w2v_cli.commands.options import FriendlyCommand
from w2v_cli.commands.plot_options import chosen_kind, plot_options
from w2v_cli.visible import visible

if TYPE_CHECKING:
    from w2v_cli.pictures.canvas import Picture


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
    only one that takes several runs. With --out NAME.html: a page to explore.
    """
    from w2v_cli.commands.plot_kinds import KINDS, film, words_page

    kind = chosen_kind(context)
    if len(runs) > 1 and kind != "curves":
        raise click.UsageError(f"{len(runs)} runs; only --curves takes several")
    target = options["animate"] or options["out"] or _default_target(runs[0], kind)
    _check_format(target, kind)
    if options["title"] is None:
        options["title"] = _default_title(runs, options["neighbors_of"])
    if kind == "page":
        words_page(runs, options).save(target)
    elif kind == "animate":
        film(runs, options).save(target)
    else:
        save_picture(KINDS[kind](runs, options), target)
    click.echo(str(target))
    if options["show"]:
        click.launch(str(target))


def save_picture(picture: "Picture", target: Path) -> None:
    """Write the picture, whole or not at all, and its notes to stderr."""
    from w2v_cli.storage.atomic import atomic_write

    with atomic_write(target) as file:
        picture.save(file, target.suffix[1:].lower())
    for note in picture.notes:
        click.echo(f"note: {visible(note)}", err=True)


def _default_target(run: Path, kind: str) -> Path:
    name = "plot.png" if kind == "words" else f"{kind}.png"
    return (run if run.is_dir() else run.parent) / name


def _default_title(runs: tuple[Path, ...], neighbors_of: str | None) -> str:
    names = ", ".join(run.resolve().name for run in runs)
    return f"{names}: the neighbours of {neighbors_of}" if neighbors_of else names


def _check_format(target: Path, kind: str) -> None:
    from w2v_cli.pictures.style import FILM_FORMATS

    if kind == "animate" and target.suffix[1:].lower() not in FILM_FORMATS:
        raise click.UsageError(f"--animate {target}: the name must end in .gif or .html")
    if kind not in {"animate", "page"}:
        check_picture_name(target, "--out", ", or in .html for a page")


def check_picture_name(target: Path, option: str, more: str = "") -> None:
    """Raise UsageError for a name without the ending of a picture. more: what else it may be."""
    from w2v_cli.pictures.style import FORMATS

    if target.suffix[1:].lower() not in FORMATS:
        raise click.UsageError(f"{option} {target}: the name must end in .png, .svg or .pdf{more}")
