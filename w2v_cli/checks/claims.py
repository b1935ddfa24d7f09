"""The claims that must hold, and the runner that checks them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from w2v_cli.checks import expectation_claims as expectation
from w2v_cli.checks import loss_claims as loss
from w2v_cli.checks import primitive_claims as primitive
from w2v_cli.checks.claim import Claim
from w2v_cli.checks.model_claims import MODEL_CLAIMS
from w2v_cli.checks.points import draw_points
from w2v_cli.mistakes.functions import EQUATIONS, Functions
from w2v_cli.mistakes.measure import (
    DIFFERENCE_TOLERANCE,
    IDENTITY_TOLERANCE,
    Deviation,
    Tally,
)


@dataclass(frozen=True)
class Result:
    """How a claim fared. ``worst`` is the largest deviation over all points."""

    key: str
    group: str
    statement: str
    tolerance: float
    n_compared: int
    worst: Deviation
    passed: bool


_EXACT, _DIFFERENCE = IDENTITY_TOLERANCE, DIFFERENCE_TOLERANCE
_SHIFT = 1e-11  # adding 10,000 to a score rounds it by 1e-12

_BASICS, _NAIVE = "Building blocks", "Naive softmax"
_SAMPLING = "Negative sampling"

CLAIMS = (
    Claim(
        "softmax",
        _BASICS,
        "softmax(x)_i = exp(x_i) / Σ_j exp(x_j)",
        primitive.softmax_values,
        _EXACT,
    ),
    Claim("softmax-shift", _BASICS, "softmax(x + c) = softmax(x)", primitive.softmax_shift, _SHIFT),
    Claim(
        "softmax-jacobian",
        _BASICS,
        "∂ŷ_i/∂x_j = ŷ_i(δ_ij − ŷ_j)",
        primitive.softmax_jacobian,
        _DIFFERENCE,
    ),
    Claim(
        "one-hot-cross-entropy",
        _BASICS,
        "cross-entropy of a one-hot y is −log ŷ_o",
        primitive.one_hot_cross_entropy,
        _EXACT,
    ),
    Claim("score-gradient", _BASICS, "∂CE/∂scores = ŷ − y", primitive.score_gradient, _DIFFERENCE),
    Claim("sigmoid", _BASICS, "σ(x) = eˣ/(eˣ + 1)", primitive.sigmoid_values, _EXACT),
    Claim("sigmoid-mirror", _BASICS, "1 − σ(x) = σ(−x)", primitive.sigmoid_mirror, _EXACT),
    Claim(
        "sigmoid-derivative",
        _BASICS,
        "σ'(x) = σ(x)(1 − σ(x))",
        primitive.sigmoid_slope,
        _DIFFERENCE,
    ),
    Claim(
        "sigmoid-jacobian",
        _BASICS,
        "∂σ(x)/∂x = diag(σ'(x))",
        primitive.sigmoid_jacobian,
        _DIFFERENCE,
    ),
    Claim("log-sigmoid", _BASICS, "d/dx log σ(x) = 1 − σ(x)", primitive.log_sigmoid, _DIFFERENCE),
    Claim(
        "leaky-relu",
        _BASICS,
        "max(αx, x): slope α below 0, 1 above, none at 0",
        primitive.leaky_relu,
        _DIFFERENCE,
    ),
    Claim("l2-same-word", _BASICS, "L2: u and αu become one word", primitive.l2_same_word, _EXACT),
    Claim(
        "l2-classifier",
        _BASICS,
        "L2 merges “very bad” and “not bad”, raw sums differ",
        primitive.l2_classifier,
        _EXACT,
    ),
    Claim(
        "large-scores", _BASICS, "all finite at scores of ±10,000", primitive.large_scores, _EXACT
    ),
    Claim("softmax-loss", _NAIVE, "J = −log ŷ_o", loss.softmax_loss, _EXACT),
    Claim(
        "softmax-center",
        _NAIVE,
        "∂J/∂v_c = Uᵀ(ŷ − y) = Σ_w ŷ_w u_w − u_o",
        loss.softmax_center,
        _DIFFERENCE,
    ),
    Claim(
        "softmax-outside",
        _NAIVE,
        "∂J/∂u_w = (ŷ_w − y_w) v_c; all rows (ŷ − y) v_cᵀ",
        loss.softmax_outside,
        _DIFFERENCE,
    ),
    Claim(
        "softmax-columns",
        _NAIVE,
        "as columns: U(ŷ − y) and v_c (ŷ − y)ᵀ",
        loss.softmax_columns,
        _DIFFERENCE,
    ),
    Claim("softmax-perfect", _NAIVE, "gradients are 0 where ŷ = y", loss.softmax_perfect, _EXACT),
    Claim(
        "sampling-loss",
        _SAMPLING,
        "J = −log σ(u_o·v_c) − Σ_k log σ(−u_k·v_c)",
        loss.sampling_loss,
        _EXACT,
    ),
    Claim(
        "sampling-center",
        _SAMPLING,
        "∂J/∂v_c = (σ(u_o·v_c) − 1) u_o + Σ_k σ(u_k·v_c) u_k",
        loss.sampling_center,
        _DIFFERENCE,
    ),
    Claim(
        "sampling-outside",
        _SAMPLING,
        "∂J/∂u_o = (σ(u_o·v_c) − 1) v_c",
        loss.sampling_outside,
        _DIFFERENCE,
    ),
    Claim(
        "sampling-negatives",
        _SAMPLING,
        "∂J/∂u_k = σ(u_k·v_c) v_c",
        loss.sampling_negatives,
        _DIFFERENCE,
    ),
    Claim(
        "sampling-multiplicity",
        _SAMPLING,
        "a negative drawn n times counts n times",
        loss.sampling_multiplicity,
        _DIFFERENCE,
    ),
    Claim(
        "sampling-stacked",
        _SAMPLING,
        "stacked form = the three separate gradients",
        loss.sampling_stacked,
        _EXACT,
    ),
    Claim(
        "rows-touched",
        _SAMPLING,
        "rows of U touched: K + 1, naive softmax all",
        loss.rows_touched,
        _EXACT,
    ),
    Claim(
        "sampling-expected",
        _SAMPLING,
        "expectation over draws: J = −log σ(s_o) − Σ_{w≠o} K·P(w) log σ(−s_w)",
        expectation.expected_over_draws,
        _EXACT,
    ),
    Claim(
        "sampling-expected-gradients",
        _SAMPLING,
        "its gradients: ∂J/∂v_c = Uᵀδ, ∂J/∂U = δ v_cᵀ",
        expectation.expected_gradients,
        _DIFFERENCE,
    ),
    Claim(
        "sampling-counted",
        _SAMPLING,
        "over counts X: the sum over all pairs",
        expectation.counted_over_pairs,
        _EXACT,
    ),
    Claim(
        "sampling-counted-gradients",
        _SAMPLING,
        "its gradients: ∂J/∂V = G U, ∂J/∂U = Gᵀ V",
        expectation.counted_gradients,
        _DIFFERENCE,
    ),
    *MODEL_CLAIMS,
)


def check_claims(
    functions: Functions = EQUATIONS,
    seeds: Sequence[int] = (0,),
    claims: Sequence[Claim] = CLAIMS,
) -> list[Result]:
    """Check every claim at random points of every seed.

    A function that raises fails the claim, as does NaN, infinity or a wrong shape.
    """
    return [_check(claim, functions, seeds) for claim in claims]


def _check(claim: Claim, functions: Functions, seeds: Sequence[int]) -> Result:
    tally = Tally(claim.tolerance)
    for point in draw_points(seeds):
        tally.place = point.name
        try:
            with np.errstate(all="ignore"):
                claim.check(functions, point, tally)
        except Exception as error:  # whatever the function under test raises is its failure
            tally.note(f"{type(error).__name__}: {error}", np.nan, np.nan, np.inf)
    return result_of(claim.key, claim.group, claim.statement, tally)


def result_of(key: str, group: str, statement: str, tally: Tally) -> Result:
    """Sum up a tally."""
    worst = tally.worst or Deviation("nothing was compared", "", np.nan, np.nan, np.inf)
    passed = tally.passed
    return Result(key, group, statement, tally.tolerance, tally.n_compared, worst, passed)
