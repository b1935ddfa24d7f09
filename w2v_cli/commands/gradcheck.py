"""`w2v gradcheck`: check the calculus, ours and yours."""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from w2v_cli.errors import UsageError

TOPICS = (
    "sigmoid",
    "softmax",
    "naive-softmax",
    "negative-sampling",
    "negative-sampling-expected",
    "skip-gram",
)
_STYLES: dict[str, dict[str, Any]] = {
    "good": {"fg": "green"},
    "bad": {"fg": "red", "bold": True},
    "heading": {"bold": True},
    "dim": {"dim": True},
}


@click.command(
    context_settings={"help_option_names": ["-h", "--help"]},
    short_help="Check the losses and gradients, ours or yours.",
)
@click.argument("run", required=False, type=click.Path(path_type=Path))
@click.option(
    "--file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Grade the functions in this Python file. It is run: give it only files you trust.",
)
@click.option(
    "--map",
    "mapping",
    metavar="NAME=FUNCTION",
    multiple=True,
    help="With --file: grade FUNCTION as NAME, say naiveSoftmaxLossAndGradient=my_loss.",
)
@click.option("--strict", is_flag=True, help='With --file: "right, unstable" does not pass.')
@click.option("--show", type=click.Choice(TOPICS), help="Print a derivation with numbers.")
@click.option("--mistakes", is_flag=True, help="Show known mistakes next to the truth.")
@click.option(
    "--seed",
    "seeds",
    type=click.IntRange(0, 2**63 - 1),
    metavar="N",
    multiple=True,
    help="Seed of the random points; can be repeated. [default: 0, 1 and 2; with --file: 0]",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0.1),
    metavar="SECONDS",
    default=10.0,
    show_default=True,
    help="With --file: time for each function, and for loading the file.",
)
@click.option(
    "--memory-limit",
    type=click.IntRange(min=512),
    metavar="MB",
    default=4096,
    show_default=True,
    help="With --file: address space of the file's process, where the system can limit it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the outcome as JUnit XML too.",
)
@click.pass_context
def gradcheck(
    ctx: click.Context,
    run: Path | None,
    file: Path | None,
    mapping: tuple[str, ...],
    strict: bool,
    show: str | None,
    mistakes: bool,
    seeds: tuple[int, ...],
    time_limit: float,
    memory_limit: int,
    as_json: bool,
    junit: Path | None,
) -> None:
    """Check the losses and gradients, ours or yours.

    Without --file: every claim about the losses is checked numerically at random points, in
    each coordinate and along random directions, and every engine is compared with the
    equations. With RUN, a run folder or its vectors.safetensors, at the parameters of that run
    as well.

    With --file my_word2vec.py: your sigmoid, softmax, naiveSoftmaxLossAndGradient,
    negSamplingLossAndGradient and skipgram (CS224n's signatures of all years, camelCase or
    snake_case, words as rows or as columns) are graded, and known mistakes are named. This RUNS
    the file, in a separate process with limits; that is no protection from malice.

    Exit status: 0 if all is right, 1 if something is wrong, 2 for wrong usage. "right,
    unstable", a NaN or an infinity beyond scores of 700 only, exits 0; with --strict 1.
    """
    _check_options(ctx)
    if show or mistakes:
        click.echo(_explanation(show))
        return
    if file:
        limits = (time_limit, memory_limit)
        passed = _grade(file, mapping, seeds, limits, strict, as_json, junit)
    else:
        passed = _check(run, seeds or (0, 1, 2), as_json, junit)
    if not passed:
        sys.exit(1)


MODES = {"run": "RUN", "file": "--file", "show": "--show", "mistakes": "--mistakes"}
"""What `gradcheck` does is chosen by at most one of these."""
ONLY_WITH = {
    "mapping": ("file",),
    "strict": ("file",),
    "time_limit": ("file",),
    "memory_limit": ("file",),
    "seeds": ("file", "run", None),
    "as_json": ("file", "run", None),
    "junit": ("file", "run", None),
}
"""Modes that an option belongs to; None is `gradcheck` alone."""


