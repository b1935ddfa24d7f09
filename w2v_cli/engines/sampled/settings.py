"""The sampled engine's own settings and its defaults. No NumPy and no numba here."""

import math
from typing import Annotated

from msgspec import Meta, Struct

from w2v_cli.engines.settings import MODELS, Situation

#: From this many tokens on, skip-gram drops more frequent words and penalises the vectors of rare
#: ones. On less text, or with CBOW, that lowers the scores: see docs/quality.md.
_MANY_WORDS = 3_000_000
_SUBSAMPLE_THRESHOLD, _L2 = 3e-4, 10.0


class SampledSettings(Struct, frozen=True, kw_only=True):
    """The sampled engine's own settings."""

    deterministic: Annotated[
        bool,
        Meta(description="Give the same bits with any number of threads, at some cost in speed."),
    ] = False
    l2: Annotated[
        float,
        Meta(
            ge=0,
            le=1000,
            description="L2 penalty λ/2 (|v|² + |u|²) on the vectors of words with at most 1,000"
            " tokens per pass. 0: word2vec's loss.",
            extra={"default": f"{_L2:g} for skip-gram on {_MANY_WORDS:,} words or more, else 0"},
        ),
    ] = 0.0


#: Learning rates. CBOW's is larger: a window is one prediction (skip-gram has one per pair), and
#: the words around share its gradient. See docs/performance.md and docs/quality.md.
_LR, _CBOW_LR = 0.035, 0.075
#: With subwords, fewer passes (this share of the usual number) at a lower rate: otherwise words
#: move away from those that share their endings. See docs/subwords.md.
_SUBWORDS_LR, _SUBWORDS_EPOCHS = 0.025, 0.5
#: Epochs for a corpus of ten million words; see docs/quality.md.
_EPOCHS, _WORDS = 15, 10_000_000
_FEWEST, _MOST = 3, 100


def _epochs(n_tokens: int, share: float = 1.0) -> int:
    """Return the number of epochs: about three times as many for a tenth of the tokens."""
    epochs = round(share * _EPOCHS * math.sqrt(_WORDS / max(1, n_tokens)))
    return min(_MOST, max(_FEWEST, epochs))


def defaults(situation: Situation) -> dict[str, object]:
    """See `EngineOffer.defaults`."""
    figures = situation.figures
    n_tokens = figures.n_tokens if figures else _WORDS
    is_large = figures is not None and figures.n_tokens >= _MANY_WORDS
    is_cbow = MODELS[situation.model].predicts_center
    defaults: dict[str, object] = {
        "epochs": _epochs(n_tokens),
        "lr": _CBOW_LR if is_cbow else _LR,
        "n_threads": situation.n_cores,
    }
    if is_cbow:
        return defaults
    if situation.subwords:
        return {**defaults, "epochs": _epochs(n_tokens, _SUBWORDS_EPOCHS), "lr": _SUBWORDS_LR}
    if not is_large:
        return defaults
    return {**defaults, "subsample_threshold": _SUBSAMPLE_THRESHOLD, "l2": _L2}
