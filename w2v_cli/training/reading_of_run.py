"""How the text of a run became words, for text that is to be read the same way."""

from pathlib import Path

import msgspec

from w2v_cli.settings.resolve import resolve
from w2v_cli.text.settings import CorpusSettings, folds_by_default
from w2v_cli.text.tokenizers import Tokenizer
from w2v_cli.training.run_folder import RunFolder


def reading_of_run(
    path: Path, tokenizer: str | None = None, lowercase: bool | None = None
) -> CorpusSettings:
    """Return the settings of a run's corpus; of anything else (a file of vectors) the defaults.

    tokenizer, lowercase: what the user named, which wins.
    Raises UsageError when config.toml cannot be read.
    """
    folder = RunFolder(path)
    if folder.is_run():
        own = resolve(folder.read_config()).corpus
    else:
        own = CorpusSettings(paths=(), lowercase=True)
    if tokenizer is not None and tokenizer != own.tokenizer:
        own = msgspec.structs.replace(
            own, tokenizer=tokenizer, lowercase=folds_by_default(tokenizer)
        )
    return own if lowercase is None else msgspec.structs.replace(own, lowercase=lowercase)


def tokenizer_of_run(path: Path) -> Tokenizer | None:
    """Return a run's tokenizer, to be described: a function is named, not called; None: no run."""
    if not RunFolder(path).is_run():
        return None
    own = reading_of_run(path)
    return Tokenizer(own.tokenizer, own.lowercase, own.normalize, own.fold_digits)
