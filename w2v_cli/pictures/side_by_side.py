"""Two runs side by side, the second aligned to the first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v_cli.equations import Array
from w2v_cli.errors import DataError
from w2v_cli.pictures.canvas import Picture, name_axes, new_picture, our_settings, split_axes
from w2v_cli.pictures.marks import Marks, dot_areas
from w2v_cli.pictures.projection import Projection, project, unit_length
from w2v_cli.pictures.scatter import choose_view, draw_marks
from w2v_cli.pictures.style import STYLES, Size
from w2v_cli.pictures.words import Grouping
from w2v_cli.vectors.alignment import MOST_ALIGNED, find_rotation, same_width
from w2v_cli.vectors.word_vectors import WordVectors


@dataclass(frozen=True)
class Comparison:
    """The same n words in two runs, in one plane.

    left, right: their points. closeness: cosine of each word's two vectors after the alignment,
    shape (n,): 1 where the runs agree on it.
    """

    left: Projection
    right: Projection
    closeness: Array


def compare(
    words: Sequence[str],
    first: WordVectors,
    second: WordVectors,
    method: str = "pca",
    **options: float | str | None,
) -> Comparison:
    """Rotate the second run's vectors onto the first's, then project both together.

    The rotation is found by orthogonal Procrustes over the words that both know, at most the
    20,000 most frequent ones of the first.

    Args:
        words: n words that both know.
        first: the run that is not rotated.
        second: the run that is rotated; the lengths of vectors may differ.
        method: how to project; see `project`.
        options: metric, seed and knobs of the method.
    """
    # Not scaled to length one, as `find_movement` does: the picture shows lengths too.
    shared = [word for word in first.words if word in second][:MOST_ALIGNED]
    a, b = same_width(_rows(first, shared), _rows(second, shared))
    rotation, scale = find_rotation(a, b)
    left, right = same_width(_rows(first, words), _rows(second, words))
    right = scale * right @ rotation
    both = project(np.concatenate([left, right]), method, **options)  # type: ignore[arg-type]
    n = len(words)
    halves = [
        Projection(points, both.explained, both.method, both.metric)
        for points in (both.points[:n], both.points[n:])
    ]
    closeness = (unit_length(left) * unit_length(right)).sum(axis=1)
    return Comparison(halves[0], halves[1], closeness)


def words_of_both(
    words: Sequence[str], first: WordVectors, second: WordVectors
) -> tuple[list[str], list[str]]:
    """Return the words that both know, and those that only the first knows.

    Raises:
        DataError: fewer than two are known to both.
    """
    both = [word for word in words if word in second]
    if len(both) < 2:
        raise DataError(
            "the two runs share fewer than two of the words; choose others with --words"
        )
    return both, [word for word in words if word not in second]


@our_settings()
def draw_comparison(
    words: Sequence[str],
    comparison: Comparison,
    grouping: Grouping,
    names: tuple[str, str],
    *,
    counts: NDArray[np.int64] | None = None,
    style: str = "light",
    size: Size | None = None,
    dpi: int | None = None,
) -> Picture:
    """Draw the two runs side by side, with the same limits and colours.

    Args:
        words: n words.
        comparison: their points and how well the runs agree on them.
        grouping: their groups.
        names: the two runs' titles.
        counts: how often each word occurs; None: dots of one size.
        style: a name of `STYLES`.
        size: width and height in inches; None: by the number of words.
        dpi: dots per inch; None: the style's.
    """
    look = STYLES[style]
    height = float(np.clip(4.2 + 0.35 * np.sqrt(len(words)), 5.5, 11)) * look.font_size / 9.5
    figure = new_picture(look, size or look.size or (2.1 * height, height), dpi)
    left, right = split_axes(figure, look, names)
    box = left.get_window_extent()
    points = np.concatenate([comparison.left.points, comparison.right.points])
    view = choose_view(points, box.width / box.height, keep_all=True)
    areas = dot_areas(counts, len(words), look)
    for axes, side in ((left, comparison.left), (right, comparison.right)):
        notes = draw_marks(axes, Marks(list(words), side.points, areas, grouping), look, view)
        figure.notes += [note for note in notes if note not in figure.notes]
    name_axes(left, comparison.left, look)
    return figure


def least_agreed(words: Sequence[str], comparison: Comparison, n: int = 5) -> Mapping[str, float]:
    """Return the n words on which the runs agree least, with the cosine of their two vectors."""
    order = np.argsort(comparison.closeness, kind="stable")[:n]
    return {words[i]: float(comparison.closeness[i]) for i in order}


def _rows(vectors: WordVectors, words: Sequence[str]) -> Array:
    return np.asarray(vectors[list(words)], dtype=np.float64)
