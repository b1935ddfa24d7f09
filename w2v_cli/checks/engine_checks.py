"""Every training engine of the catalogue, compared with the equations.

An engine gets random vectors (or those of a run) and trains one unit of a small corpus by plain
gradient descent with learning rate 1. Then its loss must be the sum of the equations over the
pairs it drew, and its vectors must have changed by minus the sum of their gradients.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.checks.measure import Result, Tally, result_of, some_words
from w2v_cli.engines.base import (
    Bag,
    Create,
    Embeddings,
    Engine,
    EngineCheck,
    Notice,
    Pair,
    Stats,
    Unit,
)
from w2v_cli.engines.catalog import ENGINES, create_engine
from w2v_cli.engines.centers import subwords_of
from w2v_cli.engines.settings import EngineSettings, ModelSettings
from w2v_cli.equations import (
    Array,
    LossAndGradients,
    cbow_mean,
    mean_matrix,
    naive_softmax,
    negative_sampling,
    negative_sampling_expected,
)
from w2v_cli.equations.skip_gram import PairLoss
from w2v_cli.errors import DataError, shown_error
from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.ngrams import FEWEST_WORDS, hash_of, ngrams
from w2v_cli.text.settings import parse_lengths
from w2v_cli.text.vocabulary import Vocabulary

# The cases: a small random corpus, or words of a trained run.


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
    """Yield one small random corpus per seed, with Zipf-like words and unsaturated parameters."""
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
    """Yield random documents over words of a run, with the run's parameters.

    A case has at most 200 words. From a larger vocabulary it takes the 100 most frequent words
    and 100 of the others.
    """
    for seed in seeds:
        rng = np.random.Generator(np.random.Philox(key=[seed, 1 << 33]))
        chosen = some_words(len(words), LARGEST_CASE, rng)
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


# The expected step: the equations, summed over the pairs that the engine drew.


def outside_share(pairs: Sequence[Pair | Bag], n_words: int) -> NDArray[np.float64]:
    """Return the share of each word among the words that are predicted, (V,)."""
    predicted = [pair.words[pair.t] if isinstance(pair, Bag) else pair.o for pair in pairs]
    weight = np.bincount(predicted, [pair.weight for pair in pairs], minlength=n_words)
    return np.asarray(weight / weight.sum())


def sum_of_pairs(
    parameters: Embeddings, pairs: Iterable[Pair | Bag], prior: NDArray[np.float64] | None = None
) -> LossAndGradients:
    """Sum the equations over pairs or bags, one by one, in float64.

    prior: added to the score of each predicted word, (V,). It acts as one more coordinate, 1 in
    every centre vector and the prior in the outside vectors, that is not trained.
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
    """Return the loss of this pair or bag: a weighted sum of equations."""

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


# The checks.


ENGINES_GROUP = "Engines"


#: Settings of every check, unless the engine's own check overrides them.
_COMMON = {
    "optimizer": "sgd",
    "window": 3,
    "negative-sampling.n_negatives": 4,
    "subsample_threshold": 0.05,
    "epochs": 1,
    "lr": 1e-6,  # nominal: the unit below is trained with 1
    "n_threads": 1,
}


@dataclass(frozen=True)
class EngineClaim:
    """An engine and one of the checks that its folder defines."""

    engine: str
    check: EngineCheck

    def settings(self, dim: int) -> EngineSettings:
        """Return the settings of the check."""
        given = {**_COMMON, "engine": self.engine, **self.check.given, "dim": dim}
        return resolve(Config(**given))

    def fits(self, case: EngineCase) -> bool:
        """Whether the claim can be checked: subwords need words that share n-grams."""
        try:
            subwords_of(self.settings(case.parameters.dim).model, case.corpus.vocabulary.words)
        except DataError:
            return False
        return True


def engine_claims(notice: Notice = lambda message: None) -> list[EngineClaim]:
    """Collect the checks of all engines; skip, with a notice, those that cannot be used here."""
    claims = []
    for offer in ENGINES.values():
        try:
            checks: Sequence[EngineCheck] = offer.checks()
        except Exception as error:  # a broken numba fails in many ways
            notice(f"engine {offer.name} cannot be used here and was not checked: {error}")
            continue
        claims += [EngineClaim(offer.name, check) for check in checks]
    return claims


def check_engines(
    cases: Iterable[EngineCase],
    make_engine: Create = create_engine,
    claims: Sequence[EngineClaim] | None = None,
    notice: Notice = lambda message: None,
) -> list[Result]:
    """Check every engine on every case.

    Engines that cannot be used on this machine are skipped, with a notice. Claims that fit no
    case are skipped too.
    """
    cases = list(cases)
    results = []
    for claim in engine_claims(notice=notice) if claims is None else claims:
        fitting = [case for case in cases if claim.fits(case)]
        if fitting:
            results.append(_check(claim, fitting, make_engine, notice))
    return results


