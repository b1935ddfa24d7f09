"""Text from outside (names of files, words) made safe to print."""

_MOST = 500


def printable(text: str) -> str:
    """Return one line without control characters; the middle of a very long one is dropped.

    A name may hold line breaks, terminal escapes, or bytes that are not UTF-8.
    """
    if len(text) > _MOST:
        text = f"{text[: _MOST // 2]} … {text[-_MOST // 2 :]}"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
