"""`w2v gradcheck`: check w2v's formulas and engines, or grade a student's functions."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from w2v_cli.commands.options import FilePath, FloatRange, IntRange
from w2v_cli.commands.terminal import echo, paint, render_table
from w2v_cli.errors import DataError, UsageError
from w2v_cli.settings.resolve import n_cores

if TYPE_CHECKING:
    from w2v_cli.checks.measure import Result
    from w2v_cli.grader.submissions import Job
    from w2v_cli.grader.submissions import Result as Graded

TOPICS = (
    "sigmoid",
    "softmax",
    "leaky-relu",
    "l2-normalisation",
    "naive-softmax",
    "negative-sampling",
    "negative-sampling-expected",
    "skip-gram",
    "cbow",
    "cbow-batches",
    "subwords",
    "spectral",
    "change",
)


@click.command(
    context_settings={"help_option_names": ["-h", "--help"]},
    short_help="Check w2v's gradients, or grade your own.",
)
@click.argument("run", required=False, type=FilePath())
@click.option(
    "--file",
    "file",
    type=FilePath(exists=True, dir_okay=False),
    help="Grade the functions in this Python file or notebook. It runs: only use files you trust.",
)
@click.option(
    "--map",
    "mapping",
    metavar="NAME=FUNCTION",
    multiple=True,
    help="With --file or --folder: grade FUNCTION as NAME, for example skipgram=my_window.",
)
@click.option(
    "--folder",
    type=FilePath(exists=True, file_okay=False),
    help="Grade a folder of submissions: each file and each subfolder is one.",
)
@click.option(
    "--require",
    metavar="NAMES",
    default="assignment",
    help="With --file or --folder: required functions, separated by commas, or all, or none."
    " [default: all that a known assignment asks for]",
)
@click.option(
    "--points",
    type=FilePath(exists=True, dir_okay=False),
    metavar="FILE",
    help="With --file or --folder: TOML file with the points for each function, which makes these"
    " functions required.",
)
@click.option(
    "--gradescope",
    type=FilePath(dir_okay=False),
    metavar="FILE",
    help="With --file: also write results.json for Gradescope.",
)
@click.option(
    "--csv",
    type=FilePath(dir_okay=False),
    metavar="FILE",
    help="With --folder: also write the table as CSV.",
)
@click.option(
    "--html",
    type=FilePath(dir_okay=False),
    metavar="FILE",
    help="With --folder: also write an HTML page with the table, the mistakes and all reports.",
)
@click.option(
    "--jobs",
    type=IntRange(min=1),
    metavar="N",
    help="With --folder: number of submissions graded in parallel. [default: one per core]",
)
@click.option(
    "--feedback",
    type=click.Choice(["full", "hint", "none"]),
    help="With --file: how much reports reveal. hint: no correct formulas or values; none: verdicts"
    " only. [default: full; hint in --gradescope]",
)
@click.option(
    "--strict", is_flag=True, help='With --file or --folder: pass only "right", not "right, …".'
)
@click.option(
    "--starter",
    type=FilePath(),
    metavar="DIR",
    help="Write a course into a new folder: starter file, tests and worksheet.",
)
@click.option(
    "--teacher", is_flag=True, help="With --starter: also write the key, autograder and notebook."
)
@click.option("--show", type=click.Choice(TOPICS), help="Print a derivation with numbers.")
@click.option("--list", "list_checks", is_flag=True, help="List the names that --only accepts.")
@click.option(
    "--only",
    metavar="NAMES",
    multiple=True,
    help="Check only these claims or groups, separated by commas (names: --list).",
)
@click.option("--mistakes", is_flag=True, help="Print known mistakes next to the right formulas.")
@click.option(
    "--seed",
    "seeds",
    type=IntRange(0, 2**63 - 1),
    metavar="N",
    multiple=True,
    help="Seed of the random points; repeat it for several. [default: 0, 1 and 2; 0 elsewhere]",
)
@click.option(
    "--time-limit",
    type=FloatRange(min=0.1),
    metavar="SECONDS",
    default=10.0,
    show_default=True,
    help="With --file or --folder: time limit for each function, and for loading the file.",
)
@click.option(
    "--memory-limit",
    type=IntRange(min=512),
    metavar="MB",
    default=4096,
    show_default=True,
    help="With --file or --folder: memory limit for the file's process, where supported.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.option(
    "--junit",
    type=FilePath(dir_okay=False),
    metavar="FILE",
    help="Also write the results as JUnit XML.",
)
@click.pass_context
def gradcheck(
    ctx: click.Context,
    /,
    run: Path | None,
    file: Path | None,
    folder: Path | None,
    show: str | None,
    mistakes: bool,
    starter: Path | None,
    list_checks: bool,
    only: tuple[str, ...],
    seeds: tuple[int, ...],
    as_json: bool,
    junit: Path | None,
    **other: Any,
) -> None:
    """Check w2v's losses and gradients, or grade your own.

    Without options, gradcheck checks every claim about the losses numerically at random points,
    in each coordinate and along random directions, and compares every engine with the
    equations. With RUN, a run folder or its vectors.safetensors, it also checks them at the
    parameters of that run.

    With --file my_word2vec.py, gradcheck grades your sigmoid, softmax,
    naiveSoftmaxLossAndGradient, negSamplingLossAndGradient, skipgram and cbow, and names known
    mistakes. It accepts CS224n's signatures of all years, camelCase or snake_case, words as rows
    or as columns. This RUNS the file in a separate process. Its limits do not protect against
    malicious code. With --folder, it grades a class in parallel and prints a table.

    With --starter DIR, it writes a course into a new folder, in which students derive and program
    all of this by hand.

    Exit status: 0 if all is right, 1 if something is wrong, 2 for wrong usage. "right,
    unstable" (NaN or infinity only beyond scores of 700) and "right, by the course's key" exit
    0, or 1 with --strict.
    """
    _check_options(ctx)
    if show or mistakes:
        click.echo(_explanation(show))
        return
    if list_checks:
        _list_checks()
        return
    if starter:
        _write_course(starter, other["teacher"], seeds)
        return
    if file:
        passed = grade_one(file, _grading(ctx.params), junit, other["gradescope"])
    elif folder:
        graded = grade_folder(folder, _grading(ctx.params), other["jobs"])
        passed = report_folder(folder, graded, other["csv"], other["html"], as_json)
    else:
        names = [name.strip() for given in only for name in given.split(",")]
        passed = _check(run, seeds or (0, 1, 2), names, as_json, junit)
    if not passed:
        sys.exit(1)


MODES = {
    "run": "RUN",
    "file": "--file",
    "folder": "--folder",
    "show": "--show",
    "mistakes": "--mistakes",
    "list_checks": "--list",
    "starter": "--starter",
}
"""Parameters that select what `gradcheck` does; at most one may be given."""
_GRADING = ("file", "folder")
ONLY_WITH = {
    "mapping": _GRADING,
    "strict": _GRADING,
    "feedback": ("file",),
    "require": _GRADING,
    "points": _GRADING,
    "time_limit": _GRADING,
    "memory_limit": _GRADING,
    "gradescope": ("file",),
    "csv": ("folder",),
    "html": ("folder",),
    "jobs": ("folder",),
    "teacher": ("starter",),
    "only": ("run", None),
    "seeds": (*_GRADING, "starter", "run", None),
    "as_json": (*_GRADING, "run", None),
    "junit": ("file", "run", None),
}
"""The modes that allow an option; None means without any mode."""


def _check_options(ctx: click.Context) -> None:
    """Refuse several modes at once, and options of another mode."""

    def given(name: str) -> bool:
        return ctx.get_parameter_source(name) is not ParameterSource.DEFAULT

    modes = [name for name in MODES if given(name) and ctx.params[name]]
    if len(modes) > 1:
        names = " and ".join(MODES[name] for name in modes)
        raise click.UsageError(f"{names} exclude each other; use one of them")
    mode = modes[0] if modes else None
    for parameter in ctx.command.params:
        fits = ONLY_WITH.get(parameter.name or "")
        if fits and given(parameter.name or "") and mode not in fits:
            wanted = " or ".join(MODES[name] for name in fits if name)
            rule = f"cannot be used with {MODES[mode]}" if mode else f"requires {wanted}"
            raise click.UsageError(f"{parameter.opts[0]} {rule}")
    if mode in (*_GRADING, "starter") and len(ctx.params["seeds"]) > 1:
        raise click.UsageError(f"{MODES[mode]} takes only one --seed")


def _write_course(folder: Path, teacher: bool, seeds: tuple[int, ...]) -> None:
    from w2v_cli.grader.course import worked_example as course
    from w2v_cli.grader.course.box import write_course
    from w2v_cli.pictures.page.explanation import WorkedPair, explanation_html

    seed = seeds[0] if seeds else 0
    example = course.make_example(seed)
    pair = WorkedPair(
        text=" ".join(course.WORDS[w] for w in course.WINDOW),
        words=course.WORDS,
        V=example.V.tolist(),
        U=example.U.tolist(),
        center=course.WORDS[course.CENTER],
        outside=course.WORDS[course.OUTSIDE],
        draws=[course.WORDS[w] for w in example.negatives],
    )
    page = {"word2vec.html": explanation_html(example=pair)}
    for file in write_course(folder, teacher=teacher, seed=seed, more=page):
        click.echo(folder / file)


def _explanation(topic: str | None) -> str:
    from w2v_cli.checks.derivations import render_derivation
    from w2v_cli.grader.mistakes_page import render_mistakes

    return render_derivation(topic, paint) if topic else render_mistakes(paint)


def _check(
    run: Path | None,
    seeds: tuple[int, ...],
    only: Sequence[str],
    as_json: bool,
    junit: Path | None,
) -> bool:
    from w2v_cli.checks.check_report import (
        as_data,
        cases_of_claims,
        summary,
        table_lines,
        write_junit,
    )
    from w2v_cli.checks.claims import all_checks, check_all, choose

    if run is not None and run.suffix in (".py", ".ipynb"):
        raise UsageError(f"{run} is not a run; to grade a Python file: w2v gradcheck --file {run}")
    if run is not None and not run.exists():
        raise DataError(f"{run}: no such file or folder; give a run, or omit it")
    results: list[Result] = []
    with _progress() as (step, notice):
        checks = choose(all_checks(run, seeds, notice), only)

        def collected() -> "Iterator[Result]":
            for result in check_all(checks, step):
                results.append(result)
                yield result

        for line in table_lines(collected(), max(len(c.statement) for c in checks), paint):
            if not as_json:
                step("")
                echo(line)
    if junit:
        write_junit(junit, "w2v gradcheck", cases_of_claims(results))
    echo(as_data(results, seeds) if as_json else summary(results, seeds, paint))
    return all(r.passed for r in results)


def _list_checks() -> None:
    """Print the names that --only accepts, with their meaning."""
    from w2v_cli.checks.claims import all_checks

    for group, members in groupby(all_checks(None, (0,)), key=lambda check: check.group):
        echo(paint(group, "heading"))
        echo(render_table([(check.key, check.statement) for check in members], left=2, indent="  "))


Say = Callable[[str], None]


@contextlib.contextmanager
def _progress() -> Iterator[tuple[Say, Say]]:
    """Yield two functions, one to show the current step and one to print a notice.

    Steps are shown only on a terminal, in one line that the next step replaces; an empty step
    clears it.
    """
    clear = "\r\x1b[K" if sys.stderr.isatty() else ""

    def step(words: str) -> None:
        if clear:
            click.echo(f"{clear}{words} …" if words else clear, nl=False, err=True)

    def notice(words: str) -> None:
        click.echo(f"{clear}{words}", err=True)

    try:
        yield step, notice
    finally:
        if clear:
            click.echo(clear, nl=False, err=True)


# `--file` and `--folder`: grade a file or a folder of submissions.


@dataclass(frozen=True)
class Grading:
    """The options of `--file` and `--folder`."""

    mapping: tuple[str, ...]
    require: str
    points: Path | None
    seed: int
    time_limit: float
    memory_limit: int
    strict: bool
    feedback: str | None
    as_json: bool


def _grading(chosen: Mapping[str, Any]) -> Grading:
    """Collect the options of --file and --folder."""
    return Grading(
        mapping=chosen["mapping"],
        require=chosen["require"],
        points=chosen["points"],
        seed=chosen["seeds"][0] if chosen["seeds"] else 0,
        time_limit=chosen["time_limit"],
        memory_limit=chosen["memory_limit"],
        strict=chosen["strict"],
        feedback=chosen["feedback"],
        as_json=chosen["as_json"],
    )


def grade_one(file: Path, options: Grading, junit: Path | None, gradescope: Path | None) -> bool:
    """Grade a file and return whether it passes."""
    from w2v_cli.checks.check_report import write_junit
    from w2v_cli.grader.grade import grade_file
    from w2v_cli.grader.grade_report import (
        cases_of_file,
        file_as_data,
        limited,
        render_file,
        write_results,
    )
    from w2v_cli.grader.points import score_file

    job = _job(options)
    whole = grade_file(file, job.mapping, job.limits, job.seed, require=job.require)
    grade = limited(whole, options.feedback or "full")
    if junit:
        write_junit(junit, str(file), cases_of_file(grade, job.strict))
    scores = score_file(whole, job.points, job.strict)
    if gradescope:
        write_results(gradescope, whole, scores, options.feedback or "hint")
    if options.as_json:
        echo(file_as_data(grade, job.strict, scores if job.points else ()))
    else:
        echo(render_file(grade, paint, job.strict, scores if job.points else ()))
    return grade.passed(job.strict)


def grade_folder(folder: Path, options: Grading, n_jobs: int | None) -> "list[Graded]":
    """Grade a folder of submissions; the results are sorted by name."""
    from w2v_cli.grader.submissions import find_submissions, grade_submissions

    submissions = find_submissions(folder)
    graded = grade_submissions(submissions, _job(options), n_jobs or n_cores())
    return _with_progress(graded, len(submissions))


def report_folder(
    folder: Path, results: "list[Graded]", csv: Path | None, html: Path | None, as_json: bool
) -> bool:
    """Print the grades of a folder, write the files asked for, and return whether all pass."""
    from w2v_cli.grader.class_page import write_class_page
    from w2v_cli.grader.submissions import (
        batch_as_data,
        look_alikes,
        problem_lines,
        table_rows,
        write_csv,
    )

    if csv:
        write_csv(csv, results)
    if html:
        write_class_page(html, folder, results)
    passed = sum(result.passed for result in results)
    if as_json:
        echo(batch_as_data(results))
    else:
        header, *rows = table_rows(results)
        echo(render_table(rows, header, left=len(header)))
        for line in problem_lines(results):
            echo(f"\n{line}")
        for names in look_alikes(results):
            echo(f"\nThe same apart from names, comments and layout: {', '.join(names)}.")
        echo(f"\n{passed} of {len(results)} submissions pass.")
    return passed == len(results)


def _with_progress(results: "Iterator[Graded]", n: int) -> "list[Graded]":
    """Collect the results, sorted by name; show a bar on a terminal, else one line each."""
    from tqdm import tqdm

    collected = []
    bar = tqdm(results, total=n, desc="grading", unit="file", disable=not sys.stderr.isatty())
    for result in bar:
        collected.append(result)
        if bar.disable:
            verdict = "passes" if result.passed else "does not pass"
            click.echo(f"{len(collected)}/{n} {result.submission.name} {verdict}", err=True)
    return sorted(collected, key=lambda result: result.submission.name)


def _job(options: Grading) -> "Job":
    from w2v_cli.grader.kinds import check_names
    from w2v_cli.grader.points import read_points
    from w2v_cli.grader.process import Limits
    from w2v_cli.grader.submissions import Job

    points = read_points(options.points) if options.points else None
    named = [name.strip() for name in options.require.split(",") if name.strip() != "none"]
    check_names(named)
    return Job(
        mapping=_parsed(options.mapping),
        limits=Limits(options.time_limit, options.memory_limit),
        seed=options.seed,
        require=(*named, *(points.required if points else ())),
        points=points,
        strict=options.strict,
    )


def _parsed(mapping: tuple[str, ...]) -> dict[str, str]:
    parsed = {}
    for entry in mapping:
        name, equals, function = entry.partition("=")
        if not equals or not name or not function:
            raise UsageError(f"--map {entry}: write NAME=FUNCTION, for example sigmoid=my_sigmoid")
        parsed[name.strip()] = function.strip()
    return parsed
