"""What engines obey and say about themselves: models, losses, settings, offers. Light: no NumPy.

An engine's own settings are a struct in its own folder.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from msgspec import Meta, Struct

# The models: which words predict which.
#
# A new model is a module in `equations`, its claims and slips, an entry here, and its name in the
# `OFFER` of each engine that trains it.


@dataclass(frozen=True)
class WordModel:
    """What the rest of the program needs to know of a model.

    summary: for help texts. predicts_center: the words of a window predict its centre, together,
    once; otherwise the centre predicts each of them. What predicts has its vectors in the centre
    matrix V, what is predicted in the outside matrix U (`w2v_cli.equations`).
    """

    name: str
    summary: str
    predicts_center: bool


MODELS = {
    model.name: model
    for model in (
        WordModel("skip-gram", "a word predicts each word around it", predicts_center=False),
        WordModel("cbow", "the mean of the words around a word predicts it", predicts_center=True),
    )
}


# The losses, with the settings each one has.
#
# A new loss is a module in `equations`, its claims and slips, an entry here, and its name in the
# `OFFER` of each engine that trains it.


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
    zero. has_perplexity: it is the negative log of a probability, so exp(loss)
    is a perplexity.
    """

    name: str
    settings: type[Struct]
    start: Callable[[Any, int], float]
    has_perplexity: bool = False


LOSSES = {
    loss.name: loss
    for loss in (
        Loss(
            name="negative-sampling",
            settings=NegativeSampling,
            start=lambda settings, n_words: (1 + settings.n_negatives) * math.log(2),
        ),
        Loss(
            name="naive-softmax",
            settings=NaiveSoftmax,
            start=lambda settings, n_words: math.log(n_words),
            has_perplexity=True,
        ),
    )
}


# The settings that every engine obeys.


Count = Annotated[int, Meta(ge=1)]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]

T = TypeVar("T", bound=Struct)

#: A linear schedule ends at this share of the first learning rate, as in word2vec.c.
MIN_LR_SHARE = 1e-4
#: Vectors that already know something take smaller steps: this share of the usual learning rate.
START_LR_SHARE = 0.5
#: The same for optimizers whose steps do not shrink with the gradient (Adam, Adagrad).
START_LR_SHARE_ADAPTIVE = 0.03
#: And few passes over the new text: with many, what they know of other texts is lost.
START_EPOCHS, START_EPOCHS_ADAPTIVE = 5, 25
#: Steps between two halvings, as in CS224n.
HALVE_EVERY = 20_000
#: Buckets of hashed n-grams, as in fastText.
BUCKETS = 2_000_000


class ModelSettings(Struct, frozen=True, kw_only=True):
    """What is trained."""

    model: Annotated[str, Meta(description="Which words predict which.")] = "skip-gram"
    loss: Annotated[str, Meta(description="The objective.")] = "negative-sampling"
    dim: Annotated[int, Meta(ge=1, le=100_000, description="Length of a vector (D).")] = 100
    window: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            description="Largest radius of a window: words on each side of the centre word.",
        ),
    ] = 5
    shrink_windows: Annotated[
        bool,
        Meta(description="Draw each window's radius from 1 to --window; else all are --window."),
    ] = True
    subsample_threshold: Annotated[
        NotNegative,
        Meta(
            description="Subsample words above this share of the corpus; 0 keeps all.",
            extra={"default": "0.001; 0.0003 for sampled skip-gram on 3,000,000 words or more"},
        ),
    ] = 1e-3
    subwords: Annotated[
        str | None,
        Meta(
            description="Make a word's vector the mean of its own and those of its character"
            " n-grams; the lengths of these, such as 3-6, or none.",
        ),
    ] = None
    ngrams: Annotated[
        Literal["hashed", "explicit"] | None,
        Meta(
            description="hashed: n-grams share --buckets vectors, as in fastText; explicit: a"
            " vector for each n-gram that is in at least 3 words. Only with --subwords.",
            extra={"default": "hashed"},
        ),
    ] = None
    buckets: Annotated[
        Annotated[int, Meta(ge=1, le=2_000_000_000)] | None,
        Meta(
            description="Vectors that hashed n-grams share. Only with --subwords.",
            extra={"default": f"{BUCKETS}"},
        ),
    ] = None

    @property
    def radii(self) -> tuple[int, int]:
        """The smallest and the largest radius of a window, between which each one is drawn."""
        return (1 if self.shrink_windows else self.window), self.window

    @property
    def pairs_per_token(self) -> int:
        """Pairs of a kept word on its two sides together, expected over the radius."""
        return sum(self.radii)


