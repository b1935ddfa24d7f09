"""The compiled kernels against slow twins, with the JIT on and (in a subprocess) off."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from chosen import settings_of
from chunk_twin import (
    Window,
    cbow_twin,
    chunk_twin,
    exact_cbow,
    exact_objective,
    random_embeddings,
    zipf_corpus,
)
from numba import njit

from w2v_cli.engines.sampled import block, draws, lanes, products
from w2v_cli.engines.sampled.buffers import (
    Block,
    CbowModel,
    Model,
    aligned_zeros,
    free_model,
    new_cbow_scratch,
    new_changes,
    new_draws,
    new_scratch,
)
from w2v_cli.engines.sampled.engine import PULLED_TOKENS, plan_of

MODELS = ("skip-gram", "cbow")

pytestmark = pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")  # with the JIT off

BASE = {"dim": 5, "window": 2, "n_negatives": 3, "subsample_threshold": 0.05, "lr": 1e-6}


@njit
def evaluate(z, softplus, sigmoid):
    for i in range(0, len(z), lanes.LANES):
        p, s = lanes.softplus_and_sigmoid(lanes.load(z, i))
        lanes.store(softplus, i, p)
        lanes.store(sigmoid, i, s)


def test_softplus_and_sigmoid():
    z = np.linspace(-110, 110, 4096, dtype=np.float32)
    z[:5] = -3e38, 3e38, np.nan, np.inf, 0
    softplus, sigmoid = np.zeros_like(z), np.zeros_like(z)
    with np.errstate(all="ignore"):
        evaluate(z, softplus, sigmoid)
    with np.errstate(all="ignore"):
        true_softplus = np.logaddexp(0, z.astype(np.float64))
        expected = np.exp(-np.logaddexp(0, -z.astype(np.float64)))
    keep = ~(z <= -80) & ~np.isnan(z)
    np.testing.assert_allclose(softplus[keep], true_softplus[keep], rtol=1e-5)
    np.testing.assert_allclose(sigmoid[keep], expected[keep], rtol=1e-5)
    assert np.isnan(softplus[2])
    assert np.isnan(sigmoid[2])
    assert softplus[3] == np.inf
    assert np.all(sigmoid[z <= -80] < 1e-34)


@pytest.mark.parametrize(("rows", "columns", "steps"), [(8, 16, 1), (16, 32, 5), (5, 48, 3)])
@pytest.mark.parametrize("transposed", [False, True])
def test_product(rows, columns, steps, transposed):
    rng = np.random.default_rng(0)
    padded = -(-rows // 8) * 8
    a = rng.standard_normal((padded, steps)).astype(np.float32)
    b = rng.standard_normal((steps, columns)).astype(np.float32)
    c = np.zeros((padded, columns), np.float32)
    flat, row, step = (a.T.copy(), 1, padded) if transposed else (a, steps, 1)
    args = (flat.ravel(), row, step, b.ravel(), columns, c.ravel(), columns)
    for times in (1, 2):
        products.product(*args, rows, columns, steps)
        np.testing.assert_allclose(c, times * (a @ b), rtol=1e-5, atol=1e-5)


@njit
def chunk_gradient(model, shape, drawn, number, scratch, change):
    return block.chunk_gradient(model, shape, drawn, number, scratch, change)


@njit
def apply_change(model, shape, drawn, number, columns, lr, change):
    block.apply_change(model, shape, drawn, number, columns, lr, change)


def test_turn():
    rows = np.random.default_rng(0).standard_normal((32, 48)).astype(np.float32)
    columns = np.zeros((48, 32), np.float32)
    products.turn(rows.ravel(), 32, 48, columns.ravel())
    np.testing.assert_array_equal(columns, rows.T)


class WholeBlock:
    """A whole corpus drawn as one block, and the gradients of its chunks."""

    def __init__(self, corpus, embeddings, **given):
        self.embeddings = embeddings
        settings = settings_of(**{**BASE, **given})
        plan = plan_of(settings, corpus)
        self.shape, self.corpus, self.pull = plan.shape, plan.corpus, plan.pull
        n_tokens = len(corpus.tokens)
        unit = Block(0, n_tokens, settings.training.seed, 0, 0)
        key, self.noise_key = draws.keys_of(unit)
        room = new_draws(n_tokens)
        self.n = draws.draw_tokens(self.corpus, unit, self.shape, key, room)
        self.draws = block.first_of(room, self.n)
        self.is_cbow = settings.word_model.predicts_center
        scratch = new_cbow_scratch if self.is_cbow else new_scratch
        self.scratch, self.changes = scratch(self.shape), new_changes(self.shape, 1)
        self.model = self.free(self.padded(embeddings.center), self.padded(embeddings.outside))

    def free(self, center, outside):
        return free_model(CbowModel if self.is_cbow else Model, center, outside, self.pull)

    def twin(self, number, noise, n_negatives=3):
        """What the slow twin says of a chunk."""
        given = self.embeddings, self.windows(number), noise, n_negatives, self.pull
        return cbow_twin(*given) if self.is_cbow else chunk_twin(*given)

    def padded(self, matrix):
        rows = aligned_zeros(len(matrix), self.shape.width)
        rows[:, : matrix.shape[1]] = matrix
        return rows.reshape(-1)

    def windows(self, number=None):
        """The windows of a chunk, or of all tokens."""
        words, left, right = self.draws
        places = range(self.n)
        if number is not None:
            parts = range(self.shape.n_spans)
            spans = [draws.span_of(number, part, self.n, self.shape) for part in parts]
            places = [i for span in spans for i in range(span.first, span.stop)]
        return [
            Window(int(words[i]), [int(words[j]) for j in range(left[i], right[i]) if j != i])
            for i in places
        ]

    def gradient(self, number, noise):
        """Loss and full gradients of a chunk, with the given negatives."""
        change = block.row_of(self.changes, 0)
        change.noise_words[:] = noise
        loss, self.n_pairs = chunk_gradient(
            self.model, self.shape, self.draws, number, self.scratch, change
        )
        return loss, *self.moved(number, change)

    def moved(self, number, change):
        model, columns = self.free(*map(np.zeros_like, self.model[:2])), (0, self.shape.width)
        apply_change(model, self.shape, self.draws, number, columns, -1.0, change)
        dim = self.embeddings.dim
        matrices = [m.reshape(-1, self.shape.width) for m in model[:2]]
        assert not any(m[:, dim:].any() for m in matrices), "the padding must stay zero"
        return [m[:, :dim] for m in matrices]


def assert_same(result, expected, tolerance=2e-5):
    assert result[0] == pytest.approx(expected[0], rel=tolerance)
    for mine, twin in zip(result[1:], expected[1:], strict=True):
        np.testing.assert_allclose(mine, twin, rtol=tolerance, atol=tolerance * abs(twin).max())


def block_of(n_tokens=70, n_words=9, seed=0, **settings):
    corpus = zipf_corpus(n_tokens, n_words, seed)
    dim = settings.get("dim", BASE["dim"])
    return WholeBlock(corpus, random_embeddings(n_words, dim, seed), **settings)


BOTH_MODELS = pytest.mark.parametrize("model", MODELS)


@BOTH_MODELS
@pytest.mark.parametrize(("seed", "l2"), [(0, 0.0), (1, 0.0), (2, 0.0), (0, 3.0), (1, 10.0)])
def test_gradients_of_fixed_draws(seed, l2, model):
    """Repeated negatives, negatives that are predicted words, several chunks, the last one short;
    in CBOW also documents of one word, whose windows are empty."""
    whole = block_of(n_tokens=100, seed=seed, subsample_threshold=0.0, model=model, l2=l2)
    assert whole.n == 100
    noise = np.random.default_rng(seed).integers(0, 9, whole.shape.n_shared)
    n_windows = 0
    for number in range(draws.n_chunks_of(whole.n, whole.shape)):
        windows = whole.windows(number)
        n_windows += len(windows)
        assert_same(whole.gradient(number, noise), whole.twin(number, noise))
        n_outside = [len(window.outsides) for window in windows]
        assert whole.n_pairs == (sum(map(bool, n_outside)) if whole.is_cbow else sum(n_outside))
    assert n_windows == 100


@BOTH_MODELS
@pytest.mark.parametrize(
    ("dim", "window", "n_negatives"), [(1, 1, 1), (16, 5, 5), (33, 3, 100), (20, 50, 2)]
)
def test_gradients_in_all_shapes(dim, window, n_negatives, model):
    sizes = {"dim": dim, "window": window, "n_negatives": n_negatives, "l2": 2.0}
    whole = block_of(**sizes, subsample_threshold=0.0, model=model)
    noise = np.arange(whole.shape.n_shared) % 9
    assert_same(whole.gradient(0, noise), whole.twin(0, noise, n_negatives))


@pytest.mark.parametrize(
    ("twin", "exact"), [(chunk_twin, exact_objective), (cbow_twin, exact_cbow)]
)
def test_the_twin_is_unbiased_by_enumeration(twin, exact):
    """All ways to draw S = 2 negatives from 3 words, weighted by their probability."""
    embeddings = random_embeddings(3, 4)
    windows = [Window(0, [1, 2, 1]), Window(2, [0])]
    p = np.array([0.5, 0.3, 0.2])
    total = [0.0, 0.0, 0.0]
    for noise in itertools.product(range(3), repeat=2):
        for i, term in enumerate(twin(embeddings, windows, noise, 3)):
            total[i] = total[i] + p[list(noise)].prod() * term
    assert_same(total, exact(embeddings, windows, p, 3), 1e-12)


@BOTH_MODELS
def test_the_kernel_is_unbiased_by_enumeration(model):
    """Slots are drawn independently and their terms add up, so the expectation over all V^S draws
    is the mean over the V draws in which every slot has the same word."""
    whole = block_of(n_tokens=40, n_words=6, model=model)
    p = np.random.default_rng(3).dirichlet(np.ones(6))
    total = [0.0, 0.0, 0.0]
    for word in range(6):
        for i, term in enumerate(whole.gradient(0, word)):
            total[i] = total[i] + p[word] * np.asarray(term, float)
    exact = exact_cbow if whole.is_cbow else exact_objective
    assert_same(total, exact(whole.embeddings, whole.windows(), p, 3))


@BOTH_MODELS
@pytest.mark.parametrize("shrink_windows", [True, False])
def test_a_pass_adds_the_gradient_of_the_penalty_once(model, shrink_windows):
    """With l2 = 3 a pass adds 3 v to the gradient of every centre vector v, and likewise 3 u."""
    corpus, embeddings = zipf_corpus(4000, 9, longest=10**6), random_embeddings(9, 5)
    sums = []
    for l2 in (0.0, 3.0):
        given = {"model": model, "shrink_windows": shrink_windows, "l2": l2}
        whole = WholeBlock(corpus, embeddings, subsample_threshold=0.0, **given)
        numbers = range(draws.n_chunks_of(whole.n, whole.shape))
        sums.append(np.sum([whole.gradient(number, 0)[1:] for number in numbers], axis=0))
    expected = 3.0 * np.stack([embeddings.center, embeddings.outside])
    expected[:, corpus.vocabulary.counts > PULLED_TOKENS] = 0
    assert 0 < (corpus.vocabulary.counts > PULLED_TOKENS).sum() < 9
    np.testing.assert_allclose(sums[1] - sums[0], expected, atol=2e-3)


def test_the_own_outside_word_is_never_a_negative():
    """Of two words, the negatives of a window full of the other word: no term at all."""
    whole = block_of(n_tokens=2, n_words=2, subsample_threshold=0.0, seed=4)
    whole.draws.words[:2] = 0, 1
    whole.draws.left[:2], whole.draws.right[:2] = 0, 2
    whole.gradient(0, 1)
    moved = whole.changes.noise[0]
    windows = [Window(1, [0])]  # only the window whose outside word is not 1 meets it
    twin = chunk_twin(whole.embeddings, windows, [1], 3)[2]
    width, dim = whole.shape.width, whole.embeddings.dim
    rows = moved.reshape(-1, width)[:, :dim]
    np.testing.assert_allclose(rows.sum(axis=0), twin[1], rtol=1e-5, atol=1e-6)


def test_windows_stay_in_their_documents():
    corpus = zipf_corpus(500, 9, longest=6)
    whole = WholeBlock(corpus, random_embeddings(9, 5), subsample_threshold=0.0)
    document = corpus.document_of(0, 500)
    assert whole.n == 500
    for i, (left, right) in enumerate(zip(whole.draws.left, whole.draws.right, strict=True)):
        assert document[left] == document[i] == document[right - 1]
        reach = max(i - left, right - 1 - i)
        assert reach <= 2
        cut = (left == 0 or document[left - 1] != document[i]) or (
            right == 500 or document[right] != document[i]
        )
        assert cut or i - left == right - 1 - i >= 1


def test_draws_follow_their_distributions():
    n, window = (20_000, 4) if not os.environ.get("NUMBA_DISABLE_JIT") else (2_000, 4)
    corpus = zipf_corpus(n, 5, longest=10**6)
    whole = WholeBlock(corpus, random_embeddings(5, 5), window=window)
    keep = whole.corpus.keep_limit / 2**32
    kept = np.bincount(whole.draws.words[: whole.n], minlength=5) / corpus.vocabulary.counts
    np.testing.assert_allclose(kept, keep, atol=4 / np.sqrt(n / 12))
    radii = (whole.draws.right - whole.draws.left)[window : whole.n - window] // 2
    shares = np.bincount(radii, minlength=window + 1)[1:] / len(radii)
    np.testing.assert_allclose(shares, 1 / window, atol=4 / np.sqrt(len(radii)))
    noise = np.zeros(n, np.int32)
    draws.draw_noise(whole.corpus, whole.noise_key, 0, noise)
    expected = corpus.vocabulary.counts**0.75
    shares = np.bincount(noise, minlength=5) / n
    np.testing.assert_allclose(shares, expected / expected.sum(), atol=4 / np.sqrt(n))


def test_draws_depend_on_seed_epoch_and_block_alone():
    keys = {
        tuple(int(k) for k in draws.keys_of(Block(0, 0, seed, epoch, block)))
        for seed in (0, 1)
        for epoch in (0, 1, 2)
        for block in (0, 1, 2)
    }
    assert len(keys) == 18
    assert len({k for pair in keys for k in pair}) == 36
    assert keys == {
        tuple(int(k) for k in draws.keys_of(Block(0, 0, seed, epoch, block)))
        for block in (2, 1, 0)
        for epoch in (0, 1, 2)
        for seed in (1, 0)
    }


@pytest.mark.skipif("NUMBA_DISABLE_JIT" in os.environ, reason="this is the run without JIT")
def test_these_tests_pass_without_jit():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-x", __file__]
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    root = Path(__file__).parents[3]
    done = subprocess.run(
        command, env=environment, cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout
