"""The reference engine's own settings and its defaults. No NumPy here."""

from typing import Annotated

from msgspec import Meta, Struct

from w2v_cli.engines.settings import MODELS, Situation


class ReferenceSettings(Struct, frozen=True, kw_only=True):
    """The reference engine's own settings."""

    batch_size: Annotated[int, Meta(ge=1, le=1_000_000, description="Windows per step.")] = 64
    batch_mean: Annotated[
        bool, Meta(description="Average a step's gradient instead of summing it.")
    ] = False


#: Learning rates. CBOW's is higher, for the reason given in the sampled engine's settings.
_LR, _CBOW_LR = 0.025, 0.075


def defaults(situation: Situation) -> dict[str, object]:
    """See `EngineOffer.defaults`."""
    lr = _CBOW_LR if MODELS[situation.model].predicts_center else _LR
    return {"epochs": 5, "lr": lr, "n_threads": 1}
