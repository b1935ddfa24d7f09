"""How gradcheck checks the sampled engine: what its first unit trains, pair by pair."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Bag, EngineCheck, Pair, Unit
from w2v_cli.engines.sampled.engine import SampledEngine
from w2v_cli.engines.sampled.settings import SampledSettings
from w2v_cli.engines.settings import EngineSettings, NegativeSampling
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.windows import keep_prob

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


def drawn_bags(engine: SampledEngine, settings: EngineSettings, corpus: EncodedCorpus) -> list[Bag]:
    """Return the windows of the first unit that have words around their centre."""
    (chunk,) = engine.draws(Unit(0, 0, 1.0))
    windows, negatives = chunk
    share = settings.objective_as(NegativeSampling).n_negatives / len(negatives)
    return [
        Bag([*around, c], len(around), [k for k in negatives if k != c], noise_weight=share)
        for c, around in windows
        if around
    ]


def penalty(engine: SampledEngine, settings: EngineSettings, corpus: EncodedCorpus) -> Array:
    """Return λ times each word's share of tokens in the first unit, (V,).

    The share is the number of tokens kept over the number that one pass is expected to keep.
    """
    (chunk,) = engine.draws(Unit(0, 0, 1.0))
    counts = corpus.vocabulary.counts
    kept = np.bincount([center for center, _ in chunk[0]], minlength=len(counts))
    expected = counts * keep_prob(counts, settings.model.subsample_threshold)
    return np.asarray(settings.own_as(SampledSettings).l2 * kept / expected)


_IN_STEP = {"deterministic": True, "n_threads": 2}
_FIXED = {"shrink_windows": False}
_CBOW = {"model": "cbow"}
_BUCKETS = {"subwords": "1-3", "buckets": 20}
_NGRAMS = {"subwords": "1-3", "ngrams": "explicit"}


def _check(
    key: str, how: str, pairs: Callable[..., Sequence[Pair | Bag]], **given: Any
) -> EngineCheck:
    statement = f"sampled, {how}: Δθ = −lr Σ ∂J/∂θ"
    given = {"l2": 0.0, **given}
    of_l2 = penalty if given["l2"] else None
    return EngineCheck(key, statement, given, pairs, _TOLERANCE, penalty=of_l2, whole_steps=True)


CHECKS = (
    _check("sampled-shared-negatives", "shared negatives", drawn_pairs),
    _check("sampled-deterministic", "2 threads in step", drawn_pairs, **_IN_STEP),
    _check("sampled-l2", "with the penalty of --l2", drawn_pairs, l2=2.0),
    _check("sampled-fixed-windows", "windows of one radius", drawn_pairs, **_FIXED),
    _check("sampled-cbow", "CBOW", drawn_bags, **_CBOW),
    _check("sampled-cbow-deterministic", "CBOW in step", drawn_bags, **_CBOW, **_IN_STEP),
    _check("sampled-cbow-l2", "CBOW with --l2, in step", drawn_bags, l2=2.0, **_CBOW, **_IN_STEP),
    _check("sampled-cbow-fixed-windows", "CBOW, one radius", drawn_bags, **_CBOW, **_FIXED),
    _check("sampled-subwords", "subwords, all of ∂J/∂v to each row", drawn_pairs, **_BUCKETS),
    _check("sampled-ngrams", "explicit, in step", drawn_pairs, **_NGRAMS, **_IN_STEP),
    _check("sampled-cbow-subwords", "CBOW, subwords", drawn_bags, **_CBOW, **_BUCKETS),
)
