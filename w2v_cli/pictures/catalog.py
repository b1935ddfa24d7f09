"""The methods of projection: name, function, and what distances in the picture mean.

Help texts list the methods, so this module imports no NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from w2v_cli.errors import UsageError

if TYPE_CHECKING:
    from w2v_cli.pictures.methods import Points


@dataclass(frozen=True)
class Method:
    """A way to project.

    name: as shown to readers.
    project: (rows (n, D), seed, **knobs) → points (n, 2) and shares of the variance (2,).
    axes: what the two axes are; empty where they mean nothing.
    distances: what a reader may conclude from a distance in the picture.
    metric: the default measure of closeness.
    knobs: the settings a user may change, with their defaults.
    """

    name: str
    project: Callable[..., tuple[Points, Points]]
    axes: str
    distances: str
    metric: str = "cosine"
    knobs: Mapping[str, float] = field(default_factory=dict)


def _pca(rows: Points, seed: int) -> tuple[Points, Points]:
    from w2v_cli.pictures.methods import pca

    return pca(rows)  # nothing is random here


def _tsne(rows: Points, seed: int, perplexity: float) -> tuple[Points, Points]:
    from w2v_cli.pictures.methods import tsne

    return tsne(rows, seed, perplexity)


def _umap(rows: Points, seed: int, n_neighbors: float, min_dist: float) -> tuple[Points, Points]:
    from w2v_cli.pictures.methods import umap

    return umap(rows, seed, n_neighbors, min_dist)


METHODS = {
    "pca": Method(
        "PCA",
        _pca,
        "principal axis",
        "PCA: a linear view. Far apart here is far apart; close here may be far apart"
        " along axes not shown.",
        metric="euclidean",
    ),
    "tsne": Method(
        "t-SNE",
        _tsne,
        "",
        "t-SNE: close words are neighbours. Distances between clusters, their sizes and the"
        " axes mean little.",
        knobs={"perplexity": 15.0},
    ),
    "umap": Method(
        "UMAP",
        _umap,
        "",
        "UMAP: close words are neighbours. Distances between clusters, their sizes and the"
        " axes mean little.",
        knobs={"n_neighbors": 15, "min_dist": 0.3},
    ),
}


def find_method(name: str) -> Method:
    """Return a method by its short name.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in METHODS:
        raise UsageError(f"unknown method {name!r}; choose one of {', '.join(METHODS)}")
    return METHODS[name]
