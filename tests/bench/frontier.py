"""The figures of docs/quality.md: quality against seconds, for the engines, blends and gensim.

    python tests/bench/frontier.py run                # train what has no line in the log yet
    python tests/bench/frontier.py run --corpora reviews-1m --seeds 1 --threads 1
    python tests/bench/frontier.py time               # time every line of the log again, shortly
    python tests/bench/frontier.py table              # as Markdown; the page has its output
    python tests/bench/frontier.py picture            # docs/quality.png
    python tests/bench/frontier.py seeds              # how many neighbours two seeds agree on

Needs, beside the checkout, ../shared with the film reviews and the sets of words; gensim where it
is installed. Each training is one JSON line in tests/bench/frontier.jsonl, with the scores, the
CPU seconds and the seconds of the training. On a busy machine only CPU seconds mean something;
`time` runs one epoch of each line on an idle machine and corrects the seconds. A sampled training
is scored alone and blended with spectral vectors of the same corpus, at several weights. The
seconds of spectral vectors contain the counting of pairs, those of a blend both trainings.
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
from w2v_cli.vectors.blending import blend_tables  # noqa: E402
from w2v_cli.vectors.scores.datasets import read_dataset  # noqa: E402
from w2v_cli.vectors.scores.scoring import (  # noqa: E402
    SimilarityScore,
    score,
)
from w2v_cli.vectors.table import VectorTable  # noqa: E402
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

#: Weights of the spectral vectors in a blend, where the trained ones have 1.
WEIGHTS = (0.5, 1.0)
#: Trainers that are an engine with some settings.
VARIANTS: dict[str, dict[str, Any]] = {"sampled-3-6": {"engine": "sampled", "subwords": "3-6"}}

#: Corpora by name, and what is trained on each: the engine's name, or gensim, and settings.
CORPORA: dict[str, dict[str, Any]] = {
    "sample": {"paths": ROOT / "data" / "sample.txt"},
    "reviews-0.3m": {"paths": REVIEWS, "limit_tokens": 300_000},
    "reviews-1m": {"paths": REVIEWS, "limit_tokens": 1_000_000},
    "reviews": {"paths": REVIEWS},
    "reviews-min50": {"paths": REVIEWS, "min_count": 50},
}
EPOCHS: dict[str, dict[str, tuple[int, ...]]] = {
    "reviews-0.3m": {
        "spectral": (30,),
        "sampled": (4, 8, 30, 87),
        "exact": (14,),
        "gensim": (5,),
    },
    "reviews-1m": {"spectral": (30,), "sampled": (4, 8, 15, 47), "exact": (14,), "gensim": (5,)},
    "reviews": {"spectral": (30,), "sampled": (4, 8, 14), "sampled-3-6": (7,), "gensim": (5,)},
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
            given = (options.epochs or epochs) if is_by_epochs(trainer) else epochs
            for loss, n in itertools.product(losses, given):
                yield {
                    "corpus": corpus, "trainer": trainer, "loss": loss, "epochs": n, "seed": seed,
                }  # fmt: skip


def is_by_epochs(trainer: str) -> bool:
    """Whether a trainer's number of epochs is a choice; otherwise it is a limit."""
    return trainer not in ENGINES or ENGINES[trainer].reason is not None


def is_blended(trainer: str) -> bool:
    """Whether the vectors of a trainer are scored in blends too."""
    return trainer == "sampled" or trainer in VARIANTS


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
    engine = VARIANTS.get(job["trainer"], {"engine": job["trainer"]})
    return resolve(Config(**engine, **chosen), figures)


