"""Claims about pointwise mutual information, its best factors, and the spectral engine."""

import numpy as np

from w2v_cli.checks.engine_checks import ENGINES_GROUP
from w2v_cli.checks.functions import Functions
from w2v_cli.checks.measure import EXACT, Claim, Point, Tally
from w2v_cli.engines.settings import (
    EngineSettings,
    ModelSettings,
    SquaredErrorOfPPMI,
    TrainingSettings,
)
from w2v_cli.equations import Array, ppmi, unigram_start

_GROUP = "Mutual information"
_K = 3
#: More than the engine needs for vectors as exact as float32 allows.
_PASSES = 20
#: The engine computes in float32.
_FLOAT32 = 1e-4


def _counts(p: Point, share: float = 1.0) -> Array:
    """Return symmetric pair counts; a share of the pairs occurs."""
    n = len(p.U)
    X = p.rng.uniform(0.5, 3.0, (n, n)) ** 2 * (p.rng.random((n, n)) < share)
    return np.asarray(X + X.T + np.diag(np.full(n, 0.5)))


def _pmi_by_shares(f: Functions, p: Point, tally: Tally) -> None:
    """PMI compares how often two words meet with how often they would by chance."""
    X = _counts(p)
    joint, share = X / X.sum(), X.sum(axis=1) / X.sum()
    tally.equal("e^PMI", np.exp(f.pmi(X)), joint / np.outer(share, share))


def _gradient_vanishes(f: Functions, p: Point, tally: Tally) -> None:
    """Vectors as long as the vocabulary reach the optimum: the gradient of the loss is zero."""
    X, n = _counts(p), len(p.U)
    weights = p.rng.uniform(0.2, 1.0, n)
    noise = _K * weights / weights.sum()
    b = unigram_start(X.sum(axis=0) / X.sum(), noise)
    U = np.linalg.qr(p.rng.standard_normal((n, n)))[0]
    V = f.optimal_products(X) @ U  # U is orthogonal, so V Uᵀ are the products
    result = f.negative_sampling_counted(V, X, noise, U, b)
    tally.equal("∂J/∂V", result.grad_center, np.zeros_like(V))
    tally.equal("∂J/∂U", result.grad_outside, np.zeros_like(U))


def _left_out_negatives(f: Functions, p: Point, tally: Tally) -> None:
    """What the optimum is besides PMI: the term of the negatives left out."""
    X = _counts(p)
    n_c = X.sum(axis=1, keepdims=True)
    tally.equal("u·v", f.optimal_products(X), f.pmi(X) - np.log1p(-X / n_c))


def _factors(f: Functions, p: Point, tally: Tally) -> None:
    """The error is Σλ² of all eigenvalues left out, of either sign, for any power."""
    A, dim = ppmi(_counts(p, 0.6)), min(2, p.U.shape[1])
    values = np.linalg.eigvalsh(A)
    kept = np.maximum(values[::-1][:dim], 0.0)
    for power in (0.0, 0.25, 0.5):
        V, U = f.best_factors(A, dim, power)
        error = float(((A - V @ U.T) ** 2).sum())
        tally.equal("‖A − V Uᵀ‖²", error, float((values**2).sum() - (kept**2).sum()))


def _engine_against_dense(f: Functions, p: Point, tally: Tally) -> None:
    """The engine's passes end at the eigenvectors of a dense decomposition."""
    X, dim = _counts(p, 0.6), 2
    expected = f.best_factors(np.maximum(f.pmi(X), 0.0), dim, 0.25)
    V, U = _trained(X, dim, power=0.25)
    tally.equal("V Uᵀ", V @ U.T, expected.center @ expected.outside.T)
    tally.equal("V Vᵀ", V @ V.T, expected.center @ expected.center.T)


def _trained(X: Array, dim: int, power: float) -> tuple[Array, Array]:
    """Return the engine's centre and outside vectors for pair counts, in float64, (V, D) each."""
    from w2v_cli.engines.base import Unit
    from w2v_cli.engines.spectral.engine import SpectralEngine
    from w2v_cli.engines.spectral.settings import SpectralSettings
    from w2v_cli.pairs.matrix import PairCounts

    rows, columns = np.nonzero(X)
    row_start = np.searchsorted(rows, np.arange(len(X) + 1))
    pairs = PairCounts(row_start, columns.astype(np.uint32), X[rows, columns])
    settings = EngineSettings(
        model=ModelSettings(dim=dim, loss="ppmi"),
        objective=SquaredErrorOfPPMI(),
        training=TrainingSettings(
            engine="spectral", optimizer="subspace", epochs=_PASSES, lr=1.0, n_threads=1
        ),
        own=SpectralSettings(power=power, tolerance=1e-5, extra_dims=3),
    )
    engine = SpectralEngine(settings, pairs, n_tokens=0)
    for _, stats in engine.train(Unit(i, 0, 1.0) for i in range(_PASSES)):
        if stats.is_enough:
            break
    found = engine.embeddings()
    return found.center.astype(np.float64), found.outside.astype(np.float64)


SPECTRAL_CLAIMS = (
    Claim(
        "pmi",
        _GROUP,
        "e^PMI[c,o] = P(c,o) / (P(c) P(o)), P by shares of the pairs",
        _pmi_by_shares,
        EXACT,
    ),
    Claim(
        "pmi-left-out",
        _GROUP,
        "at the optimum u·v = PMI − log(1 − X[c,o]/n_c)",
        _left_out_negatives,
        EXACT,
    ),
    Claim(
        "pmi-optimum",
        _GROUP,
        "there ∂J/∂V = ∂J/∂U = 0 for expected negative sampling with prior",
        _gradient_vanishes,
        EXACT,
    ),
    Claim(
        "ppmi-factors",
        _GROUP,
        "‖A − V Uᵀ‖² = Σ λ² over all eigenvalues left out, λ < 0 too",
        _factors,
        EXACT,
    ),
    Claim(
        "spectral-dense",
        ENGINES_GROUP,  # it compiles, and what does not comes first
        "spectral: V Uᵀ is that of a dense eigendecomposition of PPMI",
        _engine_against_dense,
        _FLOAT32,
    ),
)
