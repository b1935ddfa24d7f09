"""The loss per pair on documents that are not trained on.

Windows, subsampling and negatives are drawn once, by a key of their own, so that the figures of
all epochs, and of a resumed run, are of the same pairs.
"""

from typing import Protocol

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.corpus.sampling import (
    alias_table,
    draw_noise,
    generator,
    keep_prob,
    noise_distribution,
)
from w2v_cli.corpus.windows import block_windows
from w2v_cli.engines.losses import LOSSES, NegativeSampling
from w2v_cli.engines.offer import named
from w2v_cli.engines.parameters import Embeddings
from w2v_cli.engines.settings import EngineSettings

#: Enough for a loss right to about 0.3 %; no more windows are drawn.
MOST_PAIRS = 200_000
_BLOCK_TOKENS = 8192
_EPOCH = (1 << 24) - 1
_ROWS = 256
#: Priors below this stand for the logarithm of zero.
_NO_CHANCE = -1e29


class HeldOutPairs(Protocol):
    """Pairs drawn from held-out documents, and how one loss is measured on them."""

    def __init__(self, settings: EngineSettings, corpus: EncodedCorpus) -> None: ...

    def __len__(self) -> int:
        """Return the number of pairs."""
        ...

    def mean_loss(self, embeddings: Embeddings, offset: Array | None) -> float:
        """Return the loss per pair; offset: added to the scores of outside words, (V,)."""
        ...


class NaiveSoftmaxPairs:
    """Measures −log ŷ_o."""

    def __init__(self, settings: EngineSettings, corpus: EncodedCorpus) -> None:
        self.centers, self.outsides = draw_pairs(settings, corpus)

    def __len__(self) -> int:
        return len(self.centers)

    def mean_loss(self, embeddings: Embeddings, offset: Array | None) -> float:
        """See `HeldOutPairs`."""
        V, U = embeddings.center, embeddings.outside
        prior = np.zeros(len(U), U.dtype) if offset is None else offset
        seen = _seen(prior, self.outsides)
        return naive_softmax_loss(V, U, prior, self.centers[seen], self.outsides[seen])


class NegativeSamplingPairs:
    """Measures −log σ(u_o·v_c) − Σ_k log σ(−u_k·v_c), always with the same negatives."""

    def __init__(self, settings: EngineSettings, corpus: EncodedCorpus) -> None:
        objective = settings.objective_as(NegativeSampling)
        self.centers, self.outsides = draw_pairs(settings, corpus)
        noise = noise_distribution(corpus.vocabulary.counts, objective.noise_power)
        rng = generator(settings.training.seed, _EPOCH, 1)
        shape = (len(self.centers), objective.n_negatives)
        self.negatives = draw_noise(alias_table(noise), shape, rng)

    def __len__(self) -> int:
        return len(self.centers)

    def mean_loss(self, embeddings: Embeddings, offset: Array | None) -> float:
        """See `HeldOutPairs`."""
        V, U = embeddings.center, embeddings.outside
        prior = np.zeros(len(U), U.dtype) if offset is None else offset
        seen = _seen(prior, self.outsides)
        centers, outsides = self.centers[seen], self.outsides[seen]
        return negative_sampling_loss(V, U, prior, centers, outsides, self.negatives[seen])


def _seen(prior: Array, outsides: Array) -> Array:
    """Return which pairs are measured, (P,): those whose outside word is in some trained pair.

    To another word the prior gives no chance at all; one such pair would hide all others.
    """
    seen: Array = prior[outsides] > _NO_CHANCE
    return seen


def held_out_pairs(settings: EngineSettings, corpus: EncodedCorpus) -> HeldOutPairs:
    """Draw pairs of held-out documents, to measure the loss that is trained."""
    make: type[HeldOutPairs] = named(LOSSES[settings.model.loss].held_out)
    return make(settings, corpus)


def draw_pairs(settings: EngineSettings, corpus: EncodedCorpus) -> tuple[Array, Array]:
    """Draw windows from blocks of the corpus until there are enough pairs.

    Returns the centre and the outside word of each pair, (P,) each.
    """
    model, seed = settings.model, settings.training.seed
    keep = keep_prob(corpus.vocabulary.counts, model.subsample_threshold)
    blocks = corpus.blocks(_BLOCK_TOKENS)
    rng = generator(seed, _EPOCH, 0)
    centers, outsides, n = [np.empty(0, np.int64)], [np.empty(0, np.int64)], 0
    for block in rng.permutation(len(blocks) - 1):
        if n >= MOST_PAIRS:
            break
        start, stop = (int(x) for x in blocks[block : block + 2])
        windows = block_windows(corpus, start, stop, keep, model.radii, rng)
        centers.append(windows.centers[windows.which])
        outsides.append(windows.outsides)
        n += len(windows.which)
    return np.concatenate(centers), np.concatenate(outsides)


def naive_softmax_loss(V: Array, U: Array, prior: Array, centers: Array, outsides: Array) -> float:
    """Mean of log Σ_w exp(u_w·v_c + prior_w) − u_o·v_c − prior_o over pairs of word ids, (P,)."""
    words, which = np.unique(centers, return_inverse=True)
    total = 0.0
    order = np.argsort(which, kind="stable")
    cuts = np.searchsorted(which[order], np.arange(0, len(words) + _ROWS, _ROWS))
    for first, a, b in zip(range(0, len(words), _ROWS), cuts[:-1], cuts[1:], strict=True):
        scores = V[words[first : first + _ROWS]] @ U.T + prior
        pairs = order[a:b]
        rows = which[pairs] - first
        true = scores[rows, outsides[pairs]].astype(np.float64)
        largest = scores.max(axis=1, keepdims=True)
        sums = np.exp(scores - largest).sum(axis=1, dtype=np.float64)
        total += float((largest[:, 0] + np.log(sums))[rows].sum() - true.sum())
    return total / len(centers)


def negative_sampling_loss(
    V: Array, U: Array, prior: Array, centers: Array, outsides: Array, negatives: Array
) -> float:
    """Mean of −log σ(s_o) − Σ_k log σ(−s_k) over pairs, s_w = u_w·v_c + prior_w.

    A negative k equal to o is skipped.
    """
    total = 0.0
    for a in range(0, len(centers), 4096):
        v = V[centers[a : a + 4096]]
        o, k = outsides[a : a + 4096], negatives[a : a + 4096]
        true = np.einsum("pd,pd->p", v, U[o]).astype(np.float64) + prior[o]
        noise = np.einsum("pd,pkd->pk", v, U[k]).astype(np.float64) + prior[k]
        total += float(np.logaddexp(0, -true).sum() + np.logaddexp(0, noise)[k != o[:, None]].sum())
    return total / len(centers)
