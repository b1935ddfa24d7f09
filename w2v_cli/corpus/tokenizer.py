"""From a line of text to its tokens."""

import re
from collections.abc import Callable

Tokenizer = Callable[[str], list[str]]

#: Letters and digits of any script, with apostrophes and hyphens inside a word.
_WORD = re.compile(r"[^\W_]+(?:['\-][^\W_]+)*")


def words(line: str) -> list[str]:
    """Unicode words without punctuation: `Don’t shout, Jean-Luc!` → `Don't shout Jean-Luc`.

    Hyphens and apostrophes stay inside a word; the typographic apostrophe becomes the plain one.
    """
    return _WORD.findall(line.replace("’", "'"))


def whitespace(line: str) -> list[str]:
    """Split at white space and change nothing, as word2vec.c, gensim and CS224n do."""
    return line.split()


_TOKENIZERS: dict[str, Tokenizer] = {"words": words, "whitespace": whitespace}


def create_tokenizer(name: str, lowercase: bool) -> Tokenizer:
    """Return the tokenizer `name` ("words" or "whitespace"), lower-casing first if asked to."""
    tokenize = _TOKENIZERS[name]
    if lowercase:
        return lambda line: tokenize(line.lower())
    return tokenize
