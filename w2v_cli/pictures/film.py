"""An animation of a training: words move from noise to clusters, with the loss beside them.

The states of a run become frames, and the frames become an animated GIF, or one HTML file with a
slider that needs no network.
"""

import base64
import html
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from PIL import Image

from w2v_cli.engines.settings import Which
from w2v_cli.equations import Array
from w2v_cli.errors import DataError, UsageError, visible
from w2v_cli.pictures.canvas import (
    Picture,
    bare,
    caption,
    new_picture,
    our_settings,
    pixels,
    plain_axes,
)
from w2v_cli.pictures.curves import Curves, Line
from w2v_cli.pictures.fonts import families_for
from w2v_cli.pictures.marks import Marks, dot_areas, group_color, name_groups, write_words
from w2v_cli.pictures.projection import project
from w2v_cli.pictures.scatter import choose_view
from w2v_cli.pictures.style import STYLES, Size, Style, format_of
from w2v_cli.pictures.words import Grouping
from w2v_cli.storage.atomic import atomic_write
from w2v_cli.vectors.run_vectors import read_run_vectors

# The states of a run, kept by `w2v train --snapshots N`, and their points on one fixed map.


@dataclass(frozen=True)
class Snapshots:
    """S states of the same n words, in the order of training.

    words: n words. progress: shares of the training that were done, shape (S,), rising.
    vectors: shape (S, n, D).
    """

    words: list[str]
    progress: Array
    vectors: Array


def read_snapshots(run_dir: Path, words: Sequence[str], which: Which | None = None) -> Snapshots:
    """Read RUN/snapshots/*.safetensors; keep the words that every state has.

    which: "center", "outside", "sum" or "concat"; None: what the snapshots say.

    Raises:
        UsageError: the blend, which snapshots do not keep.
        DataError: fewer than two snapshots, one without its progress, or fewer than two words.
    """
    if which == "blend":
        raise UsageError("snapshots keep the trained vectors, not the blend; use --vectors center")
    files = sorted((run_dir / "snapshots").glob("*.safetensors"))
    if len(files) < 2:
        raise DataError(
            f"{run_dir}: --animate needs snapshots; train again with --snapshots 60 to keep them"
        )
    states = [read_run_vectors(file) for file in files]
    tables = [{word: i for i, word in enumerate(state.words)} for state in states]
    shared = [word for word in words if all(word in table for table in tables)]
    if len(shared) < 2:
        raise DataError(f"{run_dir}: the snapshots have fewer than two of the words; try --top 50")
    rows = [
        state.matrix(which)[[table[word] for word in shared]]
        for state, table in zip(states, tables, strict=True)
    ]
    progress = [_progress(file, state.metadata) for file, state in zip(files, states, strict=True)]
    order = np.argsort(progress, kind="stable")
    vectors = np.stack(rows).astype(np.float64)[order]
    return Snapshots(shared, np.array(progress)[order], vectors)


def paths_on_the_map(snapshots: Snapshots) -> Array:
    """Return the words' points in each state, shape (S, n, 2).

    The map is that of the last state, its mean and two principal axes. It is the same for all
    states, so that only the words move.
    """
    last = snapshots.vectors[-1]
    middle = last.mean(axis=0)
    points = project(last).points
    # The axes that take the centred rows to their points, by least squares.
    axes, *_ = np.linalg.lstsq(last - middle, points, rcond=None)
    paths: Array = (snapshots.vectors - middle) @ axes
    return paths


def between(paths: Array, progress: Array, at: Array) -> Array:
    """Fill in points between states: for each share in `at` (F,), shape (F, n, 2)."""
    right = np.clip(np.searchsorted(progress, at, side="right"), 1, len(progress) - 1)
    span = progress[right] - progress[right - 1]
    share = np.divide(at - progress[right - 1], span, out=np.ones_like(at), where=span > 0)
    weight = np.clip(share, 0, 1)[:, None, None]
    filled: Array = (1 - weight) * paths[right - 1] + weight * paths[right]
    return filled


