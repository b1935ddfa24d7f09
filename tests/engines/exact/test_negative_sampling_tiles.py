"""Negative sampling over counts: the compiled tile against NumPy, a step against all draws."""

import itertools

import numpy as np
import pytest
from chosen import settings_of
from engines.exact.test_exact_engine import corpus_of, engine_of, one_step, place, random_parameters

from w2v_cli.engines.exact import tiles
from w2v_cli.engines.exact.tiles import score_errors
from w2v_cli.equations import negative_sampling, negative_sampling_counted, unigram_start
from w2v_cli.pairs.cooccurrence import count_pairs
from w2v_cli.pairs.matrix import PairCounts
from w2v_cli.text.windows import keep_prob


def tile_of(rng, size, width=37, first=5):
    """Scores of 4 centres against the words [first, first + width), with their counts."""
    n_words = first + width + 3
    X = rng.random((9, n_words)) * (rng.random((9, n_words)) < 0.3)
    rows, columns = np.nonzero(X)
    row_start = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=9))])
    noise = rng.uniform(1e-4, 0.5, width)
    offset = rng.standard_normal(width)
    scores = size * rng.standard_normal((4, width))
    return scores, offset, noise, row_start, columns.astype(np.uint32), X[rows, columns], first


@pytest.mark.parametrize("width", [1, 2, 7, 63, 1000])
@pytest.mark.parametrize("size", [0.0, 1e-3, 1.0, 30.0])
def test_a_compiled_tile_equals_numpy(width, size):
    scores, offset, noise, row_start, columns, weights, first = tile_of(
        np.random.default_rng(width), size, width
    )
    centers, n_pairs = np.array([3, 0, 8, 3]), np.array([0.5, 20.0, 3.0, 0.5])
    found = []
    for dtype in (np.float32, np.float64):
        tile = scores.astype(np.float32).astype(dtype)
        loss = score_errors(
            tile,
            offset.astype(np.float32).astype(dtype),
            noise.astype(dtype),
            n_pairs,
            PairCounts(row_start, columns, weights.astype(dtype)),
            centers,
            first,
        )
        found.append((tile, loss))
    (fast, fast_loss), (plain, plain_loss) = found
    np.testing.assert_allclose(fast, plain, rtol=2e-6, atol=2e-6)
    assert fast_loss == pytest.approx(plain_loss, rel=3e-6)


@pytest.mark.parametrize("bad", [np.nan, -np.nan, np.inf])
def test_nothing_that_is_not_finite_gets_lost(bad):
    tile = np.array([[0.0, bad, 1.0] * 11], np.float32)
    ones = np.ones(33, np.float32)
    X = PairCounts(np.array([0, 0]), np.empty(0, np.uint32), np.empty(0, np.float32))
    loss = score_errors(tile, 0 * ones, ones, np.ones(1), X, np.array([0]), 0)
    assert not np.isfinite(loss)


def over_all_draws(corpus, X, V, U, settings, b):
    """Loss and gradients, summed over all pairs and all draws of noise, each by its chance."""
    K = settings.objective.n_negatives
    P = corpus.vocabulary.counts**settings.objective.noise_power
    P = P / P.sum()
    V, U = np.column_stack((V, np.ones(len(V)))), np.column_stack((U, b))
    loss, grads = 0.0, {"center": np.zeros_like(V), "outside": np.zeros_like(U)}
    for c, o in zip(*np.nonzero(X), strict=True):
        for drawn in itertools.product(range(len(U)), repeat=K):
            weight = X[c, o] * P[list(drawn)].prod()
            one = negative_sampling(V[c], int(o), [k for k in drawn if k != o], U)
            loss += weight * one.loss
            grads["center"][c] += weight * one.grad_center
            grads["outside"] += weight * one.grad_outside
    return loss, {name: matrix[:, :-1] for name, matrix in grads.items()}


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("prior", ["none", "unigram"])
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_step_is_the_expectation_over_all_draws(
    tmp_path, monkeypatch, precision, prior, n_threads
):
    monkeypatch.setattr(tiles, "TILE_SCORES", 7 * 2)  # several tiles
    rng = np.random.default_rng(3)
    corpus = corpus_of(rng, n_words=7, n_documents=6)
    given = {"loss": "negative-sampling", "n_negatives": 2, "precision": precision, "prior": prior}
    given |= {"optimizer": "sgd", "lr": 1.0, "n_threads": n_threads}
    engine = engine_of(corpus, tmp_path, **given)
    before = place(engine, random_parameters(rng, 7, 7))
    keep = keep_prob(corpus.vocabulary.counts, 0.05)
    pairs = count_pairs(corpus, keep, 3, folder=tmp_path)
    X = np.zeros((7, 7))
    for c in range(7):
        row = slice(*pairs.row_start[c : c + 2])
        X[c, pairs.columns[row]] = pairs.weights[row]
    settings = settings_of(loss="negative-sampling", engine="exact", n_negatives=2)
    P = corpus.vocabulary.counts**0.75
    noise = 2 * P / P.sum()
    b = unigram_start(X.sum(axis=0) / X.sum(), noise) if prior == "unigram" else np.zeros(7)
    V, U = (before[name].astype(float) for name in ("center", "outside"))
    loss, grads = over_all_draws(corpus, X, V, U, settings, b)
    stats = one_step(engine, 1.0)
    rtol = {"float32": 2e-6, "float64": 1e-10}[precision]
    assert stats.n_pairs == pytest.approx(X.sum(), rel=1e-10)
    assert stats.loss == pytest.approx(loss, rel=rtol)
    for name, expected in grads.items():
        step = before[name] - engine.state()[name]
        scale = np.abs(expected).max()
        np.testing.assert_allclose(step / scale, expected / scale, atol=rtol)
    counted = negative_sampling_counted(V, X, noise, U, b)
    assert counted.loss == pytest.approx(loss, rel=1e-12)
    engine.close()


@pytest.mark.parametrize("noise_power", [0.0, 40.0])
def test_noise_of_any_power_stays_finite(tmp_path, noise_power):
    corpus = corpus_of(np.random.default_rng(5))
    engine = engine_of(corpus, tmp_path, loss="negative-sampling", noise_power=noise_power)
    losses = [one_step(engine, 0.01).loss for _ in range(5)]
    assert 0 <= losses[-1] < losses[0] < np.inf
    engine.close()


def test_the_prior_is_the_best_that_zero_vectors_can_say(tmp_path):
    """Far better than even chances for all words."""
    rng = np.random.default_rng(4)
    corpus = corpus_of(rng)
    losses = {}
    for prior in ("none", "unigram"):
        engine = engine_of(corpus, tmp_path, loss="negative-sampling", prior=prior)
        place(engine, {name: np.zeros((23, 7)) for name in ("center", "outside")})
        losses[prior] = one_step(engine, 1e-9).loss
        engine.close()
    assert losses["unigram"] < 0.7 * losses["none"]
