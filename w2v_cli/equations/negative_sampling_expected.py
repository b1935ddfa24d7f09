"""Negative sampling in expectation: the mean over all draws of noise, without drawing.

Negatives are drawn from the noise distribution P; a draw of the pair's own outside word o is
ignored. K draws give word w ≠ o as a negative K·P(w) times on average, and o never. Losses and
gradients of negative sampling are sums over the draws, so their expectations are the same sums
with each word weighted by its expected number of draws.

The score of word w is ``s_w = u_w · v_c + b_w``. b is a constant, zero in the usual form. Set to
``b_w = log(P_data(w) / (K·P(w)))``, with P_data(w) the share of w among all outside words, it makes
``σ(b_w)`` the probability that word w is data and not noise for any centre: the best prediction
of vectors of length zero. The vectors then learn only how a centre changes it (noise-
contrastive estimation: Gutmann and Hyvärinen 2010; Mnih and Teh 2012).
"""

import numpy as np

from w2v_cli.equations.primitives import Array, LossAndGradients, log_sigmoid, sigmoid


def negative_sampling_expected(
    v_c: Array, o: int, noise: Array, U: Array, b: Array | float = 0.0
) -> LossAndGradients:
    """``J = −log σ(s_o) − Σ_{w≠o} K·P(w) log σ(−s_w)``: one pair with all its noise.

    With ``δ = ∂J/∂s``, that is ``δ_o = σ(s_o) − 1`` and ``δ_w = K·P(w) σ(s_w)`` for w ≠ o, the
    gradients have the form of naive softmax: ``∂J/∂v_c = Uᵀ δ``, ``∂J/∂U = δ v_cᵀ``.

    Args:
        v_c: centre vector, ``(dim,)``.
        o: id of the outside word.
        noise: ``K·P(w)``, the expected number of each word among K draws, ``(n_words,)``.
        U: outside vectors by rows, ``(n_words, dim)``.
        b: constants added to the scores, ``(n_words,)``.

    Returns:
        loss, ``grad_center`` ``(dim,)``, ``grad_outside`` ``(n_words, dim)``.
    """
    scores = U @ v_c + b
    negatives = np.array(noise, dtype=np.float64)
    negatives[o] = 0.0
    loss = -log_sigmoid(scores)[o] - negatives @ log_sigmoid(-scores)
    delta = negatives * sigmoid(scores)
    delta[o] = sigmoid(scores)[o] - 1.0
    return LossAndGradients(float(loss), U.T @ delta, delta[:, None] * v_c[None, :])


def negative_sampling_counted(
    V: Array, X: Array, noise: Array, U: Array, b: Array | float = 0.0
) -> LossAndGradients:
    """The sum of :func:`negative_sampling_expected` over X[c, w] pairs of each c and w.

    ``J = Σ_{c,w} X[c,w] (−log σ(s_cw)) + K·P(w) (n_c − X[c,w]) (−log σ(−s_cw))``

    with ``n_c = Σ_w X[c,w]``: each of the n_c pairs of c has w as noise, except the X[c,w] pairs
    whose outside word is w. The cost no longer depends on the number of pairs, only on n_words².

    With ``G = ∂J/∂s``, ``G[c,w] = K·P(w) (n_c − X[c,w]) σ(s_cw) − X[c,w] σ(−s_cw)``,
    ``∂J/∂V = G U`` and ``∂J/∂U = Gᵀ V``.

    Args:
        V: centre vectors by rows, ``(n_words, dim)``.
        X: pair counts, not necessarily whole numbers, ``(n_words, n_words)``.
        noise: ``K·P(w)``, ``(n_words,)``.
        U: outside vectors by rows, ``(n_words, dim)``.
        b: constants added to the scores, ``(n_words,)``.

    Returns:
        loss, ``grad_center`` and ``grad_outside``, ``(n_words, dim)`` each.
    """
    scores = V @ U.T + b
    negatives = noise * (X.sum(axis=1, keepdims=True) - X)
    loss = -(X * log_sigmoid(scores)).sum() - (negatives * log_sigmoid(-scores)).sum()
    G = negatives * sigmoid(scores) - X * sigmoid(-scores)
    return LossAndGradients(float(loss), G @ U, G.T @ V)


def unigram_start(data_share: Array, noise: Array) -> Array:
    """``b_w = log(P_data(w) / (K·P(w)))``, the constants described above, ``(n_words,)``.

    Args:
        data_share: ``P_data``, the share of each word among all outside words, ``(n_words,)``.
        noise: ``K·P(w)``, ``(n_words,)``.
    """
    b: Array = np.log(data_share) - np.log(noise)
    return b
