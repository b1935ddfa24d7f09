"""One HTML file out of its parts: template, style, scripts, licences and data."""

from __future__ import annotations

import base64
import hashlib
import html
import os
import re
from importlib.resources import files

from w2v_cli.pictures.page.data import PageData
from w2v_cli.pictures.page.pack import packed
from w2v_cli.storage.atomic import atomic_write

#: d3, piece by piece, each after those it needs (see `vendor/README.md`).
_VENDORED = (
    *("d3-color", "d3-dispatch", "d3-ease", "d3-timer", "d3-polygon", "d3-selection"),
    *("d3-interpolate", "d3-drag", "d3-transition", "d3-zoom"),
)
_LICENSES = ("LICENSE.d3", "LICENSE.d3-ease")
_SCRIPTS = (
    *("data", "view", "theme", "dots_webgl", "dots_canvas", "labels", "marks"),
    *("state", "search", "filters", "card", "lasso", "keys", "main"),
)


def write_page(path: str | os.PathLike[str], data: PageData) -> None:
    """Write the page, whole or not at all. It needs no other file and no network.

    Raises:
        OSError: the file cannot be written.
    """
    with atomic_write(path) as file:
        file.write(page_html(data).encode("utf-8", "replace"))


def page_html(data: PageData) -> str:
    """Return the page. Its policy lets nothing run or load but what is in the file itself."""
    style = _part("page.css")
    library = "\n".join(_part("vendor", f"{name}.min.js") for name in _VENDORED)
    script = "\n".join(_part("js", f"{name}.js") for name in _SCRIPTS)
    parts = {
        "policy": _policy(style, (library, script)),
        "title": html.escape(data.title or "Word vectors"),
        "licenses": html.escape("\n\n".join(_part("vendor", name) for name in _LICENSES)),
        "style": style,
        "library": library,
        "data": packed(data),
        "script": script,
    }
    # One pass, so that what a part holds is never taken for a place to fill.
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], _part("page.html"))


def _policy(style: str, scripts: tuple[str, ...]) -> str:
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)};"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _part(*names: str) -> str:
    return files(__package__).joinpath(*names).read_text(encoding="utf-8")
