"""A figure without a window: made, shown in a notebook, saved."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from w2v_cli.pictures.style import Size, Style


class Picture(Figure):
    """A matplotlib figure that a notebook shows by itself, with or without pyplot.

    notes: what the reader should know about it, such as the number of words without a label.
    """

    notes: list[str]

    def save(self, file: str | Path | IO[bytes], file_format: str | None = None) -> None:
        """Save as png, svg or pdf; None: by the name's ending.

        Text stays text in SVG and PDF, and no date is stored: same input, same bytes.
        """
        name = file_format or Path(str(file)).suffix[1:].lower()
        metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(name, {})
        self.savefig(file, format=name, metadata=metadata)

    def savefig(self, *args: Any, **options: Any) -> None:
        """Save as matplotlib does, with text kept as text."""
        with _quiet_text():
            super().savefig(*args, **options)

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.save(file, "png")
        return file.getvalue()


@contextmanager
def _quiet_text() -> Iterator[None]:
    """Keep text as text; `fonts.py` has already said which script has no font."""
    settings: dict[Any, Any] = {
        "svg.hashsalt": "w2v",
        "svg.fonttype": "none",
        "pdf.fonttype": 42,
    }
    with warnings.catch_warnings(), mpl.rc_context(settings):
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
    with _quiet_text():
        figure.draw_without_rendering()
    canvas: Any = figure.canvas
    return canvas.get_renderer()


def pixels(figure: Figure) -> NDArray[np.uint8]:
    """Draw the figure; uint8, shape (height, width, 3)."""
    canvas: Any = figure.canvas
    with _quiet_text():
        canvas.draw()
    drawn: NDArray[np.uint8] = np.asarray(canvas.buffer_rgba())[:, :, :3].copy()
    return drawn


def root_figure(axes: Axes) -> Figure:
    """Return the figure that axes belong to."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    return figure
