"""Word vectors to two dimensions: arrays in, arrays out."""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.errors import MissingExtraError, UsageError
from w2v_cli.pictures.style import find_method

_WAVES = 2


@dataclass(frozen=True)
class Projection:
    """Points in the plane.

    points: shape (n, 2). explained: share of the variance along each axis, shape (2,); zeros for
    a method that has no such share. method: a name of the catalogue. metric: what it was told
    about closeness, "cosine" or "euclidean".
    """

    points: NDArray[np.float64]
    explained: NDArray[np.float64]
    method: str = "pca"
    metric: str = "euclidean"


def project(
    vectors: Array,
    method: str = "pca",
    *,
    metric: str | None = None,
    seed: int = 1,
    **knobs: float,
) -> Projection:
    """Project vectors, shape (n, D), to points in the plane.

    The signs of the axes follow from the order of the rows: the same words in the same order give
    pictures that look alike, whatever the axes of their run are.

    Args:
        vectors: one row per word.
        method: a name of the catalogue: "pca", "tsne" or "umap".
        metric: "cosine" or "euclidean"; None: what the method does best with.
        seed: of the methods that draw random numbers.
        knobs: settings of the method; see the catalogue.

    Raises:
        UsageError: an unknown method or knob.
        MissingExtraError: the method's package is not installed.
    """
    entry = find_method(method)
    unknown = sorted(knobs.keys() - entry.knobs.keys())
    if unknown:
        raise UsageError(f"{method} has no setting {', '.join(unknown)}; see `w2v plot --help`")
    metric = metric or entry.metric
    rows = np.asarray(vectors, dtype=np.float64)
    rows = unit_length(rows) if metric == "cosine" else rows
    points, explained = entry.project(rows, seed=seed, **{**entry.knobs, **knobs})
    return Projection(points * _signs(points), explained, method, metric)


