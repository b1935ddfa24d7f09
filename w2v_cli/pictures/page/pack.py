"""The data of a page as text that is safe inside HTML."""

from __future__ import annotations

import base64
import json

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.pictures.page.data import PageData
from w2v_cli.pictures.style import STYLES

#: Colours of groups, those of the pictures on white and on black.
PALETTE = {name: list(STYLES[name].palette) for name in ("light", "dark")}
_COSINE_SCALE = 32767
#: What could end the script element that holds the data, or a line of JavaScript.
_UNSAFE = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def packed(data: PageData) -> str:
    """Return the data as JSON without `<`, `>` and `&`: text, wherever it stands in HTML.

    Arrays are `{"type", "data"}`: base64 of their little-endian numbers, row by row.
    """
    nearest, groups = data.nearest, data.groups
    known = len(data.words) + len(nearest.others)
    return safe_json(
        {
            "title": data.title,
            "note": data.note,
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
    """Return JSON, all ASCII, in which no character means anything to HTML."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).translate(_UNSAFE)


def _array(values: Array, kind: str) -> dict[str, str]:
    numbers = np.ascontiguousarray(values, dtype=np.dtype(kind).newbyteorder("<"))
    return {"type": kind, "data": base64.b64encode(numbers.tobytes()).decode("ascii")}
