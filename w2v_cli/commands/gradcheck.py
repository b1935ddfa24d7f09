"""``w2v gradcheck``: prove the calculus, ours and yours."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

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


def _checked_seeds(
    ctx: click.Context, param: click.Parameter, seeds: tuple[int, ...]
) -> tuple[int, ...]:
    """Refuse numbers that no generator takes as its key."""
    for seed in seeds:
        if not 0 <= seed < 2**63:
            raise click.BadParameter(f"{seed} is not between 0 and 2**63 - 1")
    return seeds


@click.command(
    context_settings={"help_option_names": ["-h", "--help"]},
    short_help="Prove the losses and gradients, ours or yours.",
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
@click.option("--show", type=click.Choice(TOPICS), help="Print a derivation with numbers.")
@click.option("--mistakes", is_flag=True, help="Show known mistakes next to the truth.")
@click.option(
    "--seed",
    "seeds",
    type=int,
    callback=_checked_seeds,
    metavar="N",
    multiple=True,
    default=(0, 1, 2),
    help="Seed of the random points; may be given several times. [default: 0, 1 and 2]",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0.1),
    metavar="SECONDS",
    default=10.0,
    show_default=True,
    help="With --file: time for each function, and for loading the file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the outcome as JUnit XML too.",
)
def gradcheck(
    run: Path | None,
    file: Path | None,
    mapping: tuple[str, ...],
    show: str | None,
    mistakes: bool,
    seeds: tuple[int, ...],
    time_limit: float,
    as_json: bool,
    junit: Path | None,
) -> None:
    """Prove the losses and gradients, ours or yours.

    Without --file: every claim about the losses is checked at random points, in each coordinate
    and along random directions, and every engine is compared with the equations. With RUN, a
    run folder or its vectors.safetensors, at the parameters of that run as well.

    With --file my_word2vec.py: your sigmoid, softmax, naiveSoftmaxLossAndGradient,
    negSamplingLossAndGradient and skipgram (CS224n's signatures of all years, camelCase or
    snake_case, words as rows or as columns) are graded, and known mistakes are named. This RUNS
    the file, in a separate process with a time limit; that is no protection from malice.

    NaN and infinity never pass. Exit status: 0 if all is right, 1 if something is wrong, 2 for
    wrong usage.
    """
    _only_one(run=run, file=file, show=show, mistakes=mistakes)
    if show or mistakes:
        if as_json or junit:
            raise UsageError("--show and --mistakes print text; leave --json and --junit away")
        click.echo(_explanation(show))
        return
    if mapping and not file:
        raise UsageError("--map goes with --file")
    passed = _grade(file, mapping, time_limit, as_json, junit) if file else None
    if passed is None:
        passed = _prove(run, seeds, as_json, junit)
    if not passed:
        sys.exit(1)


def _only_one(**given: object) -> None:
    names = {"run": "RUN", "file": "--file", "show": "--show", "mistakes": "--mistakes"}
    used = [names[name] for name, value in given.items() if value]
    if len(used) > 1:
        raise UsageError(f"{' and '.join(used)} do not go together; give one of them")


def _explanation(topic: str | None) -> str:
    from w2v_cli.checks.show import render_derivation
    from w2v_cli.grader.mistakes_page import render_mistakes

    return render_derivation(topic, _paint) if topic else render_mistakes(_paint)


def _prove(run: Path | None, seeds: tuple[int, ...], as_json: bool, junit: Path | None) -> bool:
    from w2v_cli.checks.check_all import prove
    from w2v_cli.checks.junit import cases_of_claims
    from w2v_cli.checks.report import as_data, render
    from w2v_cli.mistakes.junit import write_junit

    if run is not None and run.suffix in (".py", ".ipynb"):
        raise UsageError(f"{run} is no run; to grade a Python file: w2v gradcheck --file {run}")
    results = prove(run, seeds, lambda message: click.echo(message, err=True))
    if junit:
        write_junit(junit, "w2v gradcheck", cases_of_claims(results))
    _echo(as_data(results, seeds) if as_json else render(results, seeds, _paint))
    return all(r.passed for r in results)


def _grade(
    file: Path, mapping: tuple[str, ...], time_limit: float, as_json: bool, junit: Path | None
) -> bool:
    from w2v_cli.grader.grade import grade_file
    from w2v_cli.grader.junit import cases_of_file
    from w2v_cli.grader.report import file_as_data, render_file
    from w2v_cli.mistakes.junit import write_junit

    grade = grade_file(file, _parsed(mapping), time_limit)
    if junit:
        write_junit(junit, str(file), cases_of_file(grade))
    _echo(file_as_data(grade) if as_json else render_file(grade, _paint))
    return grade.right


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
