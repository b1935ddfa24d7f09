"""The figures of the exact engine in `docs/performance.md`.

    python tests/bench/exact.py epochs           # against the pure matrix products, two sizes
    python tests/bench/exact.py epochs 1         # the same in CPU seconds of one thread
    python tests/bench/exact.py quality          # against 5 epochs of gensim; needs gensim
    python tests/bench/exact.py torch            # against softmax pair by pair; needs torch
    python tests/bench/exact.py sst RUN          # against the literal SGD of the assignment

Corpora and test sets lie in ../shared beside the repository. What is compared runs in turn.
"""

import itertools
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from w2v_cli.engines.base import Embeddings, Engine, Unit
from w2v_cli.engines.catalog import create_engine
from w2v_cli.engines.settings import LOSSES
from w2v_cli.settings.config import Config, read_config_file
from w2v_cli.settings.resolve import resolve
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.prepare import open_corpus, prepare_corpus
from w2v_cli.training.trainer import create_schedule
from w2v_cli.vectors.run_vectors import read_run_vectors

SHARED = Path(__file__).parents[2] / "../shared"
IMDB, SST = SHARED / "corpora/imdb_reviews.txt.gz", SHARED / "corpora/sst"
SETS = ("EN-WS-353-ALL.txt", "EN-MTurk-771.txt", "EN-RG-65.txt", "questions-words.txt")
THREADS = 2
Clock = Callable[[], float]


