"""`w2v embed`: one vector per line of text."""

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from w2v_cli.commands.ask import VectorCommand, run_argument, vectors_option
from w2v_cli.commands.options import FilePath, setting_option
from w2v_cli.engines.settings import Which
from w2v_cli.vectors.answers import Weights

if TYPE_CHECKING:
    from w2v_cli.vectors.formats.streams import Rows
    from w2v_cli.vectors.word_vectors import Tokenize


@click.command(cls=VectorCommand, short_help="One vector per line of text.")
@run_argument
@click.argument("file", required=False, type=FilePath(path_type=str), metavar="[FILE]")
@click.option(
    "--out",
    type=FilePath(),
    help="Write to this file, .npy or .tsv, instead of tab-separated lines to standard output.",
)
@click.option(
    "--weights",
    type=click.Choice(get_args(Weights)),
    default="mean",
    show_default=True,
    help="mean: of the words' vectors; sif: frequent words weigh less, and what all lines have"
    " in common is removed.",
)
@vectors_option
@setting_option("tokenizer", "as the run")
@click.option(
    "--lowercase/--no-lowercase",
    default=None,
    show_default="as the run",
    help="Fold upper case.",
)
@setting_option("text_field")
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
def embed(
    run: Path,
    file: str | None,
    out: Path | None,
    weights: Weights,
    vectors: Which | None,
    tokenizer: str | None,
    lowercase: bool | None,
    text_field: str | None,
    force: bool,
) -> None:
    """Print one vector for each line of FILE, from the vectors of its words in RUN.

    Without FILE, or with -, text is read from standard input. .gz, .bz2 and .xz are unpacked; of a
    .jsonl file the "text" of each record is read. Words that RUN does not know are left out. A line
    without any known word gets zeros, so that line i is row i; the number of such lines is
    reported on stderr. Text becomes words as in RUN's training; for a file of vectors by
    --tokenizer.
    """
    from w2v_cli.vectors.word_vectors import SIF_OF_ONE, SentenceVectors, load

    _check(file, out, force)
    loaded = load(run, vectors)
    sentences = SentenceVectors(loaded, _tokenizer(run, tokenizer, lowercase), weights)
    batches = sentences.batches(_lines(file, text_field))
    with ExitStack() as stack:
        write = _writer(out, loaded.dim, stack)
        for rows in _without_common(batches, loaded.dim) if weights == "sif" else batches:
            write(rows)
    where = f"{out}: " if out else ""
    empty = f"; {sentences.n_empty:,} without a known word are zero" if sentences.n_empty else ""
    click.echo(f"{where}{sentences.n_texts:,} lines, {loaded.dim} dimensions{empty}", err=True)
    if weights == "sif" and sentences.n_texts == 1:
        click.echo(f"note: {SIF_OF_ONE}", err=True)


def _check(file: str | None, out: Path | None, force: bool) -> None:
    if out is not None and out.exists() and not force:
        raise click.BadParameter(
            f"{out} exists; choose another name, or replace it with --force", param_hint="--out"
        )
    if file is None and sys.stdin.isatty():
        raise click.UsageError("give FILE, or text on standard input")


def _tokenizer(run: Path, name: str | None, lowercase: bool | None) -> "Tokenize":
    """Return the tokenizer: the run's, unless options name another."""
    from w2v_cli.text.plan import make_tokenizer
    from w2v_cli.training.run_folder import reading_of_run

    return make_tokenizer(reading_of_run(run, name, lowercase), named=name)


def _lines(file: str | None, text_field: str | None) -> Iterator[str]:
    """Yield the documents of a file or of standard input."""
    from w2v_cli.text.settings import CorpusSettings
    from w2v_cli.text.sources import open_source, stream_pieces
    from w2v_cli.vectors.formats.packed import is_stream

    if file is None or file == "-":
        pieces = stream_pieces(sys.stdin.buffer, "standard input")
    elif is_stream(Path(file)):
        pieces = stream_pieces(open(file, "rb"), file)  # noqa: SIM115  # read to its end
    else:
        pieces = open_source(
            CorpusSettings(paths=(file,), lowercase=True, text_field=text_field)
        ).pieces()
    begun: list[str] = []
    for piece in pieces:
        begun.append(piece.text)
        if piece.ends_document:
            yield "".join(begun)
            begun = []


def _writer(out: Path | None, dim: int, stack: ExitStack) -> Callable[["Rows"], None]:
    from w2v_cli.vectors.formats.streams import row_writer, write_tsv

    if out is not None:
        return stack.enter_context(row_writer(out, dim))

    def to_stdout(rows: "Rows") -> None:
        write_tsv(rows, sys.stdout.buffer)
        sys.stdout.buffer.flush()

    return to_stdout


def _without_common(batches: Iterable["Rows"], dim: int) -> Iterator["Rows"]:
    """Keep all rows on disk until their common component is known."""
    from w2v_cli.vectors.formats.streams import rows_of
    from w2v_cli.vectors.word_vectors import CommonComponent

    common = CommonComponent(dim)
    with tempfile.TemporaryFile() as spool:
        for rows in batches:
            common.add(rows)
            spool.write(rows.astype("<f4").data)
        spool.seek(0)
        direction = common.direction()
        for rows in rows_of(spool, dim, 4096):
            yield common.removed(rows, direction)
