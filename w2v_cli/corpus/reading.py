"""What the reader and its twin take and return."""

from collections.abc import Callable
from dataclasses import dataclass

from w2v_cli.corpus.tokenizers import Tokenizer
from w2v_cli.corpus.vocabulary import Vocabulary

#: (phase, done, total)
Progress = Callable[[str, int, int], None]


def no_progress(phase: str, done: int, total: int) -> None:
    """Show nothing."""


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
