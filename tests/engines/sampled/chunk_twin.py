"""Slow twin of the chunk kernels: loops over single pairs, float64, from the equations."""

from dataclasses import dataclass

import numpy as np

from w2v_cli.engines.base import Embeddings
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.vocabulary import Vocabulary


def zipf_corpus(n_tokens, n_words, seed=0, longest=30):
    """Random documents over words whose counts fall like 1/rank."""
    rng = np.random.default_rng(seed)
    p = 1 / np.arange(1, n_words + 1)
    tokens = rng.choice(n_words, n_tokens, p=p / p.sum()).astype(np.uint32)
    ends = np.cumsum(rng.integers(1, longest + 1, n_tokens))
    ends = np.append(ends[ends < n_tokens], n_tokens).astype(np.int64)
    counts = np.maximum(1, np.bincount(tokens, minlength=n_words)).astype(np.int64)
    words = tuple(f"w{i}" for i in range(n_words))
    return EncodedCorpus(tokens, ends, n_tokens, Vocabulary(words, counts), "")


def random_embeddings(n_words, dim, seed=0):
    rng = np.random.default_rng(seed)
    return Embeddings(*rng.uniform(-1, 1, (2, n_words, dim)).astype(np.float32))


@dataclass
class Window:
    """A centre and its outside words."""

    center: int
    outsides: list[int]


def _pair(v, u, label):
    """−log σ(±u·v) and its derivative by the score."""
    score = float(v @ u)
    sigmoid = 1 / (1 + np.exp(-score))
    return -np.log(sigmoid if label else 1 - sigmoid), sigmoid - label


def chunk_twin(embeddings, windows, noise, n_negatives, pull=None):
    """J of a chunk, and both gradients as full matrices.

    Every pair meets every negative but its own outside word, with weight K/S. pull: (V,), what each
    centre adds of both vectors of its word to their gradients; J is without it.
    """
    pull = np.zeros(embeddings.n_words) if pull is None else pull
    V, U = (np.asarray(m, float) for m in (embeddings.center, embeddings.outside))
    loss, grad_center, grad_outside = 0.0, np.zeros_like(V), np.zeros_like(U)
    for window in windows:
        c = window.center
        grad_center[c] += pull[c] * V[c]
        grad_outside[c] += pull[c] * U[c]
        for o in window.outsides:
            terms = [(o, 1, 1.0)]
            terms += [(w, 0, n_negatives / len(noise)) for w in noise if w != o]
            for w, label, weight in terms:
                term, slope = _pair(V[c], U[w], label)
                loss += weight * term
                grad_center[c] += weight * slope * U[w]
                grad_outside[w] += weight * slope * V[c]
    return loss, grad_center, grad_outside


def cbow_twin(embeddings, windows, noise, n_negatives, pull=None):
    """J of a chunk of CBOW, and both gradients as full matrices.

    The mean of each window's words meets its centre and every negative but that, with weight K/S.
    pull: as in `chunk_twin`.
    """
    share = n_negatives / len(noise)
    loss, *gradients = _cbow(embeddings, windows, [(w, share) for w in noise])
    pull = np.zeros(embeddings.n_words) if pull is None else pull
    for window in windows:
        c = window.center
        gradients[0][c] += pull[c] * embeddings.center[c]
        gradients[1][c] += pull[c] * embeddings.outside[c]
    return loss, *gradients


def exact_cbow(embeddings, windows, noise_probability, n_negatives):
    """The objective of CBOW itself: K times the expectation over the noise, own centre skipped."""
    weights = [(w, n_negatives * p) for w, p in enumerate(noise_probability)]
    return _cbow(embeddings, windows, weights)


def _cbow(embeddings, windows, noise_weights):
    V, U = (np.asarray(m, float) for m in (embeddings.center, embeddings.outside))
    loss, grad_center, grad_outside = 0.0, np.zeros_like(V), np.zeros_like(U)
    for window in windows:
        n = len(window.outsides)
        if n == 0:
            continue
        h = sum(V[o] for o in window.outsides) / n
        terms = [(window.center, 1, 1.0)]
        terms += [(w, 0, weight) for w, weight in noise_weights if w != window.center]
        for w, label, weight in terms:
            term, slope = _pair(h, U[w], label)
            loss += weight * term
            grad_outside[w] += weight * slope * h
            for o in window.outsides:
                grad_center[o] += weight * slope * U[w] / n
    return loss, grad_center, grad_outside


def exact_objective(embeddings, windows, noise_probability, n_negatives):
    """The objective itself: K times the expectation over the noise, own outside word skipped."""
    V, U = (np.asarray(m, float) for m in (embeddings.center, embeddings.outside))
    loss, grad_center, grad_outside = 0.0, np.zeros_like(V), np.zeros_like(U)
    for window in windows:
        c = window.center
        for o in window.outsides:
            terms = [(o, 1, 1.0)]
            terms += [(w, 0, n_negatives * p) for w, p in enumerate(noise_probability) if w != o]
            for w, label, weight in terms:
                term, slope = _pair(V[c], U[w], label)
                loss += weight * term
                grad_center[c] += weight * slope * U[w]
                grad_outside[w] += weight * slope * V[c]
    return loss, grad_center, grad_outside
