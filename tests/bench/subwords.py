"""The figures of docs/subwords.md: speed beside fastText, an epoch of the exact engine, scores.

    python tests/bench/subwords.py speed [--fasttext PYTHON]   words a second, of CPU time too
    python tests/bench/subwords.py exact                       an epoch with and without subwords
    python tests/bench/subwords.py quality                     trains five epochs and scores them
    python tests/bench/subwords.py unseen                      hides words, makes their vectors

PYTHON is an interpreter whose environment has the package `fasttext` (or `fasttext-wheel`); without
it only w2v is measured. Needs, beside the checkout, ../shared with the film reviews and the sets.
"""

import argparse
import gzip
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import w2v_cli  # noqa: E402
from w2v_cli.engines.base import Resources, Unit  # noqa: E402
from w2v_cli.engines.catalog import create_engine  # noqa: E402
from w2v_cli.settings.config import Config  # noqa: E402
from w2v_cli.settings.resolve import resolve  # noqa: E402
from w2v_cli.text.prepare import (  # noqa: E402
    open_corpus,
    prepare_corpus,
)
from w2v_cli.vectors.nearest import unit_rows  # noqa: E402

SHARED = ROOT.parent / "shared"
TEXT = SHARED / "corpora" / "imdb_reviews.txt.gz"
SETS = ("EN-WS-353-ALL.txt", "EN-MTurk-771.txt", "EN-RG-65.txt", "questions-words.txt")
WORK = Path(tempfile.gettempdir()) / "w2v-bench-subwords"
MODES = {
    "without": {},
    "hashed 3-6": {"subwords": "3-6"},
    "explicit 3-6": {"subwords": "3-6", "ngrams": "explicit"},
}
_FASTTEXT = """
import fasttext, resource, sys, time
text, threads, epochs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
start = time.perf_counter()
model = fasttext.train_unsupervised(text, model="skipgram", dim=100, ws=5, neg=5, minCount=5,
    minn=3, maxn=6, t=1e-3, lr=0.025, epoch=epochs, thread=threads, verbose=0)
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_utime)
"""


