"""Pointwise mutual information: what negative sampling ends at, and the best vectors for it.

X holds the pair counts: X[c, o] pairs of centre word c and outside word o, n in all, n_c in row c
and n_o in column o. By chance there would be n_c n_o / n of them, and

    PMI[c, o] = log(X[c, o] n / (n_c n_o)).

Negative sampling in expectation, with the prior b (:func:`unigram_start`), is at its minimum where
every product u_o·v_c is the PMI, up to the term of the negatives that are left out because they
are the pair's own outside word (Levy and Goldberg 2014; :func:`optimal_products`). Vectors need as
many dimensions as the matrix has ranks for that. Vectors of fewer dimensions can come closest to
its positive part, PPMI, in the sense of least squares: :func:`best_factors`.
"""

from typing import NamedTuple

import numpy as np

from w2v_cli.equations.primitives import Array


def pmi(X: Array) -> Array:
    """``log(X[c, o] n / (n_c n_o))``, (n_words, n_words); −∞ where X[c, o] is 0."""
    chance = X.sum(axis=1, keepdims=True) * X.sum(axis=0, keepdims=True) / X.sum()
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(X) - np.log(chance))


def ppmi(X: Array) -> Array:
    """The positive part of :func:`pmi`: 0 where a pair is rarer than by chance."""
    return np.maximum(pmi(X), 0.0)


def optimal_products(X: Array) -> Array:
    """The products u_o·v_c at which the expected loss of negative sampling is least, by rows c.

    ``G[c, o] = K·P(o) (n_c − X[c, o]) σ(s) − X[c, o] σ(−s)`` is zero where

        ``eˢ = X[c, o] / (K·P(o) (n_c − X[c, o]))``,

    and with ``s = u_o·v_c + b_o``, ``b_o = log(n_o / n / (K·P(o)))``, the noise cancels:

        ``u_o·v_c = PMI[c, o] + log(n_c / (n_c − X[c, o]))``.

    The second term is that of the negatives left out. It is small for a word with many neighbours.

    Args:
        X: pair counts with 0 < X[c, o] < n_c everywhere, ``(n_words, n_words)``.
    """
    n_c = X.sum(axis=1, keepdims=True)
    return np.asarray(pmi(X) + np.log(n_c / (n_c - X)))


class Factors(NamedTuple):
    """Centre and outside vectors by rows, ``(n_words, dim)`` each."""

    center: Array
    outside: Array


def best_factors(A: Array, dim: int, power: float = 0.5) -> Factors:
    """The vectors V, U with V Uᵀ closest to A, among those whose product has no eigenvalue below 0.

    With ``A = Σ λ x xᵀ``, the ``dim`` largest positive eigenvalues:
    ``V = x λ^power`` and ``U = x λ^(1−power)``, so ``V Uᵀ = Σ λ x xᵀ``. The power changes the
    vectors, not their products. The squared error is the sum of the squares of all eigenvalues
    left out, the negative ones too.

    Args:
        A: symmetric, ``(n_words, n_words)``.
        dim: columns of the result; those without a positive eigenvalue are zeros.
        power: the share of the eigenvalues that the centre vectors take.
    """
    values, vectors = np.linalg.eigh(A)
    values, vectors = np.maximum(values[::-1][:dim], 0.0), vectors[:, ::-1][:, :dim]
    vectors = vectors * (values > 0)
    return Factors(vectors * values**power, vectors * values ** (1 - power))
