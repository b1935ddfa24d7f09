"""`w2v train`: corpus in, run folder out."""

import os
from pathlib import Path
from typing import Any

import click

from w2v_cli.commands.options import FriendlyCommand, config_options


@click.command(cls=FriendlyCommand, short_help="Train word vectors on text.")
@click.argument("corpus", nargs=-1, metavar="[CORPUS]...")
@click.option("--out", type=click.Path(path_type=Path), help="Run folder; new, or with --resume.")
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), help="Settings from a TOML file."
)
@click.option("--resume", is_flag=True, help="Go on with the run in --out where it stopped.")
@click.option(
    "--eval",
    "eval_files",
    multiple=True,
    type=click.Path(),
    metavar="FILE",
    help="Score the vectors after each epoch on rated pairs or analogies; may be given often.",
)
@config_options
def train(
    corpus: tuple[str, ...],
    out: Path | None,
    config_file: Path | None,
    resume: bool,
    eval_files: tuple[str, ...],
    **settings: Any,
) -> None:
    """Train word vectors on CORPUS: text files, folders, globs, or - for standard input.

    A line is a document; .gz, .bz2 and .xz are unpacked; of .jsonl files the "text" is read; a
    Stanford Sentiment Treebank folder is understood. The command line beats the file given by
    --config, which beats the defaults. Without --out the run goes to runs/NAME.

    Ctrl-C stops in good order; go on with --resume.
    """
    from w2v_cli.commands.progress import ProgressDisplay, StopSignals, notice
    from w2v_cli.training.session import create_run, resume_run
    from w2v_cli.vectors.evaluation.scores import score_maker

    given = {name: value for name, value in settings.items() if value is not None}
    if corpus:
        given["paths"] = tuple(p if p == "-" else os.path.abspath(p) for p in corpus)
    if eval_files:
        given["eval_files"] = tuple(os.path.abspath(path) for path in eval_files)
    run_dir = out or _default_run_dir(corpus, config_file)
    with StopSignals() as signals, ProgressDisplay() as display:
        if resume:
            settings = _with_file(given, config_file)
            session = resume_run(run_dir, settings, notice, display.reading, score_maker)
        else:
            config = _resolved(given, config_file)
            session = create_run(config, run_dir, notice, display.reading, score_maker)
        display.start(session)
        signals.defer()
        for event in session.train(lambda: signals.received is not None):
            display.show(event)
    if not session.position.finished:
        signals.exit(f"stopped; go on with: w2v train --resume --out {run_dir}")
    display.finish(session)
    click.echo(str(run_dir))


def _with_file(given: dict[str, Any], config_file: Path | None) -> dict[str, Any]:
    from w2v_cli.settings.toml import read_config_file

    return {**(read_config_file(config_file) if config_file else {}), **given}


def _resolved(given: dict[str, Any], config_file: Path | None) -> Any:
    from w2v_cli.errors import UsageError
    from w2v_cli.settings.config import Config, n_cores

    config = Config(**_with_file(given, config_file))
    if not config.paths:
        raise UsageError("no corpus: name text files or folders, or give --config with paths in it")
    return config.resolved(default_threads=n_cores())


def _default_run_dir(corpus: tuple[str, ...], config_file: Path | None) -> Path:
    from w2v_cli.errors import UsageError

    source = str(config_file) if config_file else next((p for p in corpus if p != "-"), "")
    name = Path(source.replace("*", "")).name.split(".")[0]
    if not name:
        raise UsageError("give the run folder: --out RUN")
    return Path("runs") / name
