"""`w2v plot`: pictures of words, of relations and of runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from w2v_cli.commands.ask import vectors_option
from w2v_cli.commands.options import FilePath, FloatRange, FriendlyCommand, IntRange
from w2v_cli.errors import DataError, reason_of, visible
from w2v_cli.json_types import Json
from w2v_cli.pictures.catalog import METHODS
from w2v_cli.pictures.style import (
    FILM_FORMATS,
    FORMATS,
    STYLES,
    format_of,
    import_matplotlib,
)

if TYPE_CHECKING:
    from w2v_cli.engines.settings import Which
    from w2v_cli.pictures.canvas import Picture
    from w2v_cli.pictures.draw import Page
    from w2v_cli.pictures.film import Film
    from w2v_cli.vectors.word_vectors import WordVectors


Command = TypeVar("Command", bound=Callable[..., Any])

#: Options that choose the words; one of them at a time.
WORD_SOURCES = ("words", "words_file", "top", "neighbors_of", "regex")
KNOBS = tuple(dict.fromkeys(knob for method in METHODS.values() for knob in method.knobs))
_LOOKS = ("runs", "out", "style", "title", "size", "dpi", "show")
_PROJECTS = ("method", "metric", "seed", *KNOBS)
_SHOWS_WORDS = (*WORD_SOURCES, "keep_stop_words", "n", "groups", "clusters", "vectors")
#: Kind of picture → the options that it takes. The first is the default.
KINDS = {
    "words": (*_LOOKS, *_PROJECTS, *_SHOWS_WORDS, "describe"),
    "compare": (*_LOOKS, *_PROJECTS, *_SHOWS_WORDS),
    "analogy": (*_LOOKS, "vectors"),
    "heatmap": (*_LOOKS, "vectors"),
    "curves": _LOOKS,
    "animate": ("runs", "style", "title", "size", "dpi", "show", *_SHOWS_WORDS),
    "page": ("runs", "out", "title", "show", *_PROJECTS, *_SHOWS_WORDS),
}
#: The kinds that an option of the same name asks for.
PICTURES = ("compare", "analogy", "heatmap", "curves", "animate")


@dataclass(frozen=True)
class Options:
    """The values of the options, given or default, by the names of the options."""

    runs: tuple[Path, ...]
    out: Path | None
    words: str | None
    words_file: Path | None
    top: int | None
    keep_stop_words: bool
    neighbors_of: str | None
    n: int
    regex: str | None
    groups: Path | None
    clusters: int | None
    method: tuple[str, ...]
    metric: str | None
    seed: int
    perplexity: float | None
    n_neighbors: int | None
    min_dist: float | None
    vectors: Which | None
    compare: Path | None
    analogy: tuple[str, ...]
    heatmap: str | None
    curves: bool
    animate: Path | None
    style: str
    title: str
    size: tuple[float, float] | None
    dpi: int | None
    describe: bool
    show: bool


class Inches(click.ParamType[tuple[float, float]]):
    """Width and height, as in 8x6."""

    name = "WxH"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        """Read "8x6" as (8.0, 6.0); between 1 and 100 inches."""
        try:
            width, height = (float(part) for part in str(value).lower().split("x"))
        except ValueError:
            self.fail(f"{value!r}: write inches as WIDTHxHEIGHT, such as 8x6", param, ctx)
        if not (1 <= width <= 100 and 1 <= height <= 100):
            self.fail(f"{value!r}: sides are between 1 and 100 inches", param, ctx)
        return width, height


def plot_options(command: Command) -> Command:
    """Add the options, in the order of the help."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def chosen_kind(context: click.Context) -> str:
    """Return the kind of picture that the options ask for; --out NAME.html asks for a page.

    Raises:
        click.UsageError: two kinds, two ways to choose words, or an option that the kind ignores.
    """
    given = {
        name
        for name in context.params
        if context.get_parameter_source(name) == ParameterSource.COMMANDLINE
    }
    _at_most_one(context, given, PICTURES)
    _at_most_one(context, given, WORD_SOURCES)
    _at_most_one(context, given, ("groups", "clusters"))
    kind = next((kind for kind in PICTURES if kind in given), "words")
    if context.params["out"] is not None and format_of(context.params["out"]) == "html":
        if kind != "words":
            raise click.UsageError(f"--{kind} is a picture: --out must end in .png, .svg or .pdf")
        kind = "page"
    ignored = sorted(given - set(KINDS[kind]) - {kind})
    if ignored:
        what = "a page" if kind == "page" else f"--{kind}"
        raise click.UsageError(f"{what} does not take {_flags(context, ignored)}")
    if len(context.params["method"]) > 1 and kind != "page":
        raise click.UsageError(
            "a picture takes one --method; a page (--out NAME.html) takes several"
        )
    for option, needed in (("n", "neighbors_of"), ("keep_stop_words", "top")):
        if option in given and needed not in given:
            raise click.UsageError(f"{_flags(context, [option])} needs {_flags(context, [needed])}")
    return kind