def unit_length(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide each row by its length; rows of zeros stay zero."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float64] = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit


def _signs(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ±1 per axis, so that points in the same order look alike however they were turned.

    An axis follows half a cosine wave over the rows (first rows positive, last ones negative) or
    a whole one (first and last ones positive), whichever it fits better. With one wave alone, an
    axis that does not fit it would get its sign by chance.
    """
    places = (np.arange(len(points)) + 0.5) / max(1, len(points))
    strengths = np.cos(np.pi * np.outer(np.arange(1, _WAVES + 1), places)) @ points
    strongest = np.abs(strengths).argmax(axis=0)
    return np.where(strengths[strongest, [0, 1]] < 0, -1.0, 1.0)


# Principal component analysis by singular value decomposition.


Points = NDArray[np.float64]


def pca(rows: NDArray[np.float64], seed: int = 1) -> tuple[Points, NDArray[np.float64]]:
    """Return the rows (n, D) on their first two principal axes, and these axes' variance shares.

    Mean removed, then singular value decomposition, as the CS224n picture does it. With n or D
    of 1 the missing axis is zero. seed: not used; nothing is random here.
    """
    centred = rows - rows.mean(axis=0)
    _, singular, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:2]
    points = np.zeros((len(centred), 2))
    points[:, : len(axes)] = centred @ axes.T
    variance = singular**2
    explained = np.zeros(2)
    # Rounding leaves a little variance in rows that are all the same.
    if variance.sum() > 1e-24 * max(1.0, float((rows**2).sum())):
        explained[: len(axes)] = (variance / variance.sum())[:2]
    else:
        points[:] = 0
    return points, explained


# t-SNE by openTSNE, started from the principal axes.


_EXACT = 5000  # words; beyond them approximate neighbours are far faster


def tsne(
    rows: NDArray[np.float64], seed: int = 1, perplexity: float = 15
) -> tuple[Points, NDArray[np.float64]]:
    """Return points (n, 2) for rows (n, D), and zeros for shares of variance.

    perplexity: about how many neighbours a word has; lowered where there are few words.

    Raises:
        MissingExtraError: openTSNE is not installed.
    """
    try:
        from openTSNE import TSNE, initialization
    except ImportError:
        raise MissingExtraError("--method tsne", "tsne") from None
    start, shares = pca(rows)
    if len(rows) < 5 or not shares.any():  # too few words to have neighbourhoods
        return start, np.zeros(2)
    model = TSNE(
        perplexity=min(perplexity, (len(rows) - 1) / 3),
        initialization=initialization.rescale(start),
        neighbors="exact" if len(rows) <= _EXACT else "approx",
        metric="euclidean",  # rows of length one: the order of cosines
        random_state=seed,
        n_jobs=1,
    )
    return np.asarray(model.fit(rows), dtype=np.float64), np.zeros(2)


# UMAP by umap-learn, started from the principal axes.


def umap(
    rows: NDArray[np.float64], seed: int = 1, n_neighbors: float = 15, min_dist: float = 0.3
) -> tuple[Points, NDArray[np.float64]]:
    """Return points (n, 2) for rows (n, D), and zeros for shares of variance.

    n_neighbors: how many neighbours of a word count; lowered where there are few words.
    min_dist: how close together points may lie, 0 to 1.

    Raises:
        MissingExtraError: umap-learn is not installed.
    """
    try:
        from umap import UMAP
    except ImportError:
        raise MissingExtraError("--method umap", "umap") from None
    start, shares = pca(rows)
    if len(rows) < 5 or not shares.any():  # too few words to have neighbourhoods
        return start, np.zeros(2)
    model = UMAP(
        n_neighbors=int(min(n_neighbors, len(rows) - 1)),
        min_dist=min_dist,
        init=10 * start / np.abs(start).max(),
        metric="euclidean",  # rows of length one: the order of cosines
        random_state=seed,
        n_jobs=1,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about threads and few words; both are meant
        return np.asarray(model.fit_transform(rows), dtype=np.float64), np.zeros(2)


# The plane in which a relation between pairs of words can be seen: arrays in, arrays out.


@dataclass(frozen=True)
class RelationPlane:
    """Pairs of words, from and to, in a plane chosen by what the pairs share.

    starts, ends: points, shape (n, 2). agreement: mean cosine between the pairs' differences,
    1 where all are parallel; None for a single pair. shown: share of the differences' squared
    lengths that lies in the plane, 0 to 1.
    """

    starts: Array
    ends: Array
    agreement: float | None
    shown: float


def relation_plane(starts: Array, ends: Array) -> RelationPlane:
    """Choose a plane for pairs of vectors, shape (n, D) each, and put the pairs in it.

    Up is the mean of the differences `end − start`: what the pairs share. Across is the
    direction, at right angles to it, in which the pairs' middles differ most; for a single pair,
    that in which its middle lies.
    """
    differences, middles = ends - starts, (starts + ends) / 2
    up = unit_length(differences.mean(axis=0)[None])[0]
    across = _main_direction(middles - np.outer(middles @ up, up))
    plane = np.stack([across, up], axis=1)
    origin = middles.mean(axis=0)
    lengths = float((differences**2).sum())
    shown = float(((differences @ plane) ** 2).sum()) / lengths if lengths > 0 else 0.0
    return RelationPlane(
        (starts - origin) @ plane, (ends - origin) @ plane, agreement(differences), shown
    )


def agreement(differences: Array) -> float | None:
    """Mean cosine between the rows (n, D), each with each other; None for fewer than two."""
    n = len(differences)
    if n < 2:
        return None
    unit = unit_length(differences)
    return float((np.square(unit.sum(axis=0)).sum() - np.square(unit).sum()) / (n * (n - 1)))


def _main_direction(rows: Array) -> Array:
    """Direction (D,) in which rows vary most; of a single row, its own."""
    centred = rows - rows.mean(axis=0) if len(rows) > 1 else rows
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    axis: Array = axes[0]
    order = np.arange(len(rows)) - (len(rows) - 1) / 2 if len(rows) > 1 else np.ones(1)
    return -axis if order @ (rows @ axis) < 0 else axis
