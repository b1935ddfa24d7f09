"""Change of meaning: is a word used differently in some texts than in others, against chance?

*The vector of a word in some documents* is the mean of the context vectors around it there. A
context vector x_o is that of the outside word o in one fixed space, weighted down where o is
frequent (SIF, Arora et al. 2017) and centred, so that contexts by chance add up to zero:

    x_o = keep_o (a / (a + f_o) · v_o − μ),   μ the mean with weights f_o,   f_o ∝ n_o keep_o,

and keep_o is the probability that subsampling keeps o (:func:`context_vectors`). With the window's
weights, the sum over the tokens of w at the places i is linear in the documents:

    S_w = Σ_i Σ_j (L + 1 − |i − j|) / L · x_{word at j}.                    (:func:`context_sum`)

*The score* is the cosine between the sums of two slices, or its mean over all pairs of slices
(:func:`score`). A cosine does not change with length, so sums serve as well as means.

*Chance.* The documents that use w are dealt into bundles of equally many documents. If slices do
not matter, documents that use w are exchangeable between them, and so are the bundles: every deal
of the bundles to the slices, with as many for each slice as it has, is as likely as the real one.
Among m deals drawn at random, b score at most what the real one scored; then

    p = (1 + b) / (1 + m)                                                    (:func:`p_value`)

is a valid p-value, however the scores are spread (Phipson & Smyth 2010). Nothing is assumed of how
*often* a slice uses w: the number of its documents stays as it is in every deal.

*More deals for few words.* A word with b ≥ h after m_1 deals stops there; the others go on to m_2
deals, and so on to m_K. p stays valid at every level α (Besag & Clifford 1991): let k be the first
stage with (1 + h) / (1 + m_k) ≤ α, or K if there is none. Words that stopped before k have p > α.
Words that go on after k have b < h there, so (1 + b) / (1 + m_k) ≤ α. So whenever p ≤ α, the value
(1 + b) / (1 + m_k) of all m_k deals is ≤ α too; and had every word gone on to stage k, it would be
valid.

*Many words.* Benjamini and Hochberg's correction (1995) bounds the expected share of false words
among those flagged, if the p-values are independent or depend on each other positively (Benjamini &
Yekutieli 2001). Words that share contexts tend to; :func:`adjusted` assumes it.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from w2v_cli.equations.primitives import Array

#: a of the SIF weights a / (a + f), as Arora et al. recommend.
SIF = 1e-3


def context_vectors(basis: Array, counts: NDArray[np.int64], keep: Array) -> Array:
    """x_o of all words, shape (n_words, dim); zeros where the basis has no vector.

    Args:
        basis: vectors in a space common to all slices, ``(n_words, dim)``; zeros: unknown words.
        counts: n_o, in all slices together, ``(n_words,)``.
        keep: probability that subsampling keeps a token of each word, ``(n_words,)``.
    """
    lengths = np.linalg.norm(basis, axis=1)
    known = lengths > 0
    share = known * counts * keep
    share = share / share.sum()
    v = basis / np.where(known, lengths, 1.0)[:, None] * (SIF / (SIF + share))[:, None]
    return np.asarray((keep * known)[:, None] * (v - share @ v))


def context_sum(documents: Sequence[Sequence[int]], w: int, x: Array, weights: Array) -> Array:
    """S_w in some documents, each a sequence of word ids: the sum of the contexts of w, (dim,).

    Args:
        documents: windows do not cross from one to the next.
        w: the word.
        x: context vectors, ``(n_words, dim)``.
        weights: of the distances 1, …, L, ``(L,)``.
    """
    total = np.zeros(x.shape[1])
    for document in documents:
        for i, center in enumerate(document):
            for j, outside in enumerate(document):
                if center == w and 0 < abs(i - j) <= len(weights):
                    total += weights[abs(i - j) - 1] * x[outside]
    return total


def cosine(a: Array, b: Array) -> float:
    """``a·b / (‖a‖ ‖b‖)``; 0 for a vector of zeros."""
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    return float(a @ b / lengths) if lengths > 0 else 0.0


def score(sums: Array) -> float:
    """The mean cosine over all pairs of slices; sums: S_w of each slice, ``(n_slices, dim)``."""
    return float(np.mean([cosine(a, b) for a, b in combinations(sums, 2)]))


def p_value(b: NDArray[np.int64], m: NDArray[np.int64]) -> Array:
    """``(1 + b) / (1 + m)``: b of m random deals score at most what the real one scored."""
    return np.asarray((1 + b) / (1 + m))


def adjusted(p: Array) -> Array:
    """Benjamini and Hochberg's adjusted p-values: flag all at most q for a false share of q."""
    from scipy.stats import false_discovery_control  # slow to import

    return np.asarray(false_discovery_control(p, method="bh")) if len(p) else p