def _check_options(ctx: click.Context) -> None:
    """Refuse modes that exclude each other, and options of another mode."""

    def given(name: str) -> bool:
        return ctx.get_parameter_source(name) is not ParameterSource.DEFAULT

    modes = [name for name in MODES if given(name) and ctx.params[name]]
    if len(modes) > 1:
        names = " and ".join(MODES[name] for name in modes)
        raise click.UsageError(f"{names} exclude each other; give one of them")
    mode = modes[0] if modes else None
    for parameter in ctx.command.params:
        fits = ONLY_WITH.get(parameter.name or "")
        if fits and given(parameter.name or "") and mode not in fits:
            wanted = " or ".join(MODES[name] for name in fits if name)
            shown = f"not with {MODES[mode]}" if mode else f"only with {wanted}"
            raise click.UsageError(f"{parameter.opts[0]} goes {shown}")
    if mode == "file" and len(ctx.params["seeds"]) > 1:
        raise click.UsageError("--file takes one --seed")


def _explanation(topic: str | None) -> str:
    from w2v_cli.checks.show import render_derivation
    from w2v_cli.grader.mistakes_page import render_mistakes

    return render_derivation(topic, _paint) if topic else render_mistakes(_paint)


def _check(run: Path | None, seeds: tuple[int, ...], as_json: bool, junit: Path | None) -> bool:
    from w2v_cli.checks.check_all import check_all
    from w2v_cli.checks.junit import cases_of_claims
    from w2v_cli.checks.report import as_data, render
    from w2v_cli.mistakes.junit import write_junit

    if run is not None and run.suffix in (".py", ".ipynb"):
        raise UsageError(f"{run} is not a run; to grade a Python file: w2v gradcheck --file {run}")
    with _progress() as (step, notice):
        results = check_all(run, seeds, notice, step)
    if junit:
        write_junit(junit, "w2v gradcheck", cases_of_claims(results))
    _echo(as_data(results, seeds) if as_json else render(results, seeds, _paint))
    return all(r.passed for r in results)


Say = Callable[[str], None]


@contextlib.contextmanager
def _progress() -> Iterator[tuple[Say, Say]]:
    """Yield how to say what is being checked, and how to print a notice.

    The first is shown on a terminal only, in a line that is removed at the end.
    """
    clear = "\r\x1b[K" if sys.stderr.isatty() else ""

    def step(words: str) -> None:
        if clear:
            click.echo(f"{clear}{words} …", nl=False, err=True)

    def notice(words: str) -> None:
        click.echo(f"{clear}{words}", err=True)

    try:
        yield step, notice
    finally:
        if clear:
            click.echo(clear, nl=False, err=True)


def _grade(
    file: Path,
    mapping: tuple[str, ...],
    seeds: tuple[int, ...],
    limits: tuple[float, int],
    strict: bool,
    as_json: bool,
    junit: Path | None,
) -> bool:
    from w2v_cli.grader.grade import grade_file
    from w2v_cli.grader.junit import cases_of_file
    from w2v_cli.grader.process import Limits
    from w2v_cli.grader.report import file_as_data, render_file
    from w2v_cli.mistakes.junit import write_junit

    seconds, memory_mb = limits
    seed = seeds[0] if seeds else 0
    grade = grade_file(file, _parsed(mapping), Limits(seconds, memory_mb), seed)
    if junit:
        write_junit(junit, str(file), cases_of_file(grade, strict))
    _echo(file_as_data(grade, strict) if as_json else render_file(grade, _paint, strict))
    return grade.passed(strict)


def _parsed(mapping: tuple[str, ...]) -> dict[str, str]:
    parsed = {}
    for entry in mapping:
        name, equals, function = entry.partition("=")
        if not equals or not name or not function:
            raise UsageError(f"--map {entry}: write NAME=FUNCTION, say sigmoid=my_sigmoid")
        parsed[name.strip()] = function.strip()
    return parsed


def _echo(outcome: str | dict[str, Any]) -> None:
    if isinstance(outcome, dict):
        outcome = json.dumps(outcome, ensure_ascii=False, indent=2, allow_nan=False)
    click.echo(outcome)


def _paint(text: str, role: str) -> str:
    """Colour a text; click takes the colour out again where output is no terminal."""
    return text if os.environ.get("NO_COLOR") else click.style(text, **_STYLES[role])
