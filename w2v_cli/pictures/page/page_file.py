"""One HTML file made of template, style, scripts, licences and data."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
from collections.abc import Sequence
from importlib.resources import files

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.pictures.page.page_data import PageData
from w2v_cli.pictures.style import STYLES
from w2v_cli.storage.atomic import atomic_write

# The data, as JSON that is safe inside HTML.

#: Colours of groups, the same as in pictures on white and on black.
PALETTE = {name: list(STYLES[name].palette) for name in ("light", "dark")}
_COSINE_SCALE = 32767
#: Characters that could end the script element with the data, or a line of JavaScript.
_UNSAFE = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def packed(data: PageData) -> str:
    """Return the data as JSON without `<`, `>` and `&`, so that HTML reads it as plain text.

    Arrays are `{"type", "data"}`: base64 of their little-endian numbers, row by row.
    """
    nearest, groups = data.nearest, data.groups
    known = len(data.words) + len(nearest.others)
    return safe_json(
        {
            "title": data.title,
            "words": list(data.words),
            "others": list(nearest.others),
            "counts": None if data.counts is None else _array(data.counts, "float64"),
            "planes": [
                {"name": p.name, "note": p.note, "points": _array(p.points, "float32")}
                for p in data.planes
            ],
            "nearest": {
                "k": nearest.ids.shape[1],
                "ids": _array(nearest.ids, "uint16" if known <= 2**16 else "uint32"),
                "cosines": _array(
                    np.rint(np.clip(nearest.cosines, -1, 1) * _COSINE_SCALE), "int16"
                ),
                "scale": _COSINE_SCALE,
            },
            "groups": None
            if groups is None
            else {
                "names": list(groups.names),
                "of": _array(groups.of, "int32"),
                "colors": None if groups.colors is None else list(groups.colors),
            },
            "palette": PALETTE,
        }
    )


def safe_json(value: object) -> str:
    """Return ASCII JSON in which no character has a meaning in HTML."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).translate(_UNSAFE)


def _array(values: Array, kind: str) -> dict[str, str]:
    numbers = np.ascontiguousarray(values, dtype=np.dtype(kind).newbyteorder("<"))
    return {"type": kind, "data": base64.b64encode(numbers.tobytes()).decode("ascii")}


# The page.

#: The modules of d3, each after those that it needs (see `vendor/README.md`).
_VENDORED = (
    *("d3-color", "d3-dispatch", "d3-ease", "d3-timer", "d3-polygon", "d3-selection"),
    *("d3-interpolate", "d3-drag", "d3-transition", "d3-zoom"),
)
_LICENSES = ("LICENSE.d3", "LICENSE.d3-ease")
_SCRIPTS = (
    *("elements", "data", "view", "theme", "dots_webgl", "dots_canvas", "labels", "marks"),
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
    """Return the page. Its content security policy allows only what is in the file itself."""
    library = "\n".join(_part(f"vendor/{name}.min.js") for name in _VENDORED)
    licenses = html.escape("\n\n".join(_part(f"vendor/{name}") for name in _LICENSES))
    return closed_page(
        "page.html",
        styles=("base.css", "page.css"),
        scripts=[f"js/{name}.js" for name in _SCRIPTS],
        library=library,
        title=data.title or "Word vectors",
        licenses=licenses,
        data=packed(data),
    )


def closed_page(
    template: str,
    *,
    styles: Sequence[str],
    scripts: Sequence[str],
    title: str,
    data: str,
    library: str = "",
    **more: str,
) -> str:
    """Return a template of this folder with one style, its scripts and its data inside.

    styles, scripts: files of this folder, joined in this order. library: a script before them.
    data: JSON as `safe_json` makes it. more: HTML for other places of the template.
    """
    style = "\n".join(_part(name) for name in styles)
    script = "\n".join(_part(name) for name in scripts)
    parts = more | {
        "policy": _policy(style, [script, library] if library else [script]),
        "title": html.escape(title),
        "style": style,
        "library": library,
        "data": data,
        "script": script,
    }
    # One pass, so that the text of a part is never taken for a placeholder.
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], _part(template))


def _policy(style: str, scripts: Sequence[str]) -> str:
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)};"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
