"""What the reader and its twin take and return."""

from dataclasses import dataclass
from typing import Protocol

from w2v_cli.corpus.tokenizers import Tokenizer
from w2v_cli.corpus.vocabulary import Vocabulary


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


@dataclass(frozen=True)
class ReadingPlan:
    """How to read: the tokens wanted and the means.

    limit_tokens: read so many words only. memory: in GiB, for the distinct words.
    """

    tokenizer: Tokenizer
    min_count: int = 1
    max_vocab: int | None = None
    limit_tokens: int | None = None
    memory: float = 1.0
    n_threads: int = 1


@dataclass(frozen=True)
class ReadingResult:
    """What was read. n_tokens: words; n_kept: those in the vocabulary; n_distinct: of all words."""

    vocabulary: Vocabulary
    n_tokens: int
    n_kept: int
    n_documents: int
    n_distinct: int
    n_invalid: int
