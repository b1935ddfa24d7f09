"""`w2v_cli.plot` and `w2v_cli.explore`: from vectors to a picture, or a page, in one call."""

import html
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from w2v_cli.pictures.catalog import find_method
from w2v_cli.pictures.page.page_data import PageData, PageGroups, Plane, page_of
from w2v_cli.pictures.page.page_file import page_html, write_page
from w2v_cli.pictures.projection import Projection, agreement, project, unit_length
from w2v_cli.pictures.words import (
    CS224N_WORDS,
    Grouping,
    default_groups,
    group_by_cluster,
    group_by_name,
    keep_known,
    split_words,
    top_words,
)
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
        words: a list or one string; a number N: the N most frequent words, without stop words;
            None: the words of the CS224n picture.
        method, metric: "pca", "tsne" or "umap"; "cosine" or "euclidean".
        seed: of t-SNE and UMAP.
        groups: what the colours show: name → words, or a number of clusters; None: the course's
            groups for its words, else clusters of the full vectors, their number by silhouette.
        title: written above the picture.
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
    projection = project(chosen, method, metric=metric, seed=seed, **knobs)
    grouping = choose_groups(known, chosen, groups, counts)
    picture = draw_words(
        known,
        projection,
        grouping,
        counts=counts,
        title=title,
        style=style,
        size=size,
        dpi=dpi,
    )
    picture.description = describe(chosen, projection, grouping)
    return picture


def describe(rows: NDArray[np.float64], projection: Projection, grouping: Grouping) -> str:
    """Say in two sentences how much a picture of words shows, and whether the groups hold.

    Args:
        rows: the words' full vectors, shape (n, D).
        projection: their points.
        grouping: their groups; words without one count as neighbours only.
    """
    n, dim = rows.shape
    name, share = find_method(projection.method).name, projection.explained.sum()
    shown = f"shows {share:.0%} of the variance" if share else "has no share of the variance"
    first = f"{name} {shown}; the mean cosine of two of the {n} words is {agreement(rows):.2f}."
    labels = grouping.labels
    sizes = np.bincount(labels[labels >= 0], minlength=1)
    if not sizes.any():
        return f"{first} The words have no groups."
    unit = unit_length(rows)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    same = (labels[cosines.argmax(axis=1)] == labels)[labels >= 0]
    chance = (sizes * (sizes - 1)).sum() / (n - 1)
    return (
        f"{first} In all {dim} dimensions, the nearest of these words is of the same group for"
        f" {same.sum()} of {len(same)} words (by chance: {chance:.1f})."
    )


def counts_of(vectors: WordVectors, words: Sequence[str]) -> NDArray[np.int64] | None:
    """Return how often each word occurs; None where the vectors do not say."""
    if vectors.counts is None:
        return None
    # A word with a vector from its n-grams is not in the table, and was never counted.
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
    """Return the groups that the caller chose, or suitable ones for the words."""
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


# A page of words, to save or to show in a notebook.

_INLINE = "width:100%;height:600px;border:0"


@dataclass(frozen=True)
class Page:
    """A page to explore words. A notebook shows it by itself."""

    data: PageData

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write one HTML file that needs no other file and no network."""
        write_page(path, self.data)

    def _repr_html_(self) -> str:
        content = html.escape(page_html(self.data), quote=True)
        return f'<iframe style="{_INLINE}" sandbox="allow-scripts" srcdoc="{content}"></iframe>'


def explore(
    vectors: WordVectors,
    words: Words = None,
    *,
    methods: Sequence[str] = ("pca",),
    metric: str | None = None,
    seed: int = 1,
    groups: Groups = None,
    title: str = "",
    **knobs: float,
) -> Page:
    """Make a page of words with search, neighbours by the full vectors, pins and a lasso.

    Args:
        vectors: what `w2v_cli.load` returns, or `run.vectors`.
        words: as for `w2v_cli.plot`.
        methods: the projections that the page can switch between.
        metric: "cosine" or "euclidean"; None: euclidean for pca, else cosine.
        seed: for t-SNE and UMAP.
        groups: as for `w2v_cli.plot`.
        title: of the page.
        knobs: settings of the methods; each method takes its own.

    Raises:
        UsageError: a single word, or an unknown method or setting.
        DataError: fewer than two of the words are known.
        MissingExtraError: a method's package is not installed.
    """
    known, _ = keep_known(wanted_words(vectors, words), vectors)
    rows = np.asarray(vectors[known], dtype=np.float64)
    planes = []
    for method in methods:
        own = _own_knobs(method, methods, knobs)
        points = project(rows, method, metric=metric, seed=seed, **own).points
        planes.append(Plane(find_method(method).name, points, find_method(method).distances))
    grouping = choose_groups(known, rows, groups, counts_of(vectors, known))
    return Page(page_of(vectors, known, planes, groups=_page_groups(grouping), title=title))


def _own_knobs(method: str, methods: Sequence[str], knobs: Mapping[str, float]) -> dict[str, float]:
    """Return a method's own knobs, and those that no method has, which `project` refuses."""
    others = {knob for other in methods if other != method for knob in find_method(other).knobs}
    own = find_method(method).knobs
    return {knob: value for knob, value in knobs.items() if knob in own or knob not in others}


def _page_groups(grouping: Grouping) -> PageGroups | None:
    return PageGroups(grouping.names, grouping.labels) if grouping.names else None
