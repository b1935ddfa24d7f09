"""Aligned tables and small charts for the terminal."""

import unicodedata
from collections.abc import Sequence


def display_width(text: str) -> int:
    """Columns that a text takes in a terminal: wide letters take two, accents none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def pad(text: str, width: int, right: bool = False) -> str:
    """Fill up with spaces to a display width; `right` puts the text to the right."""
    fill = " " * max(0, width - display_width(text))
    return fill + text if right else text + fill


def render_table(
    rows: Sequence[Sequence[str]],
    header: Sequence[str] | None = None,
    left: int = 1,
    indent: str = "",
) -> str:
    """Lay out rows of equal length in columns.

    left: so many first columns stand to the left, the others (numbers) to the right.
    The header, if any, is underlined. Returns lines without a last line feed.
    """
    shown = [*([header] if header else []), *rows]
    if not shown:
        return ""
    widths = [max(display_width(row[k]) for row in shown) for k in range(len(shown[0]))]
    lines = [
        indent + "  ".join(pad(row[k], widths[k], k >= left) for k in range(len(row))).rstrip()
        for row in shown
    ]
    if header:
        lines.insert(1, indent + "  ".join("─" * width for width in widths))
    return "\n".join(lines)


def line_chart(values: Sequence[float], width: int = 64, height: int = 8) -> list[str]:
    """Draw values over their index with block characters, the scale at the left."""
    step = max(1, -(-len(values) // width))
    points = [sum(part) / len(part) for part in _parts(values, step)]
    low, high = min(points), max(points)
    span = (high - low) or 1.0
    eighths = [1 + round((point - low) / span * (height * 8 - 1)) for point in points]
    lines = []
    for row in range(height - 1, -1, -1):
        cells = "".join(" ▁▂▃▄▅▆▇█"[min(8, max(0, n - row * 8))] for n in eighths)
        label = f"{high:9.4f}" if row == height - 1 else f"{low:9.4f}" if row == 0 else " " * 9
        lines.append(f"{label} ┤{cells}".rstrip())
    return lines


def _parts(values: Sequence[float], step: int) -> list[Sequence[float]]:
    return [values[i : i + step] for i in range(0, len(values), step)]
