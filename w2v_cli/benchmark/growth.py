"""How the cost of an epoch grows with the vocabulary: O(V) for naive softmax pair by pair, O(K) for
negative sampling, V² and no dependence on the text's length for the aggregated softmax.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from w2v_cli.benchmark.speed import measure, running_engine
from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.corpus.vocabulary import Vocabulary
from w2v_cli.settings.config import Config

N_TOKENS = 1_000_000
"""Words of the made-up text an epoch is timed for."""

_DOCUMENT = 100


@dataclass(frozen=True)
class Line:
    """A way to train, as it stands in table and plot.

    n_tokens: words of the text it is measured on; where the time a word does not depend on the
    length of the text, a short one will do.
    """

    name: str
    engine: str
    loss: str
    n_tokens: int


LINES = (
    Line("naive softmax, pair by pair", "numpy", "naive-softmax", 500),
    Line("naive softmax, aggregated", "softmax", "naive-softmax", N_TOKENS),
    Line("negative sampling, NumPy", "numpy", "negative-sampling", 20_000),
    Line("negative sampling, compiled", "numba", "negative-sampling", N_TOKENS),
)


@dataclass(frozen=True)
class Cost:
    """Seconds an epoch over a text of a million words with a vocabulary of n_words."""

    line: str
    n_words: int
    seconds: float


def measure_growth(
    sizes: Sequence[int],
    dim: int,
    n_threads: int,
    seconds: float,
    notice: Callable[[str], None],
) -> Iterator[Cost]:
    """Time every line at every vocabulary size for about `seconds` each; longer epochs are
    extrapolated from the part of one that was trained.
    """
    for n_words in sizes:
        for line in LINES:
            config = Config(
                dim=dim,
                engine=line.engine,
                loss=line.loss,
                min_count=1,
                n_threads=1 if line.engine == "numpy" else n_threads,
            ).resolved()
            corpus = zipf_text(line.n_tokens, n_words)
            with running_engine(config, corpus, notice) as engine:
                if engine is None:
                    continue
                done = measure(engine, seconds, 1e-4)
                epoch = done.seconds / done.n_units * engine.n_units
                yield Cost(line.name, n_words, epoch * N_TOKENS / line.n_tokens)


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
