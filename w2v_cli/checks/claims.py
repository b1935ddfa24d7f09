"""All claims, and the runner for `w2v gradcheck`, which checks them and the engines."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np

from w2v_cli.checks.engine_checks import (
    ENGINES_GROUP,
    EngineCase,
    EngineClaim,
    check_engines,
    engine_claims,
    random_cases,
    trained_cases,
)
from w2v_cli.checks.functions import EQUATIONS, Functions
from w2v_cli.checks.loss_claims import SAMPLING_CLAIMS, SOFTMAX_CLAIMS
from w2v_cli.checks.measure import Claim, Result, Tally, draw_points, result_of
from w2v_cli.checks.primitive_claims import BASIC_CLAIMS
from w2v_cli.checks.run_checks import RUN_GROUP, check_run
from w2v_cli.checks.spectral_claims import SPECTRAL_CLAIMS
from w2v_cli.checks.window_claims import CBOW_CLAIMS, SKIP_GRAM_CLAIMS, SUBWORD_CLAIMS
from w2v_cli.engines.catalog import ENGINES
from w2v_cli.errors import UsageError, shown_error
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


# Claims, engines and a run's parameters, as one list to choose from.


@dataclass(frozen=True)
class Check:
    """Something that `w2v gradcheck` checks.

    key, group, statement: as in the results. results: runs the check. There are no results if the
    check does not fit the words of a run.
    """

    key: str
    group: str
    statement: str
    results: Callable[[], list[Result]]


def all_checks(
    run: Path | None, seeds: Sequence[int], notice: Callable[[str], None] = lambda message: None
) -> list[Check]:
    """List the claims, the engines and, with a run, both again at its parameters.

    Checks that compile nothing come first: the claims, then the reference engine.

    Args:
        run: a run folder, or None.
        seeds: seeds of the random points.
        notice: called with messages for the user, such as an engine that cannot be used.

    Raises:
        DataError: the run's vectors cannot be read.
    """
    vectors = read_run_vectors(run) if run else None
    claims = [
        Check(c.key, c.group, c.statement, partial(check_claims, seeds=seeds, claims=[c]))
        for c in CLAIMS
    ]
    engines = sorted(engine_claims(notice), key=lambda claim: ENGINES[claim.engine].is_compiled)
    n_plain = sum(not ENGINES[claim.engine].is_compiled for claim in engines)
    cases = list(random_cases(seeds))
    of_engines = [_of_engine(claim, cases, ENGINES_GROUP, notice) for claim in engines]
    checks = [check for check in claims if check.group != ENGINES_GROUP]
    checks += of_engines[:n_plain]
    checks += [check for check in claims if check.group == ENGINES_GROUP]
    checks += of_engines[n_plain:]
    if vectors is None:
        return checks
    words, counts, parameters = vectors.words, vectors.counts, vectors.embeddings
    losses = partial(check_run, words, counts, parameters, seeds)
    checks.append(Check("run-losses", RUN_GROUP, "the gradients of both losses", losses))
    cases = list(trained_cases(words, counts, parameters, seeds))
    group = "Engines at the parameters of the run"
    return checks + [_of_engine(claim, cases, group, notice, "run-") for claim in engines]


def _of_engine(
    claim: EngineClaim,
    cases: Sequence[EngineCase],
    group: str,
    notice: Callable[[str], None],
    prefix: str = "",
) -> Check:
    key = prefix + claim.check.key

    def results() -> list[Result]:
        found = check_engines(cases, claims=[claim], notice=notice)
        return [replace(result, key=key, group=group) for result in found]

    return Check(key, group, claim.check.statement, results)


def choose(checks: Sequence[Check], names: Sequence[str]) -> list[Check]:
    """Return the checks with one of these keys, or of one of these groups; all without names.

    Upper and lower case, spaces and hyphens do not matter.

    Raises:
        UsageError: nothing has this name.
    """
    wanted = {_plain(name): name for name in names}
    known = {_plain(name) for check in checks for name in (check.key, check.group)}
    for plain_name, name in wanted.items():
        if plain_name not in known:
            raise UsageError(
                f"--only {name}: no claim and no group has this name;"
                " w2v gradcheck --list prints them"
            )
    return [c for c in checks if not wanted or wanted.keys() & {_plain(c.key), _plain(c.group)}]


def _plain(name: str) -> str:
    return name.casefold().replace(" ", "-")


def check_all(
    checks: Sequence[Check], progress: Callable[[str], None] = lambda step: None
) -> Iterator[Result]:
    """Run the checks and yield their results, each as soon as it is known.

    progress: called before each check with its group and the position in it.
    """
    for group, members in groupby(checks, key=lambda check: check.group):
        of_group = list(members)
        for i, check in enumerate(of_group, 1):
            progress(f"{group}: {i} of {len(of_group)}")
            yield from check.results()