def _at_most_one(context: click.Context, given: set[str], names: Iterable[str]) -> None:
    names = list(names)
    if len(given.intersection(names)) > 1:
        *most, last = _flags(context, names).split(", ")
        raise click.UsageError(f"give one of {', '.join(most)} and {last}, not several")


def _flags(context: click.Context, names: Iterable[str]) -> str:
    flags = {param.name: param.opts[0] for param in context.command.params}
    return ", ".join(flags[name] for name in names)


_path = FilePath()
_OPTIONS = (
    click.option(
        "--out",
        type=_path,
        help="PNG, SVG or PDF file, or NAME.html for an interactive page."
        "  [default: KIND.png in or beside RUN]",
    ),
    click.option("--words", help="Words to draw, separated by commas or spaces."),
    click.option("--words-file", type=_path, help="File of words to draw."),
    click.option(
        "--top", type=IntRange(min=2), help="Draw the N most frequent words, without stop words."
    ),
    click.option(
        "--keep-stop-words", is_flag=True, help='With --top: keep stop words such as "the".'
    ),
    click.option("--neighbors-of", metavar="WORD", help="Draw WORD and its nearest neighbours."),
    click.option(
        "-n",
        "n",
        type=IntRange(min=1),
        default=30,
        help="With --neighbors-of: how many neighbours.  [default: 30]",
    ),
    click.option(
        "--regex",
        metavar="PATTERN",
        help="Draw the words that PATTERN matches as a whole, at most 500; .*ness for an ending.",
    ),
    click.option(
        "--groups", type=_path, help='Colours by group: a file with lines "name: word word …".'
    ),
    click.option(
        "--clusters",
        type=IntRange(1, 8),
        help="Colours by this many clusters of the full vectors.  [default: by silhouette]",
    ),
    click.option(
        "--method",
        type=click.Choice(list(METHODS)),
        default=("pca",),
        multiple=True,
        help="Projection; a page takes several.  [default: pca]",
    ),
    click.option(
        "--metric",
        type=click.Choice(["cosine", "euclidean"]),
        help="Measure of closeness.  [default: euclidean for pca, else cosine]",
    ),
    click.option("--seed", type=int, default=1, help="Seed of tsne and umap.  [default: 1]"),
    click.option(
        "--perplexity",
        type=FloatRange(min=1),
        help="tsne: effective number of neighbours.  [default: 15]",
    ),
    click.option(
        "--n-neighbors",
        type=IntRange(min=2),
        help="umap: number of neighbours.  [default: 15]",
    ),
    click.option(
        "--min-dist",
        type=FloatRange(0, 1),
        help="umap: smallest distance between points.  [default: 0.3]",
    ),
    vectors_option,
    click.option(
        "--compare", metavar="RUN2", type=_path, help="Draw RUN and RUN2 side by side, aligned."
    ),
    click.option(
        "--analogy",
        metavar="A:B",
        multiple=True,
        help="Draw an arrow from A to B, such as king:queen. Can be repeated.",
    ),
    click.option(
        "--heatmap", metavar="WORDS", help="Draw the cosines of WORDS as a coloured table."
    ),
    click.option(
        "--curves", is_flag=True, help="Draw loss, learning rate and scores of one or several runs."
    ),
    click.option(
        "--animate",
        metavar="OUT",
        type=_path,
        help="Animate the words during training, as .gif or .html; needs train --snapshots.",
    ),
    click.option(
        "--style",
        type=click.Choice(list(STYLES)),
        default="light",
        help="Colours and sizes.  [default: light]",
    ),
    click.option("--title", help="Title of the picture.  [default: the run's name]"),
    click.option(
        "--size",
        type=Inches(),
        help="Size in inches, such as 8x6.  [default: by the number of words]",
    ),
    click.option("--dpi", type=IntRange(20, 1200), help="Dots per inch.  [default: the style's]"),
    click.option(
        "--describe", is_flag=True, help="Also print in two sentences what the picture shows."
    ),
    click.option("--show", is_flag=True, help="Open the picture when it is drawn."),
)


