"""Epochs of the exact engine on a GPU: python tests/bench/gpu.py [--words 43874] [--dim 100]

Counts are random, as many as a text of that vocabulary has, so no text is needed. Prints seconds
per epoch (after one to warm up, the median of `--epochs`), the work 6 V² D over them, and its share
of the peak that is given (`--peak`, in TFLOP/s: 67 for float32 on an H100 SXM). `--steps N` takes N
steps for an epoch and multiplies the time. `--profile` lists what the card spends its time on.
"""

import argparse
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from w2v_cli.engines.base import Unit
from w2v_cli.engines.exact.engine import ExactEngine
from w2v_cli.engines.settings import CorpusFigures
from w2v_cli.pairs.matrix import PairCounts
from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve

#: So many different rows; more words repeat them.
_ROWS = 2048


def random_counts(n_words: int, per_word: int, seed: int = 1) -> PairCounts:
    """Return about `per_word` entries in each row; columns are Zipf-like and rise."""
    rng = np.random.default_rng(seed)
    rows = [
        np.unique((n_words ** rng.random(per_word)).astype(np.uint32) - 1)
        for _ in range(min(n_words, _ROWS))
    ]
    rows = [rows[i % len(rows)] for i in range(n_words)]
    row_start = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    columns = np.concatenate(rows)
    return PairCounts(row_start, columns, rng.random(len(columns)) + 0.01)


def main() -> None:
    """See the docstring of this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=43_874)
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--per-word", type=int, default=800, help="entries of a row, before equals")
    parser.add_argument("--loss", nargs="+", default=["naive-softmax", "negative-sampling"])
    parser.add_argument("--precision", nargs="+", default=["float32"])
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--steps", type=int, help="of an epoch; default: all")
    parser.add_argument("--peak", type=float, default=67.0)
    parser.add_argument("--profile", action="store_true")
    chosen = parser.parse_args()
    pairs = random_counts(chosen.words, chosen.per_word)
    for loss in chosen.loss:
        for precision in chosen.precision:
            measure(chosen, pairs, loss, precision)


def measure(chosen: argparse.Namespace, pairs: PairCounts, loss: str, precision: str) -> None:
    """Time one loss and precision, and print it."""
    settings = resolve(
        Config(
            engine="exact",
            device="cuda",
            loss=loss,
            dim=chosen.dim,
            precision=precision,
            batch_size=chosen.batch_size,
        ),
        CorpusFigures(10**9, chosen.words),
    )
    engine = ExactEngine(settings, pairs, np.arange(chosen.words, 0, -1), 10**9)
    n_steps = min(chosen.steps or engine.n_units, engine.n_units)

    def epoch(number: int) -> float:
        start = time.perf_counter()
        for _ in engine.train(Unit(number, i, 0.01) for i in range(n_steps)):
            pass
        return (time.perf_counter() - start) * engine.n_units / n_steps

    epoch(0)
    taken = median(epoch(i + 1) for i in range(chosen.epochs))
    rate = 6 * chosen.words**2 * chosen.dim / taken / 1e12
    print(
        f"{chosen.words:,} words, dim {chosen.dim}, {len(pairs.columns):,} entries, {loss},"
        f" {precision}, {engine.n_units} steps ({n_steps} timed): an epoch takes"
        f" {1000 * taken:,.1f} ms: {rate:.1f} TFLOP/s, {rate / chosen.peak:.0%} of the peak;"
        f" {engine.about_memory}",
        flush=True,
    )
    if chosen.profile:
        from torch.profiler import ProfilerActivity, profile

        with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as profiled:
            epoch(99)
        averages = profiled.key_averages()
        print(
            averages.table(sort_by="self_cuda_time_total", row_limit=22, max_name_column_width=60)
        )


if __name__ == "__main__":
    main()
