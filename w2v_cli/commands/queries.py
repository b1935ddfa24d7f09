"""What the commands that ask vectors share: where queries come from, how answers are shown."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from w2v_cli.commands.options import FriendlyCommand
from w2v_cli.commands.tables import render_table
from w2v_cli.errors import DataError, UsageError

if TYPE_CHECKING:
    from w2v_cli.vectors.word_vectors import Neighbor, WordVectors

Command = TypeVar("Command", bound=Callable[..., Any])
Query = list[str]

_MOST_SUGGESTIONS = 20  # unknown words that are looked up for close spellings

RAW_HELP = (
    "Compare by dot product, not cosine. A cosine sees only the direction of a vector: α·v is the"
    " same word as v. Use --raw where length matters, as it does for a classifier that adds up"
    ' vectors ("very bad" against "not bad").'
)


def query_command(
    name: str, metavar: str, summary: str
) -> Callable[[Callable[..., None]], click.Command]:
    """Make a command with RUN, query words and the options that all of them have."""

    def decorate(function: Callable[..., None]) -> click.Command:
        for option in (
            click.option("--json", "as_json", is_flag=True, help="One JSON object a query."),
            vectors_option,
            click.option("--raw", is_flag=True, help=RAW_HELP),
            click.option(
                "--file",
                type=click.Path(path_type=Path, allow_dash=True),
                help="Read the queries from a file, one a line.",
            ),
            click.argument("words", nargs=-1, metavar=metavar),
            run_argument,
        ):
            function = option(function)
        return click.command(name, cls=FriendlyCommand, short_help=summary)(function)

    return decorate


run_argument = click.argument("run", type=click.Path(path_type=Path))
vectors_option = click.option(
    "--vectors",
    type=click.Choice(["center", "outside", "sum", "concat"]),
    help="Which vectors of a run to use.  [default: what the run says]",
)


def serve(
    run: Path,
    queries: "Queries",
    answer: Callable[["WordVectors", list[Query]], list[Any]],
    show: Callable[[list[tuple[Query, Any]]], str],
    as_json: bool,
    vectors: Any,
) -> None:
    """Load vectors, answer every query and print the answers.

    Unknown words are named on stderr with close spellings; the exit code is then 1, except at
    the prompt. answer: queries → JSON-like objects. show: (query, object) pairs → text.
    """
    from w2v_cli.vectors.word_vectors import load

    loaded = load(run, vectors)
    n_unknown = 0
    for batch in queries.batches():
        known = [query for query in batch if all(word in loaded for word in query)]
        for query in batch:
            for word in query:
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
    close = loaded.suggestions(word) if suggest else []
    hint = f"; did you mean {', '.join(close)}?" if close else ""
    click.echo(f"Error: unknown word {word!r}{hint}", err=True)


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
            raise UsageError("give words or --file, not both")
        self.interactive = not words and not file and sys.stdin.isatty()

    def batches(self) -> Iterator[list[Query]]:
        """Yield all queries at once, or, at a prompt, one after the other."""
        if self._words:
            yield self._split(self._words, "the arguments")
        elif self.interactive:
            yield from self._ask()
        else:
            yield self._read()

    def _split(self, words: list[str], where: str) -> list[Query]:
        if self._size is None:
            if len(words) < 3:
                raise UsageError(f"{where}: give at least three words, not {len(words)}")
            return [words]
        if len(words) % self._size:
            raise UsageError(
                f"{where}: a query has {self._size} words, these are {len(words)}:"
                f" {' '.join(words)[:60]}"
            )
        return [words[i : i + self._size] for i in range(0, len(words), self._size)]

    def _ask(self) -> Iterator[list[Query]]:
        with suppress(ImportError):
            import readline  # noqa: F401  # gives input() its line editing
        while True:
            try:
                line = input(self._prompt)
            except EOFError:
                click.echo()
                return
            try:
                if line.split():
                    yield self._split(line.split(), "this line")
            except UsageError as error:
                click.echo(f"Error: {error}", err=True)

    def _read(self) -> list[Query]:
        name = "standard input" if self._file is None or str(self._file) == "-" else self._file
        try:
            raw = sys.stdin.buffer.read() if name != self._file else self._file.read_bytes()
            lines = raw.decode("utf-8-sig").split("\n")
        except UnicodeDecodeError as error:
            raise DataError(f"{name}: byte {error.start} is not UTF-8") from None
        queries: list[Query] = []
        for number, line in enumerate(lines, 1):
            if line.split():
                try:
                    queries += self._split(line.split(), f"{name}, line {number}")
                except UsageError as error:
                    raise DataError(str(error)) from None
        return queries


def as_objects(neighbors: Sequence["Neighbor"]) -> list[dict[str, Any]]:
    """Neighbours as JSON objects."""
    return [{"word": word, "score": score} for word, score in neighbors]


def ranking(title: str, objects: Sequence[dict[str, Any]]) -> str:
    """Lay out a heading and words with their scores below it."""
    rows = [[item["word"], f"{item['score']:.4f}"] for item in objects]
    return f"{title}\n{render_table(rows, indent='  ')}"
