"""What gradcheck checks of the toy engine."""

from w2v_cli.engines.base import EngineCheck, Pair

from .engine import neighbours


def pairs(engine, settings, corpus):
    return [Pair(c, o) for c, o in neighbours(corpus)]


CHECKS = (
    EngineCheck("toy", "toy: Δθ = −lr Σ ∂J/∂θ", {"loss": "naive-softmax", "units": 1}, pairs, 1e-9),
)
