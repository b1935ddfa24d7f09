"""`w2v vector`: the numbers themselves."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from w2v_cli.commands.queries import (
    Queries,
    Query,
    VectorCommand,
    run_argument,
    serve,
    vectors_option,
)
from w2v_cli.engines.settings import Which
from w2v_cli.json_types import Json

if TYPE_CHECKING:
    from w2v_cli.vectors.word_vectors import WordVectors


@click.command(cls=VectorCommand, short_help="The vectors of words.")
@run_argument
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option(
    "--file",
    type=click.Path(path_type=Path, allow_dash=True),
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
