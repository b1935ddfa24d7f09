"""Where labels go: beside their dots, never on another label. Works in pixels, without matplotlib.

Each label has about a hundred places round its dot, in rings. A first pass gives each label in turn
the best place that covers no other label; later passes let each label move again, now that the
others have places. A label without a free place is left out; its dot stays.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v_cli.equations import Array

Bools = NDArray[np.bool_]

_RINGS = (0.0, 0.7, 1.5, 2.5, 4.0, 6.0, 9.0, 13.0)  # distance from the dot, in label heights
_ANGLES = 16
_PASSES = 4
_COVERS_DOT = 3.0  # costs, in label heights of distance
_CROSSES_LABEL = 4.0
_CROSSES_DOT = 1.5
_LEADER_FROM = 0.5  # label heights: a label this far from its dot needs a line to it


@dataclass(frozen=True)
class Placement:
    """The result, in pixels.

    middles: shape (n, 2), the middle of each label; NaN where it is left out.
    leaders: bool (n,), the labels that need a line to their dots.
    """

    middles: Array
    leaders: Bools

    @property
    def placed(self) -> Bools:
        """Which labels have a place, bool (n,)."""
        return ~np.isnan(self.middles[:, 0])


def place_labels(
    dots: Array,
    halves: Array,
    sizes: Array,
    frame: Array,
    taken: Array | None = None,
    reach: float = _RINGS[-1],
) -> Placement:
    """Find a place for each label.

    Args:
        dots: middles of the dots, or of whatever is labelled, shape (n, 2); important ones first.
        halves: half their width and height, shape (n, 2).
        sizes: width and height of the labels, with a margin, shape (n, 2).
        frame: x0, y0, x1, y1; labels stay inside.
        taken: boxes (m, 4) that no label may cover, such as the names of groups.
        reach: how far from its dot a label may be, in label heights.
    """
    search = _Search(dots, halves, sizes, frame, np.zeros((0, 4)) if taken is None else taken)
    search.n_rings = sum(ring <= reach for ring in _RINGS)
    for _ in range(_PASSES):
        moved = [search.improve(i) for i in range(len(dots))]
        if not any(moved):
            break
    return Placement(search.middles, search.distances > _LEADER_FROM)


class _Search:
    """The labels' places so far."""

    n_rings = len(_RINGS)

    def __init__(
        self, dots: Array, halves: Array, sizes: Array, frame: Array, taken: Array
    ) -> None:
        self._dots, self._halves, self._sizes = dots, halves, sizes
        self._frame, self._taken = frame, taken
        self._dot_boxes = np.hstack([dots - halves, dots + halves])
        self._boxes = np.full((len(dots), 4), np.nan)
        self._chosen = np.full(len(dots), -1)
        self.middles = np.full((len(dots), 2), np.nan)
        self.distances = np.zeros(len(dots))

    def improve(self, i: int) -> bool:
        """Give label i its best place; return whether it changed."""
        rings = np.array(_RINGS[: self.n_rings])
        middles = _candidates(self._dots[i], self._halves[i], self._sizes[i], rings)
        distance = np.repeat(rings, _ANGLES)
        boxes = np.hstack([middles - self._sizes[i] / 2, middles + self._sizes[i] / 2])
        reach = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
        labels = np.vstack([self._near(self._boxes, reach, i), self._taken])
        dots = self._near(self._dot_boxes, reach, i)
        blocked = overlaps(boxes, labels).any(axis=1) | _leaves(boxes, self._frame)
        if blocked.all():
            return False
        cost = distance + _preference(self.n_rings)
        cost += _COVERS_DOT * overlaps(boxes, dots).sum(axis=1)
        cost += _CROSSES_LABEL * _crossings(self._dots[i], middles, labels).sum(axis=1)
        cost += _CROSSES_DOT * _crossings(self._dots[i], middles, dots).sum(axis=1)
        best = int(np.where(blocked, np.inf, cost).argmin())
        if best == self._chosen[i]:
            return False
        self._chosen[i], self._boxes[i] = best, boxes[best]
        self.middles[i], self.distances[i] = middles[best], distance[best]
        return True

    def _near(self, boxes: Array, reach: Array, i: int) -> Array:
        """Boxes other than that of i that meet the box `reach`; unset ones (NaN) never do."""
        near = overlaps(reach[None], boxes)[0]
        near[i] = False
        found: Array = boxes[near]
        return found


def _candidates(dot: Array, half: Array, size: Array, rings: Array) -> Array:
    """Middles (c, 2) of a label round its dot, ring after ring."""
    angles = 2 * np.pi * np.arange(_ANGLES) / _ANGLES
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    touching = np.clip(directions * np.sqrt(2), -1, 1) * (half + size / 2)
    away = (rings * size[1])[:, None, None] * directions
    return np.asarray((dot + touching + away), dtype=np.float64).reshape(-1, 2)


def _preference(n_rings: int) -> Array:
    """A small cost per place: right and above are preferred."""
    angles = 2 * np.pi * np.arange(_ANGLES) / _ANGLES
    preferred = 0.12 * (1 - np.cos(angles - np.pi / 8)) + 0.1 * np.abs(np.sin(2 * angles))
    return np.tile(preferred, n_rings)


def overlaps(boxes: Array, others: Array) -> Bools:
    """Tell which boxes (c, 4) overlap which others (m, 4): bool (c, m)."""
    found: Bools = (
        (boxes[:, None, 0] < others[None, :, 2])
        & (others[None, :, 0] < boxes[:, None, 2])
        & (boxes[:, None, 1] < others[None, :, 3])
        & (others[None, :, 1] < boxes[:, None, 3])
    )
    return found


def _leaves(boxes: Array, frame: Array) -> Bools:
    out = (boxes[:, :2] < frame[:2]) | (boxes[:, 2:] > frame[2:])
    return np.asarray(out.any(axis=1), dtype=np.bool_)


def _crossings(start: Array, ends: Array, boxes: Array) -> Bools:
    """Tell which lines from start (2,) to ends (c, 2) cross which boxes (m, 4): bool (c, m)."""
    step = (ends - start)[:, None, :]
    step = np.where(step == 0, 1e-9, step)
    first = (boxes[None, :, :2] - start) / step
    second = (boxes[None, :, 2:] - start) / step
    enter = np.minimum(first, second).max(axis=2)
    leave = np.maximum(first, second).min(axis=2)
    crossed: Bools = (enter < leave) & (enter < 1) & (leave > 0)
    return crossed