@click.command(cls=FriendlyCommand, short_help="Draw words in two dimensions.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN", type=FilePath())
@plot_options
@click.pass_context
def plot(context: click.Context, /, runs: tuple[Path, ...], **given: Any) -> None:
    """Draw word vectors of RUN, a run or a file of vectors.

    By default, draws the words of the CS224n picture. Words that RUN does not
    know are named on stderr. The words are coloured by group: the course's
    groups, or clusters of the full vectors, named by their central words.

    For other kinds of picture, use --compare, --analogy, --heatmap, --animate or
    --curves; only --curves takes several runs. --out NAME.html writes an
    interactive page.
    """
    kind = chosen_kind(context)
    if len(runs) > 1 and kind != "curves":
        raise click.UsageError(f"{len(runs)} runs; only --curves takes several")
    target = given["animate"] or given["out"] or _default_target(runs[0], kind)
    _check_format(target, kind)
    if given["title"] is None:
        given["title"] = _default_title(runs, given["neighbors_of"])
    options = Options(runs=runs, **given)
    import_matplotlib()
    description = ""
    if kind == "page":
        words_page(options).save(target)
    elif kind == "animate":
        film(options).save(target)
    else:
        picture = _picture(options)
        save_picture(picture, target)
        description = picture.description
    click.echo(str(target))
    if options.describe:
        click.echo(description)
    if given["show"]:
        click.launch(str(target))


def _picture(options: Options) -> Picture:
    if options.compare is not None:
        return comparison(options, options.compare)
    if options.analogy:
        return analogies(options)
    if options.heatmap is not None:
        return heatmap(options, options.heatmap)
    if options.curves:
        return curves(options)
    return words_picture(options)


def save_picture(picture: Picture, target: Path) -> None:
    """Write the picture, whole or not at all; print its notes to stderr."""
    from w2v_cli.storage.atomic import atomic_write

    with atomic_write(target) as file:
        picture.save(file, format_of(target))
    for note in picture.notes:
        click.echo(f"note: {visible(note)}", err=True)


def _default_target(run: Path, kind: str) -> Path:
    name = "plot.png" if kind == "words" else f"{kind}.png"
    return (run if run.is_dir() else run.parent) / name


def _default_title(runs: tuple[Path, ...], neighbors_of: str | None) -> str:
    names = ", ".join(run.resolve().name for run in runs)
    return f"{names}: the neighbours of {neighbors_of}" if neighbors_of else names


def _check_format(target: Path, kind: str) -> None:
    if kind == "animate":
        check_picture_name(target, "--animate", FILM_FORMATS)
    elif kind != "page":
        check_picture_name(target, "--out", more=", or in .html for a page")


def check_picture_name(
    target: Path, option: str, formats: Sequence[str] = FORMATS, more: str = ""
) -> None:
    """Raise UsageError for a name with another ending. more: further endings, for the message."""
    if format_of(target) not in formats:
        *most, last = (f".{name}" for name in formats)
        raise click.UsageError(
            f"{option} {target}: the name must end in {', '.join(most)} or {last}{more}"
        )


# The kinds of picture.


def words_picture(options: Options) -> Picture:
    """Words in two dimensions."""
    from w2v_cli.pictures.draw import plot

    loaded, known = _load_words(options)
    return plot(loaded, known, **_projection(options), groups=_groups(options), **_look(options))


def words_page(options: Options) -> Page:
    """Words on a page to explore."""
    from w2v_cli.pictures.draw import explore

    loaded, known = _load_words(options)
    projection = _projection(options)
    projection["methods"] = options.method
    del projection["method"]
    return explore(loaded, known, **projection, groups=_groups(options), title=options.title)


def comparison(options: Options, other: Path) -> Picture:
    """Two runs side by side."""
    from w2v_cli.pictures.draw import choose_groups, counts_of
    from w2v_cli.pictures.side_by_side import compare, draw_comparison, least_agreed, words_of_both
    from w2v_cli.vectors.word_vectors import load

    first, known = _load_words(options)
    second = load(other, options.vectors)
    both, missing = words_of_both(known, first, second)
    name_missing(missing, str(other))
    compared = compare(both, first, second, **_projection(options))
    look = _look(options)
    names = (look.pop("title"), other.resolve().name)
    counts = counts_of(first, both)
    groups = choose_groups(both, first[both].astype(float), _groups(options), counts)
    picture = draw_comparison(both, compared, groups, names, counts=counts, **look)
    agreed = ", ".join(f"{word} {cos:.2f}" for word, cos in least_agreed(both, compared).items())
    picture.notes.append(f"the runs agree least on (cosine): {agreed}")
    return picture


