"""`w2v info`: what is in a run folder or a file of vectors."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from w2v_cli.commands.ask import VectorCommand, run_argument, strict_option
from w2v_cli.commands.terminal import line_chart, render_table, size_text
from w2v_cli.errors import shown_setting, visible
from w2v_cli.json_types import Json

#: Columns for text that is indented by two.
_WIDTH = 78

if TYPE_CHECKING:
    from w2v_cli.settings.run_settings import RunSettings
    from w2v_cli.training.report import RunSummary
    from w2v_cli.training.trainer import Report


@click.command(cls=VectorCommand, short_help="Describe a run: settings, loss curve, files.")
@run_argument
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@strict_option
def info(run: Path, as_json: bool, strict: bool) -> None:
    """Describe RUN: settings, corpus, vocabulary, loss curve, checkpoints, time, fingerprints.

    For a file of vectors: format, words and size. Checksums and numbers are verified.
    """
    if (run / "config.toml").is_file():
        _show_run(run, as_json)
    else:
        _show_vectors(run, as_json, strict)


def _show_vectors(path: Path, as_json: bool, strict: bool) -> None:
    from w2v_cli.vectors.formats.packed import is_stream
    from w2v_cli.vectors.formats.streams import Reading
    from w2v_cli.vectors.formats.vector_files import read_with_kind

    kind, table = read_with_kind(path, how=Reading(strict=strict))
    size = None if is_stream(path) else _size(path)  # what a pipe gave is gone
    content: Json = {
        "path": str(path),
        "format": kind,
        "n_words": len(table),
        "dim": table.dim,
        "bytes": size,
        "first_words": table.words[:10],
    }
    if as_json:
        click.echo(json.dumps(content, ensure_ascii=False))
        return
    rows = [
        ["format", kind],
        ["words", f"{content['n_words']:,}"],
        ["dimensions", str(content["dim"])],
        *([] if size is None else [["size", size_text(size)]]),
        ["first words", " ".join(table.words[:10])],
    ]
    click.echo(render_table(rows, left=2))


def _size(path: Path) -> int:
    files = [file for file in path.iterdir() if file.is_file()] if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)


def _show_run(run: Path, as_json: bool) -> None:
    from w2v_cli.training.report import summarize_run
    from w2v_cli.vectors.run_vectors import FILE_NAME, read_run_vectors

    summary = summarize_run(run)
    vectors = None
    if (run / FILE_NAME).exists():
        stored = read_run_vectors(run)
        shape = stored.embeddings.center.shape
        vectors = {"n_words": shape[0], "dim": shape[1], "default": stored.default}
    if as_json:
        content = _as_object(summary, vectors)
        click.echo(json.dumps(content, ensure_ascii=False))
        return
    for title, text in (
        (str(run), _overview(summary, vectors)),
        ("settings", _settings(summary.settings)),
        ("epochs", _epochs(summary.epochs)),
        ("loss per pair", _curve(summary)),
        ("checkpoints", _checkpoints(summary.checkpoints)),
        ("fingerprints", render_table(list(map(list, summary.fingerprints.items())), left=2)),
    ):
        if text:
            click.echo(visible(title))
            click.echo("\n".join("  " + line for line in text.split("\n")))


def _overview(summary: "RunSummary", vectors: Json | None) -> str:
    reports = summary.epochs or summary.reports
    last = reports[-1] if reports else None
    states = {True: "finished", False: "stopped; continue with w2v train --resume"}
    rows = [
        ["state", "no checkpoint yet" if summary.finished is None else states[summary.finished]],
        ["corpus", ", ".join(summary.settings.corpus.paths) or "sentences from Python"],
        ["vocabulary", f"{summary.n_words:,} words, {summary.n_kept_tokens:,} occurrences"],
        ["most frequent", " ".join(summary.top_words)],
    ]
    if vectors:
        used = f"{vectors['n_words']:,} × {vectors['dim']}, default: {vectors['default']}"
        rows.append(["vectors", used])
    if (source := summary.settings.training.start_from) is not None:
        rows.append(["started from", _start(source, summary)])
    if last:
        trained = f"{last.n_tokens:,} words in {last.elapsed_seconds:.1f} s"
        if last.elapsed_seconds > 0:
            trained += f", {last.n_tokens / last.elapsed_seconds:,.0f} words/s"
        rows.append(["trained", trained])
    return render_table(rows, left=2)


def _start(source: str, summary: "RunSummary") -> str:
    """Return what a run started from, and how far its known words have moved since."""
    from msgspec import UNSET

    cosine = summary.epochs[-1].start_cosine if summary.epochs else UNSET
    moved = "" if cosine is UNSET else f"; known words at cosine {cosine:.3f} to it"
    return f"{source}, {summary.n_start_words:,} words{moved}"


def _as_object(summary: "RunSummary", vectors: Json | None) -> Json:
    """Return everything as JSON can hold it; settings by name."""
    return {
        **vars(summary),
        "settings": {setting.name: value for setting, value in summary.settings.values()},
        "reports": [report.as_dict() for report in summary.reports if not report.is_epoch],
        "epochs": [report.as_dict() for report in summary.epochs],
        "vectors": vectors,
    }


def _settings(settings: "RunSettings") -> str:
    shown = [
        f"{setting.name} = {_value(value)}"
        for setting, value in settings.values()
        if value is not None and setting.kind is not tuple
    ]
    return next(table for n in (3, 2, 1) if _fits(table := _in_columns(shown, n)) or n == 1)


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else shown_setting(value)


def _in_columns(items: list[str], n: int) -> str:
    """Lay items out in n columns, downwards."""
    height = -(-len(items) // n)
    filled = items + [""] * (n * height - len(items))
    return render_table([[filled[i + height * k] for k in range(n)] for i in range(height)], left=n)


def _fits(table: str) -> bool:
    return max(map(len, table.split("\n"))) <= _WIDTH


def _epochs(epochs: list["Report"]) -> str:
    if not epochs:
        return ""
    rows = [
        [
            str(epoch.epoch),
            _number(epoch.loss, ".4f"),
            _number(epoch.words_per_second, ",.0f"),
            _number(epoch.lr, ".3g"),
            _number(epoch.elapsed_seconds, ".1f"),
        ]
        for epoch in epochs
    ]
    return render_table(rows, ["epoch", "loss", "words/s", "lr", "seconds"], left=0)


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _curve(summary: "RunSummary") -> str:
    between = [report for report in summary.reports if not report.is_epoch]
    losses = [report.loss for report in between or summary.epochs if report.loss is not None]
    return "\n".join(line_chart(losses)) if len(losses) > 1 else ""


def _checkpoints(checkpoints: list[Json]) -> str:
    return render_table(
        [[c["name"], size_text(c["bytes"]), c["state"]] for c in checkpoints], left=3
    )