def train(
    job: Job, n_epochs: int | None = None, n_threads: int | None = None
) -> tuple[Any, dict[str, Any]]:
    """Train a job, or only its first epochs; return vectors by name, and what it took."""
    corpus = open_or_encode(job["corpus"])
    if job["trainer"] not in {**ENGINES, **VARIANTS}:
        return _train_gensim(job, corpus)
    settings = settings_of(job, corpus, n_threads=n_threads)
    with tempfile.TemporaryDirectory(dir=WORK) as cache:
        start, cpu = time.perf_counter(), time.process_time()
        engine = create_engine(settings, corpus, Path(cache), lambda message: None)
        setup = {
            "setup_seconds": time.perf_counter() - start,
            "setup_cpu": time.process_time() - cpu,
        }
        start, cpu = time.perf_counter(), time.process_time()
        stats = _epochs(engine, settings, n_epochs or job["epochs"])
    took = {
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        **setup,
        "lr": settings.training.lr,
        "loss_per_pair": sum(s.loss for s in stats) / sum(s.n_pairs for s in stats),
    }
    vectors = engine.embeddings()
    found = {"center": vectors.center.copy(), "sum": vectors.center + vectors.outside}
    engine.close()
    return found, took


def _epochs(engine: Any, settings: Any, n: int) -> list[Any]:
    """Train n epochs, or until the engine has enough; return the figures of the last one."""
    schedule = create_schedule(settings.training)
    total = settings.training.epochs * engine.n_units
    stats: list[Any] = []
    for epoch in range(n):
        first = epoch * engine.n_units
        lrs = [schedule.lr_at(first + i, total) for i in range(engine.n_units)]
        units = (Unit(epoch, i, lr) for i, lr in enumerate(lrs))
        stats = [figures for _, figures in engine.train(units)]
        if any(figures.is_enough for figures in stats):
            break
    return stats


def blends(job: Job, center: Any, n_threads: int | None) -> dict[str, Any]:
    """The blends of some trained vectors with the spectral ones of their corpus, by name."""
    words = open_or_encode(job["corpus"]).vocabulary.words
    file = WORK / job["corpus"] / f"spectral-{job['seed']}.npy"
    if not file.exists():
        spectral = job | {"trainer": "spectral", "loss": "ppmi", "epochs": 30}
        np.save(file, train(spectral, n_threads=n_threads)[0]["center"])
    parts = [VectorTable(words, center), VectorTable(words, np.load(file))]
    return {f"blend 1,{w:g}": blend_tables(parts, [1, w]).table.matrix for w in WEIGHTS}


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


def write_log(lines: list[dict[str, Any]]) -> None:
    """Write all lines anew."""
    LOG.write_text("".join(json.dumps(line) + "\n" for line in lines))


def is_whole(line: dict[str, Any]) -> bool:
    """Whether a line has all the scores that it would get today."""
    return not is_blended(line["job"]["trainer"]) or "blend 1,1" in line["scores"]


def run(options: argparse.Namespace) -> None:
    """Train every job that the log does not have."""
    known = [line["job"] for line in read_log() if is_whole(line)]
    for job in jobs(options):
        if job in known or (job["trainer"] == "gensim" and not gensim_is_here()):
            continue
        found, took = train(job, n_threads=options.threads)
        if is_blended(job["trainer"]):
            found |= blends(job, found["center"], options.threads)
        words = open_or_encode(job["corpus"]).vocabulary.words
        scores = {kind: scores_of(words, matrix) for kind, matrix in found.items()}
        line = {"job": job, **took, "scores": scores}
        write_log([*(old for old in read_log() if old["job"] != job), line])
        print(job, {k: round(v, 2) for k, v in took.items()}, flush=True)


def time_again(options: argparse.Namespace) -> None:
    """Time one epoch of each job (after one to warm up) and write its seconds anew."""
    lines, paces = read_log(), {}
    for line in lines:
        job = line["job"]
        if job["corpus"] not in options.corpora:
            continue
        by_epochs = is_by_epochs(job["trainer"])
        one = job | ({"epochs": 1} if by_epochs else {})
        pace = json.dumps({k: v for k, v in one.items() if k != "seed"})
        if pace not in paces:
            train(one)
            took = train(one)[1]
            paces[pace] = took["seconds"], took.get("setup_seconds")
            print(f"{pace} {paces[pace]} s for an epoch (or all), and before", flush=True)
        seconds, line["setup_seconds"] = paces[pace]
        line["seconds"] = seconds * (job["epochs"] if by_epochs else 1)
        line["timed"] = True
    write_log(lines)


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


