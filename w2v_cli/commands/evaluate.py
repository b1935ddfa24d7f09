"""`w2v evaluate`: scores on rated word pairs and on analogies, runs side by side."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from w2v_cli.commands.ask import VectorCommand, run_argument, vectors_option
from w2v_cli.commands.options import FilePath, IntRange
from w2v_cli.commands.terminal import render_table
from w2v_cli.engines.settings import Which
from w2v_cli.errors import DataError
from w2v_cli.vectors.answers import Method

if TYPE_CHECKING:
    from w2v_cli.vectors.scores.scoring import Score


@click.command(cls=VectorCommand, short_help="Score vectors on word pairs and analogies.")
@run_argument
@click.argument("files", nargs=-1, type=FilePath(), metavar="FILE...")
@click.option(
    "--compare",
    "others",
    multiple=True,
    type=FilePath(),
    metavar="RUN",
    help="Another run or file of vectors to score beside RUN. Can be repeated.",
)
@click.option(
    "--restrict-vocab",
    type=IntRange(min=1),
    metavar="N",
    show_default="all",
    help="Analogies: only the N most frequent words, in questions and answers.",
)
@click.option(
    "--method",
    type=click.Choice(get_args(Method)),
    default="add",
    show_default=True,
    help="Analogies: 3CosAdd or 3CosMul.",
)
@vectors_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per run.")
def evaluate(
    run: Path,
    files: tuple[Path, ...],
    others: tuple[Path, ...],
    restrict_vocab: int | None,
    method: Method,
    vectors: Which | None,
    as_json: bool,
) -> None:
    """Score RUN, a run folder or a file of vectors, on each FILE.

    A FILE holds rated pairs (word, word, number, as in WordSim, SimLex, MEN, RG or MTurk), scored
    by Spearman's rank correlation with a 95 % bootstrap interval; or analogies (a b c d, under
    ": section" lines), scored by the share of correct answers with Wilson's 95 % interval.

    Words are looked up as they are written, then in lower case. A run with subwords makes vectors
    of unseen words from their n-grams. Pairs and questions with a word that has no vector are
    skipped; the column "known" shows how many were scored, and how many of these have an unseen
    word. Answers are always words of the vocabulary.
    """
    from w2v_cli.vectors.scores.datasets import read_dataset
    from w2v_cli.vectors.scores.scoring import score
    from w2v_cli.vectors.word_vectors import load

    models = [run, *others]
    if not files:
        raise _no_file()
    _check_places(models, files)
    sets = [read_dataset(path) for path in files]
    results = []
    for model in models:
        loaded = load(model, vectors)
        results.append([score(loaded, data, method, restrict_vocab) for data in sets])
    if as_json:
        for model, scores in zip(models, results, strict=True):
            content = {"run": str(model), "scores": [each.as_object() for each in scores]}
            click.echo(json.dumps(content, ensure_ascii=False))
    else:
        click.echo(score_table(models, results))


def _no_file() -> click.UsageError:
    from w2v_cli.text.places import sample_file

    pairs, analogies = sample_file("similarity.tsv"), sample_file("analogies.txt")
    return click.UsageError(
        f"give a FILE to score on. Small sets for the sample corpus: {pairs} and {analogies}."
        " Published sets, such as WordSim-353, SimLex-999 and the Google analogies, are read as"
        " their authors give them"
    )


def _check_places(models: Sequence[Path], files: Sequence[Path]) -> None:
    """Refuse sets where vectors belong, and vectors where sets belong."""
    from w2v_cli.vectors.formats.vector_files import holds_vectors

    for model in models:
        if model.is_file() and holds_vectors(model) is False and _is_set(model):
            raise click.BadParameter(
                f"{model} does not hold vectors; the order is: w2v evaluate RUN FILE...",
                param_hint="RUN",
            )
    for file in files:
        if file.is_dir() or (file.is_file() and holds_vectors(file)):
            what = "a folder" if file.is_dir() else "a file of vectors"
            raise click.BadParameter(
                f"{file} is {what}, not a file of pairs or analogies; to score several runs side"
                f" by side, write --compare {file}",
                param_hint="FILE",
            )


def _is_set(path: Path) -> bool:
    from w2v_cli.vectors.scores.datasets import read_dataset

    try:
        read_dataset(path)
    except DataError:
        return False
    return True


def score_table(
    models: Sequence[object], results: Sequence[Sequence["Score"]], *, with_sections: bool = True
) -> str:
    """Lay out a row per score and a column per run; the lines of a set are the same for all."""
    rows = []
    lines = [_lines(scores, with_sections) for scores in results]
    for per_run in zip(*lines, strict=True):
        name, known = per_run[0][:2]
        if len({line[1] for line in per_run}) > 1:
            known = "/".join(line[1].partition(" of ")[0] for line in per_run)
            known += " of " + per_run[0][1].partition(" of ")[2].partition(",")[0]
            if any("unseen" in line[1] for line in per_run):
                known += ", " + "/".join(_unseen_of(line[1]) for line in per_run) + " unseen"
        rows.append([name, known, *(line[2] for line in per_run)])
    return render_table(rows, ["", "known", *map(str, models)])


def _lines(scores: Sequence["Score"], with_sections: bool) -> list[tuple[str, str, str]]:
    from w2v_cli.vectors.scores.scoring import SimilarityScore

    lines = []
    for each in scores:
        if isinstance(each, SimilarityScore):
            value = "-"
            if not math.isnan(each.spearman):
                value = f"{each.spearman:.3f} [{each.low:.3f}, {each.high:.3f}]"
            known = _known(each.n_known, each.n_pairs, each.n_unseen)
            lines.append((each.name, known, value))
            continue
        lines.append((each.name, "", ""))
        for part in [*(each.sections if with_sections else ()), *each.totals]:
            value = "-"
            if not math.isnan(part.accuracy):
                low, high = part.interval
                value = f"{part.accuracy:.1%} [{low:.1%}, {high:.1%}]"
            known = _known(part.n_known, part.n_questions, part.n_unseen)
            lines.append((f"  {part.name}", known, value))
    return lines


def _known(n_known: int, n: int, n_unseen: int) -> str:
    """How many were scored, and how many of these have an unseen word."""
    return f"{n_known} of {n}" + (f", {n_unseen} unseen" if n_unseen else "")


def _unseen_of(known: str) -> str:
    return known.partition(", ")[2].partition(" ")[0] or "0"
