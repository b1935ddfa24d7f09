"""The claims about what predicts what: the skip-gram window, the CBOW window, subwords."""

from w2v_cli.checks import cbow_claims as cbow
from w2v_cli.checks import loss_claims as loss
from w2v_cli.checks import subword_claims as subword
from w2v_cli.checks.claim import Claim
from w2v_cli.mistakes.measure import DIFFERENCE_TOLERANCE, IDENTITY_TOLERANCE

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
