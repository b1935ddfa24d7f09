"""Spectral vectors: the counts of all pairs factorised, without steps and without a learning rate.

Files, in reading order:

* `settings.py`: the engine's own settings and its defaults
* `engine.py`: what a pass is, when it is enough, and how vectors are made
* `subspace.py`: products with the matrix, and bases of the space that they span
* `spectral_kernels.py`: compiled loops: PPMI from counts, and products
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from w2v_cli.engines.settings import EngineOffer, EngineSettings
from w2v_cli.engines.spectral.settings import LR, SpectralSettings, defaults
from w2v_cli.errors import UsageError

if TYPE_CHECKING:
    from w2v_cli.engines.base import Engine, EngineCheck


def _load() -> "Callable[..., Engine]":
    from w2v_cli.engines.spectral.engine import create

    return create


def _checks() -> "Sequence[EngineCheck]":
    """Return none: a pass follows no gradient. `checks.spectral_claims` checks the engine."""
    return ()


def _ready(settings: EngineSettings) -> None:
    """Raise UsageError for a learning rate."""
    if settings.training.lr != LR:
        raise UsageError("engine spectral has no learning rate; omit --lr")


OFFER = EngineOffer(
    name="spectral",
    summary="factorises the counts of all pairs; seconds for a corpus; compiled; nothing is drawn",
    losses=("ppmi",),
    optimizers=("subspace",),
    settings=SpectralSettings,
    defaults=defaults,
    load=_load,
    ready=_ready,
    checks=_checks,
    takes_counts=True,
    takes_start=False,
    blends=True,
    reason=None,
)
