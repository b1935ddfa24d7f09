"""`w2v gradcheck --file` and `--folder`: grade a file, or a folder of submissions."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from w2v_cli.commands.painting import echo, paint
from w2v_cli.commands.tables import render_table
from w2v_cli.errors import UsageError
from w2v_cli.settings.resolve import n_cores

if TYPE_CHECKING:
    from w2v_cli.grader.submissions.run import Job, Result


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
    as_json: bool


def grade_one(file: Path, options: Grading, junit: Path | None, gradescope: Path | None) -> bool:
    """Grade a file and say whether it passes."""
    from w2v_cli.checks.check_report import write_junit
    from w2v_cli.grader.grade import grade_file
    from w2v_cli.grader.gradescope import write_results
    from w2v_cli.grader.junit import cases_of_file
    from w2v_cli.grader.points import score_file
    from w2v_cli.grader.report import file_as_data, render_file

    job = _job(options)
    grade = grade_file(file, job.mapping, job.limits, job.seed, require=job.require)
    if junit:
        write_junit(junit, str(file), cases_of_file(grade, job.strict))
    scores = score_file(grade, job.points, job.strict)
    if gradescope:
        write_results(gradescope, grade, scores)
    if options.as_json:
        echo(file_as_data(grade, job.strict, scores if job.points else ()))
    else:
        echo(render_file(grade, paint, job.strict, scores if job.points else ()))
    return grade.passed(job.strict)


def grade_folder(folder: Path, options: Grading, csv: Path | None, n_jobs: int | None) -> bool:
    """Grade a folder of submissions and say whether all of them pass."""
    from w2v_cli.grader.submissions.find import find_submissions
    from w2v_cli.grader.submissions.report import batch_as_data, table_rows, write_csv
    from w2v_cli.grader.submissions.run import grade_submissions

    submissions = find_submissions(folder)
    graded = grade_submissions(submissions, _job(options), n_jobs or n_cores())
    results = _with_progress(graded, len(submissions))
    if csv:
        write_csv(csv, results)
    passed = sum(result.passed for result in results)
    if options.as_json:
        echo(batch_as_data(results))
    else:
        header, *rows = table_rows(results)
        echo(render_table(rows, header, left=len(header)))
        echo(f"\n{passed} of {len(results)} submissions pass.")
    return passed == len(results)


def _with_progress(results: "Iterator[Result]", n: int) -> "list[Result]":
    """Collect the results, in the order of the names; a bar on a terminal, else a line each."""
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
    from w2v_cli.grader.assignment import check_names
    from w2v_cli.grader.points import read_points
    from w2v_cli.grader.process import Limits
    from w2v_cli.grader.submissions.run import Job

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
            raise UsageError(f"--map {entry}: write NAME=FUNCTION, say sigmoid=my_sigmoid")
        parsed[name.strip()] = function.strip()
    return parsed
