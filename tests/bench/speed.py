"""The speed of the engines on this machine, and how the cost of an epoch grows with the vocabulary.

    python tests/bench/speed.py [CORPUS …]            all of it, on the sample corpus or another
    python tests/bench/speed.py --parts engines --n-threads 1 2 4
    python tests/bench/speed.py --parts growth --max-words 16000

Three parts: `engines` (words a second of each engine and number of threads), `growth` (seconds for
an epoch over a made-up text of a million words, by the size of its vocabulary) and `gensim` (the
same job in both, speed and scores; where gensim is installed). Growth shows what the losses cost:
naive softmax O(V) per pair in the reference engine, V² per epoch in the exact one, whatever the
length of the text; negative sampling O(K) per pair.

Close other programs first: figures of a busy machine are too low.
"""

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bench")]

from rival import compare_with_gensim, gensim_is_here, running_engine  # noqa: E402

from w2v_cli.commands.terminal import render_table  # noqa: E402
from w2v_cli.engines.settings import CorpusFigures  # noqa: E402
from w2v_cli.settings.config import Config  # noqa: E402
from w2v_cli.settings.resolve import n_cores, resolve  # noqa: E402
from w2v_cli.text.encoded import EncodedCorpus  # noqa: E402
from w2v_cli.text.places import sample_file  # noqa: E402
from w2v_cli.text.prepare import open_corpus, prepare_corpus  # noqa: E402
from w2v_cli.text.vocabulary import Vocabulary  # noqa: E402
from w2v_cli.training.pace import train_for  # noqa: E402

#: Engine → the settings in which it is measured.
JOBS = {
    "sampled": ({"loss": "negative-sampling"}, {"deterministic": True}, {"model": "cbow"}),
    "exact": ({"loss": "naive-softmax"},),
    "spectral": ({"loss": "ppmi"},),
    "reference": ({"loss": "negative-sampling"},),
}
#: Engine → loss → how many words to train on; the slower, the fewer.
GROWTH = {
    "sampled": {"negative-sampling": 1_000_000},
    "exact": {"naive-softmax": 1_000_000, "negative-sampling": 1_000_000},
    "spectral": {"ppmi": 1_000_000},
    "reference": {"negative-sampling": 20_000, "naive-softmax": 500},
}
SIZES = (500, 1000, 2000, 4000, 8000, 16000)
EPOCH_TOKENS = 1_000_000
DOCUMENT = 100
REPEATS = 3
#: What word2vec.c and gensim take unless told otherwise.
USUAL_EPOCHS, USUAL_LR = 5, 0.025


@dataclass(frozen=True)
class Speed:
    """words_per_second: raw corpus words, dropped and subsampled ones included.

    variant: the settings that differ from the engine's defaults, as options.
    """

    engine: str
    loss: str
    n_threads: int
    variant: str
    words_per_second: float


@dataclass(frozen=True)
class Cost:
    """Seconds per epoch over a text of a million words with a vocabulary of n_words."""

    line: str
    n_words: int
    seconds: float


def measure_engines(corpus, dim, threads, seconds, notice):
    """Train with every engine for about `seconds` each and yield its speed.

    An engine that trains on counts does not pass over the text: its words are those that the
    counts stand for.
    """
    figures = CorpusFigures(corpus.n_tokens, len(corpus.vocabulary))
    for name, jobs in JOBS.items():
        for given in jobs:
            chosen = Config(engine=name, dim=dim, **given)
            for settings in {resolve(chosen, figures, cores=n): None for n in threads}:
                with running_engine(settings, corpus, notice) as engine:
                    speed = measure(engine, seconds, settings.training.lr).words_per_second
                n_threads = settings.training.n_threads
                yield Speed(name, settings.model.loss, n_threads, _options(given), speed)


def _options(given):
    return " ".join(
        f"--{name}" + ("" if value is True else f" {value}")
        for name, value in given.items()
        if name != "loss"
    )


def measure(engine, seconds, lr):
    """Train for about `seconds`, in three pieces, and return the fastest: other work on the
    machine can only slow a piece down.
    """
    pieces = [train_for(engine, seconds / REPEATS, lr) for _ in range(REPEATS)]
    return min(pieces, key=lambda piece: piece.seconds / piece.n_units)


def measure_growth(sizes, dim, n_threads, seconds, notice):
    """Time every engine and loss at every vocabulary size for about `seconds` each.

    Longer epochs are extrapolated from the part of one that was trained.
    """
    for n_words in sizes:
        for name, losses in GROWTH.items():
            for loss, n_tokens in losses.items():
                chosen = Config(dim=dim, engine=name, loss=loss)
                settings = resolve(chosen, CorpusFigures(n_tokens, n_words), cores=n_threads)
                with running_engine(settings, zipf_text(n_tokens, n_words), notice) as engine:
                    done = measure(engine, seconds, 1e-4)
                    epoch = done.seconds / done.n_units * engine.n_units
                yield Cost(f"{loss}, {name}", n_words, epoch * EPOCH_TOKENS / n_tokens)


