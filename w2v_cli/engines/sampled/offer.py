"""What the sampled engine offers. Light: no NumPy, no numba."""

import math
from typing import Annotated

from msgspec import Meta, Struct

from w2v_cli.engines.models import MODELS
from w2v_cli.engines.offer import EngineOffer
from w2v_cli.engines.settings import Situation


class SampledSettings(Struct, frozen=True, kw_only=True):
    """The sampled engine's own settings."""

    deterministic: Annotated[
        bool,
        Meta(description="The same bits for every number of threads, at some cost in speed."),
    ] = False
    l2: Annotated[
        float,
        Meta(
            ge=0,
            le=1000,
            description="Hold back the vectors of rare words (up to 1,000 tokens a pass): λ of the"
            " penalty λ/2 (|v|² + |u|²) of each; 0: word2vec's own loss.",
        ),
    ] = 0.0


#: Learning rates. A window of CBOW is one prediction where skip-gram has one per pair, and its
#: gradient is shared by the words around, so its rate is larger. Measured in docs/performance.md
#: and docs/quality.md.
_LR, _CBOW_LR = 0.035, 0.075
#: Epochs for a corpus of ten million words; measured in docs/quality.md.
_EPOCHS, _WORDS = 15, 10_000_000
_FEWEST, _MOST = 3, 100


def _epochs(n_tokens: int) -> int:
    """A tenth of the words, three times the passes."""
    epochs = round(_EPOCHS * math.sqrt(_WORDS / max(1, n_tokens)))
    return min(_MOST, max(_FEWEST, epochs))


def _defaults(situation: Situation) -> dict[str, object]:
    n_tokens = situation.figures.n_tokens if situation.figures else _WORDS
    lr = _CBOW_LR if MODELS[situation.model].predicts_center else _LR
    return {"epochs": _epochs(n_tokens), "lr": lr, "n_threads": situation.n_cores}


OFFER = EngineOffer(
    name="sampled",
    summary="draws windows and negatives; compiled; the fastest on large corpora",
    losses=("negative-sampling",),
    models=("skip-gram", "cbow"),
    optimizers=("sgd",),
    settings=SampledSettings,
    takes_subwords=True,
    defaults=_defaults,
    create="w2v_cli.engines.sampled.engine:create",
    checks="w2v_cli.engines.sampled.checked:CHECKS",
    benchmarks=({"loss": "negative-sampling"}, {"deterministic": True}, {"model": "cbow"}),
    growth_tokens={"negative-sampling": 1_000_000},
)
