"""The paper round a picture: frame, title, caption, names of the axes."""

import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.text import Text

from w2v_cli.pictures.canvas import Picture, root_figure
from w2v_cli.pictures.methods.catalog import METHODS
from w2v_cli.pictures.projection import Projection
from w2v_cli.pictures.style import Style, mix


def plain_axes(figure: Picture, style: Style, title: str) -> Axes:
    """Add axes that fill the picture but for a title, a caption and the names of the axes."""
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
    axes.set_title(
        title,
        loc="left",
        fontsize=1.35 * style.font_size,
        fontweight="bold",
        color=style.ink,
        pad=0.7 * style.font_size,
        parse_math=False,
    )
    return axes


def bare(axes: Axes, style: Style) -> None:
    """Leave of the axes a thin frame."""
    axes.set_facecolor(style.background)
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(color=mix(style.faint, style.background, 0.5), linewidth=0.8)


def name_axes(axes: Axes, projection: Projection, style: Style) -> None:
    """Write what the axes are and what distances mean, below the picture and at its left."""
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
