"""`w2v compare`: runs or files of vectors side by side."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase
from typing import TYPE_CHECKING

import click

from w2v_cli.commands.ask import VectorCommand, as_objects, vectors_option
from w2v_cli.commands.evaluate import score_table
from w2v_cli.commands.options import FilePath, IntRange
from w2v_cli.commands.terminal import render_table
from w2v_cli.engines.settings import Which
from w2v_cli.errors import DataError, shown_setting
from w2v_cli.json_types import Json

if TYPE_CHECKING:
    from w2v_cli.settings.run_settings import RunSettings
    from w2v_cli.training.trainer import Report
    from w2v_cli.vectors.alignment import Movement
    from w2v_cli.vectors.answers import Neighbor
    from w2v_cli.vectors.scores.datasets import AnalogyData, SimilarityData
    from w2v_cli.vectors.scores.scoring import Difference, Score
    from w2v_cli.vectors.word_vectors import WordVectors

#: Runs are called A, B, C, …
MOST_RUNS = len(ascii_uppercase)
_MOST_EPOCHS = 8
_CELL = 28
_BY_CHANCE = "(two trainings also differ by chance; w2v change tests texts against chance)"
#: Runs side by side in a table of scores; more intervals do not fit on a line.
_ABREAST = 2


@click.command(cls=VectorCommand, short_help="Runs or vectors side by side.")
@click.argument("runs", nargs=-1, required=True, type=FilePath(), metavar="A B...")
@click.option(
    "--eval",
    "files",
    multiple=True,
    type=FilePath(),
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
    help="Look for moved words among the N most frequent words of A.",
)
@click.option(
    "--plot",
    "picture",
    type=FilePath(),
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
    their differences from A, the words that moved most from A, and the neighbours of some
    words side by side. A difference counts only what both runs can answer: if its interval
    excludes 0, the runs differ on these pairs or questions. Two trainings give spaces that are
    rotated against each other; before words are compared, orthogonal Procrustes rotates one space
    onto the other. What is left differs by chance too, often by more than meanings do: to find
    words that are used differently in one text than in another, take w2v change.
    """
    from w2v_cli.commands.plot import check_picture_name
    from w2v_cli.training.report import epochs_of_run, settings_of_run
    from w2v_cli.vectors.alignment import find_movement
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
    from w2v_cli.vectors.scores.scoring import differences, score

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
        raise DataError("none of the words is known; choose others with --words")
    return known


def _draw(runs: Sequence[Path], picture: Path) -> None:
    from w2v_cli.commands.plot import save_picture
    from w2v_cli.pictures.style import import_matplotlib

    import_matplotlib()
    from w2v_cli.pictures.curves import draw_curves, read_curves

    if not runs:
        raise click.UsageError("--plot draws curves of runs, and none of these is a run")
    save_picture(draw_curves([read_curves(run) for run in runs]), picture)
    click.echo(f"curves in {picture}", err=True)


# The results, and their layout.


@dataclass(frozen=True)
class Compared:
    """Everything that is shown, per run in order.

    differences, movements: from the first to each other.
    """

    paths: Sequence[Path]
    vectors: "list[WordVectors]"
    settings: "list[RunSettings | None]"
    epochs: "list[list[Report]]"
    scores: "list[list[Score]]"
    differences: "list[list[Difference]]"
    words: list[str]
    movements: "list[Movement]"
    n_neighbors: int
    n_moved: int

    @property
    def letters(self) -> list[str]:
        """What the runs are called in the tables."""
        return [ascii_uppercase[i] for i in range(len(self.paths))]


def as_text(compared: Compared) -> str:
    """Lay everything out in tables, each under its title."""
    parts = {
        "": _overview(compared),
        "settings that differ": _settings(compared),
        _title_of_losses(compared): _losses(compared),
        "scores": _score_lines(compared),
        "scores minus those of A, where both know the words": _differences(compared),
        **_moved(compared),
        "neighbours": _neighbors(compared),
    }
    lines = []
    for title, text in parts.items():
        if text:
            lines += ([title] if title else []) + ["  " + line for line in text.split("\n")]
    return "\n".join(lines)


def _overview(compared: Compared) -> str:
    rows = []
    for letter, path, vectors, epochs in zip(
        compared.letters, compared.paths, compared.vectors, compared.epochs, strict=True
    ):
        seconds = f"{epochs[-1].elapsed_seconds:.1f} s" if epochs else ""
        size = f"{len(vectors):,} × {vectors.dim}"
        rows.append([letter, str(path), size, f"{len(epochs)} epochs" if epochs else "", seconds])
    return render_table(rows, left=2)


def _settings(compared: Compared) -> str:
    from w2v_cli.training.report import differing_settings

    rows = [
        [name, *(_cell(value) for value in values)]
        for name, values in differing_settings(compared.settings).items()
    ]
    return render_table(rows, ["", *compared.letters]) if rows else ""


def _cell(value: object) -> str:
    """A value in few columns; files by their names only."""
    if isinstance(value, tuple):
        value = tuple(Path(str(each)).name for each in value) or None
    elif isinstance(value, str) and "/" in value:
        value = Path(value).name
    text = shown_setting(value, "-")
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def _title_of_losses(compared: Compared) -> str:
    """Return the title; it says if the runs' figures measure different things."""
    kinds = [(each.model.loss, each.objective) for each in compared.settings if each is not None]
    same = all(kind == kinds[0] for kind in kinds)
    return "loss per pair" if same else "loss per pair (of different losses: not comparable)"


