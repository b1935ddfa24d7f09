"""Epochs of the exact engine on a GPU: python tests/bench/gpu.py [--words 43874] [--dim 100]

Counts are random, as many as a text of that vocabulary has, so no text is needed. Prints seconds
per epoch (after one to warm up, the median of `--epochs`), the work 6 V² D over them, and its share
of the peak that is given (`--peak`, in TFLOP/s: 67 for float32 on an H100 SXM).
"""

import argparse
import time
from statistics import median

import numpy as np

from w2v_cli.corpus.pair_counts import Cooccurrence
from w2v_cli.engines.base import Unit
from w2v_cli.engines.exact.engine import ExactEngine
from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve


def random_counts(n_words: int, per_word: int, seed: int = 1) -> Cooccurrence:
    """Return about `per_word` entries in each row; columns are Zipf-like and rise."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(n_words):
        columns = np.unique((n_words ** rng.random(per_word)).astype(np.uint32) - 1)
        rows.append(columns)
    row_start = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    columns = np.concatenate(rows)
    return Cooccurrence(row_start, columns, rng.random(len(columns)) + 0.01)


def main() -> None:
    """See the docstring of this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=43_874)
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--per-word", type=int, default=800, help="entries of a row, before equals")
    parser.add_argument("--loss", default="naive-softmax")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--peak", type=float, default=67.0)
    chosen = parser.parse_args()
    settings = resolve(
        Config(
            engine="exact",
            device="cuda",
            loss=chosen.loss,
            dim=chosen.dim,
            precision=chosen.precision,
            batch_size=chosen.batch_size,
        )
    )
    pairs = random_counts(chosen.words, chosen.per_word)
    engine = ExactEngine(settings, pairs, np.arange(chosen.words, 0, -1), 10**9)
    print(f"{chosen.words:,} words, {len(pairs.columns):,} entries, {engine.n_units} steps")
    seconds = []
    for epoch in range(chosen.epochs + 1):
        start = time.perf_counter()
        for _ in engine.train(Unit(epoch, i, 0.01) for i in range(engine.n_units)):
            pass
        seconds.append(time.perf_counter() - start)
    taken = median(seconds[1:])
    rate = 6 * chosen.words**2 * chosen.dim / taken / 1e12
    share = rate / chosen.peak
    print(f"an epoch takes {1000 * taken:.1f} ms: {rate:.1f} TFLOP/s, {share:.0%} of the peak")


if __name__ == "__main__":
    main()
