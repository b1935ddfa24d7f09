"""`w2v_cli.plot(vectors, …)`: from vectors to a picture in one call."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from w2v_cli.pictures.groups import (
    Grouping,
    default_groups,
    group_by_cluster,
    group_by_name,
)
from w2v_cli.pictures.projection import project
from w2v_cli.pictures.words import CS224N_WORDS, keep_known, split_words, top_words
from w2v_cli.vectors.word_vectors import WordVectors

if TYPE_CHECKING:
    from w2v_cli.pictures.canvas import Picture

Groups = Mapping[str, Sequence[str]] | int | None
Words = Sequence[str] | str | int | None


def plot(
    vectors: WordVectors,
    words: Words = None,
    *,
    method: str = "pca",
    metric: str | None = None,
    seed: int = 1,
    groups: Groups = None,
    title: str = "",
    style: str = "light",
    size: tuple[float, float] | None = None,
    dpi: int | None = None,
    **knobs: float,
) -> "Picture":
    """Draw words in two dimensions; a matplotlib figure, which a notebook shows.

    Args:
        vectors: from `w2v_cli.load`, or `run.vectors`.
        words: a list or one string; a number: so many of the most frequent words, without stop
            words; None: the words of the CS224n picture.
        method, metric: "pca", "tsne" or "umap"; "cosine" or "euclidean".
        seed: of t-SNE and UMAP.
        groups: colours: name → words; a number of clusters; None: the course's groups for its
            words, else clusters of the full vectors, their number by silhouette.
        title: above the picture.
        style: "light", "dark", "talk" or "print".
        size, dpi: width and height in inches, dots per inch.
        knobs: settings of the method: perplexity; n_neighbors, min_dist.

    Raises:
        UsageError: a single word, or an unknown method or setting.
        DataError: fewer than two of the words are known.
        MissingExtraError: the method's package is not installed.
    """
    from w2v_cli.pictures.scatter import draw_words

    known, _ = keep_known(wanted_words(vectors, words), vectors)
    chosen = np.asarray(vectors[known], dtype=np.float64)
    counts = counts_of(vectors, known)
    return draw_words(
        known,
        project(chosen, method, metric=metric, seed=seed, **knobs),
        choose_groups(known, chosen, groups, counts),
        counts=counts,
        title=title,
        style=style,
        size=size,
        dpi=dpi,
    )


def counts_of(vectors: WordVectors, words: Sequence[str]) -> NDArray[np.int64] | None:
    """Return how often each word occurs; None where the vectors do not say."""
    if vectors.counts is None:
        return None
    # A word that is not in the table, but has a vector all the same, was never counted.
    return np.array(
        [vectors.counts[vectors.ids[word]] if word in vectors.ids else 0 for word in words],
        dtype=np.int64,
    )


def choose_groups(
    words: Sequence[str],
    rows: NDArray[np.float64],
    groups: Groups,
    counts: NDArray[np.int64] | None,
) -> Grouping:
    """Return the groups that the caller chose, or the ones that suit the words."""
    if isinstance(groups, Mapping):
        return group_by_name(words, groups)
    if groups is not None:
        return group_by_cluster(words, rows, groups, counts)
    return default_groups(words, rows, counts)


def wanted_words(vectors: WordVectors, words: Words) -> Sequence[str]:
    """Return the words that the caller asked for, known or not."""
    if words is None:
        return CS224N_WORDS
    if isinstance(words, int):
        return top_words(vectors, words)
    return split_words(words) if isinstance(words, str) else words
