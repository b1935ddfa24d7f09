"""Exact training over pair counts: no sampling, one step over many centre words.

Files, in reading order:

* `settings.py`: the engine's own settings and its defaults
* `engine.py`: what an epoch and a step are; counts the pairs and puts the problem on a device
* `problem.py`: what is trained, and what a device must offer (`Machine`)
* `cpu.py`: the machine for the CPU
* `tiles.py`: a step on the CPU, and what each loss does with a tile of scores
* `exact_kernels.py`: its compiled loops
* `optimizers.py`: SGD, Adagrad and Adam on the CPU
* `device/`: the machine for a GPU
* `checked.py`: how `w2v gradcheck` checks the engine
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from w2v_cli.engines.exact.settings import ExactSettings, defaults
from w2v_cli.engines.settings import EngineOffer, EngineSettings
from w2v_cli.errors import UsageError

if TYPE_CHECKING:
    from w2v_cli.engines.base import Engine, EngineCheck


def _load() -> "Callable[..., Engine]":
    from w2v_cli.engines.exact.engine import create

    return create


def _checks() -> "Sequence[EngineCheck]":
    from w2v_cli.engines.exact.checked import CHECKS

    return CHECKS


def _ready(settings: EngineSettings) -> None:
    """Raise UsageError for settings that do not fit the device, RunError where there is no GPU."""
    own = settings.own_as(ExactSettings)
    if own.device == "cpu":
        if own.precision in ("tf32", "bf16"):
            raise UsageError(f"--precision {own.precision} needs --device cuda; omit one of them")
        return
    if settings.model.subwords is not None:
        raise UsageError(f"--subwords does not work with --device {own.device}; omit one of them")
    from w2v_cli.engines.exact.device.layout import find_device

    find_device(own.device)


OFFER = EngineOffer(
    name="exact",
    summary="compiled; trains on the counts of all pairs, without sampling; both losses",
    losses=("naive-softmax", "negative-sampling"),
    optimizers=("adam", "adagrad", "sgd"),
    settings=ExactSettings,
    defaults=defaults,
    load=_load,
    ready=_ready,
    checks=_checks,
    vectors="sum",
    takes_subwords=True,
    takes_counts=True,
    reason=lambda figures: f"a vocabulary of {figures.n_words:,} words",
)
