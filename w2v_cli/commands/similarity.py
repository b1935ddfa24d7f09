"""`w2v similarity` and `w2v odd-one-out`: how close are these words?"""

from pathlib import Path
from typing import TYPE_CHECKING

from w2v_cli.commands.queries import (
    Queries,
    Query,
    as_objects,
    query_command,
    ranking,
    serve,
)
from w2v_cli.commands.tables import render_table
from w2v_cli.engines.settings import Which
from w2v_cli.json_types import Json

if TYPE_CHECKING:
    from w2v_cli.vectors.word_vectors import WordVectors


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
