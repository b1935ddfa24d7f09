"""`w2v neighbors`: the closest words."""

from pathlib import Path
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from w2v_cli.vectors.word_vectors import WordVectors


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
