"""The losses that engines train, with the settings each one has. Light: no NumPy.

A new loss is a module in `equations`, its claims and slips, an entry here, and its name in the
offer of each engine that trains it.
"""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from w2v_cli.engines.settings import Count, NotNegative


class NegativeSampling(Struct, frozen=True, kw_only=True):
    """Settings of negative sampling (Mikolov et al. 2013b)."""

    n_negatives: Annotated[Count, Meta(description="Negative samples per pair (K).")] = 5
    noise_power: Annotated[
        NotNegative, Meta(description="Negatives are drawn by count to this power.")
    ] = 0.75


class NaiveSoftmax(Struct, frozen=True, kw_only=True):
    """Naive softmax has no settings of its own."""


@dataclass(frozen=True)
class Loss:
    """What the rest of the program needs to know of a loss.

    settings: its own. held_out: where the class lives that measures it on held-out documents
    (see `engines.held_out`). has_perplexity: it is the negative log of a probability, so exp(loss)
    is a perplexity.
    """

    name: str
    settings: type[Struct]
    held_out: str
    has_perplexity: bool = False


LOSSES = {
    loss.name: loss
    for loss in (
        Loss(
            name="negative-sampling",
            settings=NegativeSampling,
            held_out="w2v_cli.engines.held_out:NegativeSamplingPairs",
        ),
        Loss(
            name="naive-softmax",
            settings=NaiveSoftmax,
            held_out="w2v_cli.engines.held_out:NaiveSoftmaxPairs",
            has_perplexity=True,
        ),
    )
}
