"""What courses call `dataset`: it draws words, here from a list made beforehand."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

MOST_DRAWS = 2000
"""No right function needs nearly as many."""


class TooManyDraws(BaseException):
    """Ends a function that keeps drawing; a student's `except Exception` does not catch it."""


class Dataset:
    """Draws words from a list, and then all words in turn, up to `MOST_DRAWS`.

    Its methods go by every spelling: `sampleTokenIdx`, `sample_token_idx` and so on.
    """

    def __init__(
        self, n_words: int, draws: Sequence[int] = (), tokens: Mapping[str, int] | None = None
    ) -> None:
        self.drawn: list[int] = []
        self._n_words = n_words
        self._ids = dict(tokens or {f"w{i}": i for i in range(n_words)})
        self._draws: Iterator[int] = itertools.chain(draws, itertools.cycle(range(n_words)))

    def __getattr__(self, name: str) -> Callable[..., object]:
        """Find a method in any spelling."""
        method = _METHODS.get(name.replace("_", "").lower())
        if method is None:
            raise AttributeError(f"the grader's dataset has no {name}")
        return method.__get__(self)  # type: ignore[no-any-return]

    def _sample(self, *ignored: object, **options: object) -> int:
        if len(self.drawn) >= MOST_DRAWS:
            raise TooManyDraws(f"drew {MOST_DRAWS:,} words in one call")
        self.drawn.append(next(self._draws))
        return self.drawn[-1]

    def _context(self, C: int = 5, *ignored: object) -> tuple[str, list[str]]:
        """Return a centre word and 2C words around it."""
        words = itertools.cycle(self._ids)
        return next(words), [next(words) for _ in range(2 * C)]

    def _tokens(self) -> dict[str, int]:
        return dict(self._ids)

    def _sentences(self) -> list[list[str]]:
        return [list(self._ids)]

    def _size(self) -> int:
        return self._n_words

    def __len__(self) -> int:
        return self._n_words


_METHODS = {
    "sampletokenidx": Dataset._sample,
    "sampletokenindex": Dataset._sample,
    "sampletoken": Dataset._sample,
    "sampleidx": Dataset._sample,
    "sample": Dataset._sample,
    "getrandomcontext": Dataset._context,
    "randomcontext": Dataset._context,
    "tokens": Dataset._tokens,
    "word2ind": Dataset._tokens,
    "sentences": Dataset._sentences,
    "allsentences": Dataset._sentences,
    "numsentences": lambda self: 1,
    "numtokens": Dataset._size,
    "vocabsize": Dataset._size,
}
