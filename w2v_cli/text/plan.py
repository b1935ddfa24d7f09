"""From the settings of a corpus to how it is read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from w2v_cli.errors import DataError, UsageError
from w2v_cli.text.places import Reading
from w2v_cli.text.settings import CorpusSettings
from w2v_cli.text.sources import TextSource, open_source
from w2v_cli.text.tokenizers import Tokenizer, is_compiled
from w2v_cli.text.tokenizers.own_tokenizer import import_function, is_own
from w2v_cli.text.unicode_table import ScriptSample, note_on
from w2v_cli.text.vocabulary import Vocabulary, build_vocabulary, read_word_list

# What the reader and its twin take and return.


class Progress(Protocol):
    """Is called, often, while a corpus is prepared.

    phase: what goes on. done, total: of what the phase counts. n_tokens: words so far, where that
    is something else. files: number of the file at work, from 1, and how many there are.
    """

    def __call__(
        self,
        phase: str,
        done: int,
        total: int,
        n_tokens: int = 0,
        files: tuple[int, int] = (0, 0),
        /,
    ) -> None:
        """Show it."""
        ...


def no_progress(
    phase: str, done: int, total: int, n_tokens: int = 0, files: tuple[int, int] = (0, 0)
) -> None:
    """Show nothing."""


def tokens_of(tokenizer: Tokenizer, text: str, place: str) -> list[str]:
    """Return the tokens of a line. Raises DataError that names the place."""
    try:
        return tokenizer(text)
    except DataError as error:
        raise DataError(f"{place}: {error}") from error


@dataclass(frozen=True)
class Phrase:
    """A pair of words that one pass joined.

    words: as they are joined. score: what decided it. count: how often the two are neighbours.
    n_joined: how often they were joined; neighbours of another pair were not.
    """

    words: str
    score: float
    count: int
    n_joined: int


@dataclass(frozen=True)
class ReadingPlan:
    """How to read: the tokens wanted and the means.

    stop_words, keep_words: see `build_vocabulary`. known_words: are kept like keep_words.
    given_words: the only words to keep, if any. phrases: passes that join pairs of words.
    limit_tokens: read so many words only. memory: in GiB, for the distinct words. scripts: samples
    of the text, taken while it is read.
    """

    tokenizer: Tokenizer
    min_count: int = 1
    max_vocab: int | None = None
    limit_tokens: int | None = None
    memory: float = 1.0
    n_threads: int = 1
    stop_words: frozenset[str] = frozenset()
    keep_words: frozenset[str] = frozenset()
    known_words: frozenset[str] = frozenset()
    given_words: frozenset[str] = frozenset()
    phrases: int = 0
    scripts: ScriptSample = field(default_factory=ScriptSample, compare=False)

    @property
    def named_words(self) -> frozenset[str]:
        """Words that may be kept however rare they are."""
        return self.keep_words | self.known_words | self.given_words

    def vocabulary(self, counts: Iterable[tuple[str, int]]) -> Vocabulary:
        """Choose the words to keep from distinct words with their counts.

        Raises DataError when fewer than two words are left.
        """
        try:
            if self.given_words:
                return self._given_vocabulary(counts)
            return build_vocabulary(
                counts,
                self.min_count,
                self.max_vocab,
                stop_words=self.stop_words,
                keep_words=self.keep_words | self.known_words,
            )
        except DataError as error:
            note = self.script_note()
            raise DataError(f"{error}. Note: {note}" if note else str(error)) from error

    def script_note(self) -> str:
        """Say what to do where the text has no spaces and the tokenizer needs them."""
        return note_on(self.scripts.unspaced(), self.tokenizer.name)

    def _given_vocabulary(self, counts: Iterable[tuple[str, int]]) -> Vocabulary:
        found = {word: n for word, n in counts if n and word in self.given_words}
        if len(found) < 2:
            raise DataError(
                f"only {len(found)} of the {len(self.given_words):,} words of --vocab occur in the"
                " corpus; training needs at least two: give another list, or more text"
            )
        return build_vocabulary(found)


@dataclass(frozen=True)
class ReadingResult:
    """What was read.

    n_tokens: words, as they stand in the text. n_kept: those in the vocabulary, phrases joined.
    n_distinct: of all words, phrases joined. phrases: what each pass joined. notes: what a user
    should know.
    """

    vocabulary: Vocabulary
    n_tokens: int
    n_kept: int
    n_documents: int
    n_distinct: int
    n_invalid: int
    phrases: tuple[list[Phrase], ...] = ()
    notes: tuple[str, ...] = ()


# From the settings of a corpus to how it is read.


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
