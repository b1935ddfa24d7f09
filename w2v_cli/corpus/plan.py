"""From the settings of a corpus to how it is read."""

from collections.abc import Sequence
from pathlib import Path

from w2v_cli.corpus.readers import TextSource, open_source
from w2v_cli.corpus.reading import ReadingPlan
from w2v_cli.corpus.settings import CorpusSettings
from w2v_cli.corpus.sources.options import Reading
from w2v_cli.corpus.tokenizers import Tokenizer, is_compiled
from w2v_cli.corpus.tokenizers.own import import_function, is_own
from w2v_cli.corpus.vocabulary import Vocabulary
from w2v_cli.corpus.word_lists import read_word_list
from w2v_cli.errors import UsageError

_STDIN = "standard input"


def reading_of(settings: CorpusSettings) -> Reading:
    """Return how the text of the files is taken."""
    return Reading(
        settings.encoding_errors,
        settings.text_field,
        settings.documents,
        settings.memory,
        small_pieces=not is_compiled(settings.tokenizer),
    )


def open_corpus_source(
    settings: CorpusSettings, patterns: Sequence[str] | None = None
) -> TextSource:
    """Return the text of a corpus.

    patterns: what to read instead of `settings.paths`; copies of what can be read only once.
    Raises DataError for what is missing.
    """
    patterns = settings.paths if patterns is None else patterns
    reading = reading_of(settings)
    aliases = dict(zip(patterns, settings.paths, strict=True))
    aliases = {path: _STDIN if name == "-" else name for path, name in aliases.items()}
    return open_source(patterns, settings.encoding_errors, settings.split, reading, aliases)


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
        n_threads=n_threads if tokenizer.is_compiled else 1,  # a function may know no threads
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
