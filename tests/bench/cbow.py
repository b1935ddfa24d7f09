"""The figures of docs/performance.md on CBOW: speed and quality, beside skip-gram and gensim.

    python tests/bench/cbow.py speed       words a second, in turn with skip-gram and gensim's CBOW
    python tests/bench/cbow.py quality     five epochs, three seeds, scores
    python tests/bench/cbow.py rates       the same for several learning rates, one seed

Needs what tests/bench/negative_sampling.py needs, and its encoded text. On a busy machine compare
the words per second of processor time.
"""

import argparse
import statistics
import sys
import time

import numpy as np
from negative_sampling import TEXT, corpus_and_words, scores_of
from rival import train_gensim, train_ours

from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve

GENSIM_LR = 0.025
"""gensim adds the undivided gradient to each word around: its default rate, for its own step."""


def settings_of(options, **given):
    """Settings of a training of `epochs` epochs."""
    n_threads = options.threads[-1]
    return resolve(Config(**{"n_threads": n_threads, "epochs": options.epochs, **given}))


def timed(train):
    """Words a second of a training, and words a second of processor time."""
    start = time.process_time()
    rate, elapsed = train()
    return rate, rate * elapsed / (time.process_time() - start)


def speed(options):
    """Ours and gensim in turn; the medians, and their ratios to skip-gram and to gensim."""
    corpus, words = corpus_and_words()

    def ours(chosen):
        def train():
            rate = train_ours(corpus, chosen, print)[0]
            return rate, corpus.n_tokens / rate

        return lambda: timed(train)

    def gensim(chosen):
        def train():
            rate = train_gensim(words, corpus, chosen)[0]
            return rate, corpus.n_tokens / rate

        return lambda: timed(train)

    for n_threads in options.threads:
        given = {"n_threads": n_threads, "epochs": 1}
        trainers = {
            "w2v skip-gram": ours(resolve(Config(**given))),
            "w2v CBOW": ours(resolve(Config(model="cbow", **given))),
            "w2v CBOW --deterministic": ours(
                resolve(Config(model="cbow", deterministic=True, **given))
            ),
            "gensim CBOW": gensim(resolve(Config(model="cbow", lr=GENSIM_LR, **given))),
        }
        for train in list(trainers.values())[:3]:
            train()  # compile, and warm up
        rates = {name: [] for name in trainers}
        for _ in range(options.pairs):
            for name, train in trainers.items():
                rates[name].append(train())
        middles = {name: np.median(values, axis=0) for name, values in rates.items()}
        for name, values in rates.items():
            shown = " ".join(f"{rate / 1e6:.2f}" for rate, _ in values)
            rate, of_processor = middles[name]
            print(
                f"{n_threads} threads  {name:24} {rate / 1e6:6.3f} M words/s"
                f"  {rate / middles['w2v skip-gram'][0]:5.2f} x skip-gram"
                f"  {rate / middles['gensim CBOW'][0]:5.2f} x gensim  ({shown})"
                f"  {of_processor / 1e6:.2f} M words per second of processor time",
                flush=True,
            )


def quality(options):
    """Each trainer with each seed; the mean and standard deviation of each score."""
    corpus, words = corpus_and_words()
    trainers = {
        "w2v": lambda seed: train_ours(
            corpus, settings_of(options, model="cbow", seed=seed), print
        ),
        "gensim": lambda seed: train_gensim(
            words,
            corpus,
            settings_of(options, model="cbow", lr=GENSIM_LR, seed=seed),
            as_file=False,
        ),
    }
    for name in options.trainers:
        rows = []
        for seed in options.seeds:
            rows.append(scores_of(corpus, trainers[name](seed)[1]))
            print(f"{name:8} seed {seed}  " + _shown(rows[-1]), flush=True)
        if len(rows) > 1:
            spread = [statistics.stdev(column) for column in zip(*rows, strict=True)]
            pairs = zip(np.mean(rows, axis=0), spread, strict=True)
            print(f"{name:8} mean    " + "  ".join(f"{m:5.2f} ± {s:.2f}" for m, s in pairs))


def rates(options):
    """Ours with several learning rates."""
    corpus, _ = corpus_and_words()
    for lr in options.rates:
        chosen = settings_of(options, model="cbow", lr=lr, seed=options.seeds[0])
        print(f"lr {lr:<6g} " + _shown(scores_of(corpus, train_ours(corpus, chosen, print)[1])))


def _shown(scores):
    return "  ".join(f"{score:5.2f}" for score in scores)


def main():
    """Run one of the three."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["speed", "quality", "rates"])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--rates", type=float, nargs="+", default=[0.025, 0.05, 0.1, 0.2])
    parser.add_argument("--trainers", nargs="+", default=["w2v", "gensim"], help="for quality")
    options = parser.parse_args()
    if not TEXT.exists():
        sys.exit(f"{TEXT} is not here")
    {"speed": speed, "quality": quality, "rates": rates}[options.what](options)


if __name__ == "__main__":
    main()
