"""What engines share: models, losses, settings and offers. No NumPy here: `--help` reads this.

Each engine defines its own settings in its folder.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from msgspec import Meta, Struct

# The models that engines train: which words predict which.
#
# To add a model: a module in `equations`, its claims and slips, an entry here, and its name in the
# `OFFER` of each engine that trains it.


@dataclass(frozen=True)
class WordModel:
    """What the rest of the program needs to know about a model.

    summary: for help texts. predicts_center: the words of a window together predict its centre;
    otherwise the centre predicts each of them. The predicting words have their vectors in the
    centre matrix V, the predicted words in the outside matrix U (`w2v_cli.equations`).
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


# The losses that engines train, each with its settings.
#
# To add a loss: a module in `equations`, its claims and slips, an entry here, and its name in the
# `OFFER` of each engine that trains it.


class NegativeSampling(Struct, frozen=True, kw_only=True):
    """Settings of negative sampling (Mikolov et al. 2013b)."""

    n_negatives: Annotated[
        int, Meta(ge=1, le=10_000, description="Number of negative samples per pair (K).")
    ] = 5
    noise_power: Annotated[
        float,
        Meta(
            ge=0,
            le=100,
            description="Negatives are drawn in proportion to count raised to this power.",
        ),
    ] = 0.75


class NaiveSoftmax(Struct, frozen=True, kw_only=True):
    """Naive softmax has no settings of its own."""


class SquaredErrorOfPPMI(Struct, frozen=True, kw_only=True):
    """The squared error of a factorisation of PPMI has no settings of its own."""


@dataclass(frozen=True)
class Loss:
    """What the rest of the program needs to know about a loss.

    settings: the type of its settings. start: (settings, number of words) → the loss per pair of
    zero vectors.
    has_perplexity: the loss is a negative log probability, so exp(loss) is a perplexity.
    of_pairs: it is measured pair by pair, and so on held-out documents too.
    """

    name: str
    settings: type[Struct]
    start: Callable[[Any, int], float]
    has_perplexity: bool = False
    of_pairs: bool = True


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
        Loss(
            name="ppmi",
            settings=SquaredErrorOfPPMI,
            start=lambda settings, n_words: 1.0,
            of_pairs=False,
        ),
    )
}


# The settings of every engine.

#: Larger numbers would not end in a lifetime, or overflow 64 bits when they are multiplied.
Count = Annotated[int, Meta(ge=1, le=10**9)]
#: A smaller rate is 0 in float32, in which engines train.
Rate = Annotated[float, Meta(ge=1e-30)]
Minutes = Annotated[float, Meta(gt=0, le=10_000_000)]
NotNegative = Annotated[float, Meta(ge=0)]

T = TypeVar("T", bound=Struct)

#: A linear schedule ends at this share of the initial learning rate, as in word2vec.c.
MIN_LR_SHARE = 1e-4
#: With --from, vectors are already trained and take smaller steps: this share of the usual rate.
START_LR_SHARE = 0.5
#: The same, for optimizers whose steps do not shrink with the gradient (Adam, Adagrad).
START_LR_SHARE_ADAPTIVE = 0.03
#: With --from there are also fewer epochs: many would overwrite what other texts taught.
START_EPOCHS, START_EPOCHS_ADAPTIVE = 5, 25
#: Steps between two halvings of the learning rate, as in CS224n.
HALVE_EVERY = 20_000
#: No other engine's vectors are blended with the trained ones.
NO_BLEND = "none"
#: Of the other engine's vectors in a blend, where the trained ones have 1 (docs/quality.md).
BLEND_WEIGHT = 0.5
#: Buckets of hashed n-grams, as in fastText.
BUCKETS = 2_000_000


class ModelSettings(Struct, frozen=True, kw_only=True):
    """What is trained."""

    model: Annotated[str, Meta(description="Which words predict which.")] = "skip-gram"
    loss: Annotated[
        str,
        Meta(
            description="The objective.", extra={"default": "negative-sampling; ppmi for spectral"}
        ),
    ] = "negative-sampling"
    dim: Annotated[int, Meta(ge=1, le=100_000, description="Length of a vector (D).")] = 100
    window: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            description="Largest radius of a window: the number of words on each side of the"
            " centre word.",
        ),
    ] = 5
    shrink_windows: Annotated[
        bool,
        Meta(
            description="Draw the radius of each window from 1 to --window; otherwise it is"
            " always --window."
        ),
    ] = True
    subsample_threshold: Annotated[
        NotNegative,
        Meta(
            description="Subsample words that make up more than this share of the corpus; 0"
            " keeps all.",
            extra={"default": "0.001; 0.0003 for sampled skip-gram on 3,000,000 words or more"},
        ),
    ] = 1e-3
    subwords: Annotated[
        str | None,
        Meta(
            description="Lengths of character n-grams, such as 3-6, or none. A word's vector is"
            " then the mean of its own vector and those of its n-grams.",
        ),
    ] = None
    ngrams: Annotated[
        Literal["hashed", "explicit"] | None,
        Meta(
            description="hashed: n-grams share --buckets vectors, as in fastText; explicit: each"
            " n-gram in at least 3 words has its own vector. Only with --subwords.",
            extra={"default": "hashed"},
        ),
    ] = None
    buckets: Annotated[
        Annotated[int, Meta(ge=1, le=2_000_000_000)] | None,
        Meta(
            description="Number of vectors that hashed n-grams share. Only with --subwords.",
            extra={"default": f"{BUCKETS}"},
        ),
    ] = None

    @property
    def radii(self) -> tuple[int, int]:
        """The smallest and the largest radius of a window; each radius is drawn from this range."""
        return (1 if self.shrink_windows else self.window), self.window

    @property
    def pairs_per_token(self) -> int:
        """Expected number of pairs of a kept token: both sides of its window, over random radii."""
        return sum(self.radii)


