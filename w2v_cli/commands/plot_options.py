"""The options of `w2v plot`, what each of its kinds of picture takes, and how they are read."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from w2v_cli.commands.queries import vectors_option
from w2v_cli.commands.ranges import FloatRange, IntRange
from w2v_cli.pictures.style import METHODS, STYLES

Command = TypeVar("Command", bound=Callable[..., Any])

#: Where the words come from; one of them at a time.
WORD_SOURCES = ("words", "words_file", "top", "neighbors_of", "regex")
KNOBS = tuple(dict.fromkeys(knob for method in METHODS.values() for knob in method.knobs))
_LOOKS = ("runs", "out", "style", "title", "size", "dpi", "show")
_PROJECTS = ("method", "metric", "seed", *KNOBS)
_SHOWS_WORDS = (*WORD_SOURCES, "keep_stop_words", "n", "groups", "clusters", "vectors")
#: Kind of picture → the options that it takes. The first kind needs no option.
KINDS = {
    "words": (*_LOOKS, *_PROJECTS, *_SHOWS_WORDS),
    "compare": (*_LOOKS, *_PROJECTS, *_SHOWS_WORDS),
    "analogy": (*_LOOKS, "vectors"),
    "heatmap": (*_LOOKS, "vectors"),
    "curves": _LOOKS,
    "animate": ("runs", "style", "title", "size", "dpi", "show", *_SHOWS_WORDS),
    "page": ("runs", "out", "title", "show", *_PROJECTS, *_SHOWS_WORDS),
}
#: Those that an option of the same name asks for.
PICTURES = ("compare", "analogy", "heatmap", "curves", "animate")


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
        click.UsageError: two kinds, two sources of words, or an option that the kind ignores.
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
    if context.params["out"] is not None and context.params["out"].suffix.lower() == ".html":
        if kind != "words":
            raise click.UsageError(f"--{kind} is a picture: --out must end in .png, .svg or .pdf")
        kind = "page"
    ignored = sorted(given - set(KINDS[kind]) - {kind})
    if ignored:
        what = "a page" if kind == "page" else f"--{kind}"
        raise click.UsageError(f"{what} does not take {_flags(context, ignored)}")
    if len(context.params["method"]) > 1 and kind != "page":
        raise click.UsageError("a picture has one --method; a page (--out NAME.html) takes several")
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


_path = click.Path(path_type=Path)
_OPTIONS = (
    click.option(
        "--out",
        type=_path,
        help="PNG, SVG or PDF file, or NAME.html: a page to explore."
        "  [default: KIND.png in or beside RUN]",
    ),
    click.option("--words", help="Words to draw, with commas or spaces between them."),
    click.option("--words-file", type=_path, help="A file of words to draw."),
    click.option(
        "--top", type=IntRange(min=2), help="The N most frequent words, without stop words."
    ),
    click.option("--keep-stop-words", is_flag=True, help='With --top: "the" and "of" too.'),
    click.option("--neighbors-of", metavar="WORD", help="WORD and its nearest neighbours."),
    click.option(
        "-n",
        "n",
        type=IntRange(min=1),
        default=30,
        help="Number of neighbours.  [default: 30]",
    ),
    click.option("--regex", metavar="PATTERN", help="The words that PATTERN matches, at most 500."),
    click.option("--groups", type=_path, help='Colours: a file with lines "name: word word …".'),
    click.option(
        "--clusters",
        type=IntRange(1, 8),
        help="Colours: this many clusters of the full vectors.  [default: by silhouette]",
    ),
    click.option(
        "--method",
        type=click.Choice(list(METHODS)),
        default=("pca",),
        multiple=True,
        help="How to project; a page takes several.  [default: pca]",
    ),
    click.option(
        "--metric",
        type=click.Choice(["cosine", "euclidean"]),
        help="What counts as close.  [default: pca euclidean, others cosine]",
    ),
    click.option("--seed", type=int, default=1, help="Seed of tsne and umap.  [default: 1]"),
    click.option(
        "--perplexity",
        type=FloatRange(min=1),
        help="tsne: about how many neighbours count.  [default: 15]",
    ),
    click.option(
        "--n-neighbors",
        type=IntRange(min=2),
        help="umap: how many neighbours count.  [default: 15]",
    ),
    click.option(
        "--min-dist",
        type=FloatRange(0, 1),
        help="umap: how close points may lie.  [default: 0.3]",
    ),
    vectors_option,
    click.option(
        "--compare", metavar="RUN2", type=_path, help="RUN and RUN2 side by side, aligned."
    ),
    click.option(
        "--analogy",
        metavar="A:B",
        multiple=True,
        help="An arrow from A to B, such as king:queen; can be repeated.",
    ),
    click.option("--heatmap", metavar="WORDS", help="The cosines of WORDS as a coloured table."),
    click.option(
        "--curves", is_flag=True, help="Loss, learning rate and scores of one or several runs."
    ),
    click.option(
        "--animate",
        metavar="OUT",
        type=_path,
        help="The words while RUN trained, to a .gif or .html; needs train --snapshots.",
    ),
    click.option(
        "--style",
        type=click.Choice(list(STYLES)),
        default="light",
        help="Colours and sizes.  [default: light]",
    ),
    click.option("--title", help="Title of the picture.  [default: the run's name]"),
    click.option("--size", type=Inches(), help="Inches, such as 8x6.  [default: by the words]"),
    click.option("--dpi", type=IntRange(20, 1200), help="Dots per inch.  [default: by the style]"),
    click.option("--show", is_flag=True, help="Open the picture."),
)
