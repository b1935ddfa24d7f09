"""How gradcheck checks the reference engine: what its first unit trains, pair by pair."""

from typing import Any

from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.corpus.sampling import (
    alias_table,
    draw_noise,
    generator,
    keep_prob,
    noise_distribution,
)
from w2v_cli.corpus.windows import block_windows
from w2v_cli.engines.base import EngineCheck, Pair
from w2v_cli.engines.losses import NegativeSampling
from w2v_cli.engines.reference.engine import ReferenceEngine
from w2v_cli.engines.settings import EngineSettings

_TOLERANCE = 2e-5
"""Float32 rounds to 6e-8; sums of some hundred terms stay well below this."""


def drawn_pairs(
    engine: ReferenceEngine, settings: EngineSettings, corpus: EncodedCorpus
) -> list[Pair]:
    """Draw the pairs of the first unit as the engine draws them."""
    counts = corpus.vocabulary.counts
    keep = keep_prob(counts, settings.model.subsample_threshold)
    rng = generator(settings.training.seed, 0, 0)
    windows = block_windows(corpus, 0, len(corpus.tokens), keep, settings.model.radii, rng)
    centers = windows.centers[windows.which]
    objective = settings.objective
    if not isinstance(objective, NegativeSampling):
        return [Pair(int(c), int(o)) for c, o in zip(centers, windows.outsides, strict=True)]
    noise = alias_table(noise_distribution(counts, objective.noise_power))
    draws = draw_noise(noise, (len(centers), objective.n_negatives), rng)
    return [
        Pair(int(c), int(o), [int(k) for k in drawn if k != o])
        for c, o, drawn in zip(centers, windows.outsides, draws, strict=True)
    ]


def _check(key: str, how: str, **given: Any) -> EngineCheck:
    statement = f"reference, {how}: Δθ = −lr Σ ∂J/∂θ"
    return EngineCheck(key, statement, {"batch_size": 10_000, **given}, drawn_pairs, _TOLERANCE)


_BUCKETS = {"subwords": "1-3", "buckets": 20}
_NGRAMS = {"subwords": "1-3", "ngrams": "explicit", "loss": "naive-softmax"}

CHECKS = (
    _check("reference-negative-sampling", "negative sampling", loss="negative-sampling"),
    _check("reference-naive-softmax", "naive softmax", loss="naive-softmax"),
    _check("reference-fixed-windows", "windows of one radius", shrink_windows=False),
    _check("reference-subwords", "negative sampling, subwords in 20 buckets", **_BUCKETS),
    _check("reference-ngrams", "naive softmax, explicit subwords", **_NGRAMS),
)
