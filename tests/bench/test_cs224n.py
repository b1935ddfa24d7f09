"""How much faster a step of `configs/cs224n.toml` is than the per-pair loop of the course.

    python -m pytest -m bench -s tests/bench/test_cs224n.py

The loop is our own, written from the equations, and like the course's starter code makes dense
(V, D) gradients for every pair and every window. Both train the same kind of batches
(50 windows drawn at random); the two run in turn, medians are compared.
"""

import statistics
import time

import numpy as np
import pytest
from conftest import ROOT

from w2v_cli.engines.base import Unit
from w2v_cli.engines.catalog import create_engine
from w2v_cli.equations.naive_softmax import naive_softmax
from w2v_cli.equations.negative_sampling import negative_sampling
from w2v_cli.settings.config import Config, read_config_file
from w2v_cli.settings.resolve import resolve
from w2v_cli.text.prepare import open_corpus, prepare_corpus
from w2v_cli.text.windows import RandomWindows, alias_table, draw_noise, generator, keep_prob
from w2v_cli.text.windows import noise_distribution as noise

ROUNDS = 5
STEPS_A_UNIT = 100


def window_gradients(center, outside, c, outsides, negatives):
    """One window as the course's skip-gram does it: dense gradients, a loop over its pairs."""
    grad_center, grad_outside = np.zeros_like(center), np.zeros_like(outside)
    for pair, o in enumerate(outsides):
        if negatives is None:
            result = naive_softmax(center[c], int(o), outside)
        else:
            result = negative_sampling(center[c], int(o), negatives[pair], outside)
        grad_center[c] += result.grad_center
        grad_outside += result.grad_outside
    return grad_center, grad_outside


def loop_step(vectors, windows, negatives, lr):
    """One step of the course: a loop over windows, their dense gradients averaged.

    vectors: centre vectors over outside vectors, shape (2V, D), as the course stacks them.
    """
    n_words, n_windows = len(vectors) // 2, len(windows.centers)
    gradient = np.zeros_like(vectors)
    for window, c in enumerate(windows.centers):
        chosen = windows.which == window
        drawn = None if negatives is None else negatives[chosen]
        grad_center, grad_outside = window_gradients(
            vectors[:n_words], vectors[n_words:], c, windows.outsides[chosen], drawn
        )
        gradient[:n_words] += grad_center / n_windows
        gradient[n_words:] += grad_outside / n_windows
    vectors -= lr * gradient


@pytest.mark.bench
@pytest.mark.timeout(600)
@pytest.mark.parametrize("loss", ["negative-sampling", "naive-softmax"])
def test_a_step_against_the_loop_over_pairs(sst, tmp_path, loss):
    course = read_config_file(ROOT / "configs" / "cs224n.toml")
    settings = resolve(Config(loss=loss, paths=sst).over(course))
    prepare_corpus(settings.corpus, tmp_path)
    corpus = open_corpus(tmp_path)
    engine = create_engine(settings, corpus, tmp_path, print)
    model, lr, batch_size = settings.model, settings.training.lr, settings.own.batch_size
    counts = corpus.vocabulary.counts
    windows = RandomWindows(corpus, keep_prob(counts, model.subsample_threshold), model.radii)
    table = alias_table(noise(counts, 0.75))
    vectors = np.concatenate(list(vars(engine.embeddings()).values())).astype(float)
    loop, ours, pairs = [], [], []
    for i in range(ROUNDS):
        batch = windows.draw(batch_size, generator(1, 0, i))
        shape = (len(batch.which), 10)
        drawn = (
            draw_noise(table, shape, generator(2, 0, i)) if loss == "negative-sampling" else None
        )
        start = time.perf_counter()
        loop_step(vectors, batch, drawn, lr)
        loop.append(time.perf_counter() - start)
        pairs.append(len(batch.which))
        start = time.perf_counter()
        list(engine.train([Unit(0, i, lr)]))
        ours.append((time.perf_counter() - start) / STEPS_A_UNIT)
    slow, fast = statistics.median(loop), statistics.median(ours)
    per_pair = slow / statistics.median(pairs)
    print(
        f"\n{loss}: loop {slow * 1e3:.1f} ms a step ({per_pair * 1e3:.2f} ms a pair),"
        f" w2v {fast * 1e3:.2f} ms a step: {slow / fast:.0f} times faster"
    )
    assert slow > 10 * fast
