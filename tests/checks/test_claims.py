"""The claims hold for the equations and fail for every planted slip."""

from dataclasses import fields, replace

import numpy as np
import pytest

from w2v_cli.checks.claims import CLAIMS, check_claims
from w2v_cli.checks.functions import EQUATIONS, Functions
from w2v_cli.checks.measure import SHAPES, draw_points
from w2v_cli.checks.slips import CATALOGUE, slips_of
from w2v_cli.equations import LossAndGradients

FIELDS = [field.name for field in fields(Functions)]


BY_KEY = {claim.key: claim for claim in CLAIMS}


def failures(functions, claims=CLAIMS):
    return {r.key: r for r in check_claims(functions, (0,), claims) if not r.passed}


@pytest.mark.parametrize("seed", range(5))
def test_every_claim_holds_for_the_equations(seed):
    results = check_claims(seeds=(seed,))
    assert len(results) == len(CLAIMS)
    for result in results:
        assert result.passed, result
        assert result.n_compared >= len(SHAPES)
        assert result.worst.error < result.tolerance / 5  # with room to spare


def test_points_are_unsaturated_and_repeat_negatives():
    for p in draw_points(range(20)):
        y_hat = np.exp(p.scores) / np.exp(p.scores).sum()
        sigma = 1 / (1 + np.exp(-p.scores))
        assert y_hat.min() > 1e-4
        assert y_hat.max() < 0.999
        assert 1e-3 < sigma.min() <= sigma.max() < 0.999
        assert np.unique(p.negatives, return_counts=True)[1].max() >= 3
        assert p.o not in p.negatives
        assert p.words[p.t] == p.c


@pytest.mark.parametrize("slip", CATALOGUE, ids=lambda slip: slip.key)
def test_every_slip_is_refuted_by_the_claims_that_it_breaks(slip):
    failed = failures(slip.plant(EQUATIONS), [BY_KEY[key] for key in slip.claims])
    assert set(slip.claims) <= set(failed), "not caught"
    for key in slip.claims:
        worst = failed[key].worst
        assert worst.where
        assert worst.error > failed[key].tolerance


def test_keys_are_unique():
    assert len({slip.key for slip in CATALOGUE}) == len(CATALOGUE)
    assert len({claim.key for claim in CLAIMS}) == len(CLAIMS)
    assert slips_of("sigmoid")


#: The slips that the project promises to refute, by the words of that promise.
PROMISED = {
    "σ(x) = 1/(1+eˣ)": "sigmoid-turned",
    "∂u_w = ŷ_w without v_c": "softmax-no-center",
    "∂u_k summed over all k": "sampling-summed",
    "∂u_o without the −1": "sampling-no-minus-one",
    "repeated negatives counted once": "sampling-once",
    "u_c where v_c belongs in the repeated-negative sum": "sampling-outside-center",
    "ŷ − y with the wrong sign": "softmax-sign",
    "dropping the j ≠ 0": "window-center-word",
    "returning U(ŷ − y) with U stored by rows": "softmax-column-formula",
}


def test_every_promised_slip_is_in_the_catalogue():
    assert set(PROMISED.values()) <= {slip.key for slip in CATALOGUE}


def spoiled(result, spoil, part):
    """Spoil one coordinate of an array, or of one part of a loss with gradients."""
    if isinstance(result, tuple):
        parts = list(result)
        parts[part] = spoiled(parts[part], spoil, part)
        return type(result)(*parts)
    array = np.array(result, dtype=np.float64)
    flat = array.reshape(-1)
    largest = int(np.nanargmax(np.abs(flat)))
    flat[largest] = spoil(flat[largest])
    return array


SPOILS = {
    "nan": lambda x: np.nan,
    "inf": lambda x: np.inf,
    "minus inf": lambda x: -np.inf,
    "0.1 % too large": lambda x: x * 1.001,
    "0.1 % too small": lambda x: x * 0.999,
}


WITH_GRADIENTS = [
    name for name in FIELDS if name.startswith(("naive", "negative", "skip", "cbow", "subwords"))
]
GROUPS = {
    "naive": "Naive softmax",
    **dict.fromkeys(("center", "target", "other", "outside"), "Naive softmax"),
    "negative": "Negative sampling",
    "skip": "Skip-gram window",
    "cbow": "CBOW window",
    "subwords": "Subwords",
    "mean": "Subwords",
    "pmi": "Mutual information",
    "optimal": "Mutual information",
    "best": "Mutual information",
    "batch": "CBOW in batches",
    "softmax_columns": "CBOW in batches",
}
OUTPUTS = [(name, 0) for name in FIELDS] + [(name, i) for name in WITH_GRADIENTS for i in (1, 2)]
OUTPUTS += [("batch_scores", 1), *(("batch_gradients", i) for i in (1, 2, 3))]


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS.keys())
@pytest.mark.parametrize(("name", "part"), OUTPUTS)
def test_a_spoiled_coordinate_is_caught_in_every_function(name, spoil, part):
    group = GROUPS.get(name, GROUPS.get(name.split("_")[0], "Building blocks"))
    right = getattr(EQUATIONS, name)
    wrong = replace(EQUATIONS, **{name: lambda *a: spoiled(right(*a), spoil, part)})
    failed = failures(wrong, [claim for claim in CLAIMS if claim.group == group])
    assert failed
    for result in failed.values():
        assert not result.worst.error <= result.tolerance


def test_nan_everywhere_is_caught_though_every_comparison_with_nan_is_false():
    nothing = replace(EQUATIONS, sigmoid=lambda x: np.full_like(x, np.nan))
    assert "sigmoid" in failures(nothing)


def test_a_function_that_raises_fails_its_claims_and_no_others():
    def broken(x):
        raise ZeroDivisionError("oh")

    failed = failures(replace(EQUATIONS, l2_normalize=broken))
    assert set(failed) == {"l2-same-word", "l2-classifier"}
    assert failed["l2-classifier"].worst.where == "ZeroDivisionError: oh"


def test_a_failure_shows_the_coordinate_and_both_numbers():
    def wrong(v_c, o, U):
        loss, grad_center, grad_outside = EQUATIONS.naive_softmax(v_c, o, U)
        grad_center[1] += 0.5
        return LossAndGradients(loss, grad_center, grad_outside)

    worst = failures(replace(EQUATIONS, naive_softmax=wrong))["softmax-center"].worst
    assert worst.where.endswith("[1]")
    assert worst.got - worst.expected == pytest.approx(0.5)
    assert worst.place.startswith("seed 0, ")


def test_the_same_seeds_give_the_same_figures():
    assert check_claims(seeds=(3,)) == check_claims(seeds=(3,))
