"""What an engine says about itself, so that nothing else has to know its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

from msgspec import Struct

from w2v_cli.engines.settings import CorpusFigures, Situation

Which = Literal["center", "outside", "sum", "concat"]
Defaults = Callable[[Situation], Mapping[str, Any]]


@dataclass(frozen=True)
class EngineOffer:
    """One line of the catalogue. Light: what is heavy is named, as "module:attribute".

    summary: for help texts. losses, models, optimizers: what it trains; the first optimizer is
    its default. settings: its own (a struct). defaults: the values of `epochs`, `lr` and
    `n_threads`, and of own settings that depend on the situation. vectors: which of its vectors
    are the best for use, without subwords. takes_subwords: whether it trains words with subwords.
    takes_steps: whether it can train `steps` random batches instead of epochs. takes_counts:
    whether it can train on pair counts without the text. reason: what it chooses the epochs for,
    such as "3 words". create: "module:function", called as `base.Create`.
    ready: "module:function", called with the settings before any text is read; raises UsageError or
    RunError where the engine cannot train so. checks: "module:attribute", a tuple of
    `base.EngineCheck` that gradcheck runs. benchmarks: settings in which `w2v bench` measures it.
    growth_tokens: words of the text on which `w2v bench` measures
    the cost of an epoch as the vocabulary grows, by loss; fewer words where the time per word is
    long and does not depend on the length of the text.
    """

    name: str
    summary: str
    losses: tuple[str, ...]
    optimizers: tuple[str, ...]
    settings: type[Struct]
    defaults: Defaults
    create: str
    checks: str
    ready: str | None = None
    vectors: Which = "center"
    models: tuple[str, ...] = ("skip-gram",)
    takes_steps: bool = False
    takes_subwords: bool = False
    reason: Callable[[CorpusFigures], str] = lambda figures: f"{figures.n_tokens:,} words"
    takes_counts: bool = False
    benchmarks: tuple[Mapping[str, Any], ...] = ()
    growth_tokens: Mapping[str, int] = field(default_factory=dict)


def named(place: str) -> Any:
    """Import what "module:attribute" names."""
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)
