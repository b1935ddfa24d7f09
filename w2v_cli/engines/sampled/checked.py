"""How gradcheck checks the sampled engine: what its first unit trains, pair by pair."""

from typing import Any

from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.engines.base import EngineCheck, Pair, Unit
from w2v_cli.engines.losses import NegativeSampling
from w2v_cli.engines.sampled.engine import SampledEngine
from w2v_cli.engines.settings import EngineSettings

_TOLERANCE = 1e-4
"""The compiled kernels' σ and log are polynomials, good to 1e-5 per term."""


def drawn_pairs(
    engine: SampledEngine, settings: EngineSettings, corpus: EncodedCorpus
) -> list[Pair]:
    """Return the pairs of the first unit; all share the negatives of their chunk.

    The S shared negatives stand for K: each counts K/S times, and not for a pair whose outside
    word it is.
    """
    (chunk,) = engine.draws(Unit(0, 0, 1.0))
    windows, negatives = chunk
    share = settings.objective_as(NegativeSampling).n_negatives / len(negatives)
    return [
        Pair(c, o, [k for k in negatives if k != o], noise_weight=share)
        for c, outside in windows
        for o in outside
    ]


def _check(key: str, how: str, **given: Any) -> EngineCheck:
    statement = f"sampled, {how}: Δθ = −lr Σ ∂J/∂θ"
    return EngineCheck(key, statement, given, drawn_pairs, _TOLERANCE, whole_steps=True)


CHECKS = (
    _check("sampled-shared-negatives", "shared negatives"),
    _check("sampled-deterministic", "2 threads in step", deterministic=True, n_threads=2),
    _check("sampled-fixed-windows", "windows of one radius", shrink_windows=False),
    _check("sampled-subwords", "subwords, n Δθ for the rows of a word", subwords="1-3", buckets=20),
    _check(
        "sampled-ngrams",
        "explicit subwords, 2 threads in step",
        subwords="1-3",
        ngrams="explicit",
        deterministic=True,
        n_threads=2,
    ),
)
