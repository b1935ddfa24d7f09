"""`w2v evaluate`: scores on rated word pairs and on analogies, runs side by side."""

import json
import math
from pathlib import Path
from typing import Any

import click

from w2v_cli.commands.options import FriendlyCommand
from w2v_cli.commands.queries import vectors_option
from w2v_cli.commands.tables import render_table


@click.command(cls=FriendlyCommand, short_help="Score vectors on word pairs and analogies.")
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN... FILE..."
)
@click.option(
    "--restrict-vocab",
    type=click.IntRange(min=1),
    metavar="N",
    help="Analogies: only the N most frequent words, in questions and answers.  [default: all]",
)
@click.option(
    "--method",
    type=click.Choice(["add", "mul"]),
    default="add",
    show_default=True,
    help="Analogies: 3CosAdd or 3CosMul.",
)
@vectors_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a run.")
def evaluate(
    paths: tuple[Path, ...],
    restrict_vocab: int | None,
    method: Any,
    vectors: Any,
    as_json: bool,
) -> None:
    """Score one RUN or more, run folders or files of vectors, on each FILE.

    A FILE holds rated pairs (word, word, number: WordSim, SimLex, MEN, RG, MTurk and the like),
    scored by Spearman's rank correlation with a 95 % bootstrap interval, or analogies (a b c d
    under ": section" lines), scored by the share answered rightly.

    Words are looked up as they stand, then in lower case. Pairs and questions with an unknown word
    are left out; "known" tells how many were not.
    """
    from w2v_cli.errors import UsageError
    from w2v_cli.vectors.evaluation.datasets import read_dataset
    from w2v_cli.vectors.evaluation.scores import score
    from w2v_cli.vectors.formats.files import holds_vectors
    from w2v_cli.vectors.word_vectors import load

    is_model = {path: holds_vectors(path) for path in paths}
    models = [path for path in paths if is_model[path]]
    files = [path for path in paths if not is_model[path]]
    if not models or not files:
        missing = "RUN" if not models else "FILE of pairs or analogies"
        raise UsageError(f"no {missing} among: {' '.join(map(str, paths))}")
    sets = [read_dataset(path) for path in files]
    results = []
    for model in models:
        loaded = load(model, vectors)
        results.append(
            [score(loaded.ids, loaded.unit, data, method, restrict_vocab) for data in sets]
        )
    if as_json:
        for model, scores in zip(models, results, strict=True):
            content = {"run": str(model), "scores": [each.as_object() for each in scores]}
            click.echo(json.dumps(content, ensure_ascii=False))
    else:
        click.echo(_table(models, results))


def _table(models: list[Path], results: list[list[Any]]) -> str:
    """One row a score, a column a run; the lines of a set are the same for every run."""
    rows = []
    for per_run in zip(*(_lines(scores) for scores in results), strict=True):
        name, known = per_run[0][:2]
        if len({line[1] for line in per_run}) > 1:
            known = "/".join(line[1].partition(" of ")[0] for line in per_run)
            known += " of " + per_run[0][1].partition(" of ")[2]
        rows.append([name, known, *(line[2] for line in per_run)])
    return render_table(rows, ["", "known", *map(str, models)])


def _lines(scores: list[Any]) -> list[tuple[str, str, str]]:
    from w2v_cli.vectors.evaluation.scores import SimilarityScore

    lines = []
    for each in scores:
        if isinstance(each, SimilarityScore):
            value = "-"
            if not math.isnan(each.spearman):
                value = f"{each.spearman:.3f} [{each.low:.3f}, {each.high:.3f}]"
            lines.append((each.name, f"{each.n_known} of {each.n_pairs}", value))
            continue
        lines.append((each.name, "", ""))
        for part in [*each.sections, *each.totals]:
            value = "-" if math.isnan(part.accuracy) else f"{part.accuracy:.1%}"
            known = f"{part.n_known} of {part.n_questions}"
            lines.append((f"  {part.name}", known, value))
    return lines
