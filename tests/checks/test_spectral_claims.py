"""Wrong forms of mutual information and of its factors are refuted."""

from dataclasses import replace

import numpy as np
import pytest

from w2v_cli import equations as eq
from w2v_cli.checks.claims import check_claims
from w2v_cli.checks.functions import EQUATIONS
from w2v_cli.checks.spectral_claims import SPECTRAL_CLAIMS


def _of_absolute_values(A, dim, power=0.5):
    """Keep eigenvalues by their size, so that negative ones take a place."""
    values, vectors = np.linalg.eigh(A)
    largest = np.argsort(-np.abs(values))[:dim]
    values, vectors = values[largest], vectors[:, largest]
    size = np.abs(values)
    return eq.Factors(vectors * size**power, vectors * np.sign(values) * size ** (1 - power))


def _power_of_both(A, dim, power=0.5):
    center, _ = eq.best_factors(A, dim, power)
    return eq.Factors(center, center)


WRONG = {
    "n forgotten": ("pmi", lambda X: np.log(X / np.outer(X.sum(1), X.sum(0))), "pmi"),
    "the base of the logarithm": ("pmi", lambda X: eq.pmi(X) / np.log(2), "pmi"),
    "left-out negatives forgotten": ("optimal_products", eq.pmi, "pmi-optimum"),
    "their sign turned": (
        "optimal_products",
        lambda X: 2 * eq.pmi(X) - eq.optimal_products(X),
        "pmi-left-out",
    ),
    "shifted by log K": (
        "optimal_products",
        lambda X: eq.optimal_products(X) - np.log(3),
        "pmi-optimum",
    ),
    "sizes of eigenvalues": ("best_factors", _of_absolute_values, "ppmi-factors"),
    "one power for both": ("best_factors", _power_of_both, "ppmi-factors"),
    "a dimension short": (
        "best_factors",
        lambda A, dim, power=0.5: eq.best_factors(A, dim - 1, power),
        "spectral-dense",
    ),
}


@pytest.mark.parametrize(("function", "wrong", "claim"), WRONG.values(), ids=WRONG)
def test_a_wrong_form_is_refuted(function, wrong, claim):
    functions = replace(EQUATIONS, **{function: wrong})
    failed = {r.key for r in check_claims(functions, (0,), SPECTRAL_CLAIMS) if not r.passed}
    assert claim in failed
