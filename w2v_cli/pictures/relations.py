"""The plane in which a relation between pairs of words can be seen: arrays in, arrays out."""

from dataclasses import dataclass

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.pictures.projection import unit_length


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
