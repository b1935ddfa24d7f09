"""Text from outside (names of files, words) made safe to print."""

_MOST = 500


def printable(text: str) -> str:
    """Return one line without control characters; the middle of a very long one is dropped.

    A name may hold line breaks, terminal escapes, or bytes that are not UTF-8.
    """
    if len(text) > _MOST:
        text = f"{text[: _MOST // 2]} … {text[-_MOST // 2 :]}"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


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
