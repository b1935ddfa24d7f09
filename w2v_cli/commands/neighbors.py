"""`w2v neighbors`: the closest words."""

from pathlib import Path
from typing import Any

import click

from w2v_cli.commands.queries import Queries, as_objects, query_command, ranking, serve


@query_command("neighbors", "[WORD]...", "The words closest to a word.")
@click.option(
    "-n", "n", type=click.IntRange(min=1), default=10, show_default=True, help="How many."
)
def neighbors(
    run: Path,
    words: tuple[str, ...],
    n: int,
    file: Path | None,
    raw: bool,
    vectors: str | None,
    as_json: bool,
) -> None:
    """Print the words closest to each WORD in RUN, a run folder or a file of vectors.

    Without WORD the words are read from standard input; a terminal gets a prompt.
    """

    def answer(loaded: Any, queries: list[list[str]]) -> list[Any]:
        found = loaded.neighbors_of([word for (word,) in queries], n, raw=raw)
        return [
            {"query": query[0], "neighbors": as_objects(near)}
            for query, near in zip(queries, found, strict=True)
        ]

    def show(pairs: list[tuple[list[str], Any]]) -> str:
        return "\n".join(ranking(query[0], content["neighbors"]) for query, content in pairs)

    serve(run, Queries(words, file, 1, "word> "), answer, show, as_json, vectors)
