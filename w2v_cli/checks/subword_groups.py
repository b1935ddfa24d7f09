"""The rows of every word with subwords, n-gram by n-gram: the slow twin of the engines'."""

from collections.abc import Sequence

from w2v_cli.engines.settings import ModelSettings
from w2v_cli.text.ngrams import FEWEST_WORDS, hash_of, ngrams
from w2v_cli.text.settings import parse_lengths


def groups_of(model: ModelSettings, words: Sequence[str]) -> list[list[int]]:
    """Return the rows of each word: its own, then those of its n-grams.

    Rows of n-grams follow those of the words, in the order of the buckets or of the texts.
    Without subwords each word has its own row only.
    """
    if model.subwords is None:
        return [[w] for w in range(len(words))]
    of_word = [ngrams(word, *parse_lengths(model.subwords)) for word in words]
    if model.buckets is not None:
        keys = [[hash_of(ngram) % model.buckets for ngram in found] for found in of_word]
        kept = sorted({key for found in keys for key in found})
        row = {key: len(words) + i for i, key in enumerate(kept)}
        return [[w, *(row[key] for key in found)] for w, found in enumerate(keys)]
    texts = sorted({ngram for found in of_word for ngram in found})
    kept_texts = [t for t in texts if sum(t in found for found in of_word) >= FEWEST_WORDS]
    row_of = {text: len(words) + i for i, text in enumerate(kept_texts)}
    return [[w, *(row_of[t] for t in found if t in row_of)] for w, found in enumerate(of_word)]
