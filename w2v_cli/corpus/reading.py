"""What the reader and its twin take and return."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from w2v_cli.corpus.tokenizers import Tokenizer
from w2v_cli.corpus.vocabulary import Vocabulary, build_vocabulary
from w2v_cli.errors import DataError


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


def tokens_of(tokenizer: Tokenizer, text: str, path: Path, number: int) -> list[str]:
    """Return the tokens of a line. Raises DataError that names the line."""
    try:
        return tokenizer(text)
    except DataError as error:
        raise DataError(f"{path}, line {number}: {error}") from error


@dataclass(frozen=True)
class ReadingPlan:
    """How to read: the tokens wanted and the means.

    stop_words, keep_words: see `build_vocabulary`. limit_tokens: read so many words only.
    memory: in GiB, for the distinct words.
    """

    tokenizer: Tokenizer
    min_count: int = 1
    max_vocab: int | None = None
    limit_tokens: int | None = None
    memory: float = 1.0
    n_threads: int = 1
    stop_words: frozenset[str] = frozenset()
    keep_words: frozenset[str] = frozenset()

    def vocabulary(self, counts: Iterable[tuple[str, int]]) -> Vocabulary:
        """Choose the words to keep from distinct words with their counts.

        Raises DataError when fewer than two words are left.
        """
        return build_vocabulary(
            counts,
            self.min_count,
            self.max_vocab,
            stop_words=self.stop_words,
            keep_words=self.keep_words,
        )


@dataclass(frozen=True)
class ReadingResult:
    """What was read. n_tokens: words; n_kept: those in the vocabulary; n_distinct: of all words."""

    vocabulary: Vocabulary
    n_tokens: int
    n_kept: int
    n_documents: int
    n_distinct: int
    n_invalid: int
