"""How gradcheck checks the exact engine: all pairs of places, with their expected weights."""

from dataclasses import replace

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.base import EngineCheck, Pair
from w2v_cli.engines.exact.engine import ExactEngine
from w2v_cli.engines.settings import EngineSettings, NegativeSampling
from w2v_cli.equations import unigram_start
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.windows import keep_prob

_FLOAT32, _FLOAT64 = 2e-5, 1e-10
"""Tolerances: float32 rounds to 6e-8; sums of some hundred terms stay well below the first."""


def expected_pairs(
    engine: ExactEngine, settings: EngineSettings, corpus: EncodedCorpus
) -> list[Pair]:
    """Return all pairs of places, weighted by the chance that subsampling and radius pair them."""
    model = settings.model
    smallest, window = model.radii
    keep = keep_prob(corpus.vocabulary.counts, model.subsample_threshold)
    pairs = []
    for document in np.split(corpus.tokens.astype(int), corpus.document_ends[:-1]):
        for i, left in enumerate(document):
            kept_between = np.ones(1)  # the chance of k kept words between, k = 0, 1, …
            for right in document[i + 1 :]:
                k = np.arange(len(kept_between))
                reach = np.clip((window - k) / (window - smallest + 1), 0, 1)  # radius above k
                weight = float(keep[left] * keep[right] * (kept_between @ reach))
                pairs += [Pair(left, right, weight=weight), Pair(right, left, weight=weight)]
                kept_between = np.convolve(kept_between, [1 - keep[right], keep[right]])
    return pairs


def expected_pairs_with_noise(
    engine: ExactEngine, settings: EngineSettings, corpus: EncodedCorpus
) -> list[Pair]:
    """Return the same pairs, each with every other word as a negative K·P(w) times."""
    noise = _noise(settings, corpus)
    return [replace(pair, noise=noise) for pair in expected_pairs(engine, settings, corpus)]


def _noise(settings: EngineSettings, corpus: EncodedCorpus) -> Array:
    objective = settings.objective_as(NegativeSampling)
    weights = corpus.vocabulary.counts.astype(np.float64) ** objective.noise_power
    return np.asarray(objective.n_negatives * weights / weights.sum())


def _unigram_softmax(settings: EngineSettings, corpus: EncodedCorpus, share: Array) -> Array:
    return np.log(np.maximum(share, 1e-300))


def _unigram_sampling(settings: EngineSettings, corpus: EncodedCorpus, share: Array) -> Array:
    return unigram_start(np.maximum(share, 1e-300), _noise(settings, corpus))


_COMMON = {"optimizer": "sgd", "batch_size": 10_000}
_SOFTMAX = {**_COMMON, "loss": "naive-softmax"}
_SAMPLING = {**_COMMON, "loss": "negative-sampling"}
_IN_FLOAT64 = {"subsample_threshold": 0.0, "precision": "float64"}
_STATEMENT = "exact, {}: Δθ = −lr Σ X ∂J/∂θ"

CHECKS = (
    EngineCheck(
        "exact-float64",
        _STATEMENT.format("naive softmax in float64, no prior"),
        {**_SOFTMAX, **_IN_FLOAT64, "prior": "none"},
        expected_pairs,
        _FLOAT64,
    ),
    EngineCheck(
        "exact-literal",
        _STATEMENT.format("naive softmax, no prior"),
        {**_SOFTMAX, "prior": "none"},
        expected_pairs,
        _FLOAT32,
    ),
    EngineCheck(
        "exact-prior",
        _STATEMENT.format("naive softmax, with log P(o) added"),
        _SOFTMAX,
        expected_pairs,
        _FLOAT32,
        _unigram_softmax,
    ),
    EngineCheck(
        "exact-fixed-windows",
        _STATEMENT.format("naive softmax, windows of one radius"),
        {**_SOFTMAX, "prior": "none", "shrink_windows": False},
        expected_pairs,
        _FLOAT32,
    ),
    EngineCheck(
        "exact-sampling-float64",
        _STATEMENT.format("negative sampling in float64, no prior"),
        {**_SAMPLING, **_IN_FLOAT64, "prior": "none"},
        expected_pairs_with_noise,
        _FLOAT64,
    ),
    EngineCheck(
        "exact-sampling-literal",
        _STATEMENT.format("negative sampling, no prior"),
        {**_SAMPLING, "prior": "none"},
        expected_pairs_with_noise,
        _FLOAT32,
    ),
    EngineCheck(
        "exact-sampling-prior",
        _STATEMENT.format("negative sampling, with log P_data/(K·P) added"),
        _SAMPLING,
        expected_pairs_with_noise,
        _FLOAT32,
        _unigram_sampling,
    ),
    EngineCheck(
        "exact-subwords",
        _STATEMENT.format("naive softmax, subwords in 20 buckets"),
        {**_SOFTMAX, **_IN_FLOAT64, "subwords": "1-3", "buckets": 20},
        expected_pairs,
        _FLOAT64,
        _unigram_softmax,
    ),
    EngineCheck(
        "exact-sampling-subwords",
        _STATEMENT.format("negative sampling, explicit subwords"),
        {**_SAMPLING, **_IN_FLOAT64, "subwords": "1-3", "ngrams": "explicit"},
        expected_pairs_with_noise,
        _FLOAT64,
        _unigram_sampling,
    ),
)
