"""The exact engine's own settings and its defaults. No NumPy and no numba here."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from w2v_cli.engines.settings import Situation

#: Centre words per step. On a GPU each step also reads and writes the optimizer's whole state of
#: the outside vectors, and small products leave the card idle. So an epoch has at most this many
#: steps, unless they become so large that they learn less. docs/scale.md has the measurements.
_BATCH, _MOST_STEPS, _LARGEST = 128, 48, 2048


class ExactSettings(Struct, frozen=True, kw_only=True):
    """The exact engine's own settings."""

    batch_size: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            description="Centre words per step.",
            extra={
                "default": f"{_BATCH}; on a GPU more: a {_MOST_STEPS}th of the words, at most"
                f" {_LARGEST}"
            },
        ),
    ]
    batch_mean: Annotated[
        bool, Meta(description="Average a step's gradient instead of summing it.")
    ] = False
    prior: Annotated[
        Literal["unigram", "none"],
        Meta(
            description="unigram: adds the log frequency of the outside word to its score; none:"
            " the literal loss."
        ),
    ] = "unigram"
    device: Annotated[
        Literal["cpu", "cuda"],
        Meta(
            description="Device that trains. cuda: a GPU, with PyTorch (extra gpu).",
            extra={"resume": "free"},
        ),
    ] = "cpu"
    precision: Annotated[
        Literal["float32", "float64", "tf32", "bf16"],
        Meta(
            description="Precision of the arithmetic. tf32, bf16: of matrix products, on a GPU"
            " only."
        ),
    ] = "float32"


#: Epochs by optimizer, for a vocabulary of at least this many words; see docs/quality.md.
_EPOCHS, _WORDS = {"adam": 14, "adagrad": 50, "sgd": 25}, 12_000
_MOST = 100
_LR = {
    "naive-softmax": {"adam": 0.06, "adagrad": 0.1, "sgd": 0.03},
    "negative-sampling": {"adam": 0.07, "adagrad": 0.1, "sgd": 0.03},
}


def _epochs(optimizer: str, n_words: int) -> int:
    """Return the number of epochs: twice as many for half as many words, up to a limit."""
    fewest = _EPOCHS[optimizer]
    return max(fewest, min(_MOST, fewest * _WORDS // max(1, n_words)))


def _on_gpu(n_words: int) -> int:
    """Return centre words per step: a multiple of the CPU default, which suits products."""
    return max(_BATCH, min(_LARGEST, -(-n_words // (_MOST_STEPS * _BATCH)) * _BATCH))


def defaults(situation: Situation) -> dict[str, object]:
    """See `EngineOffer.defaults`."""
    loss, optimizer = situation.loss, situation.optimizer
    n_words = situation.figures.n_words if situation.figures else _WORDS
    on_gpu = situation.device != "cpu"
    return {
        "batch_size": _on_gpu(n_words) if on_gpu else _BATCH,
        "epochs": _epochs(optimizer, n_words),
        "lr": _LR[loss][optimizer],
        "n_threads": situation.n_cores,
    }
