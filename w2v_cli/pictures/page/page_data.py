"""What a page shows, checked before anything is written; and how it is made of word vectors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.errors import visible
from w2v_cli.vectors.word_vectors import WordVectors

_COLOR = re.compile(r"#[0-9a-fA-F]{6}\Z")


@dataclass(frozen=True)
class Plane:
    """One projection of the words.

    name: its name on the page's switch. points: shape (n, 2).
    note: one sentence on what distances mean.
    """

    name: str
    points: Array
    note: str = ""


@dataclass(frozen=True)
class PageGroups:
    """Named groups of words.

    of: for each word the index of its group in `names`, or -1 for none, shape (n,).
    colors: one `#rrggbb` per name; None takes the palette of the page.
    """

    names: Sequence[str]
    of: Array
    colors: Sequence[str] | None = None


@dataclass(frozen=True)
class Nearest:
    """The nearest neighbours of each word by its full vector, nearest first.

    ids: indices into the words of the page followed by `others`; shape (n, k).
    cosines: shape (n, k). others: neighbours that are not words of the page.
    """

    ids: Array
    cosines: Array
    others: Sequence[str] = ()


@dataclass(frozen=True)
class PageData:
    """Everything a page shows about n words; `counts` has shape (n,).

    Raises:
        ValueError: the parts do not match.
    """

    words: Sequence[str]
    planes: Sequence[Plane]
    nearest: Nearest
    counts: Array | None = None
    groups: PageGroups | None = None
    title: str = ""

    def __post_init__(self) -> None:
        n = len(self.words)
        _check(n > 0, "a page needs a word")
        _check(len(self.planes) > 0, "a page needs a projection")
        for plane in self.planes:
            _check(plane.points.shape == (n, 2), f"points of {plane.name}: shape (n, 2)")
            _check(bool(np.isfinite(plane.points).all()), f"points of {plane.name}: finite")
        self._check_nearest(n)
        if self.counts is not None:
            _check(self.counts.shape == (n,), "counts: shape (n,)")
        if self.groups is not None:
            _check_groups(self.groups, n)

    def _check_nearest(self, n: int) -> None:
        ids, cosines = self.nearest.ids, self.nearest.cosines
        _check(ids.ndim == 2 and len(ids) == n, "neighbours: shape (n, k)")
        _check(ids.shape == cosines.shape, "neighbours: a cosine for each")
        known = n + len(self.nearest.others)
        _check(not ids.size or (ids.min() >= 0 and ids.max() < known), "neighbours: known words")
        _check(not cosines.size or bool(np.isfinite(cosines).all()), "cosines: finite")


def _check_groups(groups: PageGroups, n: int) -> None:
    _check(groups.of.shape == (n,), "groups: one number per word")
    _check(
        bool((groups.of >= -1).all() and (groups.of < len(groups.names)).all()),
        "groups: places in the names, or -1",
    )
    if groups.colors is not None:
        _check(len(groups.colors) == len(groups.names), "groups: one colour per name")
        _check(all(_COLOR.match(color) for color in groups.colors), "groups: colours as #rrggbb")


def _check(holds: bool, claim: str) -> None:
    if not holds:
        raise ValueError(claim)


_BLOCK = 1024


def nearest_words(vectors: WordVectors, words: Sequence[str], k: int = 10) -> Nearest:
    """Find the k words closest by cosine to each of `words`, without the word itself.

    The search covers all words of `vectors`. Neighbours that are not among `words` become the
    answer's `others`. Raises UnknownWordError.
    """
    k = min(k, len(vectors) - 1)
    ids = np.zeros((len(words), k), dtype=np.int64)
    cosines = np.zeros((len(words), k), dtype=np.float32)
    place = {word: i for i, word in enumerate(words)}
    others: list[str] = []
    for start in range(0, len(words) if k else 0, _BLOCK):
        found = vectors.neighbors_of(words[start : start + _BLOCK], k)
        for i, row in enumerate(found, start):
            for near in row:
                if near.word not in place:
                    place[near.word] = len(words) + len(others)
                    others.append(near.word)
            ids[i] = [place[near.word] for near in row]
            cosines[i] = [near.score for near in row]
    return Nearest(ids, np.clip(cosines, -1, 1), others)


def page_of(
    vectors: WordVectors,
    words: Sequence[str],
    planes: Sequence[Plane],
    *,
    groups: PageGroups | None = None,
    title: str = "",
) -> PageData:
    """Return the page of some words, with their counts and ten nearest neighbours.

    The neighbours are found among all words of `vectors`, by the full vectors.
    Raises UnknownWordError.
    """
    rows = [vectors.ids[word] for word in words if word in vectors]
    nearest = nearest_words(vectors, words)
    counts = None if vectors.counts is None else vectors.counts[rows]
    return PageData(list(words), planes, nearest, counts, groups, visible(title))
