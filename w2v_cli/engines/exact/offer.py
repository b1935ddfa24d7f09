"""What the exact engine offers. Light: no NumPy, no numba."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from w2v_cli.engines.offer import EngineOffer
from w2v_cli.engines.settings import Situation


class ExactSettings(Struct, frozen=True, kw_only=True):
    """The exact engine's own settings."""

    batch_size: Annotated[int, Meta(ge=1, le=1_000_000, description="Centre words per step.")] = 256
    batch_mean: Annotated[
        bool, Meta(description="Average a step's gradient instead of summing it.")
    ] = False
    prior: Annotated[
        Literal["unigram", "none"],
        Meta(
            description="unigram: scores start at how frequent the outside word is, by a constant"
            " added to each; none: the literal loss."
        ),
    ] = "unigram"
    device: Annotated[
        Literal["cpu", "cuda"],
        Meta(
            description="What trains; cuda: a GPU, with PyTorch (extra gpu).",
            extra={"resume": "free"},
        ),
    ] = "cpu"
    precision: Annotated[
        Literal["float32", "float64", "tf32", "bf16"],
        Meta(
            description="Precision of the arithmetic; tf32 and bf16: of matrix products on a GPU."
        ),
    ] = "float32"


_BY_LOSS = {
    "naive-softmax": {
        "adam": {"epochs": 25, "lr": 0.03},
        "adagrad": {"epochs": 50, "lr": 0.1},
        "sgd": {"epochs": 25, "lr": 0.03},
    },
    "negative-sampling": {
        "adam": {"epochs": 25, "lr": 0.05},
        "adagrad": {"epochs": 50, "lr": 0.1},
        "sgd": {"epochs": 25, "lr": 0.03},
    },
}


def _defaults(situation: Situation) -> dict[str, object]:
    chosen = _BY_LOSS[situation.loss][situation.optimizer]
    return {**chosen, "n_threads": situation.n_cores}


OFFER = EngineOffer(
    name="exact",
    summary="trains on the counts of all pairs, both losses; compiled; nothing is drawn",
    losses=("naive-softmax", "negative-sampling"),
    optimizers=("adam", "adagrad", "sgd"),
    settings=ExactSettings,
    defaults=_defaults,
    create="w2v_cli.engines.exact.engine:create",
    ready="w2v_cli.engines.exact.ready:check",
    checks="w2v_cli.engines.exact.checked:CHECKS",
    vectors="sum",
    takes_subwords=True,
    benchmarks=({"loss": "naive-softmax"},),
    growth_tokens={"naive-softmax": 1_000_000, "negative-sampling": 1_000_000},
)
