"""`w2v change`: which words mean something else in one text than in another, against chance."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from w2v_cli.commands.options import CorpusCommand, FilePath, IntRange, setting_option
from w2v_cli.commands.terminal import echo, render_table, wrapped
from w2v_cli.errors import UsageError
from w2v_cli.json_types import Json

if TYPE_CHECKING:
    from w2v_cli.meaning.result import Change
    from w2v_cli.meaning.slices import Labels
    from w2v_cli.meaning.study import Question
    from w2v_cli.settings.run_settings import RunSettings

_COLUMNS = 79


@click.command(cls=CorpusCommand, short_help="Words whose meaning differs between texts.")
@click.argument("corpus", nargs=-1, required=True, metavar="A B...")
@click.option(
    "--by", metavar="COLUMN", help="Column of a table or records whose values are the slices."
)
@click.option(
    "--slices",
    metavar="LIST",
    help="With --by: ranges of numbers or dates, or values, such as 1990-1999,2000-2009 or"
    " 2001-03..2001-09,2001-10..2002-03.",
)
@click.option(
    "--unit",
    metavar="COLUMN",
    help="Column of what belongs together, such as the author: chance deals a unit as a whole.",
)
@click.option("--words", metavar='"WORD ..."', help="Words to test instead of the most frequent.")
@click.option(
    "--top",
    type=IntRange(min=2),
    metavar="N",
    default=5000,
    show_default=True,
    help="Number of words to test, the most frequent ones; neighbours are looked for among them.",
)
@click.option(
    "-n",
    "n",
    type=IntRange(min=1),
    metavar="N",
    default=20,
    show_default=True,
    help="Number of words to show.",
)
@click.option(
    "--examples",
    type=IntRange(min=0, max=100),
    metavar="N",
    default=0,
    show_default=True,
    help="Lines of context from each slice, for each flagged word or each of --words.",
)
@click.option(
    "--basis",
    type=FilePath(),
    metavar="RUN|FILE",
    help="Vectors of your own for the contexts, instead of spectral vectors of all texts.",
)
@setting_option("dim")
@setting_option("window")
@setting_option("shrink_windows")
@setting_option("subsample_threshold", default="0.001")
@setting_option("seed")
@setting_option("n_threads", default="one per core")
@click.option("--out", type=FilePath(), help="Write the figures of all tested words as TSV.")
@click.option(
    "--plot", "picture", type=FilePath(), help="Draw the moved words: .png, .svg, .pdf or .html."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with all words.")
def change(
    corpus: tuple[str, ...],
    by: str | None,
    slices: str | None,
    unit: str | None,
    words: str | None,
    top: int,
    n: int,
    examples: int,
    basis: Path | None,
    out: Path | None,
    picture: Path | None,
    as_json: bool,
    **settings: Any,
) -> None:
    """Find the words that are used differently in A than in B, or in slices of one text.

    A, B and further texts are what w2v train takes; each is a slice. With --by, the values of a
    column are the slices. A word's mean context vector in one slice is compared with that in
    another, and with what chance gives: the documents that use the word are dealt to the slices at
    random, thousands of times. Words are flagged at a false discovery rate of 5 %. What that
    assumes, and what it cannot see, is in docs/change.md.
    """
    from w2v_cli.meaning.study import Question

    if picture is not None:
        from w2v_cli.commands.plot import check_picture_name
        from w2v_cli.pictures.style import FORMATS

        check_picture_name(picture, "--plot", (*FORMATS, "html"))
    asked = tuple(words.split()) if words is not None else ()
    if words is not None and not asked:
        raise UsageError("--words names no words; give some, or omit it")
    question = Question(asked, top, basis, examples)
    chosen = _settings(corpus, settings)
    found = _measured(chosen, (by, slices, unit), question, settings.get("tokenizer"))
    if out is not None:
        from w2v_cli.storage.atomic import atomic_write

        with atomic_write(out) as file:
            file.write(found.as_tsv().encode())
    if picture is not None:
        _draw(found, asked, picture)
    echo(found.as_object() if as_json else as_text(found, len(asked) or n))


def _settings(corpus: tuple[str, ...], settings: Json) -> "RunSettings":
    """Return the settings of a training of spectral vectors of all slices together."""
    from w2v_cli.settings.config import Config
    from w2v_cli.settings.resolve import resolve
    from w2v_cli.text.places import absolute_path

    if "-" in corpus:
        raise UsageError("the text is read several times; save standard input to a file first")
    paths = tuple(map(absolute_path, corpus))
    return resolve(Config(engine="spectral", paths=paths, **settings))


def _measured(
    settings: "RunSettings",
    columns: tuple[str | None, str | None, str | None],
    question: "Question",
    tokenizer: str | None,
) -> "Change":
    from w2v_cli.commands.progress import ProgressDisplay
    from w2v_cli.meaning.study import Listener, measure

    labels = _labels(settings, *columns)
    with ProgressDisplay() as display:
        if (n_out := int((labels.slices < 0).sum())) > 0:
            display.notice(f"{n_out:,} documents are in no slice and are left out")
        listener = Listener(display.notice, display.reading)
        return measure(settings, labels, question, listener, named=tokenizer)


def _labels(
    settings: "RunSettings", by: str | None, slices: str | None, unit: str | None
) -> "Labels":
    from dataclasses import replace

    from w2v_cli.meaning.slices import column_of, label_paths, label_values, units_of

    if slices is not None and by is None:
        raise UsageError("--slices needs the column that it divides; add --by COLUMN")
    corpus = settings.corpus
    if by is None:
        labels = label_paths(corpus)
    else:
        labels = label_values(column_of(corpus, by, "--by"), slices)
    if unit is not None:
        labels = replace(labels, units=units_of(column_of(corpus, unit, "--unit")))
    return labels


def _draw(found: "Change", asked: tuple[str, ...], picture: Path) -> None:
    from w2v_cli.commands.plot import save_picture
    from w2v_cli.pictures.style import format_of, import_matplotlib

    import_matplotlib()
    from w2v_cli.pictures.moves import MOST_WORDS, change_page, draw_change
    from w2v_cli.storage.atomic import atomic_write

    ranked = [found.tested_words[i] for i in found.order] if asked else found.flagged
    words = ranked[:MOST_WORDS]
    if not words:
        click.echo("note: no word differs by more than chance, so none is drawn", err=True)
        return
    drawn = draw_change(found, words)
    if format_of(picture) == "html":
        with atomic_write(picture) as file:
            file.write(change_page(found, drawn, words).encode())
    else:
        save_picture(drawn, picture)
    click.echo(f"picture in {picture}", err=True)


# The layout.


def as_text(found: "Change", n: int) -> str:
    """Lay out n words in tables, flagged ones first, with their neighbours below each."""
    n_flagged = len(found.flagged)
    lines = []
    if not n_flagged:
        lines.append(
            f"No word differs by more than chance: none of {len(found.places):,} at a false"
            " discovery rate of 5 %."
        )
    else:
        verb = "words differs" if n_flagged == 1 else "words differ"
        lines.append(
            f"{n_flagged:,} of {len(found.places):,} {verb} by more than chance, at a false"
            " discovery rate of 5 %."
        )
        lines += ["", *_table(found, found.order[: min(n, n_flagged)].tolist())]
        if n_flagged > n:
            lines.append(f"… {n_flagged - n:,} more; see -n, --out or --json")
    others = found.order[n_flagged:n].tolist()
    if others:
        lines += ["", "Not beyond chance, the nearest to it first:", "", *_table(found, others)]
    for word, examples in found.examples.items():
        lines += ["", word]
        for name, contexts in zip(found.slices, examples, strict=True):
            lines += [f"  {name}", *(f"    {line}" for line in contexts)]
    lines += ["", "For a methods section:", wrapped(found.methods_sentence, _COLUMNS)]
    return "\n".join(lines)


def _table(found: "Change", words: list[int]) -> list[str]:
    """Return the lines of a table of words by their numbers."""
    several = len(found.slices) > 2
    rows, below = [], []
    for row in found.rows(words):
        counts = row["tokens"].values()
        cells = [row["word"]]
        cells += [f"{min(counts):,}–{max(counts):,}"] if several else [f"{n:,}" for n in counts]
        cells += [f"{row['cosine']:.3f}", f"{row['chance_mean']:.3f} ± {row['chance_sd']:.3f}"]
        cells += [_p(row["adjusted_p"])]
        rows.append(cells)
        near = row["nearest"]
        if several:
            below.append([f"differs most: {' and '.join(row['differs_most'])}"])
            near = {name: near[name] for name in row["differs_most"]}
        else:
            below.append([])
        below[-1] += [f"{name}: {', '.join(nearest)}" for name, nearest in near.items()]
    counts_of = ["tokens"] if several else [f"in {name}" for name in found.slices]
    header, line, *body = render_table(
        rows, ["word", *counts_of, "cosine", "by chance", "adjusted p"]
    ).split("\n")
    lines = [header, line]
    for row_line, more in zip(body, below, strict=True):
        lines.append(row_line)
        for each in more:
            lines += [f"  {part}" for part in wrapped(each, _COLUMNS - 2).split("\n")]
    return lines


def _p(value: float) -> str:
    return f"{value:.4f}" if value >= 0.0001 else f"{value:.0e}"
