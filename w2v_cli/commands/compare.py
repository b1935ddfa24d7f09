"""`w2v compare`: runs or files of vectors side by side."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from w2v_cli.commands.comparison import MOST_RUNS, Compared, as_object, as_text
from w2v_cli.commands.queries import VectorCommand, vectors_option
from w2v_cli.commands.ranges import IntRange
from w2v_cli.engines.settings import Which
from w2v_cli.errors import DataError

if TYPE_CHECKING:
    from w2v_cli.vectors.scores.datasets import AnalogyData, SimilarityData
    from w2v_cli.vectors.scores.intervals import Difference
    from w2v_cli.vectors.scores.scoring import Score
    from w2v_cli.vectors.word_vectors import WordVectors


@click.command(cls=VectorCommand, short_help="Runs or vectors side by side.")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="A B...")
@click.option(
    "--eval",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Score all on rated pairs or analogies, as w2v evaluate does. Can be repeated.",
)
@click.option(
    "--words",
    metavar='"WORD ..."',
    show_default="the words that moved most",
    help="Words whose neighbours are shown side by side.",
)
@click.option(
    "-n",
    "n",
    type=IntRange(min=1),
    metavar="N",
    default=5,
    show_default=True,
    help="Number of neighbours, and of words without --words.",
)
@click.option(
    "--moved",
    type=IntRange(min=0),
    metavar="N",
    default=10,
    show_default=True,
    help="How many of the words that moved most to show.",
)
@click.option(
    "--top",
    type=IntRange(min=2),
    metavar="N",
    default=5000,
    show_default=True,
    help="Look for them among the N most frequent words of A.",
)
@click.option(
    "--plot",
    "picture",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Draw the curves of the runs into this file, as w2v plot --curves does.",
)
@vectors_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def compare(
    runs: tuple[Path, ...],
    files: tuple[Path, ...],
    words: str | None,
    n: int,
    moved: int,
    top: int,
    picture: Path | None,
    vectors: Which | None,
    as_json: bool,
) -> None:
    """Compare A with B and others: run folders, or files of vectors.

    Shows the settings in which runs differ, the loss per epoch, scores with 95 % intervals and
    their differences from A, the words whose meaning moved most from A, and the neighbours of some
    words side by side. A difference counts only what both runs can answer: if its interval
    excludes 0, the runs differ on these pairs or questions. Two trainings give spaces that are
    turned against each other; before words are compared, a rotation (orthogonal Procrustes) lays
    one onto the other.
    """
    from w2v_cli.commands.plot import check_picture_name
    from w2v_cli.training.report import epochs_of_run, settings_of_run
    from w2v_cli.vectors.nearest import find_movement
    from w2v_cli.vectors.scores.datasets import read_dataset

    if not 2 <= len(runs) <= MOST_RUNS:
        raise click.UsageError(f"give two or more runs or files of vectors, got {len(runs)}")
    if picture is not None:
        check_picture_name(picture, "--plot")
    sets = [read_dataset(path) for path in files]
    loaded = [_load(run, vectors) for run in runs]
    movements = [find_movement(loaded[0], other, top) for other in loaded[1:]]
    scores, differences = _scores(loaded, sets)
    compared = Compared(
        paths=runs,
        vectors=loaded,
        settings=[settings_of_run(run) for run in runs],
        epochs=[epochs_of_run(run) for run in runs],
        scores=scores,
        differences=differences,
        words=_known(words.split(), loaded) if words else movements[0].words[:n],
        movements=movements,
        n_neighbors=n,
        n_moved=moved,
    )
    if picture is not None:
        _draw([run for run, epochs in zip(runs, compared.epochs, strict=True) if epochs], picture)
    if as_json:
        click.echo(json.dumps(as_object(compared), ensure_ascii=False))
    else:
        click.echo(as_text(compared))


def _load(path: Path, which: Which | None) -> "WordVectors":
    from w2v_cli.training.run_folder import RunFolder
    from w2v_cli.vectors.word_vectors import load

    return load(path, which if RunFolder(path).is_run() else None)


def _scores(
    loaded: "Sequence[WordVectors]", sets: "Sequence[SimilarityData | AnalogyData]"
) -> "tuple[list[list[Score]], list[list[Difference]]]":
    """Scores by run and set, and the differences from the first run to each other."""
    from w2v_cli.vectors.scores.intervals import differences
    from w2v_cli.vectors.scores.scoring import score

    scores = [[score(each, data) for data in sets] for each in loaded]
    return scores, [
        [
            difference
            for first, second in zip(scores[0], other, strict=True)
            for difference in differences(first, second)
        ]
        for other in scores[1:]
    ]


def _known(words: Sequence[str], loaded: "Sequence[WordVectors]") -> list[str]:
    """Return the words that some of the vectors know; name the others on stderr."""
    known = [word for word in words if any(word in each for each in loaded)]
    for word in words:
        if word not in known:
            click.echo(f"note: no vectors know {word!r}", err=True)
    if not known:
        raise DataError("none of the words is known; choose others by --words")
    return known


def _draw(runs: Sequence[Path], picture: Path) -> None:
    from w2v_cli.commands.plot import save_picture
    from w2v_cli.pictures.curves import draw_curves, read_curves

    if not runs:
        raise click.UsageError("--plot draws curves of runs, and none of these is a run")
    save_picture(draw_curves([read_curves(run) for run in runs]), picture)
    click.echo(f"curves in {picture}", err=True)
