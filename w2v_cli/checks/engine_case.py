"""What engines are checked on: a small random corpus, or words of a trained run."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.corpus.vocabulary import Vocabulary
from w2v_cli.engines.base import Pair
from w2v_cli.engines.parameters import Embeddings
from w2v_cli.equations import (
    LossAndGradients,
    naive_softmax,
    negative_sampling,
    negative_sampling_expected,
)

N_WORDS, DIM = 12, 6
N_TOKENS, LONGEST_DOCUMENT = 60, 12
LARGEST_CASE = 200


@dataclass(frozen=True)
class EngineCase:
    """A corpus of some documents and parameters to train on it, float64."""

    name: str
    seed: int
    corpus: EncodedCorpus
    parameters: Embeddings


def random_cases(seeds: Sequence[int]) -> Iterator[EngineCase]:
    """One small random corpus a seed, its words Zipf-like, its parameters unsaturated."""
    for seed in seeds:
        rng = np.random.Generator(np.random.Philox(key=[seed, 1 << 32]))
        center, outside = (
            rng.uniform(0.3, 1.0, (N_WORDS, DIM)) * rng.choice([-1.0, 1.0], (N_WORDS, DIM))
            for _ in range(2)
        )
        p = 1.0 / np.arange(1, N_WORDS + 1)
        corpus = _corpus(tuple(f"w{i}" for i in range(N_WORDS)), p / p.sum(), rng)
        yield EngineCase(f"seed {seed}", seed, corpus, Embeddings(center, outside))


def trained_cases(
    words: Sequence[str],
    counts: NDArray[np.int64],
    parameters: Embeddings,
    seeds: Sequence[int],
) -> Iterator[EngineCase]:
    """Random documents over words of a run, at the run's parameters.

    Of a large vocabulary a case has the most frequent words and as many others, at most 200
    in all: engines are checked on these rows, whatever the others are.
    """
    for seed in seeds:
        rng = np.random.Generator(np.random.Philox(key=[seed, 1 << 33]))
        chosen = np.arange(len(words))
        if len(words) > LARGEST_CASE:
            rest = np.arange(LARGEST_CASE // 2, len(words))
            some = np.sort(rng.choice(rest, LARGEST_CASE // 2, replace=False))
            chosen = np.concatenate((np.arange(LARGEST_CASE // 2), some))
        p = counts[chosen] / counts[chosen].sum()
        corpus = _corpus(tuple(words[int(i)] for i in chosen), p, rng)
        center, outside = (
            matrix[chosen].astype(np.float64) for matrix in (parameters.center, parameters.outside)
        )
        yield EngineCase(f"seed {seed}", seed, corpus, Embeddings(center, outside))


def _corpus(
    words: tuple[str, ...], p: NDArray[np.float64], rng: np.random.Generator
) -> EncodedCorpus:
    tokens = rng.choice(len(words), N_TOKENS, p=p).astype(np.uint32)
    ends = np.cumsum(rng.integers(1, LONGEST_DOCUMENT + 1, N_TOKENS))
    ends = np.append(ends[ends < N_TOKENS], N_TOKENS).astype(np.int64)
    counts = np.maximum(1, np.bincount(tokens, minlength=len(words))).astype(np.int64)
    vocabulary = Vocabulary(words, counts)
    return EncodedCorpus(tokens, ends, N_TOKENS, vocabulary, f"gradcheck-{rng.integers(2**32)}")


def outside_share(pairs: Sequence[Pair], n_words: int) -> NDArray[np.float64]:
    """Return the share of each word among the outside words of all pairs, (V,)."""
    weight = np.bincount([p.o for p in pairs], [p.weight for p in pairs], minlength=n_words)
    return np.asarray(weight / weight.sum())


def sum_of_pairs(
    parameters: Embeddings, pairs: Iterable[Pair], prior: NDArray[np.float64] | None = None
) -> LossAndGradients:
    """Sum the equations over pairs, one by one, in float64.

    prior: added to the score of each outside word, (V,). That is one more coordinate: 1 in every
    centre vector and the prior in the outside vectors, both left as they are.
    """
    V, U = parameters.center, parameters.outside
    if prior is not None:
        V, U = np.column_stack((V, np.ones(len(V)))), np.column_stack((U, prior))
    loss, grad_center, grad_outside = 0.0, np.zeros(V.shape), np.zeros(U.shape)
    for pair in pairs:
        for weight, term in _terms(pair, V[pair.c], U):
            loss += weight * term.loss
            grad_center[pair.c] += weight * term.grad_center
            grad_outside += weight * term.grad_outside
    D = parameters.dim
    return LossAndGradients(loss, grad_center[:, :D], grad_outside[:, :D])


def _terms(
    pair: Pair, v_c: NDArray[np.float64], U: NDArray[np.float64]
) -> list[tuple[float, LossAndGradients]]:
    """The pair's loss as a weighted sum of equations."""
    if pair.noise is not None:
        return [(pair.weight, negative_sampling_expected(v_c, pair.o, pair.noise, U))]
    if pair.negatives is None:
        return [(pair.weight, naive_softmax(v_c, pair.o, U))]
    whole = negative_sampling(v_c, pair.o, pair.negatives, U)
    if pair.noise_weight == 1.0:
        return [(pair.weight, whole)]
    true_word = negative_sampling(v_c, pair.o, [], U)
    share = pair.weight * pair.noise_weight
    return [(pair.weight - share, true_word), (share, whole)]
