"""How gradcheck checks the exact engine: all pairs of places, with their expected weights."""

from typing import Any

import numpy as np

from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.corpus.sampling import keep_prob
from w2v_cli.engines.base import EngineCheck, Pair
from w2v_cli.engines.exact.engine import ExactEngine
from w2v_cli.engines.settings import EngineSettings

_FLOAT32, _FLOAT64 = 2e-5, 1e-10
"""Tolerances: float32 rounds to 6e-8; sums of some hundred terms stay well below the first."""


def expected_pairs(
    engine: ExactEngine, settings: EngineSettings, corpus: EncodedCorpus
) -> list[Pair]:
    """Return all pairs of places, weighted by the chance that subsampling and radius pair them."""
    window, threshold = settings.model.window, settings.model.subsample_threshold
    keep = keep_prob(corpus.vocabulary.counts, threshold)
    pairs = []
    for document in np.split(corpus.tokens.astype(int), corpus.document_ends[:-1]):
        for i, left in enumerate(document):
            kept_between = np.ones(1)  # the chance of k kept words between, k = 0, 1, …
            for right in document[i + 1 :]:
                reach = np.maximum(0, window - np.arange(len(kept_between))) / window
                weight = float(keep[left] * keep[right] * (kept_between @ reach))
                pairs += [Pair(left, right, weight=weight), Pair(right, left, weight=weight)]
                kept_between = np.convolve(kept_between, [1 - keep[right], keep[right]])
    return pairs


def _check(
    key: str, how: str, tolerance: float = _FLOAT32, has_prior: bool = False, **given: Any
) -> EngineCheck:
    settings = {"loss": "naive-softmax", "optimizer": "sgd", "batch_size": 10_000, **given}
    statement = f"exact, {how}: Δθ = −lr Σ X ∂J/∂θ"
    return EngineCheck(key, statement, settings, expected_pairs, tolerance, has_prior)


CHECKS = (
    _check(
        "exact-float64",
        "naive softmax in float64, no prior",
        tolerance=_FLOAT64,
        subsample_threshold=0.0,
        precision="float64",
        softmax_prior="none",
    ),
    _check("exact-literal", "naive softmax, no prior", softmax_prior="none"),
    _check("exact-prior", "naive softmax, with log P(o) added", has_prior=True),
)
