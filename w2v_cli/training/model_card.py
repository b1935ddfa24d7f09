"""The `README.md` of an exported model folder: what the vectors are, how they were made, scores."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from w2v_cli.settings.toml import config_to_toml
from w2v_cli.training.summary import read_metrics, summarize_run
from w2v_cli.vectors.table import VectorTable

_USE = """\
```python
import w2v_cli
vectors = w2v_cli.load("{name}")
vectors.neighbors("{word}")
```

Without w2v: row i of `embedding.weight` in `model.safetensors` belongs to line i of `vocab.txt`.
"""


def model_card(
    table: VectorTable, source: Path, name: str, vectors: str | None, changes: Sequence[str]
) -> str:
    """Write the card, in Markdown.

    Args:
        table: what is exported.
        source: where it comes from; a run adds its settings and scores.
        name: of the model folder.
        vectors: which vectors of the run, None for its default.
        changes: what was done to them on the way.

    Raises:
        RunError: the run's metrics are damaged.
    """
    parts = [
        "---\nlibrary_name: w2v-cli\ntags: [word2vec, word-vectors]\n---\n",
        f"# {name}\n",
        f"{len(table):,} words, {table.dim} dimensions"
        + (f" ({vectors} vectors)" if vectors else "")
        + (f"; {', '.join(changes)}" if changes else "")
        + ".\n",
        "## Use\n",
        _USE.format(name=name, word=table.words[0].replace('"', '\\"')),
    ]
    if (source / "config.toml").is_file():
        summary = summarize_run(source)
        # The names only: the folders of the machine are nobody's business.
        paths, files = (
            tuple(Path(path).name for path in some)
            for some in (summary.config.paths, summary.config.eval_files)
        )
        config = replace(summary.config, paths=paths, eval_files=files)
        parts += ["## Training\n", f"```toml\n{config_to_toml(config)}```\n"]
        if summary.epochs:
            last = summary.epochs[-1]
            parts.append(f"Loss a pair in epoch {last['epoch']}: {last['loss']:.4f}.\n")
        parts += _scores(read_metrics(source))
    return "\n".join(parts)


def _scores(metrics: list[dict[str, Any]]) -> list[str]:
    scored = [entry["eval"] for entry in metrics if entry.get("eval")]
    if not scored:
        return []
    rows = [f"| {name} | {value:.3f} |" for name, value in scored[-1].items() if value is not None]
    return ["## Scores\n", "| set | score |\n| --- | --- |", *rows, ""]
