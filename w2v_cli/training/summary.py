"""What a run folder says about itself, without loading a corpus or an engine."""

from dataclasses import dataclass
from pathlib import Path

from w2v_cli.errors import DataError, RunError
from w2v_cli.json_types import Json
from w2v_cli.settings.resolve import resolve
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.text.vocabulary import read_vocabulary, vocabulary_from_pairs
from w2v_cli.training.checkpoint import checkpoint_files, read_checkpoint
from w2v_cli.training.metrics import Report, read_metrics
from w2v_cli.training.run_folder import RunFolder
from w2v_cli.training.start_vectors import read_start


@dataclass(frozen=True)
class RunSummary:
    """The state of a run on disk.

    settings: what it obeys. reports: all lines of its metrics. n_words, n_kept_tokens: distinct
    words and how often they occur together (0 if unknown). checkpoints: name, bytes and verdict
    ("whole" or what is wrong), newest first. fingerprints: of the configuration and, where a
    whole checkpoint has it, of the corpus. finished: None before the first checkpoint.
    n_start_words: how many words the vectors have that it started from; 0: from none.
    """

    settings: RunSettings
    reports: list[Report]
    n_words: int
    n_kept_tokens: int
    top_words: list[str]
    checkpoints: list[Json]
    fingerprints: dict[str, str]
    finished: bool | None
    n_start_words: int = 0

    @property
    def epochs(self) -> list[Report]:
        """The reports that sum up an epoch."""
        return [report for report in self.reports if report.is_epoch]


def summarize_run(run_dir: Path) -> RunSummary:
    """Read what a run folder says.

    Raises:
        RunError: it is not a run, or its metrics are damaged.
        UsageError: its config.toml cannot be read.
    """
    folder = RunFolder(run_dir)
    if not folder.is_run():
        raise RunError(f"{run_dir} is not a run (no config.toml); give a run or a vector file")
    settings = resolve(folder.read_config())
    known = folder.vocabulary.exists()
    vocabulary = read_vocabulary(folder.vocabulary) if known else vocabulary_from_pairs(())
    checkpoints, corpus, finished = _checkpoints(folder.checkpoints)
    return RunSummary(
        settings=settings,
        reports=read_metrics(folder.metrics),
        n_words=len(vocabulary),
        n_kept_tokens=int(vocabulary.counts.sum()),
        top_words=list(vocabulary.words[:10]),
        checkpoints=checkpoints,
        fingerprints={"config": settings.fingerprint(), **({"corpus": corpus} if corpus else {})},
        finished=finished,
        n_start_words=len(read_start(folder.start).words) if folder.start.exists() else 0,
    )


def _checkpoints(folder: Path) -> tuple[list[Json], str, bool | None]:
    """Checkpoints with verdicts; the corpus' fingerprint and whether the newest one is the end."""
    found: list[Json] = []
    corpus, finished = "", None
    for path in checkpoint_files(folder):
        entry: Json = {"name": path.name, "state": "whole"}
        try:
            entry["bytes"] = path.stat().st_size
            checkpoint = read_checkpoint(path)
            corpus = corpus or checkpoint.corpus_fingerprint
            if finished is None:
                finished = bool(checkpoint.position["finished"])
        except (DataError, FileNotFoundError) as error:
            if not path.exists():  # a training at work has removed it in the meantime
                continue
            entry["state"] = f"damaged: {error}"
        found.append(entry)
    return found, corpus, finished
