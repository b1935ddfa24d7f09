"""The neighbours that a page shows: by the full vectors, among the whole vocabulary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from w2v_cli.pictures.page.data import Nearest
from w2v_cli.vectors.word_vectors import WordVectors

_BLOCK = 1024


def nearest_words(vectors: WordVectors, words: Sequence[str], k: int = 10) -> Nearest:
    """Find the k words closest by cosine to each of `words`, each word itself left out.

    They are looked for among all words that `vectors` know. Those that are not among `words`
    become `others` of the answer. Raises UnknownWordError.
    """
    k = min(k, len(vectors) - 1)
    ids = np.zeros((len(words), k), dtype=np.int64)
    cosines = np.zeros((len(words), k), dtype=np.float32)
    place = {word: i for i, word in enumerate(words)}
    others: list[str] = []
    for start in range(0, len(words) if k else 0, _BLOCK):
        found = vectors.neighbors_of(words[start : start + _BLOCK], k)
        for i, row in enumerate(found, start):
            for near in row:
                if near.word not in place:
                    place[near.word] = len(words) + len(others)
                    others.append(near.word)
            ids[i] = [place[near.word] for near in row]
            cosines[i] = [near.score for near in row]
    return Nearest(ids, np.clip(cosines, -1, 1), others)
