"""The figures of docs/quality.md: quality against seconds, for both engines and gensim.

    python tests/bench/frontier.py run                # train what has no line in the log yet
    python tests/bench/frontier.py run --corpora reviews-1m --seeds 1
    python tests/bench/frontier.py time               # time every line of the log again, shortly
    python tests/bench/frontier.py table              # as Markdown; the page has its output
    python tests/bench/frontier.py picture            # docs/quality.png

Needs, beside the checkout, ../shared with the film reviews and the sets of words; gensim where it
is installed. Each training is one JSON line in tests/bench/frontier.jsonl, with the scores, the
CPU seconds and the seconds of the training. On a busy machine only CPU seconds mean something;
`time` runs one epoch of each line on an idle machine and corrects the seconds.
"""

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from rival import gensim_is_here, train_gensim, write_ids  # noqa: E402

from w2v_cli.engines.base import Unit  # noqa: E402
from w2v_cli.engines.catalog import ENGINES, create_engine  # noqa: E402
from w2v_cli.engines.settings import CorpusFigures  # noqa: E402
from w2v_cli.settings.config import Config  # noqa: E402
from w2v_cli.settings.resolve import resolve  # noqa: E402
from w2v_cli.text.prepare import (  # noqa: E402
    open_corpus,
    prepare_corpus,
)
from w2v_cli.training.trainer import create_schedule  # noqa: E402
from w2v_cli.vectors.scores.datasets import read_dataset  # noqa: E402
from w2v_cli.vectors.scores.scoring import (  # noqa: E402
    SimilarityScore,
    score,
)
from w2v_cli.vectors.word_vectors import WordVectors  # noqa: E402

SHARED = ROOT.parent / "shared"
REVIEWS = SHARED / "corpora" / "imdb_reviews.txt.gz"
LOG = Path(__file__).with_suffix(".jsonl")
WORK = Path(tempfile.gettempdir()) / "w2v-frontier"
SETS = {
    "WS-353": "EN-WS-353-ALL.txt",
    "similarity": "EN-WS-353-SIM.txt",
    "relatedness": "EN-WS-353-REL.txt",
    "MTurk-771": "EN-MTurk-771.txt",
    "RG-65": "EN-RG-65.txt",
}
SCORES = (*SETS, "semantic", "syntactic")

#: Corpora by name, and what is trained on each: the engine's name, or gensim, and settings.
CORPORA: dict[str, dict[str, Any]] = {
    "sample": {"paths": ROOT / "data" / "sample.txt"},
    "reviews-0.3m": {"paths": REVIEWS, "limit_tokens": 300_000},
    "reviews-1m": {"paths": REVIEWS, "limit_tokens": 1_000_000},
    "reviews": {"paths": REVIEWS},
    "reviews-min50": {"paths": REVIEWS, "min_count": 50},
}
EPOCHS = {
    "reviews-0.3m": {"sampled": (5, 15, 30, 87), "exact": (14,), "gensim": (5,)},
    "reviews-1m": {"sampled": (5, 15, 47), "exact": (14,), "gensim": (5,)},
    "reviews": {"sampled": (5, 14, 19), "gensim": (5,)},
    "reviews-min50": {"sampled": (5, 14), "exact": (7, 14, 25), "gensim": (5,)},
}

Job = dict[str, Any]


def jobs(options: argparse.Namespace) -> Iterator[Job]:
    """Yield what is trained, the cheap corpora first."""
    for corpus, seed in itertools.product(options.corpora, options.seeds):
        for trainer, epochs in EPOCHS[corpus].items():
            if trainer not in (options.trainers or EPOCHS[corpus]):
                continue
            losses = ENGINES[trainer].losses if trainer in ENGINES else ("negative-sampling",)
            for loss, n in itertools.product(losses, options.epochs or epochs):
                yield {
                    "corpus": corpus, "trainer": trainer, "loss": loss, "epochs": n, "seed": seed,
                }  # fmt: skip