@contextmanager
def corpus_of(settings: RunSettings) -> Iterator[tuple[EncodedCorpus, Path]]:
    """Encode the corpus of the settings in a temporary folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "corpus"
        folder.mkdir()
        prepare_corpus(settings.corpus, folder)
        yield open_corpus(folder), Path(name)


def run_epoch(
    engine: Engine, settings: RunSettings, epoch: int, clock: Clock = time.perf_counter
) -> tuple[float, float]:
    """Train one epoch; return its seconds and its loss per pair."""
    schedule, total = create_schedule(settings.training), settings.training.epochs * engine.n_units
    first = epoch * engine.n_units
    units = (Unit(epoch, i, schedule.lr_at(first + i, total)) for i in range(engine.n_units))
    started = clock()
    stats = [stats for _, stats in engine.train(units)]
    seconds = clock() - started
    return seconds, sum(s.loss for s in stats) / sum(s.n_pairs for s in stats)


def product_seconds(n_words: int, dim: int, batch: int, n_threads: int, clock: Clock) -> float:
    """Time the three products of every step of an epoch, and nothing else."""
    rng = np.random.default_rng(0)
    outside = rng.standard_normal((n_words, dim), dtype=np.float32)
    center = outside[:batch].copy()
    scores = np.empty((batch, n_words), np.float32)
    grad_outside, grad_center = np.empty_like(outside), np.empty_like(center)
    with threadpool_limits(n_threads):
        started = clock()
        for _ in range(0, n_words, batch):
            np.matmul(center, outside.T, out=scores)
            np.matmul(scores, outside, out=grad_center)
            np.matmul(scores.T, center, out=grad_outside)
        return clock() - started


def bench_epochs(threads: str = str(THREADS)) -> None:
    """An epoch at two sizes of vocabulary, in turn with its pure products.

    On one thread CPU seconds are compared: other jobs of the machine disturb them little.
    """
    n_threads = int(threads)
    clock = time.process_time if n_threads == 1 else time.perf_counter
    for min_count, rounds in ((50, 12), (5, 4)):
        base = Config(paths=IMDB, engine="exact", min_count=min_count, n_threads=n_threads)
        with corpus_of(resolve(Config(loss="naive-softmax").over(base))) as (corpus, folder):
            for loss, optimizer in itertools.product(LOSSES, ("adagrad", "adam")):
                settings = resolve(Config(loss=loss, optimizer=optimizer).over(base))
                started = time.perf_counter()
                engine = create_engine(settings, corpus, folder, print)
                counting = time.perf_counter() - started
                n_words, dim = len(corpus.vocabulary), settings.model.dim
                times = []
                for epoch in range(rounds + 1):
                    seconds, mean_loss = run_epoch(engine, settings, epoch, clock)
                    pure = product_seconds(n_words, dim, 256, n_threads, clock)
                    times.append((seconds, pure))
                engine.close()
                mine, pure = (statistics.median(column) for column in zip(*times[1:], strict=True))
                ratio = statistics.median(a / b for a, b in times[1:])
                best = min(a for a, _ in times) / min(b for _, b in times)
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
                print(
                    f"V {n_words:,}, {loss}, {optimizer}: pairs in {counting:.1f} s, epoch"
                    f" {mine:.2f} s, products {pure:.2f} s, ratio {ratio:.2f} (of the fastest"
                    f" {best:.2f}); loss {mean_loss:.4f}; peak memory {peak:.2f} GiB",
                    flush=True,
                )


def gensim_scores(words: Sequence[str], vectors: np.ndarray) -> dict[str, float]:
    """Score vectors on all sets as gensim does: Spearman × 100, analogies in %."""
    from gensim.models import KeyedVectors

    keyed = KeyedVectors(vectors.shape[1])
    keyed.add_vectors(list(words), vectors)
    found = {}
    for name in SETS[:3]:
        path = SHARED / "eval" / name
        delimiter = "\t" if "\t" in path.read_text().splitlines()[0] else " "
        correlation = keyed.evaluate_word_pairs(str(path), delimiter=delimiter)[1][0]
        found[name] = 100 * float(correlation)
    _, sections = keyed.evaluate_word_analogies(
        str(SHARED / "eval" / SETS[3]), restrict_vocab=30_000
    )
    for kind, wanted in (("semantic", False), ("syntactic", True)):
        chosen = [
            s
            for s in sections
            if s["section"].startswith("gram") == wanted and not s["section"].startswith("Total")
        ]
        right = sum(len(s["correct"]) for s in chosen)
        found[kind] = 100 * right / (right + sum(len(s["incorrect"]) for s in chosen))
    return found


def bench_quality(seeds: str = "1,2,3") -> None:
    """Whole trainings in turn: ours of either loss and optimizer, and 5 epochs of gensim."""
    from gensim.models import Word2Vec

    rows: dict[str, list[dict[str, float]]] = {}

    def note(name: str, seconds: float, words: Sequence[str], vectors: np.ndarray) -> None:
        row = {"seconds": seconds, **gensim_scores(words, vectors)}
        rows.setdefault(name, []).append(row)
        print(f"{name:36}", {k: round(v, 1) for k, v in row.items()}, flush=True)

    base = Config(paths=IMDB, engine="exact", min_count=50, n_threads=THREADS)
    with corpus_of(resolve(Config(loss="naive-softmax").over(base))) as (corpus, folder):
        words = corpus.vocabulary.words
        ends = corpus.document_ends
        sentences = [
            [words[i] for i in document] for document in np.split(corpus.tokens, ends[:-1])
        ]
        for seed in map(int, seeds.split(",")):
            for loss, optimizer in itertools.product(LOSSES, ("adagrad", "adam")):
                chosen = Config(loss=loss, optimizer=optimizer, seed=seed)
                settings = resolve(chosen.over(base))
                cache = (
                    folder / f"{loss}-{optimizer}-{seed}"
                )  # counting the pairs is part of the time
                cache.mkdir()
                started = time.perf_counter()
                engine = create_engine(settings, corpus, cache, print)
                for epoch in range(settings.training.epochs):
                    run_epoch(engine, settings, epoch)
                seconds = time.perf_counter() - started
                e = engine.embeddings()
                engine.close()
                for name, vectors in (
                    ("center", e.center),
                    ("outside", e.outside),
                    ("sum", e.center + e.outside),
                ):
                    note(f"{loss}, {optimizer}, {name}", seconds, words, vectors)
            model = Word2Vec(
                vector_size=100, window=5, negative=5, sample=1e-3, min_count=1, sg=1,
                workers=THREADS, seed=seed, epochs=5,
            )  # fmt: skip
            model.build_vocab(sentences)
            started = time.perf_counter()
            model.train(sentences, total_examples=model.corpus_count, epochs=5)
            note("gensim", time.perf_counter() - started, model.wv.index_to_key, model.wv.vectors)
    for name, found in rows.items():
        if len(found) == 1:
            continue
        mean = {k: statistics.mean(row[k] for row in found) for k in found[0]}
        deviation = {k: statistics.stdev(row[k] for row in found) for k in found[0]}
        print(name, {k: f"{mean[k]:.1f} ± {deviation[k]:.1f}" for k in mean})


def bench_torch(n_tokens: int = 1024, rounds: int = 3) -> None:
    """Full softmax over minibatches of pairs in PyTorch, against an exact epoch over all pairs."""
    import torch

    torch.set_num_threads(THREADS)
    for min_count in (50, 5):
        chosen = Config(paths=IMDB, loss="naive-softmax", min_count=min_count, n_threads=THREADS)
        settings = resolve(chosen)
        with corpus_of(settings) as (corpus, folder):
            engine = create_engine(settings, corpus, folder, print)
            run_epoch(engine, settings, 0)
            n_words = len(corpus.vocabulary)
            ids = torch.as_tensor(corpus.tokens[:200_000].astype(np.int64))
            center = torch.nn.Embedding(n_words, settings.model.dim)
            outside = torch.nn.Linear(settings.model.dim, n_words, bias=False)
            parameters = [*center.parameters(), *outside.parameters()]
            optimizer = torch.optim.SGD(parameters, lr=0.025)
            for r in range(rounds):
                started = time.perf_counter()
                for step in range(4):
                    a = 10_000 * r + step * n_tokens
                    optimizer.zero_grad()
                    logits = outside(center(ids[a : a + n_tokens]))
                    torch.nn.functional.cross_entropy(
                        logits, ids[a + 1 : a + n_tokens + 1]
                    ).backward()
                    optimizer.step()
                rate = 4 * n_tokens / (time.perf_counter() - started)
                seconds, _ = run_epoch(engine, settings, r + 1)
                n_pairs = float(engine._pairs.weights.sum())  # type: ignore[attr-defined]
                print(
                    f"V {n_words:,}: PyTorch {rate:,.0f} pairs/s, {n_pairs / rate / 3600:.2f} h for"
                    f" {n_pairs / 1e6:.1f} M pairs; here {seconds:.2f} s:"
                    f" {n_pairs / rate / seconds:,.0f} times less",
                    flush=True,
                )
            engine.close()


def literal_loss(corpus: EncodedCorpus, folder: Path, base: Config, e: Embeddings) -> float:
    """The loss per pair of given vectors over all pairs, without prior."""
    still = resolve(Config(optimizer="sgd", lr=1e-30, epochs=1).over(base))
    engine = create_engine(still, corpus, folder, print)
    engine.set_embeddings(e)
    loss = run_epoch(engine, still, 0)[1]
    engine.close()
    return loss


def bench_sst(run: str = "") -> None:
    """Epochs and seconds to the loss that 40,000 literal steps reach.

    run: a run of `configs/cs224n.toml --loss naive-softmax`.
    """
    vectors = read_run_vectors(Path(run))
    course = read_config_file(Path(run) / "config.toml").given
    names = ("tokenizer", "lowercase", "min_count", "dim", "window", "subsample_threshold", "seed")
    chosen = Config(
        paths=SST,
        loss="naive-softmax",
        prior="none",
        n_threads=THREADS,
        lr_schedule="constant",
        **{name: course[name] for name in names},
    )
    settings = resolve(chosen)
    with corpus_of(settings) as (corpus, folder):
        target = literal_loss(corpus, folder, chosen, vectors.embeddings)
        print(f"V {len(corpus.vocabulary):,}: 40,000 literal steps reach {target:.4f} per pair")
        for _ in range(3):
            started = time.perf_counter()
            engine = create_engine(settings, corpus, folder, print)
            for epoch in range(100):
                run_epoch(engine, settings, epoch)
                elapsed = time.perf_counter() - started
                loss = literal_loss(corpus, folder, chosen, engine.embeddings())
                started += time.perf_counter() - started - elapsed  # not part of the training
                print(f"  epoch {epoch + 1}: {loss:.4f} after {elapsed:.1f} s", flush=True)
                if loss <= target:
                    break
            engine.close()


BENCHES = {
    "epochs": bench_epochs,
    "quality": bench_quality,
    "torch": bench_torch,
    "sst": bench_sst,
}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in BENCHES:
        sys.exit(__doc__)
    BENCHES[sys.argv[1]](*sys.argv[2:])