class TrainingSettings(Struct, frozen=True, kw_only=True):
    """How long and with which steps. `None` means: this training has none.

    steps: batches of windows drawn at random, which then make up one epoch. minutes: only until
    the speed has been measured and the epochs are fixed.
    min_lr: where a linear schedule ends. halve_every: steps of a halving schedule.
    """

    engine: Annotated[
        str,
        Meta(description="What trains.", extra={"default": "by loss"}),
    ]
    optimizer: Annotated[str, Meta(description="How a gradient becomes a step.")]
    epochs: Annotated[
        Count,
        Meta(
            description="Passes over the corpus; auto: the smaller the corpus, the more; with"
            " --from at most 5 (adam, adagrad: 25).",
            extra={"default": "auto", "auto": True},
        ),
    ]
    minutes: Annotated[
        Positive | None,
        Meta(
            description="Instead of epochs: about how long reading and training may take; the"
            " speed is measured, and the epochs are fixed by it."
        ),
    ] = None
    steps: Annotated[
        Count | None,
        Meta(description="Instead of epochs: batches of windows drawn at random."),
    ] = None
    lr: Annotated[
        Positive,
        Meta(
            description="Learning rate at the start; with --from half of it (adam, adagrad: 0.03).",
            extra={"auto": True},
        ),
    ]
    lr_schedule: Annotated[
        Literal["linear", "halving", "constant"],
        Meta(description="linear: falls to --min-lr; halving: halved every --halve-every steps."),
    ] = "linear"
    min_lr: Annotated[
        NotNegative | None,
        Meta(
            description="Learning rate at the end of a linear schedule.",
            extra={"default": f"lr × {MIN_LR_SHARE:g}"},
        ),
    ] = None
    halve_every: Annotated[
        Count | None,
        Meta(
            description="Steps between two halvings of the learning rate.",
            extra={"default": f"{HALVE_EVERY}"},
        ),
    ] = None
    start_from: Annotated[
        str | None,
        Meta(
            description="Start from the vectors of this run or file.",
            extra={"argument": "--from", "file": True, "resume": "free"},
        ),
    ] = None
    start_fingerprint: Annotated[
        str | None,
        Meta(
            description="Fingerprint of these vectors; w2v fills it in.",
            extra={"argument": "start_fingerprint"},
        ),
    ] = None
    freeze: Annotated[
        Literal["none", "known"],
        Meta(description="known: the vectors of --from do not move; only new words learn."),
    ] = "none"
    seed: Annotated[
        Annotated[int, Meta(ge=0, le=2**63 - 1)],
        Meta(description="The same seed gives the same draws."),
    ] = 1
    n_threads: Annotated[
        int,
        Meta(ge=1, le=1024, description="Number of threads.", extra={"resume": "free"}),
    ]


class EngineSettings(Struct, frozen=True, kw_only=True):
    """All that an engine obeys.

    objective: the settings of the loss (`LOSSES`). own: those of the engine itself.
    """

    model: ModelSettings
    objective: Struct
    training: TrainingSettings
    own: Struct

    @property
    def word_model(self) -> WordModel:
        """The model that is trained."""
        return MODELS[self.model.model]

    def own_as(self, kind: type[T]) -> T:
        """Return the engine's own settings, for its own code."""
        return _as(self.own, kind)

    def objective_as(self, kind: type[T]) -> T:
        """Return the settings of the loss, for code that knows which one it trains."""
        return _as(self.objective, kind)


def _as(settings: Struct, kind: type[T]) -> T:
    if not isinstance(settings, kind):
        raise TypeError(f"settings of type {type(settings).__name__}, expected {kind.__name__}")
    return settings


# What an engine says about itself, so that nothing else has to know its name.


@dataclass(frozen=True)
class CorpusFigures:
    """What defaults may depend on. n_tokens: words of the corpus; n_words: distinct words kept."""

    n_tokens: int
    n_words: int


@dataclass(frozen=True)
class Situation:
    """What an engine knows when it chooses its defaults.

    figures: of the corpus; None before the corpus has been read. device: where it trains.
    """

    loss: str
    optimizer: str
    n_cores: int
    figures: CorpusFigures | None = None
    model: str = ModelSettings().model
    subwords: bool = False
    device: str = "cpu"


Which = Literal["center", "outside", "sum", "concat"]
Defaults = Callable[[Situation], Mapping[str, Any]]


@dataclass(frozen=True)
class EngineOffer:
    """What an engine says about itself. Light: functions import what is heavy when they are called.

    summary: for help texts. losses, models, optimizers: what it trains; the first optimizer is
    its default. settings: its own (a struct). defaults: the values of `epochs`, `lr` and
    `n_threads`, and of own settings that depend on the situation. vectors: which of its vectors
    are the best for use, without subwords. takes_subwords: whether it trains words with subwords.
    takes_steps: whether it can train `steps` random batches instead of epochs. takes_counts:
    whether it can train on pair counts without the text. reason: what it chooses the epochs for,
    such as "3 words". load: imports the engine and returns its function `create`, called as
    `base.Create`. checks: imports and returns the `base.EngineCheck`s that gradcheck runs. ready:
    is called with the settings before any text is read; raises UsageError or RunError where the
    engine cannot train so.
    """

    name: str
    summary: str
    losses: tuple[str, ...]
    optimizers: tuple[str, ...]
    settings: type[Struct]
    defaults: Defaults
    load: Callable[[], Callable[..., Any]]
    checks: Callable[[], Sequence[Any]]
    ready: Callable[[EngineSettings], None] | None = None
    vectors: Which = "center"
    models: tuple[str, ...] = ("skip-gram",)
    takes_steps: bool = False
    takes_subwords: bool = False
    reason: Callable[[CorpusFigures], str] = lambda figures: f"{figures.n_tokens:,} words"
    takes_counts: bool = False
