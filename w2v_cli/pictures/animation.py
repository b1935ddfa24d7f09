"""Words on their way from noise to clusters, with the loss beside them: frame after frame."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from w2v_cli.equations import Array
from w2v_cli.pictures.canvas import Picture, new_picture, pixels
from w2v_cli.pictures.curves import Curves, Line
from w2v_cli.pictures.fonts import families_for
from w2v_cli.pictures.frame import bare, caption, plain_axes
from w2v_cli.pictures.group_names import name_groups
from w2v_cli.pictures.groups import Grouping
from w2v_cli.pictures.limits import choose_view
from w2v_cli.pictures.marks import Marks, dot_areas, group_color
from w2v_cli.pictures.snapshots import Snapshots, between, paths_on_the_map
from w2v_cli.pictures.style import STYLES, Size, Style
from w2v_cli.pictures.word_labels import write_words

Image = NDArray[np.uint8]

_NAMES_FROM = 0.6  # of the training: from here on the names of groups fade in
_NOTE = "{:.0%} of the training, on the principal axes of its end"
_MAP_SHARE = 0.74  # of the width; the loss has the rest


def draw_frames(
    snapshots: Snapshots,
    grouping: Grouping,
    curves: Curves,
    *,
    n_frames: int = 60,
    counts: NDArray[np.int64] | None = None,
    title: str = "",
    style: str = "light",
    size: Size | None = None,
    dpi: int | None = None,
) -> Iterator[Image]:
    """Draw the frames one after the other, each uint8 (height, width, 3).

    Args:
        snapshots: the states of the words.
        grouping: their groups, by the last state.
        curves: the run's curves; the first line of its loss is drawn beside the words.
        n_frames: how many; states in between are filled in along straight lines.
        counts: how often each word occurs; None: dots of one size.
        title: above the picture.
        style: a name of `STYLES`.
        size: width and height in inches; None: by the style.
        dpi: dots per inch; None: 100, as files of many frames are large.
    """
    look = STYLES[style]
    first, last = snapshots.progress[0], snapshots.progress[-1]
    # Words move most at the beginning, so it gets more frames.
    at = first + (last - first) * np.linspace(0, 1, n_frames) ** 2
    paths = between(paths_on_the_map(snapshots), snapshots.progress, at)
    scale = look.font_size / 9.5
    figure = new_picture(look, size or look.size or (9.6 * scale, 6 * scale), dpi or 100)
    axes = plain_axes(figure, look, title)
    areas = dot_areas(counts, len(snapshots.words), look)
    marks = Marks(snapshots.words, paths[-1], areas, grouping)
    scene = _Scene(axes, marks, look)
    marker = _draw_loss(figure, axes, curves, look)
    note = caption(axes, _NOTE.format(0), look)
    for points, progress in zip(paths, at, strict=True):
        note.set_text(_NOTE.format(progress))
        scene.show(points, float(progress))
        marker.show(float(progress))
        yield pixels(figure)


class _Scene:
    """Dots and labels, placed for the last frame; in the others the labels follow their dots."""

    def __init__(self, axes: Axes, marks: Marks, style: Style) -> None:
        _leave_room(axes)
        box = axes.get_window_extent()
        view = choose_view(marks.points, box.width / box.height, keep_all=True)
        axes.set(xlim=(view.low[0], view.high[0]), ylim=(view.low[1], view.high[1]))
        colors = [group_color(group, style) for group in marks.grouping.labels.tolist()]
        x, y = marks.points.T
        self._dots = axes.scatter(x, y, s=marks.areas, c=colors, linewidths=0, zorder=3)
        families, _ = families_for([*marks.words, *marks.grouping.names])
        labels = write_words(axes, marks, marks.points, style, families)
        known = len(axes.texts)
        taken = name_groups(axes, marks, labels, style, families)
        self._names = axes.texts[known:]
        placement = labels.place(taken)
        self._words = [
            (text, i, axes.transData.inverted().transform(middle) - marks.points[i])
            for i, (text, middle) in enumerate(zip(labels.texts, placement.middles, strict=True))
            if placement.placed[i]
        ]
        for i in np.flatnonzero(~placement.placed):
            labels.texts[i].remove()

    def show(self, points: Array, progress: float) -> None:
        """Move the words to their points, shape (n, 2)."""
        self._dots.set_offsets(points)
        for text, i, offset in self._words:
            x, y = points[i] + offset
            text.set_position((float(x), float(y)))
            text.set_clip_on(True)
        for name in self._names:
            name.set_alpha(float(np.clip((progress - _NAMES_FROM) / (1 - _NAMES_FROM), 0, 1)))


class _LossMarker:
    """A dot that runs along the loss."""

    def __init__(self, axes: Axes, line: Line, style: Style) -> None:
        self._x, self._y = np.array(line.x), np.array(line.y)
        (self._dot,) = axes.plot([], [], "o", color=style.palette[1], markersize=0.8 * 9.5)

    def show(self, progress: float) -> None:
        """Move it to a share of the training."""
        x = progress * self._x[-1]
        self._dot.set_data([x], [np.interp(x, self._x, self._y)])


def _leave_room(axes: Axes) -> None:
    """Make the axes narrower: the loss stands at their right."""
    x0, y0, width, height = axes.get_position().bounds
    axes.set_position((x0, y0, width * _MAP_SHARE, height))


def _draw_loss(figure: Picture, axes: Axes, curves: Curves, style: Style) -> _LossMarker:
    x0, y0, width, height = axes.get_position().bounds
    left = x0 + width + 0.05
    beside = figure.add_axes((left, y0, 0.98 - left, height * 0.5))
    bare(beside, style)
    line = curves.panels["loss"][0]
    beside.plot(line.x, line.y, color=style.faint, linewidth=0.15 * style.font_size)
    size = 0.9 * style.font_size
    beside.set_title("loss", loc="left", color=style.ink, fontsize=size)
    beside.set_xlabel("training", loc="right", color=style.faint, fontsize=size)
    beside.margins(0.08)
    return _LossMarker(beside, line, style)
