"""From a line of text to its tokens."""

import re
from collections.abc import Callable

Tokenizer = Callable[[str], list[str]]

#: Letters and digits of any script, with apostrophes and hyphens inside a word.
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")


def words(line: str) -> list[str]:
    """Lower-cased Unicode words: `Don't shout, Jean-Luc!` → `don't shout jean-luc`.

    Punctuation is dropped; a typographic apostrophe becomes the plain one.
    """
    return _WORD.findall(line.lower().replace("’", "'"))


def whitespace(line: str) -> list[str]:
    """Split at white space and change nothing, as word2vec.c, gensim and CS224n do."""
    return line.split()


TOKENIZERS: dict[str, Tokenizer] = {"words": words, "whitespace": whitespace}
