"""How gradcheck checks the reference engine: what its first unit trains, pair by pair."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Bag, EngineCheck, Pair
from w2v_cli.engines.reference.engine import ReferenceEngine
from w2v_cli.engines.settings import EngineSettings, NegativeSampling
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.windows import (
    Windows,
    alias_table,
    block_windows,
    draw_noise,
    generator,
    keep_prob,
    noise_distribution,
)

_TOLERANCE = 2e-5
"""Float32 rounds to 6e-8; sums of some hundred terms stay well below this."""


def drawn_pairs(
    engine: ReferenceEngine, settings: EngineSettings, corpus: EncodedCorpus
) -> list[Pair]:
    """Draw the pairs of the first unit as the engine draws them."""
    rng = generator(settings.training.seed, 0, 0)
    windows = _windows(settings, corpus, rng)
    centers = windows.centers[windows.which]
    negatives = _negatives(settings, corpus, windows.outsides, rng)
    return [
        Pair(int(c), int(o), drawn)
        for c, o, drawn in zip(centers, windows.outsides, negatives, strict=True)
    ]


def drawn_bags(
    engine: ReferenceEngine, settings: EngineSettings, corpus: EncodedCorpus
) -> list[Bag]:
    """Draw the bags of the first unit as the engine draws them: windows with words around."""
    rng = generator(settings.training.seed, 0, 0)
    windows = _windows(settings, corpus, rng)
    around: dict[int, list[int]] = {}
    for window, word in zip(windows.which, windows.outsides, strict=True):
        around.setdefault(int(window), []).append(int(word))
    centers = windows.centers[list(around)]
    negatives = _negatives(settings, corpus, centers, rng)
    return [
        Bag([*words, int(center)], len(words), drawn)
        for words, center, drawn in zip(around.values(), centers, negatives, strict=True)
    ]


def _windows(settings: EngineSettings, corpus: EncodedCorpus, rng: np.random.Generator) -> Windows:
    keep = keep_prob(corpus.vocabulary.counts, settings.model.subsample_threshold)
    return block_windows(corpus, 0, len(corpus.tokens), keep, settings.model.radii, rng)


def _negatives(
    settings: EngineSettings, corpus: EncodedCorpus, predicted: Array, rng: np.random.Generator
) -> list[list[int] | None]:
    """Draw each prediction's negatives, without the predicted word; None: the loss has none."""
    objective = settings.objective
    if not isinstance(objective, NegativeSampling):
        return [None] * len(predicted)
    noise = alias_table(noise_distribution(corpus.vocabulary.counts, objective.noise_power))
    draws = draw_noise(noise, (len(predicted), objective.n_negatives), rng)
    return [[int(k) for k in drawn if k != o] for o, drawn in zip(predicted, draws, strict=True)]


def _check(
    key: str, how: str, pairs: Callable[..., Sequence[Pair | Bag]], **given: Any
) -> EngineCheck:
    statement = f"reference, {how}: Δθ = −lr Σ ∂J/∂θ"
    return EngineCheck(key, statement, {"batch_size": 10_000, **given}, pairs, _TOLERANCE)


_SAMPLING, _SOFTMAX = {"loss": "negative-sampling"}, {"loss": "naive-softmax"}
_CBOW = {"model": "cbow"}
_BUCKETS = {"subwords": "1-3", "buckets": 20}
_NGRAMS = {"subwords": "1-3", "ngrams": "explicit"}

CHECKS = (
    _check("reference-negative-sampling", "negative sampling", drawn_pairs, **_SAMPLING),
    _check("reference-naive-softmax", "naive softmax", drawn_pairs, **_SOFTMAX),
    _check("reference-fixed-windows", "windows of one radius", drawn_pairs, shrink_windows=False),
    _check("reference-cbow", "CBOW", drawn_bags, **_CBOW, **_SAMPLING),
    _check("reference-subwords", "subwords in 20 buckets", drawn_pairs, **_BUCKETS),
    _check("reference-ngrams", "softmax, explicit subwords", drawn_pairs, **_NGRAMS, **_SOFTMAX),
    _check("reference-cbow-subwords", "CBOW, subwords", drawn_bags, **_CBOW, **_BUCKETS),
    _check("reference-cbow-softmax", "CBOW, naive softmax", drawn_bags, **_CBOW, **_SOFTMAX),
)
