"""From the settings of a corpus to how it is read."""

from pathlib import Path

from w2v_cli.corpus.reading import ReadingPlan
from w2v_cli.corpus.settings import CorpusSettings
from w2v_cli.corpus.tokenizers import Tokenizer
from w2v_cli.corpus.tokenizers.own import import_function, is_own
from w2v_cli.corpus.vocabulary import Vocabulary
from w2v_cli.corpus.word_lists import read_word_list
from w2v_cli.errors import UsageError


def make_plan(
    settings: CorpusSettings, n_threads: int = 1, named: str | None = None
) -> ReadingPlan:
    """Return how to read a corpus.

    named: the tokenizer that the user named in this call. A function is imported only when it is
    this one, never because a configuration has it.

    Raises:
        UsageError: a function that was not named, or that cannot be imported.
        DataError: a list of words that cannot be read.
    """
    tokenizer = make_tokenizer(settings, named)
    lists = {}
    for name in ("stop_words", "keep_words", "vocab"):
        path = getattr(settings, name)
        option = "--" + name.replace("_", "-")
        lists[name] = read_word_list(Path(path), option, tokenizer.fold) if path else frozenset()
    return ReadingPlan(
        tokenizer=tokenizer,
        min_count=settings.min_count,
        max_vocab=settings.max_vocab,
        limit_tokens=settings.limit_tokens,
        memory=settings.memory,
        n_threads=n_threads,
        stop_words=lists["stop_words"],
        keep_words=lists["keep_words"],
        given_words=lists["vocab"],
        phrases=settings.phrases,
    )


def absent_words(
    settings: CorpusSettings, vocabulary: Vocabulary, named: str | None = None
) -> list[str]:
    """Return the words of `--vocab` that do not occur, in order; see `make_plan`."""
    if settings.vocab is None:
        return []
    fold = make_tokenizer(settings, named).fold
    given = read_word_list(Path(settings.vocab), "--vocab", fold)
    return sorted(given.difference(vocabulary.words))


def make_tokenizer(settings: CorpusSettings, named: str | None = None) -> Tokenizer:
    """Return the tokenizer of a corpus; see `make_plan`."""
    function = None
    if is_own(settings.tokenizer):
        if settings.tokenizer != named:
            raise UsageError(
                f"the tokenizer {settings.tokenizer} is a function, and only a configuration names"
                " it; functions run only when you name them yourself: add"
                f" --tokenizer {settings.tokenizer}"
            )
        function = import_function(settings.tokenizer)
    return Tokenizer(
        settings.tokenizer,
        settings.lowercase,
        settings.normalize,
        settings.fold_digits,
        function,
    )
