"""Word vectors that can draw themselves: what `w2v_cli.load` returns.

`vectors` is below this room and knows no pictures, so the method `plot` is added here.
"""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from w2v_cli.engines.settings import Which
from w2v_cli.pictures.draw import Words
from w2v_cli.pictures.draw import plot as plot_words
from w2v_cli.vectors import word_vectors
from w2v_cli.vectors.blending import blend_tables
from w2v_cli.vectors.gensim_names import GensimNames
from w2v_cli.vectors.table import VectorTable

if TYPE_CHECKING:
    from w2v_cli.pictures.canvas import Picture
    from w2v_cli.pictures.draw import Page


class WordVectors(GensimNames):
    """V words, each with a vector of length D, ready for questions and pictures."""

    def plot(self, words: Words = None, **options: Any) -> "Picture":
        """Draw words in two dimensions; see `w2v_cli.plot` for the options."""
        return plot_words(self, words, **options)

    def explore(self, words: Words = None, **options: Any) -> "Page":
        """Make a page of words; see `w2v_cli.explore` for the options."""
        from w2v_cli.pictures.draw import explore

        return explore(self, words, **options)


def load(
    path: str | os.PathLike[str],
    vectors: Which | None = None,
    *,
    limit: int | None = None,
    strict: bool = False,
) -> WordVectors:
    """Load the vectors of a run folder, or a vector file of any format that w2v writes.

    vectors: which vectors of a run: "center", "outside", "sum" or "concat"; None: the run's
    default. limit: load only the first so many words. strict: refuse repeated words and words that
    are not UTF-8; else a warning counts them. Raises DataError for what is missing or damaged,
    UsageError for another choice.
    """
    return WordVectors.of(word_vectors.load(path, vectors, limit=limit, strict=strict))


def blend(
    *parts: VectorTable | str | os.PathLike[str],
    weights: Sequence[float] | None = None,
    dim: int | None = None,
) -> WordVectors:
    """Blend vectors, run folders or files of vectors, over the words that all of them have.

    weights: one for each part; None: 1 each. dim: of the result; None: that of the first part.
    Raises UsageError for weights or dimensions that do not fit, DataError for parts without a
    common word.
    """
    tables = [each if isinstance(each, VectorTable) else load(each) for each in parts]
    return WordVectors.of(blend_tables(tables, weights, dim).table)
