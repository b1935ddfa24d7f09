"""The figures of docs/performance.md on negative sampling: speed, quality, memory, limits.

    python tests/bench/negative_sampling.py speed      words a second, in turn with gensim
    python tests/bench/negative_sampling.py quality    five epochs, three seeds, scores
    python tests/bench/negative_sampling.py memory     peak memory of a training process
    python tests/bench/negative_sampling.py limits     how far from the machine's limits

Needs gensim and, beside the checkout, ../shared with the film reviews and the sets of words. The
text is encoded once, into a folder of the system's temporary files.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from rival import train_gensim, train_ours, write_ids  # noqa: E402

from w2v_cli.settings.config import Config  # noqa: E402
from w2v_cli.settings.resolve import resolve  # noqa: E402
from w2v_cli.text.prepare import (  # noqa: E402
    open_corpus,
    prepare_corpus,
)
from w2v_cli.vectors.scores.datasets import read_dataset  # noqa: E402
from w2v_cli.vectors.scores.scoring import (  # noqa: E402
    SimilarityScore,
    score,
)
from w2v_cli.vectors.word_vectors import WordVectors  # noqa: E402

SHARED = ROOT.parent / "shared"
TEXT = SHARED / "corpora" / "imdb_reviews.txt.gz"
SETS = ("EN-WS-353-ALL.txt", "EN-MTurk-771.txt", "EN-RG-65.txt", "questions-words.txt")
WORK = Path(tempfile.gettempdir()) / "w2v-bench"


def corpus_and_words():
    """The reviews encoded, and as a file of ids for gensim."""
    folder = WORK / "corpus"
    if not (folder / "corpus.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        prepare_corpus(resolve(Config(paths=TEXT)).corpus, folder)
        write_ids(open_corpus(folder), WORK / "words.txt")
    return open_corpus(folder), WORK / "words.txt"


def speed(options):
    """Ours and gensim in turn; the medians and their ratio."""
    corpus, words = corpus_and_words()
    for n_threads in options.threads:
        racing, in_step = (
            resolve(Config(n_threads=n_threads, epochs=1, lr=0.025, deterministic=deterministic))
            for deterministic in (False, True)
        )
        modes = {
            "w2v": lambda chosen=racing: train_ours(corpus, chosen, print)[0],
            "w2v --deterministic": lambda chosen=in_step: train_ours(corpus, chosen, print)[0],
            "gensim": lambda chosen=racing: train_gensim(words, corpus, chosen)[0],
        }
        rates = {name: [] for name in modes}
        for _ in range(options.pairs):
            for name, train in modes.items():
                rates[name].append(train())
        gensim = statistics.median(rates["gensim"])
        for name, values in rates.items():
            middle = statistics.median(values)
            shown = " ".join(f"{value / 1e6:.2f}" for value in values)
            print(
                f"{n_threads} threads  {name:20} {middle / 1e6:6.3f} M words/s"
                f"  {middle / gensim:5.2f} x gensim  ({shown})",
                flush=True,
            )


def scores_of(corpus, matrix):
    """WS-353, MTurk-771, RG-65 (Spearman × 100), semantic and syntactic analogies (%)."""
    vectors, values = WordVectors(corpus.vocabulary.words, matrix), []
    for name in SETS:
        data = read_dataset(SHARED / "eval" / name)
        result = score(vectors, data, restrict_vocab=30_000)
        if isinstance(result, SimilarityScore):
            values.append(100 * result.spearman)
        else:
            values += [100 * part.accuracy for part in result.totals[:2]]
    return values


def quality(options):
    """Five epochs with each seed; the mean and standard deviation of each score."""
    corpus, words = corpus_and_words()
    base = Config(n_threads=options.threads[-1], epochs=5, lr=0.025)
    in_step = Config(deterministic=True).over(base)
    trainers = {
        "w2v": lambda chosen: train_ours(corpus, chosen, print)[1],
        "deterministic": lambda chosen: train_ours(corpus, chosen, print)[1],
        "gensim": lambda chosen: train_gensim(words, corpus, chosen, as_file=False)[1],
    }
    for name in options.trainers:
        rows = []
        for seed in options.seeds:
            chosen = Config(seed=seed).over(in_step if name == "deterministic" else base)
            rows.append(scores_of(corpus, trainers[name](resolve(chosen))))
            print(f"{name:14} seed {seed}  " + "  ".join(f"{x:5.2f}" for x in rows[-1]), flush=True)
        if len(rows) > 1:
            pairs = zip(np.mean(rows, axis=0), np.std(rows, axis=0, ddof=1), strict=True)
            print(f"{name:14} mean    " + "  ".join(f"{m:5.2f} ± {s:.2f}" for m, s in pairs))


def memory(options):
    """Peak memory of `w2v train`, reading the text included, beside the size of the matrices."""
    corpus, _ = corpus_and_words()
    matrices = 2 * len(corpus.vocabulary) * resolve(Config()).model.dim * 4 / 2**20
    for _ in range(2):  # the second time nothing is compiled
        with tempfile.TemporaryDirectory() as folder:
            threads = str(options.threads[-1])
            arguments = ["train", str(TEXT), "--out", f"{folder}/run", "--epochs", "1"]
            code = (
                "import resource, sys; from w2v_cli.cli import main\n"
                f"sys.argv = {['w2v', *arguments, '--n-threads', threads]}\n"
                "try: main()\n"
                "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
            )
            command = [sys.executable, "-c", code]
            done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
        peak = int(done.stdout.split()[-1]) / 1024
        print(f"peak {peak:.0f} MiB; 1.5 x {matrices:.1f} MiB + 200 = {1.5 * matrices + 200:.0f}")


def limits(options):
    """Operations and bytes of the kernel, against a large product and a large copy."""
    from threadpoolctl import threadpool_limits

    corpus, _ = corpus_and_words()
    source = np.ones(1 << 25, np.float32)
    target = np.empty_like(source)
    copy = 2 * source.nbytes / best_time(lambda: np.copyto(target, source))
    for n_threads in options.threads:
        settings = resolve(Config(n_threads=n_threads, epochs=1))
        rate = statistics.median(train_ours(corpus, settings, print)[0] for _ in range(3))
        flops, traffic = work_of_a_word(corpus, settings)
        with threadpool_limits(n_threads):
            a = np.ones((2048, 2048), np.float32)
            product = 2 * 2048**3 / best_time(lambda a=a: a @ a)
        print(
            f"{n_threads} threads: {rate / 1e6:.2f} M words/s,"
            f" {rate * flops / 1e9:.0f} of {product / 1e9:.0f} GFLOP/s (product 2048³),"
            f" {rate * traffic / 1e9:.1f} GB/s of rows ({copy / 1e9:.1f} GB/s copied, one thread)"
        )


def work_of_a_word(corpus, settings):
    """Floating-point operations of the three products, and bytes of rows, a raw word."""
    from w2v_cli.engines.base import Unit
    from w2v_cli.engines.sampled.engine import SampledEngine

    engine = SampledEngine(settings, corpus)
    n_kept = n_pairs = n_tokens = 0
    for index in range(5):
        unit = Unit(0, index, 0.0)
        for windows, _ in engine.draws(unit):
            n_kept += len(windows)
            n_pairs += sum(len(outsides) for _, outsides in windows)
        start, stop = engine.span(unit)
        n_tokens += corpus.raw_tokens(start, stop)
    shape = engine.shape
    flops = 6 * shape.width * (n_pairs + n_kept * shape.n_shared) / n_tokens
    rows = 2 + 2 * shape.window / shape.span_tokens + shape.n_shared / shape.n_tokens
    return flops, 3 * 4 * shape.width * rows * n_kept / n_tokens  # read, read again, written


def best_time(function):
    """Seconds of the fastest of five calls."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def main():
    """Run one of the four."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["speed", "quality", "memory", "limits"])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument(
        "--trainers", nargs="+", default=["w2v", "deterministic", "gensim"], help="for quality"
    )
    options = parser.parse_args()
    if not TEXT.exists():
        sys.exit(f"{TEXT} is not here")
    {"speed": speed, "quality": quality, "memory": memory, "limits": limits}[options.what](options)


if __name__ == "__main__":
    main()
