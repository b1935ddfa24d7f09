"""`w2v train`: corpus in, run folder out."""

import os
from pathlib import Path
from typing import Any

import click

from w2v_cli.commands.options import FilePath, TrainingCommand
from w2v_cli.json_types import Json
from w2v_cli.settings.config import Config


class TrainCommand(TrainingCommand):
    """`w2v train`, with the options that every user meets first."""

    first = (
        *("out", "resume", "config_file", "min_count", "dim", "window", "epochs", "n_threads"),
        *("seed", "draw"),
    )


_DETAILS = """
Each line of CORPUS is a document. Files may be plain text, .jsonl, .csv, .tsv or .parquet (see
--text-field), and packed as .gz, .bz2, .xz or .zip; a Stanford Sentiment Treebank folder is
recognised. The command line overrides the file given by --config, which overrides the defaults.
Without --out the run is written to runs/NAME, named after the first file; standard input has no
name and needs --out. Ctrl-C stops cleanly; continue with --resume.
"""


@click.command(cls=TrainCommand, short_help="Train word vectors on text.", epilog=_DETAILS)
@click.argument("corpus", nargs=-1, metavar="[CORPUS]...")
@click.option(
    "--out",
    type=FilePath(),
    help="Run folder: a new one, or with --resume an existing one.",
)
@click.option("--config", "config_file", type=FilePath(), help="Settings from a TOML file.")
@click.option(
    "--resume",
    is_flag=True,
    help="Continue the run in --out where it stopped. With a larger --epochs, extend it.",
)
@click.option(
    "--from",
    "start_from",
    type=FilePath(path_type=str),
    metavar="RUN|FILE",
    help="Start from these vectors: known words start from them; new words are added.",
)
@click.option(
    "--eval",
    "eval_files",
    multiple=True,
    type=FilePath(path_type=str),
    metavar="FILE",
    help="Score the vectors after each epoch on rated pairs or analogies. Can be repeated.",
)
@click.option(
    "--plot", "draw", is_flag=True, help="Draw RUN/plot.png at the end, as w2v plot does."
)
@click.pass_context
def train(
    context: click.Context,
    /,
    corpus: tuple[str, ...],
    out: Path | None,
    config_file: Path | None,
    resume: bool,
    start_from: str | None,
    eval_files: tuple[str, ...],
    draw: bool,
    **settings: Any,
) -> None:
    """Train word vectors on CORPUS: files, folders, globs, or - (standard input)."""
    from w2v_cli.commands.progress import ProgressDisplay, StopSignals

    if start_from is not None:
        settings["start_from"] = os.path.abspath(start_from)
    config = _config(corpus, config_file, eval_files, settings)
    if not (out or resume or corpus or config_file):
        raise click.UsageError(
            "name a text to train on, or a configuration: w2v train TEXT --out RUN"
        )
    run_dir = out or _default_run_dir(corpus, config_file)
    with StopSignals() as signals, ProgressDisplay() as display:
        from w2v_cli.training import assembly  # takes a second; the progress line is shown first
        from w2v_cli.training.preparation import Watcher

        watcher = Watcher(display.notice, display.reading)
        tokenizer = settings.get("tokenizer")
        if resume:
            run = assembly.resume(config, run_dir, watcher, tokenizer)
        else:
            run = assembly.start(config, run_dir, watcher, tokenizer)
        display.start(run)
        signals.defer()
        for event in run.train(lambda: signals.received is not None):
            display.show(event)
    if not run.position.finished:
        signals.exit(f"stopped; continue with: w2v train --resume --out {run_dir}")
    display.finish(run)
    click.echo(str(run_dir))
    if draw:
        from w2v_cli.commands.plot import plot

        context.invoke(plot, runs=(run_dir,))


def _config(
    corpus: tuple[str, ...],
    config_file: Path | None,
    eval_files: tuple[str, ...],
    settings: Json,
) -> Config:
    """Return what the user chose: the command line overrides the file."""
    from w2v_cli.settings.config import over_file
    from w2v_cli.text.places import absolute_path

    if corpus:
        settings["paths"] = tuple(map(absolute_path, corpus))
    if eval_files:
        settings["eval_files"] = tuple(os.path.abspath(path) for path in eval_files)
    chosen = Config(**settings)
    return over_file(chosen, config_file) if config_file else chosen


def _default_run_dir(corpus: tuple[str, ...], config_file: Path | None) -> Path:
    source = str(config_file) if config_file else next((p for p in corpus if p != "-"), "")
    name = Path(source.replace("*", "").lstrip("@")).name.split(".")[0]
    if not name:
        raise click.UsageError("give the run folder: --out RUN")
    return Path("runs") / name
