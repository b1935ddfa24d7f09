"""`w2v similarity` and `w2v odd-one-out`: how close are these words?"""

from pathlib import Path
from typing import Any

from w2v_cli.commands.queries import Queries, as_objects, query_command, ranking, serve
from w2v_cli.commands.tables import render_table


@query_command("similarity", "[A B]...", "The cosine of two words.")
def similarity(
    run: Path,
    words: tuple[str, ...],
    file: Path | None,
    raw: bool,
    vectors: str | None,
    as_json: bool,
) -> None:
    """Print the cosine of the vectors of A and B in RUN.

    Without words the pairs are read from standard input, two words a line; a terminal gets a
    prompt.
    """

    def answer(loaded: Any, queries: list[list[str]]) -> list[Any]:
        return [
            {"query": [a, b], "similarity": loaded.similarity(a, b, raw=raw)} for a, b in queries
        ]

    def show(pairs: list[tuple[list[str], Any]]) -> str:
        rows = [[*query, f"{content['similarity']:.4f}"] for query, content in pairs]
        return render_table(rows, left=2)

    serve(run, Queries(words, file, 2, "a b> "), answer, show, as_json, vectors)


@query_command("odd-one-out", "[WORD]...", "The word that fits least.")
def odd_one_out(
    run: Path,
    words: tuple[str, ...],
    file: Path | None,
    raw: bool,
    vectors: str | None,
    as_json: bool,
) -> None:
    """Print which WORD is least like the others, with each one's mean similarity to the rest.

    Without WORD the lists are read from standard input, one a line; a terminal gets a prompt.
    """

    def answer(loaded: Any, queries: list[list[str]]) -> list[Any]:
        return [
            {"query": query, "odd": ranked[0].word, "scores": as_objects(ranked)}
            for query in queries
            for ranked in [loaded.odd_one_out(query, raw=raw)]
        ]

    def show(pairs: list[tuple[list[str], Any]]) -> str:
        return "\n".join(ranking(content["odd"], content["scores"]) for _, content in pairs)

    serve(run, Queries(words, file, None, "words> "), answer, show, as_json, vectors)
