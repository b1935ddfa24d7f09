"""Projection of word vectors to two dimensions: arrays in, arrays out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.errors import UsageError
from w2v_cli.pictures.catalog import find_method

_WAVES = 2


@dataclass(frozen=True)
class Projection:
    """Points in the plane.

    points: shape (n, 2). explained: share of the variance along each axis, shape (2,); zeros for
    a method that has no such share. method: a name of the catalogue. metric: the measure of
    closeness, "cosine" or "euclidean".
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

    The order of the rows determines the signs of the axes: the same words in the same order give
    similar pictures, whatever the axes of their run.

    Args:
        vectors: one row per word.
        method: a name of the catalogue: "pca", "tsne" or "umap".
        metric: "cosine" or "euclidean"; None: the method's default.
        seed: for the methods that draw random numbers.
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
    """Return ±1 per axis, so that points in the same order look alike however they were flipped.

    An axis follows half a cosine wave over the rows (first rows positive, last ones negative) or
    a whole one (first and last rows positive), whichever fits better. With one wave alone, an axis
    that does not fit it would get its sign by chance: over twelve seeds of the quickstart, the
    second axis of the course's words was upside down in half of the pairs of runs; with two waves
    it was in none.
    """
    places = (np.arange(len(points)) + 0.5) / max(1, len(points))
    strengths = np.cos(np.pi * np.outer(np.arange(1, _WAVES + 1), places)) @ points
    strongest = np.abs(strengths).argmax(axis=0)
    return np.where(strengths[strongest, [0, 1]] < 0, -1.0, 1.0)


# The plane that shows a relation between pairs of words.


@dataclass(frozen=True)
class RelationPlane:
    """Pairs of words, from and to, in a plane that shows what the pairs share.

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

    Up is the mean of the differences `end − start`: what the pairs share. Across is the direction
    at right angles to it in which the pairs' middles differ most; for a single pair, the direction
    of its middle.
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
    """Return the mean cosine over all pairs of rows (n, D); None for fewer than two rows."""
    n = len(differences)
    if n < 2:
        return None
    unit = unit_length(differences)
    return float((np.square(unit.sum(axis=0)).sum() - np.square(unit).sum()) / (n * (n - 1)))


def _main_direction(rows: Array) -> Array:
    """Return the direction (D,) in which rows vary most; for a single row, its own."""
    centred = rows - rows.mean(axis=0) if len(rows) > 1 else rows
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    axis: Array = axes[0]
    order = np.arange(len(rows)) - (len(rows) - 1) / 2 if len(rows) > 1 else np.ones(1)
    return -axis if order @ (rows @ axis) < 0 else axis
