"""All claims, and the runner for `w2v gradcheck`, which checks them and the engines."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from w2v_cli.checks.engine_checks import check_engines, random_cases, trained_cases
from w2v_cli.checks.functions import EQUATIONS, Functions
from w2v_cli.checks.loss_claims import SAMPLING_CLAIMS, SOFTMAX_CLAIMS
from w2v_cli.checks.measure import Claim, Result, Tally, draw_points, result_of
from w2v_cli.checks.primitive_claims import BASIC_CLAIMS
from w2v_cli.checks.run_checks import check_run
from w2v_cli.checks.spectral_claims import SPECTRAL_CLAIMS
from w2v_cli.checks.window_claims import CBOW_CLAIMS, SKIP_GRAM_CLAIMS, SUBWORD_CLAIMS
from w2v_cli.errors import shown_error
from w2v_cli.vectors.run_vectors import read_run_vectors

CLAIMS = (
    *BASIC_CLAIMS,
    *SOFTMAX_CLAIMS,
    *SAMPLING_CLAIMS,
    *SPECTRAL_CLAIMS,
    *SKIP_GRAM_CLAIMS,
    *CBOW_CLAIMS,
    *SUBWORD_CLAIMS,
)


def check_claims(
    functions: Functions = EQUATIONS,
    seeds: Sequence[int] = (0,),
    claims: Sequence[Claim] = CLAIMS,
) -> list[Result]:
    """Check every claim at random points of every seed.

    A claim also fails on an exception, NaN, infinity or a wrong shape.
    """
    return [_check(claim, functions, seeds) for claim in claims]


def _check(claim: Claim, functions: Functions, seeds: Sequence[int]) -> Result:
    tally = Tally(claim.tolerance)
    for point in draw_points(seeds):
        tally.place = point.name
        try:
            with np.errstate(all="ignore"):
                claim.check(functions, point, tally)
        except Exception as error:  # an exception of the function under test is a failed claim
            tally.note(shown_error(error), np.nan, np.nan, np.inf)
    return result_of(claim.key, claim.group, claim.statement, tally)


def check_all(
    run: Path | None,
    seeds: Sequence[int],
    notice: Callable[[str], None] = lambda message: None,
    progress: Callable[[str], None] = lambda step: None,
) -> list[Result]:
    """Check the claims and the engines; with a run, also at its parameters.

    Args:
        run: a run folder, or None.
        seeds: seeds of the random points.
        notice: called with messages for the user, such as an engine that cannot be used.
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
