"""`vectors.explore(…)`: the page of some words, to save or to show in a notebook."""

import html
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from w2v_cli.pictures.groups import Grouping
from w2v_cli.pictures.methods.catalog import find_method
from w2v_cli.pictures.page.data import Groups as PageGroups
from w2v_cli.pictures.page.data import PageData, Plane
from w2v_cli.pictures.page.of_vectors import page_of
from w2v_cli.pictures.page.page import page_html, write_page
from w2v_cli.pictures.plot import Groups, Words, choose_groups, counts_of, wanted_words
from w2v_cli.pictures.projection import project
from w2v_cli.pictures.words import keep_known
from w2v_cli.vectors.word_vectors import WordVectors

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
        knobs: settings of the methods; each method takes those that it knows.

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
    """Knobs of a method, and those that no method claims: they are refused by `project`."""
    others = {knob for other in methods if other != method for knob in find_method(other).knobs}
    own = find_method(method).knobs
    return {knob: value for knob, value in knobs.items() if knob in own or knob not in others}


def _page_groups(grouping: Grouping) -> PageGroups | None:
    return PageGroups(grouping.names, grouping.labels) if grouping.names else None
