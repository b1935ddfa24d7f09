"""`w2v phrases`: the pairs of words that --phrases would join."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from w2v_cli.commands.ranges import IntRange
from w2v_cli.commands.setting_options import CorpusCommand
from w2v_cli.json_types import Json

if TYPE_CHECKING:
    from w2v_cli.text.plan import Phrase

_COLUMNS = ("pass", "phrase", "score", "neighbours", "joined")


@click.command(cls=CorpusCommand, short_help="Show the pairs of words that --phrases joins.")
@click.argument("corpus", nargs=-1, required=True, metavar="CORPUS...")
@click.option("--top", type=IntRange(min=1), default=30, help="Show this many per pass.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with all of them.")
@click.option("--out", type=click.Path(path_type=Path), help="Write all of them to this TSV file.")
def phrases(
    corpus: tuple[str, ...], top: int, as_json: bool, out: Path | None, **options: Any
) -> None:
    """Show which pairs of words of CORPUS are phrases, without training.

    A pair is a phrase where gensim's Phrases finds one with its default settings: a score above 10,
    and more than 5 times side by side. The most frequent come first. --phrases N shows N passes;
    the second pass joins phrases to longer ones. To train with them, give --phrases N to w2v train.
    """
    from msgspec.structs import replace

    from w2v_cli.commands.corpus_text import corpus_settings, read_for_a_look

    settings = corpus_settings(corpus, options)
    # Which words are kept does not matter here; that some are left would be an error.
    looked_at = replace(
        settings, phrases=max(1, settings.phrases), min_count=1, max_vocab=None, vocab=None
    )
    result = read_for_a_look(looked_at, options)
    if out is not None:
        _write(out, result.phrases)
    if as_json:
        content = {
            "n_tokens": result.n_tokens,
            "passes": [[vars(phrase) for phrase in found] for found in result.phrases],
        }
        click.echo(json.dumps(content, ensure_ascii=False))
        return
    click.echo(_table(result.phrases, top))
    for number, found in enumerate(result.phrases, 1):
        joined = sum(phrase.n_joined for phrase in found)
        more = f"; the first {top} are shown" if len(found) > top else ""
        click.echo(f"pass {number}: {len(found):,} phrases, {joined:,} times joined{more}")


def _rows(passes: "tuple[list[Phrase], ...]", top: int | None = None) -> list[Json]:
    return [
        dict(zip(_COLUMNS, (number, one.words, one.score, one.count, one.n_joined), strict=True))
        for number, found in enumerate(passes, 1)
        for one in found[:top]
    ]


def _table(passes: "tuple[list[Phrase], ...]", top: int) -> str:
    from w2v_cli.commands.plain_text import printable
    from w2v_cli.commands.tables import render_table

    rows = [
        [
            str(row["pass"]),
            printable(row["phrase"]),
            f"{row['score']:,.1f}",
            f"{row['neighbours']:,}",
            f"{row['joined']:,}",
        ]
        for row in _rows(passes, top)
    ]
    return render_table(rows, _COLUMNS, left=2)


def _write(path: Path, passes: "tuple[list[Phrase], ...]") -> None:
    from w2v_cli.storage.atomic import atomic_write

    lines = ["\t".join(_COLUMNS)]
    lines += ["\t".join(map(str, row.values())) for row in _rows(passes)]
    with atomic_write(path) as file:
        file.write(("\n".join(lines) + "\n").encode())
