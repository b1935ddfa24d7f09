"""Every training engine against the equations.

An engine is given random (or a run's) parameters and trains one unit of a small corpus by plain
gradient descent with learning rate 1. Then its loss must be the sum of the equations over the
pairs it drew, and its parameters must have moved by minus the sum of their gradients.
"""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from w2v_cli.checks.claims import Result, result_of
from w2v_cli.checks.engine_case import EngineCase, Pair, sum_of_pairs
from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.corpus.sampling import (
    alias_table,
    draw_noise,
    generator,
    keep_prob,
    noise_distribution,
)
from w2v_cli.corpus.windows import block_windows
from w2v_cli.engines import create_engine
from w2v_cli.engines.base import Engine, Stats, Unit
from w2v_cli.equations import Array
from w2v_cli.mistakes.measure import Tally
from w2v_cli.settings.config import Config

FLOAT32_TOLERANCE = 2e-5
"""Float32 rounds to 6e-8; sums of some hundred terms stay well below this."""

FLOAT64_TOLERANCE = 1e-10
KERNEL_TOLERANCE = 1e-4
"""The compiled kernels' σ and log are polynomials, good to 1e-5 a term."""

Notice = Callable[[str], None]
MakeEngine = Callable[[Config, EncodedCorpus, Path, Notice], Engine]


@dataclass(frozen=True)
class EngineClaim:
    """An engine, the configuration it is checked in, and what its first unit trains.

    pairs: the pairs of words that the engine draws, with their weights.
    """

    key: str
    statement: str
    config: Config
    pairs: Callable[[Any, Config, EngineCase], list[Pair]]
    tolerance: float = FLOAT32_TOLERANCE
    has_prior: bool = False


def _config(engine: str, loss: str, **settings: Any) -> Config:
    common: dict[str, Any] = {
        "engine": engine,
        "loss": loss,
        "optimizer": "sgd",
        "window": 3,
        "n_negatives": 4,
        "subsample_threshold": 0.05,
        "min_count": 1,
        "epochs": 1,
        "lr": 1e-6,  # nominal: the one unit is trained with 1
        "batch_size": None if engine == "numba" else 10_000,
        "n_threads": 1,
    }
    return Config(**(common | settings)).resolved()


def numpy_pairs(engine: Any, config: Config, case: EngineCase) -> list[Pair]:
    """The pairs of the NumPy engine's first unit, drawn as it draws them."""
    counts = case.corpus.vocabulary.counts
    keep = keep_prob(counts, config.subsample_threshold)
    rng = generator(config.seed, 0, 0)
    windows = block_windows(case.corpus, 0, len(case.corpus.tokens), keep, config.window, rng)
    centers = windows.centers[windows.which]
    if config.loss == "naive-softmax":
        return [Pair(int(c), int(o)) for c, o in zip(centers, windows.outsides, strict=True)]
    noise = alias_table(noise_distribution(counts, config.noise_power))
    draws = draw_noise(noise, (len(centers), config.n_negatives), rng)
    return [
        Pair(int(c), int(o), [int(k) for k in drawn if k != o])
        for c, o, drawn in zip(centers, windows.outsides, draws, strict=True)
    ]


def numba_pairs(engine: Any, config: Config, case: EngineCase) -> list[Pair]:
    """The pairs of the compiled engine's first unit; all share the negatives of their chunk.

    The S shared negatives stand for K: each counts K/S times, and not for a pair whose outside
    word it is.
    """
    (chunk,) = engine.draws(Unit(0, 0, 1.0))
    windows, negatives = chunk
    share = config.n_negatives / len(negatives)
    return [
        Pair(c, o, [k for k in negatives if k != o], noise_weight=share)
        for c, outside in windows
        for o in outside
    ]


def expected_pairs(engine: Any, config: Config, case: EngineCase) -> list[Pair]:
    """All pairs of places with the chance that subsampling and the drawn radius make them pairs."""
    keep = keep_prob(case.corpus.vocabulary.counts, config.subsample_threshold)
    pairs = []
    for document in np.split(case.corpus.tokens.astype(int), case.corpus.document_ends[:-1]):
        for i, left in enumerate(document):
            kept_between = np.ones(1)  # the chance of k kept words between, k = 0, 1, …
            for right in document[i + 1 :]:
                reach = np.maximum(0, config.window - np.arange(len(kept_between))) / config.window
                weight = float(keep[left] * keep[right] * (kept_between @ reach))
                pairs += [Pair(left, right, weight=weight), Pair(right, left, weight=weight)]
                kept_between = np.convolve(kept_between, [1 - keep[right], keep[right]])
    return pairs


