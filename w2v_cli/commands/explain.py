"""`w2v explain`: the page in which word2vec trains before your eyes."""

import tempfile
from pathlib import Path

import click

from w2v_cli.commands.options import FilePath, FriendlyCommand
from w2v_cli.errors import UsageError

#: Of a text: enough for words with several neighbours, few enough for a page.
MOST_TOKENS = 300


@click.command(cls=FriendlyCommand, short_help="A page that trains word2vec step by step.")
@click.argument("text", nargs=-1, metavar="[TEXT]...")
@click.option(
    "--out",
    type=FilePath(dir_okay=False),
    default="word2vec.html",
    show_default=True,
    help="HTML file to write.",
)
def explain(text: tuple[str, ...], out: Path) -> None:
    """Write a page in which word2vec trains before your eyes.

    The page shows one pair of words after the other: its window on the text, both vectors, scores,
    probabilities, the error, each gradient with its formula and its numbers, and the step on a
    map. It has a tour of eight steps. It is one file, works without a network, and needs only a
    browser.

    TEXT is what w2v train takes; the page gets its first 300 words. Without TEXT it has ten
    sentences of its own. The text can be edited in the page.
    """
    from w2v_cli.pictures.page.explanation import SENTENCES, write_explanation

    if out.suffix.lower() not in (".html", ".htm"):  # a slip may not overwrite a text
        raise UsageError(f"{out} is not the name of a page; end it in .html")
    write_explanation(out, _beginning(text) if text else SENTENCES)
    click.echo(out)


def _beginning(paths: tuple[str, ...]) -> str:
    """Return the first words of a corpus, one document a line.

    Raises DataError for a corpus that cannot be read or has too few words.
    """
    from w2v_cli.commands.progress import ProgressDisplay
    from w2v_cli.commands.vocab import corpus_settings
    from w2v_cli.text.prepare import open_corpus, prepare_corpus

    settings = corpus_settings(paths, {"min_count": 1, "limit_tokens": MOST_TOKENS})
    with tempfile.TemporaryDirectory() as name, ProgressDisplay() as display:
        folder = Path(name)
        for note in prepare_corpus(settings, folder, display.reading).notes:
            display.notice(note)
        corpus = open_corpus(folder)
        words = [corpus.vocabulary.words[token] for token in corpus.tokens]
        ends = corpus.document_ends.tolist()
    starts = [0, *ends[:-1]]
    return "\n".join(" ".join(words[i:j]) for i, j in zip(starts, ends, strict=True)) + "\n"
