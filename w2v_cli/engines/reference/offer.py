"""What the reference engine offers. Light: no NumPy."""

from typing import Annotated

from msgspec import Meta, Struct

from w2v_cli.engines.offer import EngineOffer
from w2v_cli.engines.settings import Situation


class ReferenceSettings(Struct, frozen=True, kw_only=True):
    """The reference engine's own settings."""

    batch_size: Annotated[int, Meta(ge=1, le=1_000_000, description="Windows per step.")] = 64
    batch_mean: Annotated[
        bool, Meta(description="Average a step's gradient instead of summing it.")
    ] = False


def _defaults(situation: Situation) -> dict[str, object]:
    return {"epochs": 5, "lr": 0.025, "n_threads": 1}


OFFER = EngineOffer(
    name="reference",
    summary="plain NumPy, both losses; also trains random batches as CS224n does (--steps)",
    losses=("negative-sampling", "naive-softmax"),
    optimizers=("sgd", "adagrad"),
    settings=ReferenceSettings,
    defaults=_defaults,
    create="w2v_cli.engines.reference.engine:create",
    checks="w2v_cli.engines.reference.checked:CHECKS",
    takes_steps=True,
    takes_subwords=True,
    benchmarks=({"loss": "negative-sampling"},),
    growth_tokens={"negative-sampling": 20_000, "naive-softmax": 500},
)
