"""The page in which word2vec trains before your eyes: one HTML file, its mathematics in `explain/`.

The page reads its text, draws its vectors and trains by itself. Python gives it the text.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from w2v_cli.engines.settings import NegativeSampling
from w2v_cli.pictures.page.page_file import closed_page, safe_json
from w2v_cli.storage.atomic import atomic_write

#: Ten sentences of fourteen words: royalty drinks and wears, animals chase.
SENTENCES = """\
The king drinks tea
The queen drinks coffee
The king drinks coffee
The queen drinks tea
The king wears a crown
The queen wears a crown
The dog chases a cat
The cat chases a mouse
The dog chases a mouse
The cat drinks milk
"""
_SCRIPTS = (
    *("js/elements.js", "js/theme.js", "explain/arithmetic.js", "explain/training.js"),
    *("explain/symbols.js", "explain/text.js", "explain/numbers.js", "explain/formulas.js"),
    *("explain/map.js", "explain/curve.js", "explain/checks.js", "explain/tour.js"),
    "explain/main.js",
)


@dataclass(frozen=True)
class WorkedPair:
    """An example that the page offers besides its text, such as a worksheet's.

    words: the vocabulary. V, U: centre and outside vectors, a list for each word.
    center, outside: the pair. draws: the negatives of the pair, repetitions kept.
    """

    text: str
    words: Sequence[str]
    V: Sequence[Sequence[float]]
    U: Sequence[Sequence[float]]
    center: str
    outside: str
    draws: Sequence[str]


def explanation_html(text: str = SENTENCES, example: WorkedPair | None = None) -> str:
    """Return the page for a text, in which each line is a document."""
    data = {
        "text": text,
        "noise_power": NegativeSampling().noise_power,
        "example": None if example is None else asdict(example),
    }
    return closed_page(
        "explain/explain.html",
        styles=("base.css", "explain/explain.css"),
        scripts=_SCRIPTS,
        title="word2vec, step by step",
        data=safe_json(data),
    )


def write_explanation(path: str | os.PathLike[str], text: str = SENTENCES) -> None:
    """Write the page, whole or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    with atomic_write(path) as file:
        file.write(explanation_html(text).encode("utf-8", "replace"))
