"""What the reference engine offers. Light: no NumPy."""

from typing import Annotated

from msgspec import Meta, Struct

from w2v_cli.engines.settings import MODELS, EngineOffer, Situation


class ReferenceSettings(Struct, frozen=True, kw_only=True):
    """The reference engine's own settings."""

    batch_size: Annotated[int, Meta(ge=1, le=1_000_000, description="Windows per step.")] = 64
    batch_mean: Annotated[
        bool, Meta(description="Average a step's gradient instead of summing it.")
    ] = False


#: Learning rates, of CBOW higher for the reason in the sampled engine's offer.
_LR, _CBOW_LR = 0.025, 0.075


def _defaults(situation: Situation) -> dict[str, object]:
    lr = _CBOW_LR if MODELS[situation.model].predicts_center else _LR
    return {"epochs": 5, "lr": lr, "n_threads": 1}


OFFER = EngineOffer(
    name="reference",
    summary="plain NumPy, all models and losses; also trains random batches as in CS224n (--steps)",
    losses=("negative-sampling", "naive-softmax"),
    models=("skip-gram", "cbow"),
    optimizers=("sgd", "adagrad"),
    settings=ReferenceSettings,
    defaults=_defaults,
    create="w2v_cli.engines.reference.engine:create",
    checks="w2v_cli.engines.reference.checked:CHECKS",
    takes_steps=True,
    takes_subwords=True,
    reason=lambda figures: "plain NumPy, which takes its time",
    benchmarks=({"loss": "negative-sampling"},),
    growth_tokens={"negative-sampling": 20_000, "naive-softmax": 500},
)