class TrainingSettings(Struct, frozen=True, kw_only=True):
    """How long a run trains, and how. `None`: this training does not use it.

    steps: random batches of windows; together they are one epoch. minutes: set only until the
    speed has been measured and the number of epochs is known. min_lr: the end of a linear
    schedule. halve_every: steps between two halvings of a halving schedule.
    """

    engine: Annotated[
        str,
        Meta(description="The engine that trains.", extra={"default": "by loss"}),
    ]
    optimizer: Annotated[str, Meta(description="How a gradient is turned into a step.")]
    epochs: Annotated[
        Count,
        Meta(
            description="Passes over the corpus. auto: more passes for a smaller corpus; with"
            " --from at most 5 (adam, adagrad: 25).",
            extra={"default": "auto", "auto": True},
        ),
    ]
    minutes: Annotated[
        Minutes | None,
        Meta(
            description="Time budget instead of epochs, reading included. w2v measures its speed"
            " and picks the number of epochs that fits."
        ),
    ] = None
    steps: Annotated[
        Count | None,
        Meta(description="Number of random batches of windows to train on, instead of epochs."),
    ] = None
    lr: Annotated[
        Rate,
        Meta(
            description="Initial learning rate. With --from, half the default (adam, adagrad: 3"
            " %).",
            extra={"auto": True},
        ),
    ]
    lr_schedule: Annotated[
        Literal["linear", "halving", "constant"],
        Meta(description="linear: falls to --min-lr; halving: halves every --halve-every steps."),
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
            description="Number of steps between two halvings of the learning rate.",
            extra={"default": f"{HALVE_EVERY}"},
        ),
    ] = None
    start_from: Annotated[
        str | None,
        Meta(
            description="Run or file of vectors to start from.",
            extra={"argument": "--from", "file": True, "resume": "free"},
        ),
    ] = None
    start_fingerprint: Annotated[
        str | None,
        Meta(
            description="Fingerprint of the vectors of --from; w2v fills it in.",
            extra={"argument": "start_fingerprint"},
        ),
    ] = None
    freeze: Annotated[
        Literal["none", "known"],
        Meta(description="known: keep the vectors of --from as they are; only new words learn."),
    ] = "none"
    blend: Annotated[
        str,
        Meta(
            description="Blend the trained vectors with those of this engine, from the same text."
            " The blend is then the run's default vectors."
        ),
    ] = NO_BLEND
    blend_weight: Annotated[
        Annotated[float, Meta(gt=0, le=1000)] | None,
        Meta(
            description="Weight of the vectors of --blend; that of the trained ones is 1.",
            extra={"default": f"{BLEND_WEIGHT:g}"},
        ),
    ] = None
    seed: Annotated[
        Annotated[int, Meta(ge=0, le=2**63 - 1)],
        Meta(description="Seed of all random draws."),
    ] = 1
    n_threads: Annotated[
        int,
        Meta(ge=1, le=1024, description="Number of threads.", extra={"resume": "free"}),
    ]


class EngineSettings(Struct, frozen=True, kw_only=True):
    """All settings that an engine reads.

    objective: the settings of the loss. own: those of the engine itself.
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


# What an engine says about itself. No code outside its folder needs its name.


@dataclass(frozen=True)
class CorpusFigures:
    """Corpus sizes on which defaults depend: tokens, and words in the vocabulary."""

    n_tokens: int
    n_words: int


@dataclass(frozen=True)
class Situation:
    """What an engine knows when it chooses its defaults.

    figures: None before the corpus has been read. device: the device that trains.
    """

    loss: str
    optimizer: str
    n_cores: int
    figures: CorpusFigures | None = None
    model: str = ModelSettings().model
    subwords: bool = False
    device: str = "cpu"


Which = Literal["center", "outside", "sum", "concat", "blend"]
Defaults = Callable[[Situation], Mapping[str, Any]]


@dataclass(frozen=True)
class EngineOffer:
    """What an engine says about itself. Its functions import heavy modules only when called.

    summary: for help texts. losses, models, optimizers: what it trains; the first optimizer is
    its default. settings: its own (a struct). defaults: the values of `epochs`, `lr` and
    `n_threads`, and of its own settings that depend on the situation. vectors: which of its
    vectors are best for use without subwords. takes_subwords: it trains words with subwords.
    takes_steps: it can train on `steps` random batches instead of epochs. takes_counts: it can
    train on counts of pairs without the text. takes_start: it can start from vectors, and hold some
    of them still. is_compiled: its first use has to wait for a compiler. blends: other engines'
    vectors get better when they are blended with its own (`--blend`). reason: names what its
    default of epochs depends on, such as "3 words"; None: the default is only a limit. load:
    imports the engine and returns its function `create`, called as `base.Create`. checks:
    imports and returns the `base.EngineCheck`s that gradcheck runs. ready: called with the
    settings before any text is read; raises UsageError or RunError if the engine cannot train
    with them.
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
    reason: Callable[[CorpusFigures], str] | None = lambda figures: f"{figures.n_tokens:,} words"
    takes_start: bool = True
    takes_counts: bool = False
    is_compiled: bool = True
    blends: bool = False
