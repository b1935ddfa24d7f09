"""The slow twin of `phrases`: which pairs of words are joined, in plain Python.

It follows gensim's `Phrases` with its default settings, line by line.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from w2v_cli.text.phrases import DELIMITER, MIN_COUNT, THRESHOLD
from w2v_cli.text.plan import Phrase

#: Some tokens of a document, and whether it ends with them.
Part = tuple[list[str], bool]


class PhrasePass:
    """What one pass learned from a text; `joined` applies it."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self._counts: Counter[str] = Counter()
        self._joined: Counter[str] = Counter()
        self._found: dict[str, float] = {}
        before = None
        for tokens, ends in parts:
            for word in tokens:
                self._counts[word] += 1
                if before is not None:
                    self._counts[before + DELIMITER + word] += 1
                before = word
            if ends:
                before = None

    def joined(self, parts: Iterable[Part]) -> Iterator[Part]:
        """Join from left to right; a word that was joined starts no other pair."""
        self._joined.clear()
        waiting: list[str] = []
        for tokens, ends in parts:
            out = []
            for word in tokens:
                phrase = waiting[0] + DELIMITER + word if waiting else ""
                if waiting and self._is_phrase(waiting[0], word, phrase):
                    out.append(phrase)
                    self._joined[phrase] += 1
                    waiting = []
                else:
                    out += waiting
                    waiting = [word]
            if ends:
                out += waiting
                waiting = []
            yield out, ends

    def phrases(self) -> list[Phrase]:
        """Return what the last reading joined, the most frequent first."""
        found = [
            Phrase(phrase, score, self._counts[phrase], self._joined[phrase])
            for phrase, score in self._found.items()
        ]
        return sorted(found, key=lambda phrase: (-phrase.n_joined, phrase.words))

    def _is_phrase(self, first: str, second: str, phrase: str) -> bool:
        counts = self._counts
        n = counts[phrase] - MIN_COUNT
        score = n / counts[first] / counts[second] * len(counts)
        if score > THRESHOLD:
            self._found[phrase] = max(score, self._found.get(phrase, score))
        return score > THRESHOLD


def join_in_passes(
    parts: Callable[[], Iterable[Part]], n_passes: int
) -> tuple[Callable[[], Iterable[Part]], list[PhrasePass]]:
    """Return what reads a text with its phrases joined, and the passes that join them.

    parts: reads the text, anew each time.
    """
    passes: list[PhrasePass] = []

    def read() -> Iterable[Part]:
        text = parts()
        for done in passes:
            text = done.joined(text)
        return text

    for _ in range(n_passes):
        passes.append(PhrasePass(read()))
    return read, passes
