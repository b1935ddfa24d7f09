"""A small page with hostile words, and the reading of what a page embeds."""

import base64
import json
import re

import numpy as np

from w2v_cli.pictures.page.page_data import PageData, PageGroups, Plane, nearest_words
from w2v_cli.vectors.word_vectors import WordVectors

#: Words of the page that most tests open.
N = 40
HOSTILE = (
    "<script>document.title='broken'</script>",
    "</script><script>document.title='broken'</script>",
    "<img src=x onerror=\"document.title='broken'\">",
    "<!--",
    "&lt;",
    "a\u2028b",
    "{{script}}",
)
SCRIPTS = ("日本語", "שלום", "مرحبا", "👩‍🚀", "e\u0301tude")


def vectors(n: int = 60) -> WordVectors:
    """Return n words in three clusters, the hostile ones among them."""
    rng = np.random.default_rng(7)
    middles = rng.normal(size=(3, 12))
    matrix = middles[np.arange(n) % 3] + rng.normal(size=(n, 12)) * 0.6
    words = ["tea", "coffee", *HOSTILE, *SCRIPTS]
    words += [f"word{i}" for i in range(n - len(words))]
    counts = (3000 / np.arange(1, n + 1)).astype(np.int64)
    return WordVectors(words, matrix.astype(np.float32), counts)


def page_data(known: WordVectors, n: int | None = None) -> PageData:
    """Return a page of the first n words, on a grid (no two dots meet) and on two axes."""
    words = known.words[:n]
    n = len(words)
    side = int(np.ceil(np.sqrt(n)))
    grid = np.stack([np.arange(n) % side, np.arange(n) // side], axis=1).astype(np.float32)
    assert known.counts is not None
    return PageData(
        words,
        [
            Plane("Grid", grid, "Distances mean nothing."),
            Plane("Axes", known[words][:, :2], "Distances mean something."),
        ],
        nearest_words(known, words),
        known.counts[:n],
        PageGroups(["one", "two", "<b>three</b>"], np.arange(n) % 4 - 1),
        title="Tea & <i>coffee</i>",
    )


def embedded(page: str) -> dict:
    """Return the JSON that a page holds, its arrays decoded."""
    text = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', page, re.S)
    assert text is not None
    return json.loads(text[1], object_hook=_decode)


def _decode(value: dict) -> object:
    if value.keys() == {"type", "data"}:
        kind = np.dtype(value["type"]).newbyteorder("<")
        return np.frombuffer(base64.b64decode(value["data"]), dtype=kind)
    return value
