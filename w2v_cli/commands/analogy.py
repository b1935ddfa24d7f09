"""`w2v analogy`: king − man + woman."""

from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from w2v_cli.commands.queries import (
    Queries,
    Query,
    as_objects,
    n_option,
    query_command,
    ranking,
    serve,
)
from w2v_cli.engines.settings import Which
from w2v_cli.json_types import Json
from w2v_cli.vectors.answers import Method

if TYPE_CHECKING:
    from w2v_cli.vectors.word_vectors import WordVectors


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
