"""What the commands that ask vectors share: where queries come from, how answers are shown."""

import json
import sys
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from w2v_cli.commands.options import FriendlyCommand
from w2v_cli.commands.ranges import IntRange
from w2v_cli.commands.tables import render_table
from w2v_cli.engines.settings import Which
from w2v_cli.errors import DataError
from w2v_cli.json_types import Json
from w2v_cli.visible import visible

if TYPE_CHECKING:
    from w2v_cli.vectors.answers import Neighbor
    from w2v_cli.vectors.word_vectors import WordVectors

Query = list[str]

_MOST_SUGGESTIONS = 20  # unknown words that are looked up for close spellings
_LEAVE = ("exit", "quit")  # at the prompt, unless they are words of the vocabulary

#: Options of gensim, fastText and word2vec.c (lower case, dashes) → ours, where a command has it.
FOREIGN_NAMES = {
    "topn": "-n",
    "top-n": "-n",
    "k": "-n",
    "binary": "--format word2vec-binary",
    "norm": "--normalize",
}

RAW_HELP = (
    "Compare by dot product instead of cosine. The cosine ignores length: to it, v and 2v are the"
    " same word. Use --raw where length matters, as in a classifier that adds vectors up"
    ' ("very bad" against "not bad").'
)


class VectorCommand(FriendlyCommand):
    """A command that reads vectors; it answers the option names of other tools with its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Look for names of other tools, then parse as usual."""
        known = {opt for param in self.params for opt in param.opts}
        for argument in takewhile(lambda argument: argument != "--", args):
            flag = argument.partition("=")[0]
            ours = FOREIGN_NAMES.get(flag.lstrip("-").lower().replace("_", "-"), "")
            if flag.startswith("-") and flag not in known and ours.partition(" ")[0] in known:
                ctx.fail(f"No such option: {flag}. Did you mean {ours}?")
        return super().parse_args(ctx, args)


def query_command(
    name: str, metavar: str, summary: str
) -> Callable[[Callable[..., None]], click.Command]:
    """Make a command with RUN, query words and the options that all of them have."""

    def decorate(function: Callable[..., None]) -> click.Command:
        for option in (
            click.option(
                "--json", "as_json", is_flag=True, help="Print one JSON object per query."
            ),
            vectors_option,
            click.option("--raw", is_flag=True, help=RAW_HELP),
            click.option(
                "--file",
                type=click.Path(path_type=Path, allow_dash=True),
                help="Read the queries from a file, one per line (- for standard input).",
            ),
            click.argument("words", nargs=-1, metavar=metavar),
            run_argument,
        ):
            function = option(function)
        return click.command(name, cls=VectorCommand, short_help=summary)(function)

    return decorate


run_argument = click.argument("run", type=click.Path(path_type=Path))
vectors_option = click.option(
    "--vectors",
    type=click.Choice(get_args(Which)),
    show_default="the run's default",
    help="Which vectors of a run to use.",
)
n_option = click.option(
    "-n",
    "n",
    type=IntRange(min=1),
    metavar="N",
    default=10,
    show_default=True,
    help="Number of results.",
)


def serve(
    run: Path,
    queries: "Queries",
    answer: Callable[["WordVectors", list[Query]], list[Json]],
    show: Callable[[list[tuple[Query, Json]]], str],
    as_json: bool,
    vectors: Which | None,
) -> None:
    """Load vectors, answer every query and print the answers.

    Unknown words are named on stderr with close spellings; the exit code is then 1, except at
    the prompt. answer: queries → JSON-like objects. show: (query, object) pairs → text.
    """
    from w2v_cli.vectors.word_vectors import load

    loaded = load(run, vectors)
    n_unknown = 0
    for batch in queries.batches(loaded):
        known = [query for query in batch if all(word in loaded for word in query)]
        for query in batch:
            for word in query:
                if word in loaded and word not in loaded.ids:
                    click.echo(f"{word!r} was not seen in training: made of its n-grams", err=True)
                if word not in loaded:
                    _name_unknown(loaded, word, n_unknown < _MOST_SUGGESTIONS)
                    n_unknown += 1
        answers = answer(loaded, known) if known else []
        if as_json:
            for content in answers:
                click.echo(json.dumps(content, ensure_ascii=False))
        elif known:
            click.echo(show(list(zip(known, answers, strict=True))))
    if n_unknown and not queries.interactive:
        sys.exit(1)


def _name_unknown(loaded: "WordVectors", word: str, suggest: bool) -> None:
    click.echo(f"Error: {loaded.unknown(word, suggest=suggest)}", err=True)


class Queries:
    """Queries of `size` words each (None: three or more): arguments, a file, a pipe or a prompt."""

    def __init__(
        self, words: Sequence[str], file: Path | None, size: int | None, prompt: str
    ) -> None:
        self._words = list(words)
        self._file = file
        self._size = size
        self._prompt = prompt
        if words and file:
            raise click.UsageError("give words or --file, not both")
        self.interactive = not words and not file and sys.stdin.isatty()

    def batches(self, known: Container[str]) -> Iterator[list[Query]]:
        """Yield all queries at once, or, at a prompt, one by one; `known` are the words to ask."""
        if self._words:
            yield self._split(self._words, "the arguments")
        elif self.interactive:
            yield from self._ask(known)
        else:
            yield self._read()

    def _split(self, words: list[str], where: str) -> list[Query]:
        if self._size is None:
            if len(words) < 3:
                raise click.UsageError(f"{where}: expected three words or more, got {len(words)}")
            return [words]
        if len(words) % self._size:
            each = "1 word" if self._size == 1 else f"{self._size} words"
            raise click.UsageError(
                f"{where}: expected {each} per query, got {len(words)}: {' '.join(words)[:60]}"
            )
        return [words[i : i + self._size] for i in range(0, len(words), self._size)]

    def _ask(self, known: Container[str]) -> Iterator[list[Query]]:
        with suppress(ImportError):
            import readline  # noqa: F401  # gives input() its line editing
        while True:
            try:
                line = input(self._prompt)
            except EOFError:
                click.echo()
                return
            if line.strip() in _LEAVE and line.strip() not in known:
                return
            try:
                if line.split():
                    yield self._split(line.split(), "this line")
            except click.UsageError as error:
                click.echo(f"Error: {error.message}", err=True)

    def _read(self) -> list[Query]:
        name = "standard input" if self._file is None or str(self._file) == "-" else self._file
        try:
            raw = sys.stdin.buffer.read() if name != self._file else self._file.read_bytes()
            lines = raw.decode("utf-8-sig").split("\n")
        except UnicodeDecodeError as error:
            raise DataError(f"{name}: byte {error.start} is not UTF-8; save it as UTF-8") from None
        queries: list[Query] = []
        for number, line in enumerate(lines, 1):
            if line.split():
                try:
                    queries += self._split(line.split(), f"{name}, line {number}")
                except click.UsageError as error:
                    raise DataError(error.message) from None
        return queries


def as_objects(neighbors: Sequence["Neighbor"]) -> list[Json]:
    """Neighbours as JSON objects."""
    return [{"word": word, "score": score} for word, score in neighbors]


def ranking(title: str, objects: Sequence[Json]) -> str:
    """Lay out a heading and words with their scores below it."""
    rows = [[item["word"], f"{item['score']:.4f}"] for item in objects]
    return f"{visible(title)}\n{render_table(rows, indent='  ')}"
