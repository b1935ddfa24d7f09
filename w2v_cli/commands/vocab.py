"""`w2v vocab` and `w2v phrases`: a look at a corpus before it is trained on."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from w2v_cli.commands.options import CorpusCommand, FilePath, IntRange
from w2v_cli.errors import one_line
from w2v_cli.json_types import Json

if TYPE_CHECKING:
    from w2v_cli.text.plan import Phrase, ReadingResult
    from w2v_cli.text.settings import CorpusSettings
    from w2v_cli.text.vocabulary import Vocabulary


@click.command(cls=CorpusCommand, short_help="Show the vocabulary of a corpus, and its coverage.")
@click.argument("corpus", nargs=-1, required=True, metavar="CORPUS...")
@click.option("--top", type=IntRange(min=1), default=20, help="Number of words to show.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--out",
    type=FilePath(),
    help="Write the vocabulary that a training would use, as vocab.tsv; see w2v train --vocab.",
)
def vocab(
    corpus: tuple[str, ...],
    top: int,
    as_json: bool,
    out: Path | None,
    **options: Any,
) -> None:
    """Show the words of CORPUS: the most frequent, coverage by --min-count and size, Zipf's law.

    CORPUS is what w2v train takes, or one run folder, whose vocabulary is then shown. Coverage is
    the share of the text's tokens whose word is in the vocabulary. The tables show all words; --out
    has those that --min-count, --max-vocab and the word lists keep.
    """
    run = Path(corpus[0])
    if len(corpus) == 1 and (run / "config.toml").is_file():
        words, n_tokens, whole = _of_run(run, options)
        kept = words
    else:
        words, kept, n_tokens = _of_corpus(corpus, options)
        whole = True
    if out is not None:
        from w2v_cli.text.vocabulary import write_vocabulary

        write_vocabulary(kept, out)
    content = _figures(words, n_tokens, top, whole)
    click.echo(json.dumps(content, ensure_ascii=False) if as_json else _text(content))


def _of_run(run: Path, options: Json) -> "tuple[Vocabulary, int, bool]":
    """Return a run's vocabulary, the number of tokens of its text, and whether it has all words."""
    from w2v_cli.text.vocabulary import read_vocabulary
    from w2v_cli.training.run_folder import RunFolder

    given = [name for name, value in options.items() if value is not None]
    if given:
        option = "--" + given[0].replace("_", "-")
        raise click.UsageError(f"{option} is for a corpus, and {run} is a run; omit it")
    words = read_vocabulary(RunFolder(run).vocabulary)
    n_kept = int(words.counts.sum())
    n_tokens = _raw_words(run) or n_kept
    return words, n_tokens, n_tokens == n_kept


def _raw_words(run: Path) -> int | None:
    """Return the number of tokens of a run's text; None if its encoded corpus is missing."""
    from w2v_cli.text.encoded import read_summary
    from w2v_cli.training.run_folder import RunFolder

    try:
        return read_summary(RunFolder(run).corpus).n_tokens
    except (OSError, ValueError, TypeError):
        return None


def _of_corpus(corpus: tuple[str, ...], options: Json) -> "tuple[Vocabulary, Vocabulary, int]":
    """Return all words of a corpus, those that a training would use, and the number of tokens."""
    from msgspec.structs import replace

    from w2v_cli.text.plan import make_plan

    settings = corpus_settings(corpus, options)
    everything = replace(
        settings, min_count=1, max_vocab=None, vocab=None, stop_words=None, keep_words=None
    )
    words = read_for_a_look(everything, options).vocabulary
    plan = make_plan(settings, named=options.get("tokenizer"))
    kept = plan.vocabulary(zip(words.words, words.counts.tolist(), strict=True))
    return words, kept, int(words.counts.sum())


