"""The settings of the toy engine, and their defaults."""

from typing import Annotated

from msgspec import Meta, Struct

from w2v_cli.engines.settings import Situation


class ToySettings(Struct, frozen=True, kw_only=True):
    """The toy engine's own settings."""

    units: Annotated[int, Meta(ge=1, description="Units per epoch.")] = 3
    sloth: Annotated[float, Meta(gt=0, description="Depends on the corpus.")]


def defaults(situation: Situation) -> dict[str, object]:
    n_tokens = situation.figures.n_tokens if situation.figures else 1
    epochs = 2 if n_tokens > 1000 else 40
    return {"epochs": epochs, "lr": 0.01, "n_threads": 1, "sloth": float(n_tokens)}
