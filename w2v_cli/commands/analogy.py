"""`w2v analogy`: king − man + woman."""

from pathlib import Path
from typing import Any

import click

from w2v_cli.commands.queries import Queries, as_objects, query_command, ranking, serve


@query_command("analogy", "[A B C]...", "The words closest to A − B + C.")
@click.option(
    "-n", "n", type=click.IntRange(min=1), default=10, show_default=True, help="How many."
)
@click.option(
    "--method",
    type=click.Choice(["add", "mul"]),
    default="add",
    show_default=True,
    help="add: 3CosAdd, the cosine with A − B + C; mul: 3CosMul, a product of cosines.",
)
def analogy(
    run: Path,
    words: tuple[str, ...],
    n: int,
    method: Any,
    file: Path | None,
    raw: bool,
    vectors: str | None,
    as_json: bool,
) -> None:
    """Print the words closest to A − B + C in RUN: king man woman asks for the queen.

    Without words the questions are read from standard input, three words a line; a terminal gets
    a prompt.
    """

    def answer(loaded: Any, queries: list[list[str]]) -> list[Any]:
        return [
            {
                "query": query,
                "method": method,
                "answers": as_objects(loaded.analogy(*query, n, method=method, raw=raw)),
            }
            for query in queries
        ]

    def show(pairs: list[tuple[list[str], Any]]) -> str:
        return "\n".join(
            ranking(f"{a} − {b} + {c}", content["answers"]) for (a, b, c), content in pairs
        )

    serve(run, Queries(words, file, 3, "a − b + c> "), answer, show, as_json, vectors)
