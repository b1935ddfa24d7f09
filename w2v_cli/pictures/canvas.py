"""A figure without a window, shown in a notebook or saved; with its title, caption and axes."""

import io
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

from w2v_cli.errors import visible
from w2v_cli.pictures.catalog import METHODS
from w2v_cli.pictures.projection import Projection
from w2v_cli.pictures.style import Size, Style, format_of, mix


class Picture(Figure):
    """A matplotlib figure that a notebook shows by itself.

    It does not use pyplot, which keeps figures alive and picks a backend for the whole program.

    notes: what a reader should know, such as the number of words without a label.
    description: what a picture of words shows, in two sentences; empty for other pictures.
    """

    notes: list[str]
    description: str = ""

    def save(self, file: str | Path | IO[bytes], file_format: str | None = None) -> None:
        """Save as png, svg or pdf; None: by the name's ending.

        SVG and PDF keep text as text. No date is stored, so the same input gives the same bytes.
        """
        name = file_format or format_of(Path(str(file)))
        file = Path(file).expanduser() if isinstance(file, (str, Path)) else file
        metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(name, {})
        self.savefig(file, format=name, metadata=metadata)

    def savefig(self, *args: Any, **options: Any) -> None:
        """Save as matplotlib does, with text kept as text."""
        with our_settings():
            super().savefig(*args, **options)

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.save(file, "png")
        return file.getvalue()


#: Text stays text, and the same picture has the same bytes.
_SETTINGS: dict[Any, Any] = {"svg.hashsalt": "w2v", "svg.fonttype": "none", "pdf.fonttype": 42}


@contextmanager
def our_settings() -> Iterator[None]:
    """Set matplotlib to its defaults and ours, whatever a style or a matplotlibrc says.

    Needed where a figure is made and where it is drawn: matplotlib reads its settings at both.
    """
    # A backend is for windows; to read this setting would choose one for the user's program.
    names = mpl.rcParamsDefault.keys() - {"backend"}
    with warnings.catch_warnings(), mpl.rc_context():
        warnings.simplefilter("ignore", mpl.MatplotlibDeprecationWarning)
        mpl.rcParams.update({name: mpl.rcParamsDefault[name] for name in names} | _SETTINGS)
        # `fonts.py` has already said which script has no font.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def new_picture(style: Style, size: Size, dpi: int | None = None) -> Picture:
    """Make an empty picture of `size` inches."""
    figure = Picture(figsize=size, dpi=dpi or style.dpi, facecolor=style.background)
    FigureCanvasAgg(figure)
    figure.notes = []
    return figure


def measure(figure: Figure) -> Any:
    """Return the renderer that measures text, with the layout settled."""
    with our_settings():
        figure.draw_without_rendering()
    canvas: Any = figure.canvas
    return canvas.get_renderer()


def pixels(figure: Figure) -> NDArray[np.uint8]:
    """Draw the figure; uint8, shape (height, width, 3)."""
    canvas: Any = figure.canvas
    with our_settings():
        canvas.draw()
    drawn: NDArray[np.uint8] = np.asarray(canvas.buffer_rgba())[:, :, :3].copy()
    return drawn


def root_figure(axes: Axes) -> Figure:
    """Return the figure that axes belong to."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    return figure


# Frame, title, caption, names of the axes.


def plain_axes(figure: Picture, style: Style, title: str) -> Axes:
    """Add axes that fill the picture, with room for a title, a caption and names of the axes."""
    return split_axes(figure, style, (title,))[0]


def split_axes(figure: Picture, style: Style, titles: Sequence[str]) -> list[Axes]:
    """Add axes side by side, one per title; see `plain_axes`."""
    width, height = figure.get_size_inches()
    unit = style.font_size / 72
    left, right, bottom = 2.4 * unit, 1.2 * unit, 4.6 * unit
    top = (3.2 if any(titles) else 1.2) * unit
    each = (width - left - right - (len(titles) - 1) * left) / len(titles)
    return [
        _one_of(
            figure,
            ((left + i * (each + left)) / width, bottom / height, each / width),
            1 - (top + bottom) / height,
            style,
            title,
        )
        for i, title in enumerate(titles)
    ]


def _one_of(
    figure: Picture, place: tuple[float, float, float], height: float, style: Style, title: str
) -> Axes:
    axes = figure.add_axes((*place, height))
    bare(axes, style)
    write_title(axes, title, style, pad=0.7 * style.font_size)
    return axes


def write_title(axes: Axes, title: str, style: Style, pad: float | None = None) -> None:
    """Write a title above axes, at the left; pad: space below it in points; None: matplotlib's."""
    axes.set_title(
        visible(title),
        loc="left",
        fontsize=1.35 * style.font_size,
        fontweight="bold",
        color=style.ink,
        pad=pad,
        parse_math=False,
    )


def bare(axes: Axes, style: Style) -> None:
    """Reduce axes to a thin frame."""
    axes.set_facecolor(style.background)
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(color=mix(style.faint, style.background, 0.5), linewidth=0.8)


def name_axes(axes: Axes, projection: Projection, style: Style) -> None:
    """Write what the axes and the distances mean, below the picture and at its left."""
    method = METHODS[projection.method]
    size = 0.8 * style.font_size
    gap = 0.4 * style.font_size
    lines = 0
    if method.axes:
        first, second = (
            f"{order} {method.axes} ({share:.0%} of the variance)"
            for order, share in zip(("first", "second"), projection.explained, strict=True)
        )
        axes.set_xlabel(first, loc="right", labelpad=gap, color=style.faint, fontsize=size)
        axes.set_ylabel(second, loc="top", labelpad=gap, color=style.faint, fontsize=size)
        lines = 1
    caption(axes, method.distances, style, lines)


def caption(axes: Axes, text: str, style: Style, lines: int = 0) -> Text:
    """Write small text below the picture, at the left; lines: to leave free above it."""
    size = 0.8 * style.font_size
    width = axes.get_window_extent().width / root_figure(axes).dpi * 72
    return axes.annotate(
        "\n".join(textwrap.wrap(text, max(20, int(width / (0.52 * size))))),
        (0, 0),
        xytext=(0, -(0.5 + 1.3 * lines) * size),
        xycoords="axes fraction",
        textcoords="offset points",
        va="top",
        color=style.faint,
        fontsize=size,
        annotation_clip=False,
    )
