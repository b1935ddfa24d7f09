"""Known words that are spelled like an unknown one."""

import difflib
from collections.abc import Sequence


def close_spellings(word: str, known_words: Sequence[str], n: int = 3) -> list[str]:
    """Find the n known words with the most similar spelling, first ones first among equals.

    `difflib` is slow, so it only judges a shortlist: words of about this length that share
    the beginning or the end, and of these the ones that share most pairs of letters.
    """
    lower = word.lower()
    shortlist = [
        known
        for known in known_words
        if abs(len(known) - len(word)) <= 2
        and (known[0].lower() == lower[:1] or known[-2:].lower() == lower[-2:])
    ]
    pairs = _letter_pairs(lower)
    shortlist.sort(key=lambda known: -len(pairs & _letter_pairs(known.lower())))
    spellings: dict[str, str] = {}
    for known in shortlist[:200]:
        spellings.setdefault(known.lower(), known)
    close = difflib.get_close_matches(lower, spellings, n=n, cutoff=0.6)
    return [spellings[match] for match in close]


def _letter_pairs(word: str) -> set[str]:
    return {word[i : i + 2] for i in range(max(1, len(word) - 1))}
