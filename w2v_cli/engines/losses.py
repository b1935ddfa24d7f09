"""The losses that engines train, with the settings each one has. Light: no NumPy.

A new loss is a module in `equations`, its claims and slips, an entry here, and its name in the
offer of each engine that trains it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta, Struct


class NegativeSampling(Struct, frozen=True, kw_only=True):
    """Settings of negative sampling (Mikolov et al. 2013b)."""

    n_negatives: Annotated[
        int, Meta(ge=1, le=10_000, description="Negative samples per pair (K).")
    ] = 5
    noise_power: Annotated[
        float,
        Meta(ge=0, le=100, description="Negatives are drawn by count to this power."),
    ] = 0.75


class NaiveSoftmax(Struct, frozen=True, kw_only=True):
    """Naive softmax has no settings of its own."""


@dataclass(frozen=True)
class Loss:
    """What the rest of the program needs to know of a loss.

    settings: its own. start: (settings, number of words) → its value per pair while all vectors are
    zero. held_out: where the class lives that measures it on held-out documents
    (see `engines.held_out`). has_perplexity: it is the negative log of a probability, so exp(loss)
    is a perplexity.
    """

    name: str
    settings: type[Struct]
    start: Callable[[Any, int], float]
    held_out: str
    has_perplexity: bool = False


LOSSES = {
    loss.name: loss
    for loss in (
        Loss(
            name="negative-sampling",
            settings=NegativeSampling,
            start=lambda settings, n_words: (1 + settings.n_negatives) * math.log(2),
            held_out="w2v_cli.engines.held_out:NegativeSamplingPairs",
        ),
        Loss(
            name="naive-softmax",
            settings=NaiveSoftmax,
            start=lambda settings, n_words: math.log(n_words),
            held_out="w2v_cli.engines.held_out:NaiveSoftmaxPairs",
            has_perplexity=True,
        ),
    )
}
