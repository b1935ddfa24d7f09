"""From the settings of a corpus to how it is read, and what reading returns."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from w2v_cli.errors import DataError, UsageError
from w2v_cli.text.own_tokenizer import import_function, is_own
from w2v_cli.text.settings import CorpusSettings
from w2v_cli.text.text_sample import TextSample
from w2v_cli.text.tokenizers import Tokenizer
from w2v_cli.text.vocabulary import Vocabulary, build_vocabulary, read_word_list


class Progress(Protocol):
    """Is called often while a corpus is prepared.

    phase: its name. done, total: in the unit of the phase. n_tokens: tokens so far, if the unit is
    another. files: number of the current file, from 1, and how many there are.
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


@dataclass(frozen=True)
class ReadingPlan:
    """The settings of a corpus, with the word lists and the tokenizer that they name, loaded.

    stop_words, keep_words: see `build_vocabulary`. known_words: are kept like keep_words.
    given_words: the only words to keep, if any. numbered: see `EncodedWriter`. sample: of
    the text, filled while it is read.
    """

    settings: CorpusSettings
    tokenizer: Tokenizer
    n_threads: int = 1
    stop_words: frozenset[str] = frozenset()
    keep_words: frozenset[str] = frozenset()
    known_words: frozenset[str] = frozenset()
    given_words: frozenset[str] = frozenset()
    numbered: bool = False
    sample: TextSample = field(default_factory=TextSample, compare=False)

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
                self.settings.min_count,
                self.settings.max_vocab,
                stop_words=self.stop_words,
                keep_words=self.keep_words | self.known_words,
            )
        except DataError as error:
            note = self.note_on_text()
            raise DataError(f"{error}. Note: {note}" if note else str(error)) from error

    def note_on_text(self) -> str:
        """Say which tokenizer suits the text better, if this one harms it."""
        return self.sample.note(self.tokenizer)

    def _given_vocabulary(self, counts: Iterable[tuple[str, int]]) -> Vocabulary:
        found = {word: n for word, n in counts if n and word in self.given_words}
        if len(found) < 2:
            raise DataError(
                f"only {len(found)} of the {len(self.given_words):,} words of --vocab occur in the"
                " corpus; training needs at least two: give another list, or more text"
            )
        return build_vocabulary(found)


@dataclass(frozen=True)
class Phrase:
    """A pair of words that one pass joined.

    words: the joined word. score: compared with the threshold. count: how often the two are
    neighbours. n_joined: how often they were joined, unless another pair had taken one of them.
    """

    words: str
    score: float
    count: int
    n_joined: int


@dataclass(frozen=True)
class ReadingResult:
    """What was read.

    n_tokens: of the text, before phrases are joined. n_kept: tokens in the vocabulary, phrases
    joined. n_distinct: words, phrases joined. phrases: what each pass joined. notes: for the user.
    """

    vocabulary: Vocabulary
    n_tokens: int
    n_kept: int
    n_documents: int
    n_distinct: int
    n_invalid: int
    phrases: tuple[list[Phrase], ...] = ()
    notes: tuple[str, ...] = ()


def make_plan(
    settings: CorpusSettings,
    n_threads: int = 1,
    named: str | None = None,
    *,
    has_tokens: bool = False,
) -> ReadingPlan:
    """Return how to read a corpus.

    has_tokens: it consists of tokens from Python, which may have spaces in them.

    named: the tokenizer that the user named in this call. A function is imported only if it is this
    one, never because a configuration names it.

    Raises:
        UsageError: a function that was not named, or that cannot be imported.
        DataError: a list of words that cannot be read.
    """
    tokenizer = make_tokenizer(settings, named)
    return ReadingPlan(
        settings,
        tokenizer,
        n_threads if tokenizer.is_compiled else 1,  # a function may not be thread-safe
        stop_words=_listed(settings.stop_words, "--stop-words", tokenizer, has_tokens),
        keep_words=_listed(settings.keep_words, "--keep-words", tokenizer, has_tokens),
        given_words=_listed(settings.vocab, "--vocab", tokenizer, has_tokens),
    )


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


def _listed(path: str | None, option: str, tokenizer: Tokenizer, spaces: bool) -> frozenset[str]:
    """Return the words of a file that an option names, folded as the text is."""
    if path is None:
        return frozenset()
    return read_word_list(Path(path), option, tokenizer.spelled, spaces=spaces)