def _check(
    claim: EngineClaim, cases: Sequence[EngineCase], make_engine: Create, notice: Notice
) -> Result:
    check = claim.check
    tally = Tally(check.tolerance)
    for case in cases:
        tally.place = case.name
        try:
            trained = _train_one_unit(claim, case, make_engine, notice)
        except Exception as error:  # an engine that cannot train has failed
            tally.note(shown_error(error), np.nan, np.nan, np.inf)
            continue
        expected = sum_of_pairs(case.parameters, trained.pairs, _prior(claim, case, trained.pairs))
        tally.equal("pairs", trained.stats.n_pairs, sum(pair.weight for pair in trained.pairs))
        tally.equal("Σ J", trained.stats.loss, expected.loss)
        grad_center = expected.grad_center + trained.penalty * case.parameters.center
        grad_outside = expected.grad_outside + trained.penalty * case.parameters.outside
        tally.equal("−Δ centre", trained.grad_center, _row_matrix(claim, case).T @ grad_center)
        tally.equal("−Δ outside", trained.grad_outside, grad_outside)
    return result_of(check.key, ENGINES_GROUP, check.statement, tally)


def _row_matrix(claim: EngineClaim, case: EngineCase) -> Array:
    """Return the matrix that maps gradients of centre vectors to their rows, (V, n_rows)."""
    groups = groups_of(claim.settings(case.parameters.dim).model, case.corpus.vocabulary.words)
    S = mean_matrix(groups, 1 + max(max(rows) for rows in groups))
    sizes = np.array([len(rows) for rows in groups])
    return sizes[:, None] * S if claim.check.whole_steps else S


def groups_of(model: ModelSettings, words: Sequence[str]) -> list[list[int]]:
    """Return the rows of each word: its own, then those of its n-grams, looked up one by one.

    Rows of n-grams come after those of the words, ordered by bucket or by text. Without subwords
    each word has only its own row.
    """
    if model.subwords is None:
        return [[w] for w in range(len(words))]
    of_word = [ngrams(word, *parse_lengths(model.subwords)) for word in words]
    if model.buckets is not None:
        keys = [[hash_of(ngram) % model.buckets for ngram in found] for found in of_word]
        kept = sorted({key for found in keys for key in found})
        row = {key: len(words) + i for i, key in enumerate(kept)}
        return [[w, *(row[key] for key in found)] for w, found in enumerate(keys)]
    texts = sorted({ngram for found in of_word for ngram in found})
    kept_texts = [t for t in texts if sum(t in found for found in of_word) >= FEWEST_WORDS]
    row_of = {text: len(words) + i for i, text in enumerate(kept_texts)}
    return [[w, *(row_of[t] for t in found if t in row_of)] for w, found in enumerate(of_word)]


def _prior(claim: EngineClaim, case: EngineCase, pairs: Sequence[Pair | Bag]) -> Array | None:
    """Return the prior that this check adds to the scores, or None."""
    if claim.check.prior is None:
        return None
    share = outside_share(pairs, case.parameters.n_words)
    return np.asarray(claim.check.prior(claim.settings(case.parameters.dim), case.corpus, share))


@dataclass(frozen=True)
class _Trained:
    """The effect of training one unit with learning rate 1: statistics, −Δ of both matrices, pairs.

    grad_center: for the rows that centre vectors are made of, (n_rows, D). penalty: the share of
    each word's vectors that the L2 penalty adds to their gradients, (V, 1).
    """

    stats: Stats
    grad_center: Array
    grad_outside: Array
    pairs: Sequence[Pair | Bag]
    penalty: Array


def _train_one_unit(
    claim: EngineClaim, case: EngineCase, make_engine: Create, notice: Notice
) -> _Trained:
    """Train unit 0 of a case with learning rate 1."""
    settings = claim.settings(case.parameters.dim)
    with tempfile.TemporaryDirectory() as cache:
        engine = make_engine(settings, case.corpus, Path(cache), notice)
        try:
            engine.set_embeddings(case.parameters)
            before = [matrix.astype(np.float64) for matrix in _matrices(engine)]
            (stats,) = [stats for _, stats in engine.train([Unit(0, 0, 1.0)])]
            after = _matrices(engine)
            penalty = np.zeros(case.parameters.n_words)
            if claim.check.penalty is not None:
                penalty = claim.check.penalty(engine, settings, case.corpus)
            return _Trained(
                stats,
                before[0] - after[0],
                before[1] - after[1],
                claim.check.pairs(engine, settings, case.corpus),
                penalty[:, None],
            )
        finally:
            engine.close()


def _matrices(engine: Engine) -> tuple[Array, Array]:
    """Return the rows of centre vectors, (n_rows, D), and the outside vectors, perhaps as views."""
    vectors = engine.embeddings()
    center = vectors.center if vectors.subwords is None else vectors.subwords.rows
    return center, vectors.outside
