"""The speed of the sampled engine of several checkouts side by side, and what they learn.

    python tests/bench/kernel.py speed CHECKOUT CHECKOUT … [--mode cbow] [--dim 300] [--threads 2]
    python tests/bench/kernel.py quality CHECKOUT … [--words 1000000] [--epochs 20]

Each checkout trains in a process of its own. For `speed` they take turns, an epoch each time; it
gives raw words a second, by the clock and by the processor's time, and the ratio to the first
checkout in the same turn; medians. On a busy machine only the processor's time means something.
`quality` gives the loss of the last epoch and the scores, mean ± standard deviation over the seeds.
Needs, beside the checkout of this script, ../shared with the film reviews and the sets of words.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
MODES = {
    "racing": {},
    "deterministic": {"deterministic": True},
    "cbow": {"model": "cbow"},
    "cbow-deterministic": {"model": "cbow", "deterministic": True},
    "subwords": {"subwords": "3-6", "buckets": 20_000},
}


def prepared(n_words):
    """The first words of the reviews, encoded, in a file that every version can read."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bench")]
    from negative_sampling import WORK, corpus_and_words

    corpus, _ = corpus_and_words()
    n = min(n_words, len(corpus.tokens))
    target = WORK / f"first-{n}.npz"
    if not target.exists():
        used, ids = np.unique(corpus.tokens[:n], return_inverse=True)
        counts = np.bincount(ids)
        order = np.argsort(-counts, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        ends = np.asarray(corpus.document_ends)
        np.savez(
            target,
            tokens=place[ids].astype(np.uint32),
            ends=np.append(ends[ends < n], n),
            counts=counts[order],
            words=np.array([corpus.vocabulary.words[used[i]] for i in order]),
        )
    return target


def trained(checkout, data, settings):
    """Train in this process with the engine of a checkout; yield it and each epoch's figures."""
    sys.path.insert(0, checkout)
    try:
        from w2v_cli.text.encoded import EncodedCorpus
        from w2v_cli.text.vocabulary import Vocabulary
    except ImportError:  # before version 0.3
        from w2v_cli.corpus.encoded import EncodedCorpus
        from w2v_cli.corpus.vocabulary import Vocabulary
    from w2v_cli.engines.base import Unit
    from w2v_cli.engines.sampled.engine import SampledEngine
    from w2v_cli.settings.config import Config
    from w2v_cli.settings.resolve import resolve

    given = np.load(data)
    vocabulary = Vocabulary(tuple(map(str, given["words"])), given["counts"])
    corpus = EncodedCorpus(given["tokens"], given["ends"], len(given["tokens"]), vocabulary, "")
    chosen = resolve(Config(engine="sampled", **settings))
    engine = SampledEngine(chosen, corpus)
    lr, n_epochs = chosen.training.lr, chosen.training.epochs
    for epoch in range(n_epochs):
        units = (
            Unit(epoch, i, lr * max(1e-4, 1 - (epoch + i / engine.n_units) / n_epochs))
            for i in range(engine.n_units)
        )
        clock, used = time.perf_counter(), time.process_time()
        stats = [each[1] for each in engine.train(units)]
        yield (
            engine,
            {
                "clock": corpus.n_tokens / (time.perf_counter() - clock),
                "processor": corpus.n_tokens / (time.process_time() - used),
                "loss": sum(each.loss for each in stats) / sum(each.n_pairs for each in stats),
            },
        )


def start(*arguments):
    """Start this script in a new process, which answers lines with lines."""
    command = [sys.executable, __file__, "child", *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def answer(process):
    """What a process answers."""
    process.stdin.write("\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def child(arguments):
    """An epoch for each line read, its figures printed as JSON; then the scores."""
    checkout, data, settings = arguments
    epochs = trained(checkout, data, json.loads(settings))
    for _ in range(json.loads(settings)["epochs"]):
        sys.stdin.readline()
        engine, figures = next(epochs)
        print(json.dumps(figures), flush=True)
    sys.stdin.readline()
    print(json.dumps(scores_of(np.load(data)["words"], engine.embeddings().center)), flush=True)


def speed(options, data, settings):
    """Let the checkouts train in turn."""
    n_turns = options.epochs
    settings = json.dumps({"lr": 0.025, "l2": 0.0, **settings, "epochs": n_turns + 1})
    running = [start(each, data, settings) for each in options.checkouts]
    turns = [[answer(each) for each in running] for _ in range(n_turns + 1)][1:]
    for each in running:
        each.kill()
    for i, each in enumerate(options.checkouts):
        cells = [f"{each:24}"]
        for what in ("clock", "processor"):
            rate = statistics.median(turn[i][what] for turn in turns) / 1e6
            ratio = statistics.median(turn[i][what] / turn[0][what] for turn in turns)
            cells.append(f"{rate:6.2f} M/s by the {what}, {ratio:5.3f} times")
        print("  ".join(cells), f" loss {turns[-1][i]['loss']:.4f}", flush=True)


def quality(options, data, settings):
    """Train each checkout with every seed and score what it learns."""
    for each in options.checkouts:
        rows = []
        for seed in options.seeds:
            chosen = json.dumps({**settings, "epochs": options.epochs, "seed": seed})
            process = start(each, data, chosen)
            losses = [answer(process)["loss"] for _ in range(options.epochs)]
            scores = answer(process)
            rows.append([losses[-1], *scores.values()])
        means, spreads = np.mean(rows, axis=0), np.std(rows, axis=0, ddof=1 if rows[1:] else 0)
        names = ["loss", *scores]
        cells = zip(names, means, spreads, strict=True)
        shown = "  ".join(f"{name} {mean:.3f} ± {spread:.3f}" for name, mean, spread in cells)
        print(f"{each:24} {shown}", flush=True)


def scores_of(words, matrix):
    """Scores × 100 by the checkout of this script, whichever trained the vectors."""
    sys.path[:0] = [str(ROOT / "tests" / "bench")]
    for name in [name for name in sys.modules if name.partition(".")[0] == "w2v_cli"]:
        del sys.modules[name]
    sys.path.insert(0, str(ROOT))
    from negative_sampling import SHARED

    from w2v_cli.vectors.scores.datasets import read_dataset
    from w2v_cli.vectors.scores.scoring import flat_scores, score
    from w2v_cli.vectors.word_vectors import WordVectors

    vectors = WordVectors(words, np.ascontiguousarray(matrix))
    files = sorted((SHARED / "eval").glob("*.txt"))
    results = [score(vectors, read_dataset(file), restrict_vocab=30_000) for file in files]
    return {name: 100 * value for name, value in flat_scores(results).items()}


def main():
    """Run one of the two."""
    if sys.argv[1:2] == ["child"]:
        child(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["speed", "quality"])
    parser.add_argument("checkouts", nargs="+")
    parser.add_argument("--mode", choices=list(MODES), default="racing")
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--words", type=int, default=1_000_000)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--lr", type=float)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    settings = {"dim": options.dim, "n_threads": options.threads, **MODES[options.mode]}
    if options.lr:
        settings["lr"] = options.lr
    run = {"speed": speed, "quality": quality}[options.what]
    run(options, prepared(options.words), settings)


if __name__ == "__main__":
    main()
