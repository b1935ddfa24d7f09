"""Lines of context: where a word stands in the documents of each slice."""

import re
from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import visible
from w2v_cli.meaning.deals import Documents
from w2v_cli.text.settings import CorpusSettings
from w2v_cli.text.sources import open_source
from w2v_cli.text.tokenizers import Tokenizer
from w2v_cli.text.windows import generator

#: Letters on each side of the word.
_SIDE = 30
#: Key of random draws, apart from those of training.
_KEY = 1 << 22


def find_examples(
    settings: CorpusSettings,
    tokenizer: Tokenizer,
    documents: Documents,
    numbers: NDArray[np.int64],
    words: Sequence[str],
    n: int,
    seed: int,
) -> dict[str, list[list[str]]]:
    """Return n lines of context of each word, from random documents, by slice.

    numbers: of each document in the text as it was read.
    """
    wanted: dict[int, list[tuple[str, int]]] = {}
    rng = generator(seed, _KEY, 0)
    for word in words:
        places = np.flatnonzero(documents.corpus.tokens == documents.corpus.vocabulary.ids[word])
        users = np.unique(np.searchsorted(documents.corpus.document_ends, places, side="right"))
        for s in range(documents.n_slices):
            here = users[documents.slices[users] == s]
            for d in rng.permutation(here)[:n].tolist():
                wanted.setdefault(int(numbers[d]), []).append((word, s))
    found: dict[str, list[list[str]]] = {
        word: [[] for _ in range(documents.n_slices)] for word in words
    }
    for number, text in _texts(settings, wanted.keys()):
        for word, s in wanted[number]:
            found[word][s].append(_line(text, word, tokenizer))
    return found


def _texts(settings: CorpusSettings, wanted: Collection[int]) -> Iterator[tuple[int, str]]:
    """Yield the wanted documents as they were read, with their numbers."""
    number, parts, last = 0, [], max(wanted, default=-1)
    for piece in open_source(settings).pieces():
        if number in wanted:
            parts.append(piece.text)
        if piece.ends_document:
            if number in wanted:
                yield number, " ".join(parts)
                parts = []
            number += 1
        if number > last:
            return


def _line(text: str, word: str, tokenizer: Tokenizer) -> str:
    """Return the neighbourhood of the first token of a word that the text has, on one line."""
    text = " ".join(text.split())
    folded = tokenizer.fold(text)
    # A phrase was joined by _ from words that stood apart.
    pattern = r"[\W_]+".join(map(re.escape, word.split("_"))) if "_" in word.strip("_") else None
    at = re.search(rf"(?<!\w){pattern or re.escape(word)}(?!\w)", folded)
    if at is None:  # the tokenizer cuts elsewhere
        at = re.search(re.escape(word), folded)
    if at is None:
        return visible(text[: 2 * _SIDE])
    source = text if len(text) == len(folded) else folded
    before, after = source[max(0, at.start() - _SIDE) : at.start()], source[at.start() :]
    return visible(f"{before:>{_SIDE}}{after[: at.end() - at.start() + _SIDE]}")