ENGINE_CLAIMS = (
    EngineClaim(
        "numpy-negative-sampling",
        "numpy, negative sampling: Δθ = −lr Σ ∂J/∂θ",
        _config("numpy", "negative-sampling"),
        numpy_pairs,
    ),
    EngineClaim(
        "numpy-naive-softmax",
        "numpy, naive softmax: Δθ = −lr Σ ∂J/∂θ",
        _config("numpy", "naive-softmax"),
        numpy_pairs,
    ),
    EngineClaim(
        "numba-negative-sampling",
        "numba, shared negatives: Δθ = −lr Σ ∂J/∂θ",
        _config("numba", "negative-sampling"),
        numba_pairs,
        KERNEL_TOLERANCE,
    ),
    EngineClaim(
        "numba-deterministic",
        "numba, deterministic on 2 threads: Δθ = −lr Σ ∂J/∂θ",
        _config("numba", "negative-sampling", deterministic=True, n_threads=2),
        numba_pairs,
        KERNEL_TOLERANCE,
    ),
    EngineClaim(
        "softmax-float64",
        "softmax in float64, no prior: Δθ = −lr Σ X ∂J/∂θ",
        _config(
            "softmax",
            "naive-softmax",
            subsample_threshold=0.0,
            precision="float64",
            softmax_prior="none",
        ),
        expected_pairs,
        FLOAT64_TOLERANCE,
    ),
    EngineClaim(
        "softmax-literal",
        "softmax, no prior: Δθ = −lr Σ X ∂J/∂θ",
        _config("softmax", "naive-softmax", softmax_prior="none"),
        expected_pairs,
    ),
    EngineClaim(
        "softmax-prior",
        "softmax, with log P(o) added: Δθ = −lr Σ X ∂J/∂θ",
        _config("softmax", "naive-softmax"),
        expected_pairs,
        has_prior=True,
    ),
)


def check_engines(
    cases: Iterable[EngineCase],
    make_engine: MakeEngine = create_engine,
    claims: Sequence[EngineClaim] = ENGINE_CLAIMS,
    notice: Notice = lambda message: None,
) -> list[Result]:
    """Check every engine on every case.

    An engine that cannot be used on this machine is left out, with a notice.
    """
    cases = list(cases)
    results = [_check(claim, cases, make_engine, notice) for claim in claims]
    return [result for result in results if result is not None]


def _check(
    claim: EngineClaim, cases: Sequence[EngineCase], make_engine: MakeEngine, notice: Notice
) -> Result | None:
    tally = Tally(claim.tolerance)
    for case in cases:
        tally.place = case.name
        try:
            trained = _train_one_unit(claim, case, make_engine, notice)
        except Exception as error:  # an engine that cannot train has failed
            tally.note(f"{type(error).__name__}: {error}", np.nan, np.nan, np.inf)
            continue
        if trained is None:
            notice(f"not checked, since the engine cannot be used here: {claim.statement}")
            return None
        expected = sum_of_pairs(case.parameters, trained.pairs, claim.has_prior)
        tally.equal("pairs", trained.stats.n_pairs, sum(pair.weight for pair in trained.pairs))
        tally.equal("Σ J", trained.stats.loss, expected.loss)
        tally.equal("−Δ centre", trained.grad_center, expected.grad_center)
        tally.equal("−Δ outside", trained.grad_outside, expected.grad_outside)
    return result_of(claim.key, "Engines", claim.statement, tally)


@dataclass(frozen=True)
class _Trained:
    """What one unit with learning rate 1 did: its figures, −Δ of both matrices, its pairs."""

    stats: Stats
    grad_center: Array
    grad_outside: Array
    pairs: list[Pair]


def _train_one_unit(
    claim: EngineClaim, case: EngineCase, make_engine: MakeEngine, notice: Notice
) -> _Trained | None:
    """Train unit 0 of a case; None where another engine stands in for the one asked for."""
    config = replace(claim.config, dim=case.parameters.dim)
    with tempfile.TemporaryDirectory() as cache:
        engine = make_engine(config, case.corpus, Path(cache), notice)
        try:
            if engine.name != config.engine:
                return None
            state = {name: array.copy() for name, array in engine.state().items()}
            state["center"][...] = case.parameters.center
            state["outside"][...] = case.parameters.outside
            engine.load_state(state)
            (stats,) = [stats for _, stats in engine.train([Unit(0, 0, 1.0)])]
            after = engine.state()  # in the engine's own precision
            return _Trained(
                stats,
                state["center"].astype(np.float64) - after["center"],
                state["outside"].astype(np.float64) - after["outside"],
                claim.pairs(engine, config, case),
            )
        finally:
            engine.close()
