"""Every training engine of the catalogue against the equations.

An engine is given random (or a run's) vectors and trains one unit of a small corpus by plain
gradient descent with learning rate 1. Then its loss must be the sum of the equations over the
pairs it drew, and its vectors must have moved by minus the sum of their gradients.
"""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from w2v_cli.checks.claims import Result, result_of
from w2v_cli.checks.engine_case import EngineCase, outside_share, sum_of_pairs
from w2v_cli.checks.subword_groups import groups_of
from w2v_cli.engines.base import Bag, Create, Engine, EngineCheck, Notice, Pair, Stats, Unit
from w2v_cli.engines.catalog import ENGINES, create_engine
from w2v_cli.engines.centers import subwords_of
from w2v_cli.engines.settings import EngineOffer, EngineSettings, named
from w2v_cli.equations import Array, mean_matrix
from w2v_cli.errors import DataError
from w2v_cli.mistakes.measure import Tally
from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve

#: What every engine is checked with, unless its check says otherwise.
_COMMON = {
    "optimizer": "sgd",
    "window": 3,
    "negative-sampling.n_negatives": 4,
    "subsample_threshold": 0.05,
    "epochs": 1,
    "lr": 1e-6,  # nominal: the one unit is trained with 1
    "n_threads": 1,
}


@dataclass(frozen=True)
class EngineClaim:
    """An engine and one of the checks that its folder names."""

    engine: str
    check: EngineCheck

    def settings(self, dim: int) -> EngineSettings:
        """Return the settings it is checked in."""
        given = {**_COMMON, "engine": self.engine, **self.check.given, "dim": dim}
        return resolve(Config(**given))

    def fits(self, case: EngineCase) -> bool:
        """Whether the claim can be checked: subwords need words that share n-grams."""
        try:
            subwords_of(self.settings(case.parameters.dim).model, case.corpus.vocabulary.words)
        except DataError:
            return False
        return True


def engine_claims(
    offers: Iterable[EngineOffer] | None = None, notice: Notice = lambda message: None
) -> list[EngineClaim]:
    """Gather the checks of all engines; one that cannot be used here is left out, with a notice."""
    claims = []
    for offer in ENGINES.values() if offers is None else offers:
        try:
            checks: Sequence[EngineCheck] = named(offer.checks)
        except Exception as error:  # a broken numba fails in many ways
            notice(f"engine {offer.name} cannot be used here and was not checked: {error}")
            continue
        claims += [EngineClaim(offer.name, check) for check in checks]
    return claims


def check_engines(
    cases: Iterable[EngineCase],
    make_engine: Create = create_engine,
    claims: Sequence[EngineClaim] | None = None,
    notice: Notice = lambda message: None,
    done: Callable[[], None] = lambda: None,
) -> list[Result]:
    """Check every engine on every case.

    done: is called after each claim. Engines that cannot be used on this machine are left out,
    with a notice; so are claims that fit no case.
    """
    cases = list(cases)
    results = []
    for claim in engine_claims(notice=notice) if claims is None else claims:
        fitting = [case for case in cases if claim.fits(case)]
        if fitting:
            results.append(_check(claim, fitting, make_engine, notice))
        done()
    return results


def _check(
    claim: EngineClaim, cases: Sequence[EngineCase], make_engine: Create, notice: Notice
) -> Result:
    check = claim.check
    tally = Tally(check.tolerance)
    for case in cases:
        tally.place = case.name
        try:
            trained = _train_one_unit(claim, case, make_engine, notice)
        except Exception as error:  # an engine that cannot train has failed
            tally.note(f"{type(error).__name__}: {error}", np.nan, np.nan, np.inf)
            continue
        expected = sum_of_pairs(case.parameters, trained.pairs, _prior(claim, case, trained.pairs))
        tally.equal("pairs", trained.stats.n_pairs, sum(pair.weight for pair in trained.pairs))
        tally.equal("Σ J", trained.stats.loss, expected.loss)
        grad_center = expected.grad_center + trained.penalty * case.parameters.center
        grad_outside = expected.grad_outside + trained.penalty * case.parameters.outside
        tally.equal("−Δ centre", trained.grad_center, _row_matrix(claim, case).T @ grad_center)
        tally.equal("−Δ outside", trained.grad_outside, grad_outside)
    return result_of(check.key, "Engines", check.statement, tally)


def _row_matrix(claim: EngineClaim, case: EngineCase) -> Array:
    """Return what spreads the gradients of centre vectors over their rows, (V, n_rows)."""
    groups = groups_of(claim.settings(case.parameters.dim).model, case.corpus.vocabulary.words)
    S = mean_matrix(groups, 1 + max(max(rows) for rows in groups))
    sizes = np.array([len(rows) for rows in groups])
    return sizes[:, None] * S if claim.check.whole_steps else S


def _prior(claim: EngineClaim, case: EngineCase, pairs: Sequence[Pair | Bag]) -> Array | None:
    """Return what is added to the scores in this check, if anything is."""
    if claim.check.prior is None:
        return None
    share = outside_share(pairs, case.parameters.n_words)
    return np.asarray(claim.check.prior(claim.settings(case.parameters.dim), case.corpus, share))


@dataclass(frozen=True)
class _Trained:
    """What one unit with learning rate 1 did: its figures, −Δ of both matrices, its pairs.

    grad_center is of the rows that the centre vectors are made of, (n_rows, D). penalty: how much
    of each word's vectors is added to their gradients, (V, 1).
    """

    stats: Stats
    grad_center: Array
    grad_outside: Array
    pairs: Sequence[Pair | Bag]
    penalty: Array


def _train_one_unit(
    claim: EngineClaim, case: EngineCase, make_engine: Create, notice: Notice
) -> _Trained:
    """Train unit 0 of a case with learning rate 1."""
    settings = claim.settings(case.parameters.dim)
    with tempfile.TemporaryDirectory() as cache:
        engine = make_engine(settings, case.corpus, Path(cache), notice)
        try:
            engine.set_embeddings(case.parameters)
            before = [matrix.astype(np.float64) for matrix in _matrices(engine)]
            (stats,) = [stats for _, stats in engine.train([Unit(0, 0, 1.0)])]
            after = _matrices(engine)
            penalty = np.zeros(case.parameters.n_words)
            if claim.check.penalty is not None:
                penalty = claim.check.penalty(engine, settings, case.corpus)
            return _Trained(
                stats,
                before[0] - after[0],
                before[1] - after[1],
                claim.check.pairs(engine, settings, case.corpus),
                penalty[:, None],
            )
        finally:
            engine.close()


def _matrices(engine: Engine) -> tuple[Array, Array]:
    """Return the rows of centre vectors, (n_rows, D), and the outside vectors, perhaps as views."""
    vectors = engine.embeddings()
    center = vectors.center if vectors.subwords is None else vectors.subwords.rows
    return center, vectors.outside