def analogies(options: Options) -> Picture:
    """Arrows from word to word."""
    from w2v_cli.pictures.arrows import draw_analogies, parse_pair
    from w2v_cli.vectors.word_vectors import load

    pairs = [parse_pair(text) for text in options.analogy]
    loaded = load(options.runs[0], options.vectors)
    sides = ([pair[side] for pair in pairs] for side in (0, 1))
    starts, ends = (loaded[words].astype(float) for words in sides)
    return draw_analogies(pairs, starts, ends, **_look(options))


def heatmap(options: Options, words: str) -> Picture:
    """A table of cosines."""
    from w2v_cli.pictures.heatmap import draw_heatmap
    from w2v_cli.pictures.words import keep_known, split_words
    from w2v_cli.vectors.word_vectors import load

    loaded = load(options.runs[0], options.vectors)
    known, missing = keep_known(split_words(words), loaded)
    name_missing(missing, "the vocabulary")
    return draw_heatmap(known, loaded[known].astype(float), **_look(options))


def curves(options: Options) -> Picture:
    """Loss, learning rate and scores of runs."""
    from w2v_cli.pictures.curves import draw_curves, read_curves

    return draw_curves([read_curves(run) for run in options.runs], **_look(options))


def film(options: Options) -> Film:
    """The words during the training."""
    from w2v_cli.pictures.curves import read_curves
    from w2v_cli.pictures.draw import choose_groups, counts_of
    from w2v_cli.pictures.film import Film, draw_frames, read_snapshots

    loaded, known = _load_words(options)
    snapshots = read_snapshots(options.runs[0], known, options.vectors)
    name_missing([word for word in known if word not in snapshots.words], "the snapshots")
    counts = counts_of(loaded, snapshots.words)
    groups = choose_groups(snapshots.words, snapshots.vectors[-1], _groups(options), counts)
    frames = draw_frames(
        snapshots, groups, read_curves(options.runs[0]), counts=counts, **_look(options)
    )
    return Film(frames, options.title)


def name_missing(words: Sequence[str], where: str) -> None:
    """Name the words that cannot be drawn on stderr."""
    if words:
        click.echo(f"note: not in {where}: {visible(' '.join(words))}", err=True)


def _load_words(options: Options) -> tuple[WordVectors, list[str]]:
    """Load RUN and choose the words that it knows; the others are named on stderr."""
    from w2v_cli.pictures.words import keep_known
    from w2v_cli.vectors.word_vectors import load

    loaded = load(options.runs[0], options.vectors)
    known, missing = keep_known(_wanted(loaded, options), loaded)
    name_missing(missing, "the vocabulary")
    return loaded, known


def _wanted(loaded: WordVectors, options: Options) -> Sequence[str]:
    from w2v_cli.pictures import words

    if options.words is not None:
        return words.split_words(options.words)
    if options.words_file is not None:
        return _read_words(options.words_file, loaded)
    if options.top is not None:
        return words.top_words(loaded, options.top, options.keep_stop_words)
    if options.neighbors_of is not None:
        return words.words_near(loaded, options.neighbors_of, options.n)
    if options.regex is not None:
        return words.words_matching(loaded, options.regex)
    return words.CS224N_WORDS


def _read_words(path: Path, loaded: WordVectors) -> list[str]:
    """Return the words of a file: a line that is a word, else the parts of the line."""
    from w2v_cli.pictures.words import split_words

    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"cannot read the words in {path}: {reason_of(error)}; give a text with words"
        ) from error
    parts = ([line] if line in loaded else split_words(line) for line in map(str.strip, lines))
    return [word for some in parts for word in some]


def _groups(options: Options) -> Any:
    from w2v_cli.pictures.words import read_groups

    if options.groups is not None:
        return read_groups(options.groups)
    return options.clusters


def _projection(options: Options) -> Json:
    knobs = {
        "perplexity": options.perplexity,
        "n_neighbors": options.n_neighbors,
        "min_dist": options.min_dist,
    }
    given = {knob: value for knob, value in knobs.items() if value is not None}
    return {"method": options.method[0], "metric": options.metric, "seed": options.seed, **given}


def _look(options: Options) -> Json:
    return {
        "title": options.title,
        "style": options.style,
        "size": options.size,
        "dpi": options.dpi,
    }
