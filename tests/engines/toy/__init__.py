"""A toy engine, as a newcomer would write one: a folder and one line in the catalogue."""

from w2v_cli.engines.settings import EngineOffer

from .settings import ToySettings, defaults


def _load():
    from .engine import create

    return create


def _checks():
    from .checked import CHECKS

    return CHECKS


OFFER = EngineOffer(
    name="toy",
    summary="plays",
    losses=("naive-softmax",),
    optimizers=("sgd",),
    settings=ToySettings,
    defaults=defaults,
    load=_load,
    checks=_checks,
)
