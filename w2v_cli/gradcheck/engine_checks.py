"""Every training engine against the equations.

An engine is given random (or a run's) parameters and trains one unit of a small corpus by plain
gradient descent with learning rate 1. Then its loss must be the sum of the equations over the
pairs it drew, and its parameters must have moved by minus the sum of their gradients.
"""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from w2v_cli.config import Config
from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.corpus.sampling import (
    alias_table,
    draw_noise,
    generator,
    keep_prob,
    noise_distribution,
)
from w2v_cli.engines import create_engine
from w2v_cli.engines.base import Engine, Stats, Unit
from w2v_cli.engines.windows import block_windows
from w2v_cli.equations import Array
from w2v_cli.gradcheck.claims import Result, result_of
from w2v_cli.gradcheck.engine_case import EngineCase, Pair, sum_of_pairs
from w2v_cli.gradcheck.measure import Tally

FLOAT32_TOLERANCE = 2e-5
"""Float32 rounds to 6e-8; sums of some hundred terms stay well below this."""

MakeEngine = Callable[[Config, EncodedCorpus, Path], Engine]


@dataclass(frozen=True)
class EngineClaim:
    """An engine, the configuration it is checked in, and what it should have drawn."""

    key: str
    statement: str
    config: Config
    pairs: Callable[[Config, EngineCase], list[Pair]]
    tolerance: float = FLOAT32_TOLERANCE


def _config(engine: str, loss: str) -> Config:
    return Config(
        engine=engine,
        loss=loss,
        optimizer="sgd",
        window=3,
        n_negatives=4,
        subsample_threshold=0.05,
        min_count=1,
        epochs=1,
        lr=1.0,
        batch_size=10_000,
        n_threads=1,
    ).resolved()


def numpy_pairs(config: Config, case: EngineCase) -> list[Pair]:
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


def numba_pairs(config: Config, case: EngineCase) -> list[Pair]:
    """The pairs of the compiled engine's first unit; each one meets all shared negatives."""
    from w2v_cli.engines.numba_engine import NumbaEngine

    engine = NumbaEngine(replace(config, dim=case.parameters.dim), case.corpus)
    return [
        Pair(
            center,
            outside,
            [k for k in negatives if k != outside],
            noise_weight=config.n_negatives / len(negatives),
        )
        for windows, negatives in engine.draws(Unit(0, 0, 1.0))
        for center, outsides in windows
        for outside in outsides
    ]


def _numba_config(deterministic: bool) -> Config:
    """With a small `lr` the whole unit is one chunk; the unit itself is trained with 1."""
    config = _config("numba", "negative-sampling")
    return replace(config, lr=1e-6, min_lr=0.0, deterministic=deterministic)


ENGINE_CLAIMS = (
    EngineClaim(
        "numba-negative-sampling",
        "numba, negative sampling: Δθ = −lr Σ ∂J/∂θ",
        _numba_config(deterministic=False),
        numba_pairs,
    ),
    EngineClaim(
        "numba-deterministic",
        "numba, deterministic: Δθ = −lr Σ ∂J/∂θ",
        _numba_config(deterministic=True),
        numba_pairs,
    ),
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
)


def check_engines(
    cases: Iterable[EngineCase],
    make_engine: MakeEngine = create_engine,
    claims: Sequence[EngineClaim] = ENGINE_CLAIMS,
) -> list[Result]:
    """Check every engine on every case."""
    cases = list(cases)
    return [_check(claim, cases, make_engine) for claim in claims]


def _check(claim: EngineClaim, cases: Sequence[EngineCase], make_engine: MakeEngine) -> Result:
    tally = Tally(claim.tolerance)
    for case in cases:
        tally.place = case.name
        try:
            stats, grad_center, grad_outside = _train_one_unit(claim.config, case, make_engine)
            pairs = claim.pairs(claim.config, case)
        except Exception as error:  # an engine that cannot train has failed
            tally.note(f"{type(error).__name__}: {error}", np.nan, np.nan, np.inf)
            continue
        expected = sum_of_pairs(case.parameters, pairs)
        tally.equal("pairs", stats.n_pairs, sum(pair.weight for pair in pairs))
        tally.equal("Σ J", stats.loss, expected.loss)
        tally.equal("−Δ centre", grad_center, expected.grad_center)
        tally.equal("−Δ outside", grad_outside, expected.grad_outside)
    return result_of(claim.key, "Engines", claim.statement, tally)


def _train_one_unit(
    config: Config, case: EngineCase, make_engine: MakeEngine
) -> tuple[Stats, Array, Array]:
    """Train unit 0 with learning rate 1; return its figures and −Δ of both matrices."""
    config = replace(config, dim=case.parameters.dim)
    with tempfile.TemporaryDirectory() as cache:
        engine = make_engine(config, case.corpus, Path(cache))
        try:
            state = {name: array.copy() for name, array in engine.state().items()}
            state["center"][...] = case.parameters.center
            state["outside"][...] = case.parameters.outside
            engine.load_state(state)
            (stats,) = [stats for _, stats in engine.train([Unit(0, 0, 1.0)])]
            after = engine.embeddings()
            delta = (
                state["center"].astype(np.float64) - after.center,
                state["outside"].astype(np.float64) - after.outside,
            )
            return stats, *delta
        finally:
            engine.close()
