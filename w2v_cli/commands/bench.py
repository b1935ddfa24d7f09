"""`w2v bench`: benchmark this machine."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from w2v_cli.commands.options import FloatRange, FriendlyCommand, IntRange, setting_option
from w2v_cli.commands.terminal import render_table

if TYPE_CHECKING:
    from w2v_cli.benchmark.all_parts import Figures
    from w2v_cli.benchmark.growth import Cost
    from w2v_cli.benchmark.rival import Side
    from w2v_cli.benchmark.speed import Speed

#: What word2vec.c and gensim take unless told otherwise.
_USUAL_EPOCHS, _USUAL_LR = 5, 0.025
_EPOCHS_HELP = "Epochs of the job that is also done in gensim."
SIZES = (500, 1000, 2000, 4000, 8000, 16000)


@click.command(cls=FriendlyCommand, short_help="Benchmark this machine.")
@click.argument("corpus", nargs=-1, metavar="[CORPUS]...")
@click.option(
    "--seconds",
    type=FloatRange(min=0.01),
    default=2.0,
    show_default=True,
    help="Time for each measurement.",
)
@setting_option("dim")
@setting_option("min_count")
@click.option(
    "--n-threads",
    "threads",
    type=IntRange(min=1),
    multiple=True,
    help="Number of threads. Can be repeated.  [default: 1, 2, 4, … up to one per core]",
)
@click.option(
    "--epochs",
    type=IntRange(min=1),
    default=_USUAL_EPOCHS,
    show_default=True,
    help=_EPOCHS_HELP,
)
@click.option(
    "--eval",
    "eval_files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="Score that job's vectors on this file of word pairs or analogies; can be repeated."
    "  [default with the sample corpus: its own sets]",
)
@click.option(
    "--max-words",
    type=IntRange(min=SIZES[0]),
    default=8000,
    show_default=True,
    help="Largest vocabulary for the table of costs.",
)
@click.option(
    "--plot", "picture", type=click.Path(path_type=Path), help="Draw the costs: .png, .svg, .pdf."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench(
    corpus: tuple[str, ...],
    seconds: float,
    dim: int | None,
    min_count: int | None,
    threads: tuple[int, ...],
    epochs: int,
    eval_files: tuple[Path, ...],
    max_words: int,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Benchmark this machine on CORPUS, or on the sample corpus.

    First the words per second of each engine and number of threads. Then the cost of an epoch over
    a generated text of a million words as the vocabulary grows: naive softmax pair by pair costs
    O(V) per pair, negative sampling O(K). Then, where gensim is installed, the same job in gensim,
    speed and scores side by side.

    Close other programs first; figures taken on a busy machine are too low.
    """
    from w2v_cli.benchmark.all_parts import measure_all
    from w2v_cli.commands.progress import notice
    from w2v_cli.settings.config import Config
    from w2v_cli.settings.resolve import resolve

    _check_picture(picture)
    threads = threads or _default_threads()
    paths = tuple(os.path.abspath(path) for path in corpus) or (str(_sample("sample.txt")),)
    if not corpus and not eval_files:
        eval_files = (_sample("similarity.tsv"), _sample("analogies.txt"))
    chosen = Config(paths=paths, dim=dim, min_count=min_count, epochs=epochs, lr=_USUAL_LR)
    settings = resolve(chosen, cores=max(threads))
    sizes = [size for size in SIZES if size <= max_words]
    figures = measure_all(settings, threads, sizes, seconds, eval_files, notice)
    if picture:
        from w2v_cli.pictures.costs import draw_costs

        draw_costs(picture, figures.growth, picture.suffix[1:])
    _show(figures, as_json)


def _check_picture(picture: Path | None) -> None:
    from w2v_cli.errors import UsageError
    from w2v_cli.pictures.style import FORMATS

    if picture and picture.suffix[1:] not in FORMATS:
        raise UsageError(f"--plot {picture}: the name must end in .{', .'.join(FORMATS)}")


def _default_threads() -> tuple[int, ...]:
    from w2v_cli.settings.resolve import n_cores

    most = n_cores()
    powers = [1 << i for i in range(most.bit_length())]
    return tuple(dict.fromkeys([n for n in powers if n < most] + [most]))


def _sample(name: str) -> Path:
    """A file of the sample corpus."""
    from w2v_cli.text.places import sample_file

    return sample_file(name)


def _show(figures: "Figures", as_json: bool) -> None:
    import json

    if as_json:
        click.echo(json.dumps(figures.as_object(), ensure_ascii=False))
        return
    click.echo(f"{figures.n_tokens:,} words, {figures.n_words:,} distinct\n")
    click.echo(_speed_table(figures.speed))
    click.echo("\nseconds per epoch of a million words, by the size of the vocabulary")
    click.echo(_growth_table(figures.growth))
    if figures.same_job:
        click.echo("\nthe same job")
        click.echo(_job_table(figures.same_job))


def _speed_table(speeds: Sequence["Speed"]) -> str:
    rows = [
        [
            speed.loss,
            f"{speed.engine} {speed.variant}".rstrip(),
            str(speed.n_threads),
            f"{speed.words_per_second:,.0f}",
        ]
        for speed in speeds
    ]
    return render_table(rows, ["loss", "engine", "threads", "words/s"], left=2)


def _growth_table(costs: Sequence["Cost"]) -> str:
    sizes = list(dict.fromkeys(cost.n_words for cost in costs))
    lines = list(dict.fromkeys(cost.line for cost in costs))
    cell = {(cost.line, cost.n_words): f"{cost.seconds:.3g}" for cost in costs}
    rows = [[line, *(cell.get((line, size), "-") for size in sizes)] for line in lines]
    return render_table(rows, ["", *(f"V = {size:,}" for size in sizes)])


def _job_table(sides: Sequence["Side"]) -> str:
    rows = [["words/s", *(f"{side.words_per_second:,.0f}" for side in sides)]]
    for name in sides[0].scores:
        rows.append([name, *(f"{side.scores[name]:.3f}" for side in sides)])
    return render_table(rows, ["", *(side.trainer for side in sides)])
