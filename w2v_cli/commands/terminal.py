"""Printing: widths, aligned tables, small charts, colours."""

import json
import os
from collections.abc import Sequence
from typing import Any

import click

from w2v_cli.errors import visible


def display_width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth

    width: int = wcswidth(text)
    return width if width >= 0 else len(text)


def wrapped(text: str, columns: int) -> str:
    """Break a text at spaces into lines of fewer than `columns` columns; names stay whole."""
    lines = [""]
    for word in text.split(" "):
        line = f"{lines[-1]} {word}" if lines[-1].strip() else lines[-1] + word
        if display_width(line) >= columns and lines[-1].strip():
            lines.append("  " + word)
        else:
            lines[-1] = line
    return "\n".join(lines)


# Aligned tables and small charts for the terminal.


def render_table(
    rows: Sequence[Sequence[str]],
    header: Sequence[str] | None = None,
    left: int = 1,
    indent: str = "",
) -> str:
    """Lay out rows of equal length in columns.

    left: the first `left` columns are aligned to the left, the others (numbers) to the right.
    The header, if any, is underlined. Control characters are escaped. Returns lines without a final
    line feed.
    """
    from tabulate import SEPARATING_LINE, DataRow, Line, TableFormat, tabulate

    if not rows and not header:
        return ""
    rows = [[visible(cell) for cell in cells] for cells in rows]
    row = DataRow("", "  ", "")
    text = tabulate(
        # tabulate would widen the column of its own header by two.
        [*([header, SEPARATING_LINE] if header else []), *rows],
        tablefmt=TableFormat(None, Line("", "─", "  ", ""), None, None, row, row, 0, None),
        colalign=["left" if k < left else "right" for k in range(len(header or rows[0]))],
        disable_numparse=True,
        preserve_whitespace=True,
    )
    return "\n".join(indent + line for line in text.split("\n"))


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


def size_text(n_bytes: int) -> str:
    """Return a number of bytes in a suitable unit."""
    size = float(n_bytes)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


# Colours and JSON, as `gradcheck` prints them.


_STYLES: dict[str, dict[str, Any]] = {
    "good": {"fg": "green"},
    "bad": {"fg": "red", "bold": True},
    "heading": {"bold": True},
    "dim": {"dim": True},
}


def echo(outcome: str | dict[str, Any]) -> None:
    """Print a text, or data as JSON, to standard output."""
    if isinstance(outcome, dict):
        outcome = json.dumps(outcome, ensure_ascii=False, indent=2, allow_nan=False)
    click.echo(outcome)


def paint(text: str, role: str) -> str:
    """Colour a text; click removes the colour where the output is not a terminal."""
    return text if os.environ.get("NO_COLOR") else click.style(text, **_STYLES[role])
