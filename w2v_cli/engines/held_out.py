"""The loss per pair on held-out documents.

Windows, subsampling and negatives are drawn once, with a key of their own. So all epochs, and a
resumed run, measure the same pairs.
"""

from typing import Protocol

import numpy as np
from msgspec import Struct

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Embeddings
from w2v_cli.engines.predictions import Predictions, by_distinct_word, joined, predictions_of
from w2v_cli.engines.settings import EngineSettings, NaiveSoftmax, NegativeSampling
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.windows import (
    alias_table,
    block_windows,
    draw_noise,
    generator,
    keep_prob,
    noise_distribution,
)

#: Enough for a loss accurate to about 0.3 %; then no more windows are drawn.
MOST_PAIRS = 200_000
_BLOCK_TOKENS = 8192
_EPOCH = (1 << 24) - 1
_ROWS = 256
#: Priors below this stand for the logarithm of zero.
_NO_CHANCE = -1e29


class HeldOutPairs(Protocol):
    """Pairs drawn from held-out documents, and how one loss is measured on them.

    With CBOW a pair is a window and its centre.
    """

    def __init__(self, settings: EngineSettings, corpus: EncodedCorpus) -> None: ...

    def __len__(self) -> int:
        """Return the number of pairs."""
        ...

    def mean_loss(self, embeddings: Embeddings, offset: Array | None) -> float:
        """Return the loss per pair; offset: added to the scores of predicted words, (V,)."""
        ...


class NaiveSoftmaxPairs:
    """Measures −log ŷ_o."""

    def __init__(self, settings: EngineSettings, corpus: EncodedCorpus) -> None:
        self.drawn = draw_pairs(settings, corpus)

    def __len__(self) -> int:
        return len(self.drawn.targets)

    def mean_loss(self, embeddings: Embeddings, offset: Array | None) -> float:
        """See `HeldOutPairs`."""
        X, U = self.drawn.inputs(embeddings.center), embeddings.outside
        prior = np.zeros(len(U), U.dtype) if offset is None else offset
        which, targets = self.drawn.which, self.drawn.targets
        seen = _seen(prior, targets)
        return naive_softmax_loss(X, U, prior, which[seen], targets[seen])


class NegativeSamplingPairs:
    """Measures −log σ(u_o·v_c) − Σ_k log σ(−u_k·v_c), always with the same negatives."""

    def __init__(self, settings: EngineSettings, corpus: EncodedCorpus) -> None:
        objective = settings.objective_as(NegativeSampling)
        self.drawn = draw_pairs(settings, corpus)
        noise = noise_distribution(corpus.vocabulary.counts, objective.noise_power)
        rng = generator(settings.training.seed, _EPOCH, 1)
        shape = (len(self), objective.n_negatives)
        self.negatives = draw_noise(alias_table(noise), shape, rng)

    def __len__(self) -> int:
        return len(self.drawn.targets)

    def mean_loss(self, embeddings: Embeddings, offset: Array | None) -> float:
        """See `HeldOutPairs`."""
        X, U = self.drawn.inputs(embeddings.center), embeddings.outside
        prior = np.zeros(len(U), U.dtype) if offset is None else offset
        seen = _seen(prior, self.drawn.targets)
        which, targets = self.drawn.which[seen], self.drawn.targets[seen]
        return negative_sampling_loss(X, U, prior, which, targets, self.negatives[seen])


def _seen(prior: Array, targets: Array) -> Array:
    """Return which pairs are measured, (P,): those whose predicted word is in some trained pair.

    The prior gives any other word no chance at all; one such pair would outweigh all others.
    """
    seen: Array = prior[targets] > _NO_CHANCE
    return seen


#: The class that measures a loss, by the type of the loss's settings.
_PAIRS: dict[type[Struct], type[HeldOutPairs]] = {
    NaiveSoftmax: NaiveSoftmaxPairs,
    NegativeSampling: NegativeSamplingPairs,
}


def held_out_pairs(settings: EngineSettings, corpus: EncodedCorpus) -> HeldOutPairs:
    """Draw pairs of held-out documents, to measure the loss that is trained."""
    return _PAIRS[type(settings.objective)](settings, corpus)


def draw_pairs(settings: EngineSettings, corpus: EncodedCorpus) -> Predictions:
    """Draw windows from blocks of the corpus until there are enough pairs.

    With skip-gram each word is a row, which may predict many times; with CBOW each window is.
    """
    model, seed = settings.model, settings.training.seed
    keep = keep_prob(corpus.vocabulary.counts, model.subsample_threshold)
    blocks = corpus.blocks(_BLOCK_TOKENS)
    rng = generator(seed, _EPOCH, 0)
    parts: list[Predictions] = []
    n = 0
    for block in rng.permutation(len(blocks) - 1):
        if n >= MOST_PAIRS:
            break
        start, stop = (int(x) for x in blocks[block : block + 2])
        windows = block_windows(corpus, start, stop, keep, model.radii, rng)
        parts.append(predictions_of(windows, settings.word_model.predicts_center))
        n += len(parts[-1].targets)
    drawn = joined(parts)
    return drawn if settings.word_model.predicts_center else by_distinct_word(drawn)


def naive_softmax_loss(X: Array, U: Array, prior: Array, rows: Array, targets: Array) -> float:
    """Mean of log Σ_w exp(u_w·x + prior_w) − u_o·x − prior_o over pairs, (P,).

    rows: the row x of X, (R, D), that predicts. targets: the word o that it predicts.
    """
    words, which = np.unique(rows, return_inverse=True)
    total = 0.0
    order = np.argsort(which, kind="stable")
    cuts = np.searchsorted(which[order], np.arange(0, len(words) + _ROWS, _ROWS))
    for first, a, b in zip(range(0, len(words), _ROWS), cuts[:-1], cuts[1:], strict=True):
        scores = X[words[first : first + _ROWS]] @ U.T + prior
        pairs = order[a:b]
        place = which[pairs] - first
        true = scores[place, targets[pairs]].astype(np.float64)
        largest = scores.max(axis=1, keepdims=True)
        sums = np.exp(scores - largest).sum(axis=1, dtype=np.float64)
        total += float((largest[:, 0] + np.log(sums))[place].sum() - true.sum())
    return total / len(rows)


def negative_sampling_loss(
    X: Array, U: Array, prior: Array, rows: Array, targets: Array, negatives: Array
) -> float:
    """Mean of −log σ(s_o) − Σ_k log σ(−s_k) over pairs, s_w = u_w·x + prior_w.

    rows, targets: as in `naive_softmax_loss`. A negative k equal to o is skipped.
    """
    total = 0.0
    for a in range(0, len(rows), 4096):
        v = X[rows[a : a + 4096]]
        o, k = targets[a : a + 4096], negatives[a : a + 4096]
        true = np.einsum("pd,pd->p", v, U[o]).astype(np.float64) + prior[o]
        noise = np.einsum("pd,pkd->pk", v, U[k]).astype(np.float64) + prior[k]
        total += float(np.logaddexp(0, -true).sum() + np.logaddexp(0, noise)[k != o[:, None]].sum())
    return total / len(rows)
