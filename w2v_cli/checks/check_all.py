"""All that ``w2v gradcheck`` proves, in its order."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from w2v_cli.checks.claims import Result, check_claims
from w2v_cli.checks.engine_case import random_cases, trained_cases
from w2v_cli.checks.engine_checks import check_engines
from w2v_cli.checks.run_checks import check_run
from w2v_cli.vectors.run_vectors import read_run_vectors


def prove(
    run: Path | None, seeds: Sequence[int], notice: Callable[[str], None] = lambda message: None
) -> list[Result]:
    """Check the claims and the engines, and both again at the parameters of a run.

    notice: is called with what the user should know, such as an engine that cannot be used.

    Raises DataError when the run's vectors cannot be read.
    """
    vectors = read_run_vectors(run) if run else None
    results = check_claims(seeds=seeds) + check_engines(random_cases(seeds), notice=notice)
    if vectors is None:
        return results
    words, counts, parameters = vectors.words, vectors.counts, vectors.embeddings
    results += check_run(words, counts, parameters, seeds)
    engines = check_engines(trained_cases(words, counts, parameters, seeds))
    group = "Engines at the parameters of the run"
    return results + [replace(r, key=f"run-{r.key}", group=group) for r in engines]
