"""What the sampled engine offers. Light: no NumPy, no numba."""

import math
from typing import Annotated

from msgspec import Meta, Struct

from w2v_cli.engines.offer import EngineOffer
from w2v_cli.engines.settings import Situation


class SampledSettings(Struct, frozen=True, kw_only=True):
    """The sampled engine's own settings."""

    deterministic: Annotated[
        bool,
        Meta(description="The same bits for every number of threads, at some cost in speed."),
    ] = False


#: Epochs for a corpus of ten million words; measured in docs/quality.md.
_EPOCHS, _WORDS = 12, 10_000_000
_FEWEST, _MOST = 3, 100


def _epochs(n_tokens: int) -> int:
    """A tenth of the words, three times the passes."""
    epochs = round(_EPOCHS * math.sqrt(_WORDS / max(1, n_tokens)))
    return min(_MOST, max(_FEWEST, epochs))


def _defaults(situation: Situation) -> dict[str, object]:
    n_tokens = situation.figures.n_tokens if situation.figures else _WORDS
    return {"epochs": _epochs(n_tokens), "lr": 0.05, "n_threads": situation.n_cores}


OFFER = EngineOffer(
    name="sampled",
    summary="draws windows and negatives; compiled; the fastest on large corpora",
    losses=("negative-sampling",),
    optimizers=("sgd",),
    settings=SampledSettings,
    defaults=_defaults,
    create="w2v_cli.engines.sampled.engine:create",
    checks="w2v_cli.engines.sampled.checked:CHECKS",
    benchmarks=({"loss": "negative-sampling"}, {"deterministic": True}),
    growth_tokens={"negative-sampling": 1_000_000},
)
