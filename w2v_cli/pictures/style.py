"""Colours, sizes and fonts for a light page, a dark page, a talk and print; file formats.

Help texts list the styles, so this module imports no NumPy.
"""

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

Size = tuple[float, float]

FORMATS = ("png", "svg", "pdf")
FILM_FORMATS = ("gif", "html")


def format_of(path: Path) -> str:
    """Return the format that a file name's ending stands for, as `png` for `a.PNG`."""
    return path.suffix[1:].lower()


@dataclass(frozen=True)
class Style:
    """Colours are `#rrggbb`; font sizes and dot areas are in points and points².

    background, ink, faint: paper, text, and less important parts (axes, leader lines, captions).
    palette: one colour per group; told apart with each common kind of colour blindness.
    ungrouped: the colour of words in no group.
    font_size: of a word; titles and captions follow it.
    dots: area of the dot of the rarest and of the most frequent word.
    shapes: give each group its own marker, so that groups differ without colour.
    size: width and height in inches; None: by the number of words.
    """

    background: str
    ink: str
    faint: str
    palette: tuple[str, ...]
    ungrouped: str
    font_size: float
    dots: tuple[float, float]
    dpi: int
    shapes: bool = False
    size: Size | None = None


_ON_WHITE = ("#0067a5", "#c74300", "#00a087", "#cc9900", "#6600cc", "#73392e", "#c68cff", "#8ab262")
_ON_BLACK = ("#5ab4f0", "#ff8a4c", "#35d0a5", "#e6e600", "#e05ad0", "#b27d62", "#7f66ff", "#9fff8c")

STYLES = {
    "light": Style("#ffffff", "#1c1c1c", "#8c8c8c", _ON_WHITE, "#6f6f6f", 9.5, (14, 90), 150),
    "dark": Style("#14161a", "#f0f0f0", "#8a8f98", _ON_BLACK, "#b4b8c0", 9.5, (14, 90), 150),
    "talk": Style(
        "#ffffff", "#111111", "#777777", _ON_WHITE, "#666666", 15, (45, 220), 144, size=(13.33, 7.5)
    ),
    "print": Style("#ffffff", "#000000", "#707070", _ON_WHITE, "#505050", 8.5, (10, 55), 300, True),
}
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")


def mix(color: str, other: str, share: float) -> str:
    """Return `#rrggbb` with `share` (0 to 1) of the other colour in it."""
    pairs = ((int(color[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def import_matplotlib() -> None:
    """Import matplotlib with its own settings; pictures take none of the user's.

    It looks for a matplotlibrc in the current folder first, then where the variable says; a damaged
    one prints warnings or ends the import.
    """
    spec = find_spec("matplotlib")
    assert spec is not None
    assert spec.origin is not None
    own = os.path.join(os.path.dirname(spec.origin), "mpl-data")
    os.environ["MATPLOTLIBRC"] = os.path.join(own, "matplotlibrc")
    try:
        here = os.getcwd()
    except FileNotFoundError:  # the folder was removed: it has no such file
        return
    try:
        os.chdir(own)
        import matplotlib  # noqa: F401
    finally:
        os.chdir(here)
