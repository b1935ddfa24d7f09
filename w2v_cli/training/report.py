"""What can be read from a run folder without loading a corpus or an engine.

The summary for `w2v info`, the differences between runs for `w2v compare`, and the `README.md` of
an exported model.
"""

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from w2v_cli.errors import DataError, RunError, visible
from w2v_cli.json_types import Json
from w2v_cli.settings.config import settings_to_toml
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.text.vocabulary import read_vocabulary, vocabulary_from_pairs
from w2v_cli.training.run_folder import RunFolder
from w2v_cli.training.saved_state import Checkpoint, checkpoint_files, read_checkpoint
from w2v_cli.training.start_vectors import read_start
from w2v_cli.training.trainer import Report, read_metrics
from w2v_cli.vectors.table import VectorTable

# The summary of a run.


@dataclass(frozen=True)
class RunSummary:
    """The state of a run on disk.

    settings: of the run. reports: all lines of its metrics. n_words, n_kept_tokens: words of the
    vocabulary and their tokens (0 if unknown). checkpoints: name, bytes and state ("whole" or what
    is wrong), newest first. fingerprints: of the configuration and, if there is a whole checkpoint,
    of the corpus. finished: None before the first checkpoint. n_start_words: number of words in
    the vectors it started from; 0: it started from none.
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
        """The reports of whole epochs."""
        return [report for report in self.reports if report.is_epoch]


def summarize_run(run_dir: Path) -> RunSummary:
    """Read the summary of a run folder.

    Raises:
        RunError: it is not a run, or its configuration, metrics or vocabulary is damaged.
    """
    folder = RunFolder(run_dir)
    if not folder.is_run():
        raise RunError(f"{run_dir} is not a run (no config.toml); give a run or a vector file")
    settings = folder.read_settings()
    known = folder.vocabulary.exists()
    vocabulary = read_vocabulary(folder.vocabulary) if known else vocabulary_from_pairs(())
    checkpoints, newest = _checkpoints(folder.checkpoints)
    if known and newest and newest.vocabulary != vocabulary.fingerprint:
        raise RunError(
            f"{folder.vocabulary} was changed after it was written;"
            " delete it and resume the run: it is written again"
        )
    return RunSummary(
        settings=settings,
        reports=read_metrics(folder.metrics),
        n_words=len(vocabulary),
        n_kept_tokens=int(vocabulary.counts.sum()),
        top_words=list(vocabulary.words[:10]),
        checkpoints=checkpoints,
        fingerprints={
            "config": settings.fingerprint(),
            **({"corpus": newest.corpus_fingerprint} if newest else {}),
        },
        finished=bool(newest.position["finished"]) if newest else None,
        n_start_words=len(read_start(folder.start).words) if folder.start.exists() else 0,
    )


def _checkpoints(folder: Path) -> tuple[list[Json], Checkpoint | None]:
    """Return the checkpoints with states, and the newest whole one."""
    found: list[Json] = []
    newest = None
    for path in checkpoint_files(folder):
        entry: Json = {"name": path.name, "state": "whole"}
        try:
            entry["bytes"] = path.stat().st_size
            checkpoint = read_checkpoint(path)
            newest = newest or checkpoint
        except (DataError, FileNotFoundError) as error:
            if not path.exists():  # a running training has just removed it
                continue
            entry["state"] = f"damaged: {error}"
        found.append(entry)
    return found, newest


# How runs differ: their settings and their losses.


def settings_of_run(path: Path) -> RunSettings | None:
    """Return the settings of a run; None: not a run."""
    folder = RunFolder(path)
    return folder.read_settings() if folder.is_run() else None


def differing_settings(runs: Sequence[RunSettings | None]) -> dict[str, list[object]]:
    """Return the settings in which runs differ: name → one value per run.

    None: the run has no such setting. What is not a run (None) differs in nothing.
    """
    values = [
        None if run is None else {setting.name: value for setting, value in run.values()}
        for run in runs
    ]
    known = [each for each in values if each is not None]
    names = dict.fromkeys(name for each in known for name in each)
    rows = {name: [None if each is None else each.get(name) for each in values] for name in names}
    return {
        name: row
        for name, row in rows.items()
        if any(each.get(name) != known[0].get(name) for each in known)
    }


def epochs_of_run(path: Path) -> list[Report]:
    """Return the reports of whole epochs; none for what is not a run.

    Raises RunError if the metrics are damaged.
    """
    reports: list[Report] = read_metrics(RunFolder(path).metrics) if path.is_dir() else []
    return [report for report in reports if report.is_epoch]


def as_objects(reports: Sequence[Report]) -> list[Json]:
    """Return reports in a form for JSON."""
    return [report.as_dict() for report in reports]


# The `README.md` of an exported model folder: the vectors, their training, their scores.

_MARKS = re.compile(r"[\\`*_|\[\]]")
_USE_MODEL2VEC = """\
```python
from model2vec import StaticModel
model = StaticModel.from_pretrained({name})
model.encode([{text}])
# sentence-transformers: SentenceTransformer(modules=[StaticEmbedding.from_model2vec({name})])
```