def open_or_encode(name: str) -> Any:
    """The corpus of that name, encoded once into a folder of the temporary files."""
    folder = WORK / name
    if not (folder / "corpus.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        prepare_corpus(resolve(Config(**CORPORA[name])).corpus, folder)
        write_ids(open_corpus(folder), folder / "ids.txt")
    return open_corpus(folder)


def settings_of(job: Job, corpus: Any, **more: Any) -> Any:
    """Resolve a job: the defaults of its engine but for loss, epochs and seed."""
    figures = CorpusFigures(corpus.n_tokens, len(corpus.vocabulary))
    chosen = {name: job[name] for name in ("loss", "epochs", "seed")} | more
    return resolve(Config(engine=job["trainer"], **chosen), figures)


def train(job: Job, n_epochs: int | None = None) -> tuple[Any, dict[str, Any]]:
    """Train a job, or only its first epochs; return vectors by name, and what it took."""
    corpus = open_or_encode(job["corpus"])
    if job["trainer"] not in ENGINES:
        return _train_gensim(job, corpus)
    settings = settings_of(job, corpus)
    cache = WORK / job["corpus"] / "cache"
    cache.mkdir(exist_ok=True)
    start, cpu = time.perf_counter(), time.process_time()
    engine = create_engine(settings, corpus, cache, lambda message: None)
    setup = time.perf_counter() - start, time.process_time() - cpu
    schedule, total = create_schedule(settings.training), job["epochs"] * engine.n_units
    start, cpu = time.perf_counter(), time.process_time()
    stats = []
    for epoch in range(n_epochs or job["epochs"]):
        first = epoch * engine.n_units
        lrs = [schedule.lr_at(first + i, total) for i in range(engine.n_units)]
        units = (Unit(epoch, i, lr) for i, lr in enumerate(lrs))
        stats = [figures for _, figures in engine.train(units)]
    took = {
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "setup_seconds": setup[0],
        "lr": settings.training.lr,
        "loss_per_pair": sum(s.loss for s in stats) / sum(s.n_pairs for s in stats),
    }
    vectors = engine.embeddings()
    found = {"center": vectors.center.copy(), "sum": vectors.center + vectors.outside}
    engine.close()
    return found, took


def _train_gensim(job: Job, corpus: Any) -> tuple[Any, dict[str, Any]]:
    chosen = settings_of(job | {"trainer": "sampled"}, corpus, lr=0.025)
    start, cpu = time.perf_counter(), time.process_time()
    _, center = train_gensim(WORK / job["corpus"] / "ids.txt", corpus, chosen, as_file=False)
    took = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu, "lr": 0.025}
    return {"center": center}, took


def scores_of(words: Any, matrix: Any) -> dict[str, float]:
    """Spearman × 100 of each set of pairs; semantic and syntactic analogies in %."""
    vectors, found = WordVectors(words, np.ascontiguousarray(matrix)), {}
    for name, file in SETS.items():
        result = score(vectors, read_dataset(SHARED / "eval" / file))
        assert isinstance(result, SimilarityScore)
        found[name] = 100 * result.spearman
    questions = read_dataset(SHARED / "eval" / "questions-words.txt")
    totals = score(vectors, questions, restrict_vocab=30_000).totals  # type: ignore[union-attr]
    return found | {part.name: 100 * part.accuracy for part in totals[:2]}


def read_log() -> list[dict[str, Any]]:
    """All lines so far."""
    lines = LOG.read_text().splitlines() if LOG.exists() else []
    return [json.loads(line) for line in lines]


def run(options: argparse.Namespace) -> None:
    """Train every job that the log does not have."""
    known = [line["job"] for line in read_log()]
    for job in jobs(options):
        if job in known or (job["trainer"] == "gensim" and not gensim_is_here()):
            continue
        found, took = train(job)
        words = open_or_encode(job["corpus"]).vocabulary.words
        scores = {kind: scores_of(words, matrix) for kind, matrix in found.items()}
        line = {"job": job, **took, "scores": scores}
        with LOG.open("a") as file:
            file.write(json.dumps(line) + "\n")
        print(job, {k: round(v, 2) for k, v in took.items()}, flush=True)


