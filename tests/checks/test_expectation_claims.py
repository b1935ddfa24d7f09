"""Wrong forms of negative sampling in expectation are refuted."""

from dataclasses import replace

import numpy as np
import pytest

from w2v_cli import equations as eq
from w2v_cli.checks.claims import CLAIMS, check_claims
from w2v_cli.checks.functions import EQUATIONS
from w2v_cli.equations import LossAndGradients


def _own_word_kept(v_c, o, noise, U, b=0.0):
    """The pair's own outside word is a negative too."""
    loss, grad_center, grad_outside = eq.negative_sampling_expected(v_c, o, noise, U, b)
    score = U[o] @ v_c + np.broadcast_to(b, len(U))[o]
    error = noise[o] * eq.sigmoid(score)
    grad_outside[o] += error * v_c
    return LossAndGradients(
        loss - noise[o] * eq.log_sigmoid(-score), grad_center + error * U[o], grad_outside
    )


def _own_words_kept(V, X, noise, U, b=0.0):
    """n_c for n_c − X[c, w]: the form of a first prototype."""
    scores = V @ U.T + b
    n = X.sum(axis=1, keepdims=True)
    loss = -(X * eq.log_sigmoid(scores)).sum() - (n * noise * eq.log_sigmoid(-scores)).sum()
    G = n * noise * eq.sigmoid(scores) - X * eq.sigmoid(-scores)
    return LossAndGradients(loss, G @ U, G.T @ V)


def _noise_once(V, X, noise, U, b=0.0):
    """The noise of each centre counted once, not once for each of its pairs."""
    share = X / np.maximum(X.sum(axis=1, keepdims=True), 1e-300)
    own, once = (eq.negative_sampling_counted(V, x, noise, U, b) for x in (X, share))
    true_word, true_share = (
        eq.negative_sampling_counted(V, x, 0 * noise, U, b) for x in (X, share)
    )
    parts = zip(true_word, once, true_share, own, strict=True)
    return LossAndGradients(*(a + b - c for a, b, c, _ in parts))


def _constants_forgotten(V, X, noise, U, b=0.0):
    return eq.negative_sampling_counted(V, X, noise, U)


WRONG = {
    "the own word is a negative": ("negative_sampling_expected", _own_word_kept),
    "own words are negatives": ("negative_sampling_counted", _own_words_kept),
    "noise once": ("negative_sampling_counted", _noise_once),
    "constants forgotten": ("negative_sampling_counted", _constants_forgotten),
}
CLAIM = {
    "negative_sampling_expected": "sampling-expected",
    "negative_sampling_counted": "sampling-counted",
}


@pytest.mark.parametrize(("field", "wrong"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_form_is_refuted(field, wrong):
    results = check_claims(replace(EQUATIONS, **{field: wrong}), (0,), CLAIMS)
    assert CLAIM[field] in {result.key for result in results if not result.passed}