def _progress(file: Path, metadata: dict[str, str]) -> float:
    try:
        return float(metadata["progress"])
    except (KeyError, ValueError):
        raise DataError(f"{file}: this snapshot does not state its progress; train again") from None


# Frame after frame.

RgbImage = NDArray[np.uint8]

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
) -> Iterator[RgbImage]:
    """Draw the frames one after the other, each uint8 (height, width, 3).

    Args:
        snapshots: the states of the words.
        grouping: their groups, by the last state.
        curves: the run's curves; the first line of its loss is drawn beside the words.
        n_frames: how many; states in between are filled in along straight lines.
        counts: how often each word occurs; None: dots of one size.
        title: written above the picture.
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
    with our_settings():
        figure = new_picture(look, size or look.size or (9.6 * scale, 6 * scale), dpi or 100)
        axes = plain_axes(figure, look, title)
        areas = dot_areas(counts, len(snapshots.words), look)
        scene = _Scene(axes, Marks(snapshots.words, paths[-1], areas, grouping), look)
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
    """A dot that moves along the loss."""

    def __init__(self, axes: Axes, line: Line, style: Style) -> None:
        self._x, self._y = np.array(line.x), np.array(line.y)
        (self._dot,) = axes.plot([], [], "o", color=style.palette[1], markersize=0.8 * 9.5)

    def show(self, progress: float) -> None:
        """Move it to a share of the training."""
        x = progress * self._x[-1]
        self._dot.set_data([x], [np.interp(x, self._x, self._y)])


def _leave_room(axes: Axes) -> None:
    """Make the axes narrower, with room for the loss at their right."""
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


# Frames to a file.

_MILLISECONDS = 80
_LAST_MILLISECONDS = 2500

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ margin: 0 auto; max-width: 1100px; font: 16px sans-serif; text-align: center }}
img {{ width: 100%; height: auto }}
input {{ width: 70%; vertical-align: middle }}
</style>
<img id="frame" alt="words on their way from noise to clusters">
<p><button id="play">pause</button>
<input id="at" type="range" min="0" max="{last}" value="0" aria-label="training"></p>
<script>
const frames = [{frames}];
const frame = document.getElementById("frame"), at = document.getElementById("at");
const play = document.getElementById("play");
let wait = 0;
function show() {{ frame.src = "data:image/png;base64," + frames[at.value]; }}
function playing() {{ return play.textContent === "pause"; }}
setInterval(() => {{
  if (!playing() || wait-- > 0) return;
  if (+at.value === {last}) wait = 30;
  at.value = (+at.value + 1) % {count};
  show();
}}, {milliseconds});
at.oninput = () => {{ play.textContent = "play"; show(); }};
play.onclick = () => {{ play.textContent = playing() ? "play" : "pause"; }};
show();
</script>
</html>
"""


@dataclass(frozen=True)
class Film:
    """Frames, each uint8 (height, width, 3), and a title for the page."""

    frames: Iterable[RgbImage]
    title: str = ""

    def save(self, path: Path) -> None:
        """Write a .gif or an .html file, by the name's ending, whole or not at all."""
        images = [
            Image.fromarray(frame).quantize(64, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            for frame in self.frames
        ]
        with atomic_write(path) as file:
            if format_of(path) == "html":
                file.write(_page(images, self.title).encode("utf-8"))
            else:
                _write_gif(file, images)


def _write_gif(file: BinaryIO, images: list[Image.Image]) -> None:
    durations = [_MILLISECONDS] * (len(images) - 1) + [_LAST_MILLISECONDS]
    images[0].save(
        file, format="GIF", save_all=True, append_images=images[1:], duration=durations, loop=0
    )


def _page(images: list[Image.Image], title: str) -> str:
    return _PAGE.format(
        title=html.escape(visible(title) or "word vectors"),
        frames=",".join(f'"{_png(image)}"' for image in images),
        last=len(images) - 1,
        count=len(images),
        milliseconds=_MILLISECONDS,
    )


def _png(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, format="PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode("ascii")