def took_with(job: Job, kind: str, lines: list[dict[str, Any]], key: str) -> float | None:
    """Seconds or CPU seconds (`key`) of some vectors; None: not all of them were timed."""
    spectral = not is_by_epochs(job["trainer"])
    if key == "seconds" and not all(line.get("timed") for line in lines):
        return None
    setup = f"setup_{key}"
    took = statistics.median(line[key] + spectral * line.get(setup, 0.0) for line in lines)
    if not kind.startswith("blend"):
        return took
    other = [line for line in read_log() if line["job"]["corpus"] == job["corpus"]]
    other = [line for line in other if line["job"]["trainer"] == "spectral"]
    more = took_with(other[0]["job"], "center", other, key) if other else None
    return None if more is None else took + more


def scored(job: Job, lines: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the default vectors of a job and its blends, each with the lines that score them."""
    for kind in (vectors_of(job), *(f"blend 1,{weight:g}" for weight in WEIGHTS)):
        if some := [line for line in lines if kind in line["scores"]]:
            yield kind, some


def table(options: argparse.Namespace) -> None:
    """Print the figures as a Markdown table."""
    print("| corpus | trainer, loss | epochs | seeds | CPU s | s | " + " | ".join(SCORES) + " |")
    print("| --- " * (6 + len(SCORES)) + "|")
    for job, lines in groups():
        if job["corpus"] not in options.corpora:
            continue
        for kind, some in scored(job, lines):
            epochs = job["epochs"] if is_by_epochs(job["trainer"]) else ""
            what = f"{job['trainer']}, {kind if kind.startswith('blend') else job['loss']}"
            took = [took_with(job, kind, some, key) for key in ("cpu", "seconds")]
            cells = [job["corpus"], what, epochs, len(some)]
            cells += ["" if seconds is None else f"{seconds:.1f}" for seconds in took]
            cells += [spread([line["scores"][kind][name] for line in some]) for name in SCORES]
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
            for kind, some in scored(job, lines):
                name = job["loss"] if not kind.startswith("blend") else kind
                took = took_with(job, kind, some, "seconds" if timed else "cpu")
                for row, (_, names) in ROWS.items():
                    key = job["corpus"], row, f"{job['trainer']}, {name}"
                    point = points_of(some, kind, names, default, took or 0.0)
                    curves.setdefault(key, []).append(point)
    draw(curves, ROOT / "docs" / "quality.png", timed)


def seeds(options: argparse.Namespace) -> None:
    """Print how many of a word's 10 neighbours two seeds agree on, over the 2,000 first words."""
    for name in options.corpora:
        words = open_or_encode(name).vocabulary.words
        found: dict[str, list[Any]] = {}
        for seed in options.seeds[:2]:
            job = {"corpus": name, "loss": "negative-sampling", "seed": seed}
            job |= {"trainer": "sampled", "epochs": (options.epochs or [15])[0]}
            center = train(job, n_threads=options.threads)[0]["center"]
            both = {"sampled": center, **blends(job, center, options.threads)}
            both["spectral"] = np.load(WORK / name / f"spectral-{seed}.npy")
            for kind, matrix in both.items():
                vectors = WordVectors(words, np.ascontiguousarray(matrix))
                found.setdefault(kind, []).append(vectors.neighbors_of(words[:2000], 10))
        for kind, (one, other) in found.items():
            shared = [
                len({w for w, _ in a} & {w for w, _ in b}) for a, b in zip(one, other, strict=True)
            ]
            print(f"{name} {kind}: {10 * statistics.mean(shared):.0f} % the same", flush=True)


def main() -> None:
    """Do what the first argument says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = {"run": run, "time": time_again, "table": table, "picture": picture, "seeds": seeds}
    parser.add_argument("what", choices=what)
    parser.add_argument("--corpora", nargs="+", default=list(EPOCHS), choices=list(CORPORA))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--trainers", nargs="+", help="engines, and gensim  [default: all]")
    parser.add_argument("--epochs", type=int, nargs="+", help="[default: several for each corpus]")
    parser.add_argument("--threads", type=int, help="[default: one per core]")
    options = parser.parse_args()
    what[options.what](options)


if __name__ == "__main__":
    main()
