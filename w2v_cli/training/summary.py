"""What a run folder tells about itself, without loading a corpus or an engine."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from w2v_cli.corpus.vocabulary import read_vocabulary, vocabulary_from_pairs
from w2v_cli.errors import DataError, RunError
from w2v_cli.settings.config import Config
from w2v_cli.settings.toml import read_config_file
from w2v_cli.training.checkpoint import checkpoint_files, read_checkpoint


@dataclass(frozen=True)
class RunSummary:
    """The state of a run on disk.

    config: its settings. epochs: the reports of finished epochs; reports: those between.
    n_words, n_kept_tokens: distinct words and how often they occur together (0 if unknown).
    checkpoints: name, bytes and verdict ("whole" or what is wrong), newest first.
    fingerprints: of the configuration and, where a whole checkpoint tells it, the corpus.
    """

    config: Config
    epochs: list[dict[str, Any]]
    reports: list[dict[str, Any]]
    n_words: int
    n_kept_tokens: int
    top_words: list[str]
    checkpoints: list[dict[str, Any]]
    fingerprints: dict[str, str]
    finished: bool | None


def read_metrics(run_dir: Path) -> list[dict[str, Any]]:
    """Read `metrics.jsonl`; a last line cut short by a power cut is left out.

    Raises:
        RunError: another line that is no JSON object.
    """
    path = run_dir / "metrics.jsonl"
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")
    metrics = []
    for number, line in enumerate(lines, 1):
        try:
            if line:
                metrics.append(json.loads(line))
        except ValueError:
            if number < len(lines):
                raise RunError(f"{path}: line {number} is no JSON: {line[:60]!r}") from None
    return metrics


def summarize_run(run_dir: Path) -> RunSummary:
    """Read what a run folder says.

    Raises:
        RunError: no run there, or its metrics are damaged.
        UsageError: its config.toml cannot be read.
    """
    if not (run_dir / "config.toml").is_file():
        raise RunError(f"{run_dir}: no config.toml, so no run; give a run folder or a vector file")
    config = Config(**read_config_file(run_dir / "config.toml"))
    metrics = read_metrics(run_dir)
    listed = run_dir / "vocab.tsv"
    vocabulary = read_vocabulary(listed) if listed.exists() else vocabulary_from_pairs(())
    checkpoints, corpus, finished = _checkpoints(run_dir / "checkpoints")
    return RunSummary(
        config=config,
        epochs=[m for m in metrics if m.get("event") == "epoch"],
        reports=[m for m in metrics if m.get("event") == "report"],
        n_words=len(vocabulary),
        n_kept_tokens=int(vocabulary.counts.sum()),
        top_words=list(vocabulary.words[:10]),
        checkpoints=checkpoints,
        fingerprints={"config": config.fingerprint(), **({"corpus": corpus} if corpus else {})},
        finished=finished,
    )


def _checkpoints(folder: Path) -> tuple[list[dict[str, Any]], str, bool | None]:
    """Checkpoints with verdicts; the corpus' fingerprint and whether the newest one is the end."""
    found: list[dict[str, Any]] = []
    corpus, finished = "", None
    for path in checkpoint_files(folder):
        entry = {"name": path.name, "bytes": path.stat().st_size, "state": "whole"}
        try:
            checkpoint = read_checkpoint(path)
            corpus = corpus or checkpoint.corpus_fingerprint
            if finished is None:
                finished = bool(checkpoint.position["finished"])
        except DataError as error:
            entry["state"] = f"damaged: {error}"
        found.append(entry)
    return found, corpus, finished
