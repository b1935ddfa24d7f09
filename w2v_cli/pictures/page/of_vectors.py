"""A page out of word vectors: what `w2v plot --out plot.html` writes."""

from __future__ import annotations

from collections.abc import Sequence

from w2v_cli.pictures.page.data import Groups, PageData, Plane
from w2v_cli.pictures.page.nearest import nearest_words
from w2v_cli.vectors.word_vectors import WordVectors


def page_of(
    vectors: WordVectors,
    words: Sequence[str],
    planes: Sequence[Plane],
    *,
    groups: Groups | None = None,
    title: str = "",
    note: str = "",
) -> PageData:
    """Return the page of some words: their counts and ten nearest neighbours come with them.

    The neighbours are looked for among all words of `vectors`, by the full vectors.
    Raises UnknownWordError.
    """
    rows = [vectors.ids[word] for word in words if word in vectors]
    nearest = nearest_words(vectors, words)
    counts = None if vectors.counts is None else vectors.counts[rows]
    return PageData(list(words), planes, nearest, counts, groups, title, note)