def zipf_text(n_tokens, n_words):
    """Random words whose frequency falls like 1/rank, each one at least once in the counts."""
    rng = np.random.Generator(np.random.Philox(key=n_words))
    heights = np.cumsum(1 / np.arange(1, n_words + 1))
    draws = np.searchsorted(heights, rng.random(n_tokens) * heights[-1], side="right")
    tokens = np.minimum(draws, n_words - 1).astype(np.uint32)
    counts = np.maximum(1, np.bincount(tokens, minlength=n_words)).astype(np.int64)
    ends = np.append(np.arange(DOCUMENT, n_tokens, DOCUMENT), n_tokens)
    words = tuple(f"w{i}" for i in range(n_words))
    return EncodedCorpus(tokens, ends, n_tokens, Vocabulary(words, counts), f"zipf-{n_words}")


def speed_table(speeds):
    """Words a second."""
    rows = [
        [
            speed.loss,
            f"{speed.engine} {speed.variant}".rstrip(),
            str(speed.n_threads),
            f"{speed.words_per_second:,.0f}",
        ]
        for speed in speeds
    ]
    return render_table(rows, ["loss", "engine", "threads", "words/s"], left=2)


def growth_table(costs):
    """Seconds for an epoch: a row for each way to train, a column for each vocabulary."""
    sizes = dict.fromkeys(cost.n_words for cost in costs)
    lines = dict.fromkeys(cost.line for cost in costs)
    cell = {(cost.line, cost.n_words): f"{cost.seconds:.3g}" for cost in costs}
    rows = [[line, *(cell.get((line, size), "-") for size in sizes)] for line in lines]
    return render_table(rows, ["", *(f"V = {size:,}" for size in sizes)])


def gensim_table(sides):
    """Both trainers' speed and scores."""
    rows = [["words/s", *(f"{side.words_per_second:,.0f}" for side in sides)]]
    for name in sides[0].scores:
        rows.append([name, *(f"{side.scores[name]:.3f}" for side in sides)])
    return render_table(rows, ["", *(side.trainer for side in sides)])


def measure_all(options, corpus, settings):
    """Measure the parts that were asked for, and print each."""
    dim, most = settings.model.dim, max(options.n_threads)
    print(f"{corpus.n_tokens:,} words, {len(corpus.vocabulary):,} distinct")
    if "engines" in options.parts:
        speeds = measure_engines(corpus, dim, options.n_threads, options.seconds, notice)
        print(f"\n{speed_table(list(speeds))}")
    if "growth" in options.parts:
        sizes = [size for size in SIZES if size <= options.max_words]
        costs = list(measure_growth(sizes, dim, most, options.seconds, notice))
        print("\nseconds per epoch of a million words, by the size of the vocabulary")
        print(growth_table(costs))
    if "gensim" in options.parts and gensim_is_here():
        print("\nthe same job")
        print(gensim_table(compare_with_gensim(corpus, settings, options.eval, notice)))


def notice(message):
    """Tell what goes on beside the tables."""
    print(message, file=sys.stderr, flush=True)


def default_threads():
    """1, 2, 4, … up to one per core."""
    powers = [1 << i for i in range(n_cores().bit_length())]
    return [*(n for n in powers if n < n_cores()), n_cores()]


def main(arguments=None):
    """Read the options, encode the text, measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", nargs="*", help="text; the sample corpus unless given")
    parser.add_argument("--parts", nargs="+", default=["engines", "growth", "gensim"])
    parser.add_argument("--seconds", type=float, default=2.0, help="for each measurement")
    parser.add_argument("--dim", type=int)
    parser.add_argument("--min-count", type=int)
    parser.add_argument("--n-threads", nargs="+", type=int, default=default_threads())
    parser.add_argument("--epochs", type=int, default=USUAL_EPOCHS, help="of the job in gensim")
    parser.add_argument("--eval", nargs="+", type=Path, help="pairs or analogies that score it")
    parser.add_argument("--max-words", type=int, default=8000, help="the largest vocabulary")
    options = parser.parse_args(arguments)
    if options.eval is None:
        names = () if options.corpus else ("similarity.tsv", "analogies.txt")
        options.eval = [sample_file(name) for name in names]
    paths = tuple(map(os.path.abspath, options.corpus)) or (str(sample_file("sample.txt")),)
    given = {"dim": options.dim, "min_count": options.min_count, "epochs": options.epochs}
    chosen = Config(paths=paths, lr=USUAL_LR, **given)
    settings = resolve(chosen, cores=max(options.n_threads))
    with tempfile.TemporaryDirectory() as name:
        prepare_corpus(settings.corpus, Path(name), n_threads=settings.training.n_threads)
        measure_all(options, open_corpus(Path(name)), settings)


if __name__ == "__main__":
    main()
