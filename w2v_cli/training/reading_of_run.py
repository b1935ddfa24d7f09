"""How the text of a run became words, for texts that are to be read the same way."""

from pathlib import Path

from w2v_cli.corpus.tokenizers import Tokenizer
from w2v_cli.settings.resolve import resolve
from w2v_cli.training.run_folder import RunFolder


def reading_of_run(path: Path) -> Tokenizer:
    """Return the tokenizer of a run; of anything else (a file of vectors) the default one.

    Raises:
        UsageError: its config.toml cannot be read.
    """
    folder = RunFolder(path)
    if not folder.is_run():
        return Tokenizer("words", True)
    corpus = resolve(folder.read_config()).corpus
    return Tokenizer(corpus.tokenizer, corpus.lowercase)