def encoded(min_count=5):
    """The reviews, encoded once."""
    folder = WORK / f"corpus-{min_count}"
    if not (folder / "corpus.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        prepare_corpus(resolve(Config(paths=TEXT, min_count=min_count)).corpus, folder)
    return open_corpus(folder)


def cpu():
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def timed(engine, units):
    """Seconds, CPU seconds and words of some units."""
    start, used = time.perf_counter(), cpu()
    words = sum(stats.n_tokens for _, stats in engine.train(units))
    return time.perf_counter() - start, cpu() - used, words


def speed(options):
    corpus = encoded()
    for threads in options.threads:
        for name, given in MODES.items():
            settings = resolve(Config(engine="sampled", epochs=1, n_threads=threads, **given))
            engine = create_engine(settings, corpus, WORK, print, Resources())
            list(engine.train([Unit(0, i, 0.025) for i in range(10)]))
            seconds, used, words = timed(engine, [Unit(1, i, 0.025) for i in range(engine.n_units)])
            report(f"w2v {name}", threads, words, seconds, used)
        if options.fasttext:
            fasttext(options.fasttext, threads, corpus.n_tokens)


def fasttext(python, threads, n_tokens):
    """Two runs of one and of two epochs: their difference is one epoch without the vocabulary."""
    text = WORK / "words.txt"
    if not text.exists():
        corpus = encoded()
        words, first = corpus.vocabulary.words, 0
        with open(text, "w", encoding="utf-8") as file:
            for end in corpus.document_ends.tolist():
                file.write(" ".join(words[i] for i in corpus.tokens[first:end].tolist()) + "\n")
                first = end
    command = [python, "-c", _FASTTEXT, str(text), str(threads)]
    one, two = (
        [float(x) for x in subprocess.check_output([*command, epochs], text=True).split()]
        for epochs in ("1", "2")
    )
    report("fastText 3-6", threads, n_tokens, two[0] - one[0], two[1] - one[1])


def report(name, threads, words, seconds, used):
    print(
        f"{name:16} {threads} threads  {words / seconds / 1e3:8,.0f} k words/s"
        f"  {words / used / 1e3:8,.0f} k words a CPU second",
        flush=True,
    )


def exact(options):
    corpus = encoded(options.min_count)
    first = {}
    for name, given in MODES.items():
        for loss in ("naive-softmax", "negative-sampling"):
            settings = resolve(Config(engine="exact", loss=loss, epochs=3, n_threads=2, **given))
            engine = create_engine(settings, corpus, WORK, print, Resources())
            list(engine.train([Unit(0, i, 0.03) for i in range(3)]))
            seconds, used, _ = timed(engine, [Unit(1, i, 0.03) for i in range(engine.n_units)])
            ratio = used / first.setdefault(loss, used)
            print(
                f"{loss:18} {name:13} {seconds:6.1f} s an epoch, {used:6.1f} CPU s,"
                f" {ratio:.2f} times that without",
                flush=True,
            )
            engine.close()


def quality(options):
    """Train runs as the command line does, with the settings of the figures, and score them."""
    text = WORK / "reviews.txt"
    if not text.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        text.write_bytes(gzip.decompress(TEXT.read_bytes()))
    w2v = [sys.executable, "-m", "w2v_cli"]
    for name, given in (("hashed", []), ("explicit", ["--ngrams", "explicit"])):
        run = WORK / f"run-{name}-{time.time():.0f}"
        train = ["train", str(text), "--subwords", "3-6", "--out", str(run), *given]
        subprocess.run([*w2v, *train, *options.settings], check=True, cwd=ROOT)
        sets = [str(SHARED / "eval" / file) for file in SETS]
        for chosen in ("center", "sum"):
            score = ["evaluate", str(run), *sets, "--restrict-vocab", "30000"]
            subprocess.run([*w2v, *score, "--vectors", chosen], check=True, cwd=ROOT)


def unseen(options):
    """Hide words from a training with subwords; compare what n-grams make of them with the whole.

    A run with all words is blended with spectral vectors, and so is a run whose vocabulary lacks
    500 of them. Then a hidden word's neighbours (10, among the words that both have) are compared
    with those that its own vector has in the run with all words.
    """
    words = encoded().vocabulary.words
    hidden = np.random.default_rng(1).choice(np.arange(1000, 15_000), options.words, replace=False)
    hidden = [words[i] for i in sorted(hidden) if words[i].isalpha() and len(words[i]) > 3]
    lists = WORK / "all.txt", WORK / "without.txt"
    lists[0].write_text("\n".join(words), encoding="utf-8")
    lists[1].write_text("\n".join(w for w in words if w not in set(hidden)), encoding="utf-8")
    given = {"subwords": "3-6", "blend": "spectral", "blend_weight": options.weight}
    given |= {"epochs": options.epochs, "limit_tokens": options.tokens, "n_threads": 1}
    runs = [WORK / f"unseen-{path.stem}-{time.time():.0f}" for path in lists]
    for path, run in zip(lists, runs, strict=True):
        w2v_cli.train(paths=TEXT, vocab=str(path), out=run, **given)
    print(f"{len(hidden)} hidden words; with all words their 10 neighbours, without them:")
    for which in ("center", "blend"):
        whole, other = (w2v_cli.load(run, vectors=which) for run in runs)
        report_unseen(which, whole, other, hidden)
        rest = [i for i, word in enumerate(other.words) if word in whole.ids][1000:15_000:28]
        report_unseen(f"{which}, known words", whole, other, [other.words[i] for i in rest])


def report_unseen(name, whole, other, asked):
    """Print how many neighbours agree, and the rank correlation of all cosines."""
    shared = other.words[:20_000]
    places = {word: i for i, word in enumerate(shared)}
    rows = [unit_rows(np.stack([of[word] for word in shared])) for of in (whole, other)]
    shares, correlations = [], []
    for word in asked:
        vectors = [unit_rows(of[word][None])[0] for of in (whole, other)]
        cosines = [each @ vector for each, vector in zip(rows, vectors, strict=True)]
        for found in cosines:
            found[places.get(word, [])] = -1  # not a neighbour of itself
        best = [set(np.argsort(-found)[:10].tolist()) for found in cosines]
        shares.append(len(best[0] & best[1]) / 10)
        correlations.append(spearmanr(*cosines).statistic)
    agree = f"{100 * np.mean(shares):5.1f} % the same; rank correlation {np.mean(correlations):.3f}"
    print(f"{name:22} {agree}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("speed", "exact", "quality", "unseen"))
    parser.add_argument("--words", type=int, default=500)
    parser.add_argument("--weight", type=float, default=0.5)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--tokens", type=int, help="only so many of the text")
    parser.add_argument("--threads", type=int, nargs="+", default=[2])
    parser.add_argument("--fasttext", metavar="PYTHON")
    parser.add_argument("--min-count", type=int, default=50)
    options, options.settings = parser.parse_known_args()
    {"speed": speed, "exact": exact, "quality": quality, "unseen": unseen}[options.what](options)


if __name__ == "__main__":
    main()
