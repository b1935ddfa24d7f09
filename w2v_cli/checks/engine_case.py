"""What engines are checked on: a small random corpus, or words of a trained run."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v_cli.engines.base import Bag, Embeddings, Pair
from w2v_cli.equations import (
    Array,
    LossAndGradients,
    cbow_mean,
    naive_softmax,
    negative_sampling,
    negative_sampling_expected,
)
from w2v_cli.equations.skip_gram import PairLoss
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.vocabulary import Vocabulary

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


def outside_share(pairs: Sequence[Pair | Bag], n_words: int) -> NDArray[np.float64]:
    """Return the share of each word among the words that are predicted, (V,)."""
    predicted = [pair.words[pair.t] if isinstance(pair, Bag) else pair.o for pair in pairs]
    weight = np.bincount(predicted, [pair.weight for pair in pairs], minlength=n_words)
    return np.asarray(weight / weight.sum())


def sum_of_pairs(
    parameters: Embeddings, pairs: Iterable[Pair | Bag], prior: NDArray[np.float64] | None = None
) -> LossAndGradients:
    """Sum the equations over pairs or bags, one by one, in float64.

    prior: added to the score of each predicted word, (V,). That is one more coordinate: 1 in every
    centre vector and the prior in the outside vectors, both left as they are.
    """
    V, U = parameters.center, parameters.outside
    if prior is not None:
        V, U = np.column_stack((V, np.ones(len(V)))), np.column_stack((U, prior))
    loss, grad_center, grad_outside = 0.0, np.zeros(V.shape), np.zeros(U.shape)
    for pair in pairs:
        of_pair = _pair_loss(pair)
        if isinstance(pair, Bag):
            term = cbow_mean(pair.words, pair.t, len(pair.words), V, U, of_pair)
            grad_center += term.grad_center
        else:
            term = of_pair(V[pair.c], pair.o, U)
            grad_center[pair.c] += term.grad_center
        loss += term.loss
        grad_outside += term.grad_outside
    D = parameters.dim
    return LossAndGradients(loss, grad_center[:, :D], grad_outside[:, :D])


def _pair_loss(pair: Pair | Bag) -> PairLoss:
    """The loss that this pair or bag is counted with: a weighted sum of equations."""

    def weighted(v: Array, o: int, U: Array) -> LossAndGradients:
        loss, grad_center, grad_outside = 0.0, np.zeros(v.shape), np.zeros(U.shape)
        for weight, term in _terms(pair, v, o, U):
            loss += weight * term.loss
            grad_center += weight * term.grad_center
            grad_outside += weight * term.grad_outside
        return LossAndGradients(loss, grad_center, grad_outside)

    return weighted


def _terms(
    pair: Pair | Bag, v: Array, o: int, U: Array
) -> Iterator[tuple[float, LossAndGradients]]:
    if isinstance(pair, Pair) and pair.noise is not None:
        yield pair.weight, negative_sampling_expected(v, o, pair.noise, U)
    elif pair.negatives is None:
        yield pair.weight, naive_softmax(v, o, U)
    else:
        share = pair.weight * pair.noise_weight
        yield share, negative_sampling(v, o, pair.negatives, U)
        if share != pair.weight:
            yield pair.weight - share, negative_sampling(v, o, [], U)