def time_again(options: argparse.Namespace) -> None:
    """Time one epoch of each job (after one to warm up) and write its seconds anew."""
    lines, paces = read_log(), {}
    for line in lines:
        job = line["job"]
        pace = json.dumps({k: v for k, v in job.items() if k not in ("epochs", "seed")})
        if pace not in paces:
            train(job | {"epochs": 1})
            paces[pace] = train(job | {"epochs": 1})[1]["seconds"]
            print(f"{pace} {paces[pace]:.2f} s an epoch", flush=True)
        line["seconds"] = paces[pace] * job["epochs"]
        line["timed"] = True
    LOG.write_text("".join(json.dumps(line) + "\n" for line in lines))


def groups() -> Iterator[tuple[Job, list[dict[str, Any]]]]:
    """Lines that differ by the seed only, in the order of corpora, trainers and epochs."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in read_log():
        job = {k: v for k, v in line["job"].items() if k != "seed"}
        found.setdefault(json.dumps(job), []).append(line)
    order = list(CORPORA)
    jobs_and_lines = [(json.loads(job), lines) for job, lines in found.items()]
    yield from sorted(
        jobs_and_lines,
        key=lambda item: (order.index(item[0]["corpus"]), item[0]["trainer"], item[0]["epochs"]),
    )


def vectors_of(job: Job) -> str:
    """The vectors that a run of that trainer uses by default."""
    return ENGINES[job["trainer"]].vectors if job["trainer"] in ENGINES else "center"


def spread(values: list[float]) -> str:
    """Mean ± standard deviation."""
    mean = statistics.mean(values)
    return f"{mean:.1f} ± {statistics.stdev(values):.1f}" if len(values) > 1 else f"{mean:.1f}"


def table(options: argparse.Namespace) -> None:
    """Print the figures as a Markdown table."""
    print("| corpus | trainer, loss | epochs | seeds | CPU s | s | " + " | ".join(SCORES) + " |")
    print("| --- " * (6 + len(SCORES)) + "|")
    for job, lines in groups():
        if job["corpus"] not in options.corpora:
            continue
        cells = [job["corpus"], f"{job['trainer']}, {job['loss']}", job["epochs"], len(lines)]
        cells.append(f"{statistics.median(line['cpu'] for line in lines):.1f}")
        timed = [line["seconds"] for line in lines if line.get("timed")]
        cells.append(f"{statistics.median(timed):.1f}" if timed else "")
        kind = vectors_of(job)
        cells += [spread([line["scores"][kind][name] for line in lines]) for name in SCORES]
        print("| " + " | ".join(map(str, cells)) + " |")


def picture(options: argparse.Namespace) -> None:
    """Draw docs/quality.png."""
    from frontier_picture import ROWS, draw, points_of

    curves: dict[tuple[str, str, str], list[Any]] = {}
    timed = all(line.get("timed") for line in read_log())
    for job, lines in groups():
        if job["corpus"] in options.corpora:
            default = None
            if job["trainer"] in ENGINES:
                corpus = open_or_encode(job["corpus"])
                figures = CorpusFigures(corpus.n_tokens, len(corpus.vocabulary))
                chosen = Config(engine=job["trainer"], loss=job["loss"])
                default = resolve(chosen, figures).training.epochs
            for row, (_, names) in ROWS.items():
                key = job["corpus"], row, f"{job['trainer']}, {job['loss']}"
                curves.setdefault(key, []).append(
                    points_of(lines, vectors_of(job), names, default, timed)
                )
    draw(curves, ROOT / "docs" / "quality.png", timed)


def main() -> None:
    """Do what the first argument says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = {"run": run, "time": time_again, "table": table, "picture": picture}
    parser.add_argument("what", choices=what)
    parser.add_argument("--corpora", nargs="+", default=list(EPOCHS), choices=list(CORPORA))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--trainers", nargs="+", help="engines, and gensim  [default: all]")
    parser.add_argument("--epochs", type=int, nargs="+", help="[default: several for each corpus]")
    options = parser.parse_args()
    what[options.what](options)


if __name__ == "__main__":
    main()
