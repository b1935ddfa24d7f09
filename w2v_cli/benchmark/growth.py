"""How the cost of an epoch grows with the vocabulary.

Naive softmax costs O(V) per pair in the reference engine, and V² per epoch, whatever the length of
the text, in the exact one; negative sampling costs O(K) per pair.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from w2v_cli.benchmark.speed import measure, running_engine
from w2v_cli.engines.base import Notice
from w2v_cli.engines.catalog import ENGINES
from w2v_cli.engines.settings import CorpusFigures
from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.vocabulary import Vocabulary

N_TOKENS = 1_000_000
"""Words of the made-up text an epoch is timed for."""

_DOCUMENT = 100


@dataclass(frozen=True)
class Cost:
    """Seconds per epoch over a text of a million words with a vocabulary of n_words."""

    line: str
    n_words: int
    seconds: float


def measure_growth(
    sizes: Sequence[int],
    dim: int,
    n_threads: int,
    seconds: float,
    notice: Notice,
) -> Iterator[Cost]:
    """Time every engine and loss at every vocabulary size for about `seconds` each.

    Longer epochs are extrapolated from the part of one that was trained.
    """
    for n_words in sizes:
        for offer in ENGINES.values():
            for loss, n_tokens in offer.growth_tokens.items():
                chosen = Config(dim=dim, engine=offer.name, loss=loss)
                settings = resolve(chosen, CorpusFigures(n_tokens, n_words), cores=n_threads)
                corpus = zipf_text(n_tokens, n_words)
                with running_engine(settings, corpus, notice) as engine:
                    if engine is None:
                        continue
                    done = measure(engine, seconds, 1e-4)
                    epoch = done.seconds / done.n_units * engine.n_units
                    line = f"{loss}, {offer.name}"
                    yield Cost(line, n_words, epoch * N_TOKENS / n_tokens)


def zipf_text(n_tokens: int, n_words: int) -> EncodedCorpus:
    """Random words whose frequency falls like 1/rank, each one at least once in the counts."""
    rng = np.random.Generator(np.random.Philox(key=n_words))
    heights = np.cumsum(1 / np.arange(1, n_words + 1))
    draws = np.searchsorted(heights, rng.random(n_tokens) * heights[-1], side="right")
    tokens = np.minimum(draws, n_words - 1).astype(np.uint32)
    counts = np.maximum(1, np.bincount(tokens, minlength=n_words)).astype(np.int64)
    ends = np.append(np.arange(_DOCUMENT, n_tokens, _DOCUMENT), n_tokens)
    words = tuple(f"w{i}" for i in range(n_words))
    return EncodedCorpus(tokens, ends, n_tokens, Vocabulary(words, counts), f"zipf-{n_words}")
