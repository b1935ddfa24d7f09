"""The `README.md` of an exported model folder: what the vectors are, how they were made, scores."""

import html
import json
import re
from collections.abc import Sequence
from pathlib import Path

from msgspec import structs

from w2v_cli.settings.config import settings_to_toml
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.training.metrics import Report
from w2v_cli.training.summary import summarize_run
from w2v_cli.vectors.table import VectorTable
from w2v_cli.visible import visible

_MARKS = re.compile(r"[\\`*_|\[\]]")
_USE_MODEL2VEC = """\
```python
from model2vec import StaticModel
model = StaticModel.from_pretrained({name})
model.encode([{text}])
# sentence-transformers: SentenceTransformer(modules=[StaticEmbedding.from_model2vec({name})])
```

A text's vector is the mean of its words' vectors; unknown words are left out.
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
        source: where it comes from; a run adds its settings and scores.
        name: of the model folder.
        vectors: which vectors of the run, None for its default.
        changes: what was done to them on the way.
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
    """Keep only the names of files: the folders of the machine are nobody's business."""

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
