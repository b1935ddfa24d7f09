"""The plain engine: both models and losses in vectorised NumPy.

Files, in reading order:

* `settings.py`: the engine's own settings and its defaults
* `engine.py`: a step of each loss, and the engine that the trainer sees
* `checked.py`: what gradcheck compares with the equations
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from w2v_cli.engines.reference.settings import ReferenceSettings, defaults
from w2v_cli.engines.settings import EngineOffer

if TYPE_CHECKING:
    from w2v_cli.engines.base import Engine, EngineCheck


def _load() -> "Callable[..., Engine]":
    from w2v_cli.engines.reference.engine import create

    return create


def _checks() -> "Sequence[EngineCheck]":
    from w2v_cli.engines.reference.checked import CHECKS

    return CHECKS


OFFER = EngineOffer(
    name="reference",
    summary="plain NumPy, all models and losses; also trains random batches as in CS224n (--steps)",
    losses=("negative-sampling", "naive-softmax"),
    models=("skip-gram", "cbow"),
    optimizers=("sgd", "adagrad"),
    settings=ReferenceSettings,
    defaults=defaults,
    load=_load,
    checks=_checks,
    takes_steps=True,
    takes_subwords=True,
    is_compiled=False,
    reason=lambda figures: "plain NumPy, which is slow",
)
