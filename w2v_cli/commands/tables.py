"""Aligned tables and small charts for the terminal."""

from collections.abc import Sequence

from w2v_cli.visible import visible


def render_table(
    rows: Sequence[Sequence[str]],
    header: Sequence[str] | None = None,
    left: int = 1,
    indent: str = "",
) -> str:
    """Lay out rows of equal length in columns.

    left: the first `left` columns are aligned to the left, the others (numbers) to the right.
    The header, if any, is underlined. What would steer a terminal is shown escaped. Returns lines
    without a final line feed.
    """
    from tabulate import SEPARATING_LINE, DataRow, Line, TableFormat, tabulate

    if not rows and not header:
        return ""
    rows = [[visible(cell) for cell in cells] for cells in rows]
    row = DataRow("", "  ", "")
    text = tabulate(
        # A header of tabulate's own would widen its column by two.
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
    """Return a number of bytes in a unit that fits."""
    size = float(n_bytes)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
