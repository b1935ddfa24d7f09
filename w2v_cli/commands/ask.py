"""The commands that ask vectors: neighbors, analogy, similarity, odd-one-out and vector.

Each command defines its answer and how to show it. `serve` does the rest, from reading queries to
naming unknown words.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from w2v_cli.commands.options import FilePath, FriendlyCommand, IntRange
from w2v_cli.commands.terminal import render_table
from w2v_cli.engines.settings import Which
from w2v_cli.errors import DataError, one_line, visible
from w2v_cli.json_types import Json
from w2v_cli.settings import foreign
from w2v_cli.vectors.answers import Method

if TYPE_CHECKING:
    from w2v_cli.vectors.answers import Neighbor
    from w2v_cli.vectors.word_vectors import WordVectors

Query = list[str]

_MOST_SUGGESTIONS = 20  # unknown words that are looked up for close spellings
_LEAVE = ("exit", "quit")  # at the prompt, unless they are words of the vocabulary

RAW_HELP = (
    "Compare by dot product instead of cosine. The cosine ignores length: it treats v and 2v"
    " alike. Use --raw where length matters, as in a classifier that adds vectors up"
    ' ("very bad" against "not bad").'
)


class VectorCommand(FriendlyCommand):
    """A command that reads vectors; for an option name of another tool it suggests its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Look for option names of other tools, then parse as usual."""
        known = {opt for param in self.params for opt in param.opts}
        for argument in takewhile(lambda argument: argument != "--", args):
            flag = argument.partition("=")[0]
            ours = foreign.QUERY_OPTIONS.get(foreign.plain(flag), "")
            if flag.startswith("-") and flag not in known and ours.partition(" ")[0] in known:
                ctx.fail(f"No such option: {flag}. Did you mean {ours}?")
        return super().parse_args(ctx, args)


def query_command(
    name: str, metavar: str, summary: str
) -> Callable[[Callable[..., None]], click.Command]:
    """Make a command with RUN, query words and the options that all query commands have."""

    def decorate(function: Callable[..., None]) -> click.Command:
        for option in (
            click.option(
                "--json", "as_json", is_flag=True, help="Print one JSON object per query."
            ),
            vectors_option,
            click.option("--raw", is_flag=True, help=RAW_HELP),
            click.option(
                "--file",
                type=FilePath(allow_dash=True),
                help="Read the queries from a file, one per line (- for standard input).",
            ),
            click.argument("words", nargs=-1, metavar=metavar),
            run_argument,
        ):
            function = option(function)
        return click.command(name, cls=VectorCommand, short_help=summary)(function)

    return decorate


run_argument = click.argument("run", type=FilePath())
vectors_option = click.option(
    "--vectors",
    type=click.Choice(get_args(Which)),
    show_default="the run's default",
    help="Which vectors of a run to use.",
)
strict_option = click.option(
    "--strict",
    is_flag=True,
    help="Refuse a file of vectors with repeated words or words that are not UTF-8.",
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
                if word in loaded and loaded.spelled(word) not in loaded.ids:
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
    click.echo(one_line(f"Error: {loaded.unknown(word, suggest=suggest)}"), err=True)


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

    def batches(self, known: "WordVectors") -> Iterator[list[Query]]:
        """Yield all queries at once, or, at a prompt, one by one; `known` are the words to ask."""
        if self._words:
            yield self._split(self._words, "the arguments")
        elif self.interactive:
            yield from self._ask(known)
        else:
            yield self._read(known)

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

    def _ask(self, known: "WordVectors") -> Iterator[list[Query]]:
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
                    yield self._split(self._words_of(line, known), "this line")
            except click.UsageError as error:
                click.echo(f"Error: {error.message}", err=True)

    def _words_of(self, line: str, known: "WordVectors") -> list[str]:
        """Return the words of a line: what tabs separate, one word with spaces, or several."""
        if "\t" in line:
            return [word.strip() for word in line.split("\t") if word.strip()]
        whole = line.strip()
        return [whole] if known.spelled(whole) in known.ids else line.split()

    def _read(self, known: "WordVectors") -> list[Query]:
        name = "standard input" if self._file is None or str(self._file) == "-" else self._file
        try:
            raw = sys.stdin.buffer.read() if name != self._file else self._file.read_bytes()
            lines = raw.decode("utf-8-sig").replace("\r", "\n").split("\n")
        except UnicodeDecodeError as error:
            raise DataError(f"{name}: byte {error.start} is not UTF-8; save it as UTF-8") from None
        queries: list[Query] = []
        for number, line in enumerate(lines, 1):
            if line.split():
                try:
                    words = self._words_of(line, known)
                    queries += self._split(words, f"{name}, line {number}")
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


# `w2v neighbors`: the closest words.


@query_command("neighbors", "[WORD]...", "The words closest to a word.")
@n_option
def neighbors(
    run: Path,
    words: tuple[str, ...],
    n: int,
    file: Path | None,
    raw: bool,
    vectors: Which | None,
    as_json: bool,
) -> None:
    """Print the words closest to each WORD in RUN, a run folder or a file of vectors.

    Without WORD, words are read from standard input. On a terminal there is a prompt.
    """

    def answer(loaded: "WordVectors", queries: list[Query]) -> list[Json]:
        found = loaded.neighbors_of([word for (word,) in queries], n, raw=raw)
        return [
            {"query": query[0], "neighbors": as_objects(near)}
            for query, near in zip(queries, found, strict=True)
        ]

    def show(pairs: list[tuple[Query, Json]]) -> str:
        return "\n".join(ranking(query[0], content["neighbors"]) for query, content in pairs)

    serve(run, Queries(words, file, 1, "word> "), answer, show, as_json, vectors)


# `w2v analogy`: king − man + woman.


@query_command("analogy", "[A B C]...", "The words closest to A − B + C.")
@n_option
@click.option(
    "--method",
    type=click.Choice(get_args(Method)),
    default="add",
    show_default=True,
    help="add: 3CosAdd, the cosine with A − B + C; mul: 3CosMul, a product of cosines.",
)
def analogy(
    run: Path,
    words: tuple[str, ...],
    n: int,
    method: Method,
    file: Path | None,
    raw: bool,
    vectors: Which | None,
    as_json: bool,
) -> None:
    """Print the words of RUN closest to A − B + C: king man woman asks for the queen.

    Without words, questions are read from standard input, three words per line. On a terminal
    there is a prompt.
    """
    if raw and method == "mul":
        raise click.UsageError("--raw and --method mul exclude each other: 3CosMul needs cosines")

    def answer(loaded: "WordVectors", queries: list[Query]) -> list[Json]:
        return [
            {
                "query": [a, b, c],
                "method": method,
                "answers": as_objects(loaded.analogy(a, b, c, n, method=method, raw=raw)),
            }
            for a, b, c in queries
        ]

    def show(pairs: list[tuple[Query, Json]]) -> str:
        return "\n".join(
            ranking(f"{a} − {b} + {c}", content["answers"]) for (a, b, c), content in pairs
        )

    serve(run, Queries(words, file, 3, "a − b + c> "), answer, show, as_json, vectors)


# `w2v similarity` and `w2v odd-one-out`: how close are these words?


@query_command("similarity", "[A B]...", "The similarity of two words.")
def similarity(
    run: Path,
    words: tuple[str, ...],
    file: Path | None,
    raw: bool,
    vectors: Which | None,
    as_json: bool,
) -> None:
    """Print the cosine of the vectors of A and B in RUN.

    Without words, pairs are read from standard input, two words per line. On a terminal there is
    a prompt.
    """

    def answer(loaded: "WordVectors", queries: list[Query]) -> list[Json]:
        return [
            {"query": [a, b], "similarity": loaded.similarity(a, b, raw=raw)} for a, b in queries
        ]

    def show(pairs: list[tuple[Query, Json]]) -> str:
        rows = [[*query, f"{content['similarity']:.4f}"] for query, content in pairs]
        return render_table(rows, left=2)

    serve(run, Queries(words, file, 2, "a b> "), answer, show, as_json, vectors)


@query_command("odd-one-out", "[WORD]...", "The word that fits least.")
def odd_one_out(
    run: Path,
    words: tuple[str, ...],
    file: Path | None,
    raw: bool,
    vectors: Which | None,
    as_json: bool,
) -> None:
    """Print the WORD least like the others, and the mean similarity of each to the others.

    Without WORD, lists are read from standard input, one per line. On a terminal there is a
    prompt.
    """

    def answer(loaded: "WordVectors", queries: list[Query]) -> list[Json]:
        return [
            {"query": query, "odd": ranked[0].word, "scores": as_objects(ranked)}
            for query in queries
            for ranked in [loaded.odd_one_out(query, raw=raw)]
        ]

    def show(pairs: list[tuple[Query, Json]]) -> str:
        return "\n".join(ranking(content["odd"], content["scores"]) for _, content in pairs)

    serve(run, Queries(words, file, None, "words> "), answer, show, as_json, vectors)


# `w2v vector`: the numbers themselves.


@click.command(cls=VectorCommand, short_help="The vectors of words.")
@run_argument
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option(
    "--file",
    type=FilePath(allow_dash=True),
    help="Read the words from a file, one per line (- for standard input).",
)
@vectors_option
@click.option("--normalize", is_flag=True, help="Divide each vector by its length.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per word.")
def vector(
    run: Path,
    words: tuple[str, ...],
    file: Path | None,
    vectors: Which | None,
    normalize: bool,
    as_json: bool,
) -> None:
    """Print each WORD of RUN with its vector: the word, then its numbers, separated by spaces.

    Without WORD, words are read from standard input. On a terminal there is a prompt.
    """

    def answer(loaded: "WordVectors", queries: list[Query]) -> list[Json]:
        from w2v_cli.vectors.nearest import unit_rows

        rows = loaded[[word for (word,) in queries]]
        rows = unit_rows(rows) if normalize else rows
        # str of a float32 is the shortest text that reads back as the same number
        numbers = [[float(str(x)) for x in row] for row in rows]
        return [
            {"word": query[0], "vector": row} for query, row in zip(queries, numbers, strict=True)
        ]

    def show(pairs: list[tuple[Query, Json]]) -> str:
        return "\n".join(
            f"{query[0]} {' '.join(f'{x:.9g}' for x in content['vector'])}"
            for query, content in pairs
        )

    serve(run, Queries(words, file, 1, "word> "), answer, show, as_json, vectors)
