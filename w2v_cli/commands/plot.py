"""`w2v plot`: a picture of words in two dimensions."""

from pathlib import Path
from typing import Any

import click

from w2v_cli.commands.options import FriendlyCommand
from w2v_cli.commands.queries import vectors_option


@click.command(cls=FriendlyCommand, short_help="Draw words in two dimensions.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="PNG, SVG or PDF file, or .html: a page to explore.  [default: plot.png in or beside RUN]",
)
@click.option("--words", help="Words to draw, with commas or spaces between them.")
@click.option(
    "--words-file", type=click.Path(path_type=Path), help="A file of words to draw, one a line."
)
@click.option("--top", type=click.IntRange(min=1), help="Draw the N most frequent words.")
@vectors_option
@click.option("--title", help="Title of the picture.  [default: the run's name]")
def plot(
    run: Path,
    out: Path | None,
    words: str | None,
    words_file: Path | None,
    top: int | None,
    vectors: Any,
    title: str | None,
) -> None:
    """Draw word vectors of RUN, a run or a file of vectors, on their first two principal axes.

    Without --words, --words-file or --top: the words of the CS224n picture that RUN knows.
    Words that RUN does not know are named on stderr.
    """
    from w2v_cli.pictures.plotting import CS224N_WORDS, FORMATS, draw_words
    from w2v_cli.pictures.projection import project
    from w2v_cli.storage.atomic import atomic_write
    from w2v_cli.vectors.word_vectors import load

    chosen = sum(x is not None for x in (words, words_file, top))
    if chosen > 1:
        raise click.UsageError("give one of --words, --words-file and --top, not several")
    target = out or (run if run.is_dir() else run.parent) / "plot.png"
    file_format = target.suffix[1:].lower()
    if file_format not in (*FORMATS, "html"):
        raise click.UsageError(f"--out {target}: the name must end in .png, .svg or .pdf; or .html")
    loaded = load(run, vectors)
    if top is not None:
        wanted = loaded.words[:top]
    elif words_file is not None:
        wanted = _read_words(words_file)
    elif words is not None:
        wanted = words.replace(",", " ").split()
    else:
        wanted = list(CS224N_WORDS)
    known = _known(wanted, loaded.ids, run)
    projection = project(loaded[known])
    if file_format == "html":
        from w2v_cli.pictures.page.data import Plane
        from w2v_cli.pictures.page.of_vectors import page_of
        from w2v_cli.pictures.page.page import write_page

        plane = Plane("PCA", projection.points, "Distances are at most those of the vectors.")
        write_page(target, page_of(loaded, known, [plane], title=title or run.resolve().name))
        click.echo(str(target))
        return
    with atomic_write(target) as file:
        draw_words(file, known, projection, title or run.resolve().name, file_format)
    click.echo(str(target))


def _read_words(path: Path) -> list[str]:
    from w2v_cli.errors import DataError

    try:
        return path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read the words in {path}: {error}") from error


def _known(wanted: list[str], ids: dict[str, int], run: Path) -> list[str]:
    """Return the distinct words that the run knows; name the others on stderr."""
    from w2v_cli.errors import DataError

    wanted = list(dict.fromkeys(wanted))
    missing = [word for word in wanted if word not in ids]
    if missing:
        click.echo(f"note: not in the vocabulary: {' '.join(missing)}", err=True)
    known = [word for word in wanted if word in ids]
    if not known:
        raise DataError(f"{run} knows none of the words; try --top 50 to see words that it knows")
    return known
