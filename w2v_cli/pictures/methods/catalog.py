"""What each projection is called, where it lives and what its distances mean. Light."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from w2v_cli.errors import UsageError


@dataclass(frozen=True)
class Method:
    """A way to project.

    name: as readers know it.
    module: has `project(rows, seed, **knobs)`, which returns points (n, 2) and shares (2,).
    axes: what the two axes are; empty where they mean nothing.
    distances: what a reader may conclude from a distance in the picture.
    metric: what counts as close, unless the user says otherwise.
    knobs: the settings a user may change, with their defaults.
    """

    name: str
    module: str
    axes: str
    distances: str
    metric: str = "cosine"
    knobs: Mapping[str, float] = field(default_factory=dict)


METHODS = {
    "pca": Method(
        "PCA",
        "w2v_cli.pictures.methods.pca",
        "principal axis",
        "PCA: a linear view. Far apart here is far apart; close here may be far apart"
        " along axes not shown.",
        metric="euclidean",
    ),
    "tsne": Method(
        "t-SNE",
        "w2v_cli.pictures.methods.tsne",
        "",
        "t-SNE: close words are neighbours. Distances between clusters, their sizes and the"
        " axes mean little.",
        knobs={"perplexity": 15.0},
    ),
    "umap": Method(
        "UMAP",
        "w2v_cli.pictures.methods.umap",
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
