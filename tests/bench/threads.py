"""How training speeds up with threads: racing, deterministic, and both exact losses.

    python tests/bench/threads.py                     # 1, 2, 4, … up to one thread per core
    python tests/bench/threads.py --threads 1 2 16 --rounds 5
    python tests/bench/threads.py --corpus TEXT       # any text instead of the film reviews

Close other programs first. Each row is the median of the rounds; all numbers of threads take turns
within a round. "CPU" is the CPU time of all threads together over that of one thread for the same
work: what it exceeds 1 by is waiting for rows that another core has just written, or for memory.
"separate" trains as many processes at once, each on matrices of its own: if that is as slow as
racing threads, memory is the limit, and not the rows that they share.
"""

import argparse
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from w2v_cli.engines.base import Unit  # noqa: E402
from w2v_cli.engines.catalog import create_engine  # noqa: E402
from w2v_cli.settings.config import Config  # noqa: E402
from w2v_cli.settings.resolve import n_cores, resolve  # noqa: E402
from w2v_cli.text.prepare import (  # noqa: E402
    open_corpus,
    prepare_corpus,
)

REVIEWS = ROOT.parent / "shared" / "corpora" / "imdb_reviews.txt.gz"
WORK = Path(tempfile.gettempdir()) / "w2v-threads"
#: What is measured, on which vocabulary: by name, settings and min_count.
MODES: dict[str, tuple[dict[str, Any], int]] = {
    "racing": ({"engine": "sampled"}, 5),
    "deterministic": ({"engine": "sampled", "deterministic": True}, 5),
    "exact, negative sampling": ({"engine": "exact", "loss": "negative-sampling"}, 50),
    "exact, naive softmax": ({"engine": "exact", "loss": "naive-softmax"}, 50),
}


def opened(text: Path, min_count: int) -> Any:
    """The text encoded, once."""
    folder = WORK / f"{text.name}-{min_count}"
    if not (folder / "corpus.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        prepare_corpus(resolve(Config(paths=text, min_count=min_count)).corpus, folder)
    return open_corpus(folder)


class Measured:
    """An engine that stays, so that each round times training alone."""

    def __init__(self, text: Path, mode: str, n_threads: int) -> None:
        chosen, min_count = MODES[mode]
        corpus = opened(text, min_count)
        settings = resolve(Config(n_threads=n_threads, epochs=1, **chosen))
        self.lr, self.n_tokens = settings.training.lr, corpus.n_tokens
        cache = WORK / f"cache-{text.name}-{min_count}"
        cache.mkdir(exist_ok=True)
        self.engine = create_engine(settings, corpus, cache, lambda message: None)
        self.epoch()

    def epoch(self) -> tuple[float, float]:
        """Train an epoch; return seconds and CPU seconds of all threads."""
        start, cpu = time.perf_counter(), time.process_time()
        for _ in self.engine.train(Unit(0, i, self.lr) for i in range(self.engine.n_units)):
            pass
        return time.perf_counter() - start, time.process_time() - cpu


def train_alone(text: Path, barrier: Any) -> None:
    """One process of `separate`: warm up, wait for the others, train an epoch."""
    measured = Measured(text, "racing", 1)
    barrier.wait()
    measured.epoch()
    barrier.wait()


def separate(text: Path, n: int) -> float:
    """Seconds in which n processes train an epoch each, with nothing shared."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(n + 1)
    workers = [context.Process(target=train_alone, args=(text, barrier)) for _ in range(n)]
    for worker in workers:
        worker.start()
    barrier.wait()
    start = time.perf_counter()
    barrier.wait()
    seconds = time.perf_counter() - start
    for worker in workers:
        worker.join()
    return seconds


def measure(text: Path, mode: str, threads: list[int], rounds: int) -> None:
    """Print a row for each number of threads."""
    jobs = {n: Measured(text, mode, n) for n in threads}
    times: dict[int, list[tuple[float, float]]] = {n: [] for n in threads}
    for _ in range(rounds):
        for n, job in jobs.items():
            times[n].append(job.epoch())
    middle = {n: [statistics.median(x) for x in zip(*times[n], strict=True)] for n in threads}
    first = middle[threads[0]]
    for n in threads:
        seconds, cpu = middle[n]
        rate = jobs[n].n_tokens / seconds / 1e6
        print(
            f"| {mode} | {n} | {seconds:.2f} | {rate:.2f} | {first[0] / seconds:.2f}"
            f" | {cpu / first[1]:.2f} |",
            flush=True,
        )
        jobs[n].engine.close()


def default_threads() -> list[int]:
    """1, 2, 4, … up to one per core."""
    most = n_cores()
    return sorted({1 << i for i in range(most.bit_length()) if 1 << i <= most} | {most})


def main() -> None:
    """Measure all modes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, default=REVIEWS)
    parser.add_argument("--threads", type=int, nargs="+", default=default_threads())
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--modes", nargs="+", choices=list(MODES), default=list(MODES))
    options = parser.parse_args()
    if not options.corpus.exists():
        sys.exit(f"{options.corpus} is not here; give a text with --corpus")
    print(f"{n_cores()} cores, load {os.getloadavg()[0]:.1f}\n")
    print(
        "| mode | threads | seconds an epoch | M words/s | speedup | CPU |\n" + "| --- " * 6 + "|"
    )
    for mode in options.modes:
        measure(options.corpus, mode, options.threads, options.rounds)
    alone = separate(options.corpus, 1)
    for n in options.threads[1:]:
        print(
            f"| separate | {n} | | | {n * alone / separate(options.corpus, n):.2f} | |", flush=True
        )


if __name__ == "__main__":
    main()