def _figures(words: "Vocabulary", n_tokens: int, top: int, whole: bool) -> Json:
    from w2v_cli.text.vocabulary import coverage_by_min_count, coverage_by_size, fit_zipf

    counts = words.counts
    once = int((counts == 1).sum())
    return {
        "n_tokens": n_tokens,
        "n_words": len(words),
        "occur_once": once if whole else None,
        "zipf": vars(fit_zipf(counts)),
        "top": [
            {"word": word, "count": count, "share": count / n_tokens}
            for word, count in zip(words.words[:top], counts[:top].tolist(), strict=True)
        ],
        "by_min_count": [vars(part) for part in coverage_by_min_count(counts, n_tokens)],
        "by_size": [vars(part) for part in coverage_by_size(counts, n_tokens)],
    }


def _text(content: Json) -> str:
    from w2v_cli.commands.terminal import render_table

    covered, top = 0.0, []
    for rank, row in enumerate(content["top"], 1):
        covered += row["share"]
        figures = (f"{row['count']:,}", f"{row['share']:.2%}", f"{covered:.1%}")
        top.append([one_line(row["word"]), str(rank), *figures])
    coverage = ["words", "least count", "covered"]
    zipf = content["zipf"]
    once = content["occur_once"]
    about = f"{content['n_tokens']:,} words, {content['n_words']:,} different ones"
    if once is not None:
        about += f", {once:,} of them ({once / content['n_words']:.0%}) occur once"
    return "\n\n".join(
        [
            about,
            render_table(top, ["word", "rank", "count", "share", "covered"]),
            "by min_count\n" + render_table(_coverage(content["by_min_count"]), coverage, left=0),
            "by size\n" + render_table(_coverage(content["by_size"]), coverage, left=0),
            f"Zipf's law: count ~ 1 / rank^{zipf['exponent']:.2f} (R² {zipf['r_squared']:.3f})",
        ]
    )


def _coverage(parts: list[Json]) -> list[list[str]]:
    return [
        [f"{part['n_words']:,}", f"{part['min_count']:,}", f"{part['share']:.2%}"] for part in parts
    ]


# `w2v phrases`: the pairs of words that --phrases would join.


_COLUMNS = ("pass", "phrase", "score", "neighbours", "joined")


@click.command(cls=CorpusCommand, short_help="Show the pairs of words that --phrases joins.")
@click.argument("corpus", nargs=-1, required=True, metavar="CORPUS...")
@click.option("--top", type=IntRange(min=1), default=30, help="Number of phrases to show per pass.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with all phrases.")
@click.option("--out", type=FilePath(), help="Write all phrases to this TSV file.")
def phrases(
    corpus: tuple[str, ...], top: int, as_json: bool, out: Path | None, **options: Any
) -> None:
    """Show which pairs of words in CORPUS are phrases, without training.

    A pair is a phrase if gensim's Phrases finds it with its default settings: its score is above
    10, and the words occur side by side more than 5 times. The most frequent come first.
    --phrases N shows N passes; the second pass joins phrases into longer ones. To train with
    phrases, give --phrases N to w2v train.
    """
    from msgspec.structs import replace

    settings = corpus_settings(corpus, options)
    # Which words are kept does not matter here; keeping none would be an error.
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
    from w2v_cli.commands.terminal import render_table

    rows = [
        [
            str(row["pass"]),
            one_line(row["phrase"]),
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


# Both commands read a corpus with the options of their command line.


def corpus_settings(corpus: Sequence[str], options: Json) -> "CorpusSettings":
    """Return the settings of a corpus from its names and the options of a `CorpusCommand`.

    Raises UsageError for options that contradict each other.
    """
    from w2v_cli.settings.config import Config
    from w2v_cli.settings.resolve import resolve_corpus
    from w2v_cli.text.places import absolute_path

    return resolve_corpus(Config(**options, paths=tuple(map(absolute_path, corpus))))


def read_for_a_look(settings: "CorpusSettings", options: Json) -> "ReadingResult":
    """Read a corpus on all cores, with progress on stderr, and keep nothing."""
    from w2v_cli.commands.progress import ProgressDisplay
    from w2v_cli.settings.resolve import n_cores
    from w2v_cli.text.prepare import read_text

    with tempfile.TemporaryDirectory() as folder, ProgressDisplay() as display:
        result = read_text(
            settings,
            Path(folder),
            display.reading,
            n_threads=n_cores(),
            named=options.get("tokenizer"),
        )
        for note in result.notes:
            display.notice(note)
        return result
