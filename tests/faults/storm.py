"""Runs to do on a faulty disk, and what must hold afterwards."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from w2v_cli.errors import W2VError
from w2v_cli.settings.config import Config
from w2v_cli.training.assembly import resume, start
from w2v_cli.training.preparation import Watcher
from w2v_cli.training.run_folder import RunFolder
from w2v_cli.vectors.run_vectors import read_run_vectors

#: Engine and loss of each run; small, on one thread, so that the same bits come out.
RUNS = {
    "reference": {"engine": "reference"},
    "reference-softmax": {"engine": "reference", "loss": "naive-softmax", "optimizer": "adagrad"},
    "sampled": {"engine": "sampled", "n_threads": 1},
    "exact": {"engine": "exact", "loss": "negative-sampling", "n_threads": 1},
    "exact-softmax": {"engine": "exact", "loss": "naive-softmax", "n_threads": 1},
}
BASE = {
    "min_count": 1, "dim": 4, "epochs": 2, "window": 2, "checkpoint_every": 1e-9, "snapshots": 3,
}  # fmt: skip
HOLDOUT = {"holdout": 0.2, "patience": 1, "lr": 0.5, "lr_schedule": "constant", "epochs": 6}
TIMED = {"elapsed_seconds", "words_per_second"}


def write_text(path: Path) -> Path:
    """60 documents, 480 tokens of 20 words."""
    ids = np.random.default_rng(5).integers(0, 20, size=(60, 8))
    path.write_text("".join(" ".join(f"w{i}" for i in line) + "\n" for line in ids))
    return path


@dataclass(frozen=True)
class Outcome:
    """All bits of a run that the clock does not make."""

    files: dict[str, bytes]
    metrics: list[dict]
    names: list[str]


def outcome(run: Path) -> Outcome:
    names = ("vectors.safetensors", "vocab.tsv", "config.toml")
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return Outcome(
        files={name: (run / name).read_bytes() for name in names},
        metrics=[{k: v for k, v in line.items() if k not in TIMED} for line in lines],
        names=sorted(str(path.relative_to(run)) for path in run.rglob("*")),
    )


def begin(config: Config, run: Path) -> None:
    """Start and train to the end."""
    for _ in start(config, run).train():
        pass


def finish(config: Config, run: Path, notices: list[str] | None = None) -> None:
    """Whatever is there: resume it, or start, and train to the end."""
    watcher = Watcher((notices if notices is not None else []).append)
    if RunFolder(run).is_run():
        training = resume(Config(), run, watcher)
    else:
        training = start(config, run, watcher)
    for _ in training.train():
        pass


def check_readable(run: Path) -> None:
    """What a reader finds before anybody mends anything: old vectors, new ones, or none."""
    if (run / "vectors.safetensors").exists():
        read_run_vectors(run)


def attempt(work: Callable[[], None], *ends: type[BaseException]) -> bool:
    """Do it; return whether it came to its end in spite of the fault."""
    try:
        work()
    except (*ends, OSError, W2VError):
        return False
    return True