The vector of a text is the mean of its words' vectors; unknown words are skipped.
"""

_USE = """\
```python
import w2v_cli
vectors = w2v_cli.load({name})
vectors.neighbors({word})
```

Without w2v: row i of `embedding.weight` in `model.safetensors` belongs to line i of `vocab.txt`.
"""


def model_card(
    table: VectorTable,
    source: Path,
    name: str,
    vectors: str | None,
    changes: Sequence[str],
    form: str = "huggingface",
) -> str:
    """Write the card, in Markdown.

    Args:
        table: what is exported.
        source: the run or file it comes from; a run adds its settings and scores.
        name: of the model folder.
        vectors: which vectors of the run, None for its default.
        changes: what the export changed, in words.
        form: the format of the folder.

    Raises:
        RunError: the run's metrics are damaged.
    """
    use = _USE_MODEL2VEC if form == "model2vec" else _USE
    parts = [
        "---\nlibrary_name: w2v-cli\ntags: [word2vec, word-vectors]\n---\n",
        f"# {_plain(name)}\n",
        f"{len(table):,} words, {table.dim} dimensions"
        + (f" ({vectors} vectors)" if vectors else "")
        + (f"; {', '.join(changes)}" if changes else "")
        + ".\n",
        "## Use\n",
        use.format(
            name=_literal(name),
            word=_literal(table.words[0]),
            text=_literal(f"a text about {table.words[0]}"),
        ),
    ]
    if (source / "config.toml").is_file():
        summary = summarize_run(source)
        settings = _without_folders(summary.settings)
        parts += ["## Training\n", f"```toml\n{settings_to_toml(settings)}```\n"]
        if summary.epochs and summary.epochs[-1].loss is not None:
            last = summary.epochs[-1]
            parts.append(f"Loss per pair in epoch {last.epoch}: {last.loss:.4f}.\n")
        parts += _scores(summary.reports)
    return "\n".join(parts)


def _plain(text: str) -> str:
    """Return text that Markdown and HTML show as it is."""
    return _MARKS.sub(r"\\\g<0>", html.escape(visible(text), quote=False))


def _literal(text: str) -> str:
    """Return a text as Python writes it, on one line."""
    return json.dumps(text, ensure_ascii=False) if text.isprintable() else ascii(text)


def _without_folders(settings: RunSettings) -> RunSettings:
    """Keep only the names of files, so that an exported model shows no folders of this machine."""

    def names(paths: Sequence[str]) -> tuple[str, ...]:
        return tuple(Path(path).name for path in paths)

    def name(path: str | None) -> str | None:
        return None if path is None else Path(path).name

    corpus = structs.replace(
        settings.corpus,
        paths=names(settings.corpus.paths),
        stop_words=name(settings.corpus.stop_words),
        keep_words=name(settings.corpus.keep_words),
        vocab=name(settings.corpus.vocab),
    )
    start_from = name(settings.training.start_from)
    training = structs.replace(settings.training, start_from=start_from)
    watch = structs.replace(settings.watch, eval_files=names(settings.watch.eval_files))
    return structs.replace(settings, corpus=corpus, training=training, watch=watch)


def _scores(reports: Sequence[Report]) -> list[str]:
    scored = [report.eval for report in reports if report.eval]
    if not scored:
        return []
    rows = [
        f"| {_plain(name)} | {value:.3f} |"
        for name, value in scored[-1].items()
        if value is not None
    ]
    return ["## Scores\n", "| set | score |\n| --- | --- |", *rows, ""]
