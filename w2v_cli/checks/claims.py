"""The claims that must hold, and the runner that checks them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from w2v_cli.checks import loss_claims as expectation
from w2v_cli.checks import loss_claims as loss
from w2v_cli.checks import primitive_claims as primitive
from w2v_cli.checks import window_claims as cbow
from w2v_cli.checks import window_claims as subword
from w2v_cli.checks.engine_checks import check_engines, random_cases, trained_cases
from w2v_cli.checks.functions import EQUATIONS, Functions
from w2v_cli.checks.measure import (
    DIFFERENCE_TOLERANCE,
    IDENTITY_TOLERANCE,
    Claim,
    Result,
    Tally,
    draw_points,
    result_of,
)
from w2v_cli.checks.run_checks import check_run
from w2v_cli.errors import shown_error
from w2v_cli.vectors.run_vectors import read_run_vectors

# What a claim is.


# The claims about what predicts what: the skip-gram window, the CBOW window, subwords.


_EXACT, _DIFFERENCE = IDENTITY_TOLERANCE, DIFFERENCE_TOLERANCE
_WINDOW, _CBOW, _SUBWORDS = "Skip-gram window", "CBOW window", "Subwords"

MODEL_CLAIMS = (
    Claim(
        "window-loss", _WINDOW, "J = Σ_{−m≤j≤m, j≠0} J(v_c, w_{t+j}, U)", loss.window_loss, _EXACT
    ),
    Claim(
        "window-center",
        _WINDOW,
        "∂J/∂v_c = sum of the pairs' ∂J/∂v_c",
        loss.window_center,
        _DIFFERENCE,
    ),
    Claim(
        "window-outside",
        _WINDOW,
        "∂J/∂U = sum of the pairs' ∂J/∂U",
        loss.window_outside,
        _DIFFERENCE,
    ),
    Claim(
        "window-other-centers", _WINDOW, "∂J/∂v_w = 0 for w ≠ c", loss.window_other_centers, _EXACT
    ),
    Claim("cbow-loss", _CBOW, "J = J(Σ_{j≠0} v_{w_{t+j}}, w_t, U)", cbow.sum_loss, _EXACT),
    Claim(
        "cbow-center",
        _CBOW,
        "∂J/∂v_w = n_w ∂J/∂h, n_w times in the window",
        cbow.sum_center,
        _DIFFERENCE,
    ),
    Claim("cbow-outside", _CBOW, "∂J/∂U = the pair's ∂J/∂U at h", cbow.sum_outside, _DIFFERENCE),
    Claim(
        "cbow-other-words",
        _CBOW,
        "∂J/∂v_w = 0 for words not in the window",
        cbow.other_words,
        _EXACT,
    ),
    Claim(
        "cbow-mean-loss",
        _CBOW,
        "mean: J = J(Σ_{j≠0} v_{w_{t+j}} / n, w_t, U)",
        cbow.mean_loss,
        _EXACT,
    ),
    Claim(
        "cbow-mean-center",
        _CBOW,
        "mean: ∂J/∂v_w = (n_w/n) ∂J/∂h",
        cbow.mean_center,
        _DIFFERENCE,
    ),
    Claim(
        "cbow-mean-outside",
        _CBOW,
        "mean: ∂J/∂U = the pair's ∂J/∂U at h",
        cbow.mean_outside,
        _DIFFERENCE,
    ),
    Claim("subword-loss", _SUBWORDS, "J = J((1/n) Σ_{r∈G(c)} z_r, o, U)", subword.loss, _EXACT),
    Claim(
        "subword-rows",
        _SUBWORDS,
        "∂J/∂z_r = (n_r/n) ∂J/∂v_c, n_r times in G(c)",
        subword.rows,
        _DIFFERENCE,
    ),
    Claim(
        "subword-other-rows",
        _SUBWORDS,
        "∂J/∂z_r = 0 for rows not in G(c)",
        subword.other_rows,
        _EXACT,
    ),
    Claim("subword-outside", _SUBWORDS, "∂J/∂U = the pair's ∂J/∂U at v_c", subword.outside, _EXACT),
    Claim(
        "subword-matrix",
        _SUBWORDS,
        "all words: V = S Z, ∂J/∂Z = Sᵀ ∂J/∂V",
        subword.matrix,
        _EXACT,
    ),
)


# The claims that must hold, and the runner that checks them.


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
            tally.note(shown_error(error), np.nan, np.nan, np.inf)
    return result_of(claim.key, claim.group, claim.statement, tally)


# All that `w2v gradcheck` checks, in its order.


def check_all(
    run: Path | None,
    seeds: Sequence[int],
    notice: Callable[[str], None] = lambda message: None,
    progress: Callable[[str], None] = lambda step: None,
) -> list[Result]:
    """Check the claims and the engines, and both again at the parameters of a run.

    Args:
        run: a run folder, or None.
        seeds: of the random points.
        notice: called with what the user should know, such as an engine that cannot be used.
        progress: called with the name of each step before it starts.

    Raises:
        DataError: the run's vectors cannot be read.
    """
    vectors = read_run_vectors(run) if run else None
    progress("Checking the claims")
    results = check_claims(seeds=seeds)
    progress("Checking the engines")
    results += check_engines(random_cases(seeds), notice=notice)
    if vectors is None:
        return results
    words, counts, parameters = vectors.words, vectors.counts, vectors.embeddings
    progress("Checking the losses at the parameters of the run")
    results += check_run(words, counts, parameters, seeds)
    progress("Checking the engines at the parameters of the run")
    engines = check_engines(trained_cases(words, counts, parameters, seeds))
    group = "Engines at the parameters of the run"
    return results + [replace(r, key=f"run-{r.key}", group=group) for r in engines]