def _losses(compared: Compared) -> str:
    """Losses of some epochs, evenly spaced, and always of the last."""
    longest = max(map(len, compared.epochs))
    if not longest:
        return ""
    step = -(-longest // _MOST_EPOCHS)
    shown = sorted({*range(step - 1, longest, step), longest - 1})
    rows = [[str(i + 1), *(_loss(epochs, i) for epochs in compared.epochs)] for i in shown]
    return render_table(rows, ["epoch", *compared.letters])


def _loss(epochs: "Sequence[Report]", i: int) -> str:
    if i >= len(epochs) or epochs[i].loss is None:
        return "-"
    held_out = epochs[i].held_out_loss
    text = f"{epochs[i].loss:.4f}"
    return f"{text} ({held_out:.4f} held out)" if isinstance(held_out, float) else text


def _score_lines(compared: Compared) -> str:
    if not compared.scores[0]:
        return ""
    return "\n".join(
        score_table(compared.letters[part], compared.scores[part], with_sections=False)
        for part in _parts(len(compared.scores))
    )


def _parts(n_columns: int) -> list[slice]:
    """Groups of columns that fit side by side."""
    return [slice(i, i + _ABREAST) for i in range(0, n_columns, _ABREAST)]


def _differences(compared: Compared) -> str:
    """A row per set, or part of one, and a column per run after the first."""
    if not compared.scores[0]:
        return ""
    parts = _parts(len(compared.differences))
    letters = compared.letters[1:]
    return "\n".join(_table(letters[part], compared.differences[part]) for part in parts)


def _table(letters: list[str], found: "list[list[Difference]]") -> str:
    rows = []
    for per_run in zip(*found, strict=True):
        counts = dict.fromkeys(str(each.n) for each in per_run)
        name = f"{per_run[0].name} {per_run[0].part}".rstrip()
        rows.append([name, "/".join(counts), *map(_difference, per_run)])
    return render_table(rows, ["", "known", *letters])


def _difference(each: "Difference") -> str:
    if math.isnan(each.value):
        return "-"
    if not each.part:
        return f"{each.value:+.3f} [{each.low:+.3f}, {each.high:+.3f}]"
    return f"{each.value:+.1%} [{each.low:+.1%}, {each.high:+.1%}]"


def _moved(compared: Compared) -> dict[str, str]:
    found = {}
    for letter, movement in zip(compared.letters[1:], compared.movements, strict=True):
        n = len(movement.words)
        title = (
            f"moved most from A to {letter} ({movement.n_shared:,} shared words; mean cosine of"
            f" {n:,}: {movement.mean:.3f})"
        )
        pairs = zip(movement.words, movement.cosines.tolist(), strict=True)
        rows = [[word, f"{cosine:.3f}"] for word, cosine in list(pairs)[: compared.n_moved]]
        found[title] = f"{render_table(rows)}\n{_BY_CHANCE}" if rows else ""
    return found


def _neighbors(compared: Compared) -> str:
    rows = []
    for word in compared.words:
        near = _nearest(compared, word)
        longest = max(map(len, near))
        for i in range(longest):
            cells = [each[i].word if i < len(each) else "" for each in near]
            rows.append(["" if i else word, *cells])
        if not longest:
            rows.append([word, *("-" for _ in near)])
    left = 1 + len(compared.letters)
    return render_table(rows, ["", *compared.letters], left=left)


def _nearest(compared: Compared, word: str) -> "list[list[Neighbor]]":
    n = compared.n_neighbors
    return [each.neighbors(word, n) if word in each else [] for each in compared.vectors]


def as_object(compared: Compared) -> Json:
    """Return everything as JSON can hold it."""
    from w2v_cli.training.report import as_objects as reports
    from w2v_cli.training.report import differing_settings

    return {
        "runs": [
            {
                "path": str(path),
                "n_words": len(vectors),
                "dim": vectors.dim,
                "epochs": reports(epochs),
                "scores": [each.as_object() for each in scores],
            }
            for path, vectors, epochs, scores in zip(
                *(compared.paths, compared.vectors, compared.epochs, compared.scores), strict=True
            )
        ],
        "settings": differing_settings(compared.settings),
        "differences": [
            {"path": str(path), "scores": [each.as_object() for each in found]}
            for path, found in zip(compared.paths[1:], compared.differences, strict=True)
        ],
        "moved": [
            {
                "path": str(path),
                "n_shared": movement.n_shared,
                "mean_cosine": movement.mean,
                "words": [
                    {"word": word, "cosine": cosine}
                    for word, cosine in zip(
                        movement.words[: compared.n_moved],
                        movement.cosines[: compared.n_moved].tolist(),
                        strict=True,
                    )
                ],
            }
            for path, movement in zip(compared.paths[1:], compared.movements, strict=True)
        ],
        "neighbors": {
            word: [as_objects(near) for near in _nearest(compared, word)] for word in compared.words
        },
    }
