"""All that `w2v gradcheck` checks, in its order."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from w2v_cli.checks.claims import Result, check_claims
from w2v_cli.checks.engine_case import random_cases, trained_cases
from w2v_cli.checks.engine_checks import check_engines
from w2v_cli.checks.run_checks import check_run
from w2v_cli.vectors.run_vectors import read_run_vectors


def check_all(
    run: Path | None,
    seeds: Sequence[int],
    notice: Callable[[str], None] = lambda message: None,
    progress: Callable[[str], None] = lambda step: None,
) -> list[Result]:
    """Check the claims and the engines, and both again at the parameters of a run.

    Args:
        run: a run folder, or None.
        seeds: of the random points.
        notice: called with what the user should know, such as an engine that cannot be used.
        progress: called with the name of each step before it starts.

    Raises:
        DataError: the run's vectors cannot be read.
    """
    vectors = read_run_vectors(run) if run else None
    progress("Checking the claims")
    results = check_claims(seeds=seeds)
    progress("Checking the engines")
    results += check_engines(random_cases(seeds), notice=notice)
    if vectors is None:
        return results
    words, counts, parameters = vectors.words, vectors.counts, vectors.embeddings
    progress("Checking the losses at the parameters of the run")
    results += check_run(words, counts, parameters, seeds)
    progress("Checking the engines at the parameters of the run")
    engines = check_engines(trained_cases(words, counts, parameters, seeds))
    group = "Engines at the parameters of the run"
    return results + [replace(r, key=f"run-{r.key}", group=group) for r in engines]
