"""The settings of the corpus: where the text is, and how it is cut into words. No NumPy here."""

import re
from typing import Annotated, Literal

from msgspec import Meta, Struct

from w2v_cli.errors import UsageError

#: The names in `tokenizers.TOKENIZERS`, repeated here because `--help` must not need NumPy.
TOKENIZER_NAMES = ("words", "whitespace", "characters", "uax29")
#: The form of the name of a user's function.
_DOTTED = r"[^\W\d]\w*(\.[^\W\d]\w*)*"
FUNCTION_FORM = f"{_DOTTED}:{_DOTTED}"

#: What ends a document of plain text: each line, an empty line, or the file only.
Documents = Literal["line", "blank-line", "file"]

#: 64 bits count no further.
Count = Annotated[int, Meta(ge=1, le=10**18)]

#: GiB.
DEFAULT_MEMORY = 2.0


class CorpusSettings(Struct, frozen=True, kw_only=True):
    """The text to read, and the words to keep."""

    paths: Annotated[
        tuple[str, ...],
        Meta(
            description="Files, folders, globs, or - for standard input.",
            extra={"argument": "CORPUS"},
        ),
    ]
    tokenizer: Annotated[
        str,
        Meta(
            pattern=f"^({'|'.join(TOKENIZER_NAMES)}|{FUNCTION_FORM})$",
            description=(
                "words: Unicode words without punctuation; whitespace: split at spaces; characters:"
                " each letter or digit; uax29: Unicode word boundaries; or your own function."
            ),
            extra={"choices": TOKENIZER_NAMES, "form": "MODULE:FUNCTION"},
        ),
    ] = "words"
    lowercase: Annotated[
        bool,
        Meta(
            description="Turn upper case into lower case.",
            extra={"default": "no with tokenizer whitespace or a function, otherwise yes"},
        ),
    ]
    normalize: Annotated[
        Literal["nfc", "nfkc"] | None,
        Meta(description="Unicode normalisation form to convert the text to first."),
    ] = None
    fold_digits: Annotated[
        bool,
        Meta(description="Replace every decimal digit with 0, so that all years are one word."),
    ] = False
    phrases: Annotated[
        Annotated[int, Meta(ge=0, le=10)],
        Meta(description="Number of passes that join frequent pairs of words, such as new_york."),
    ] = 0
    stop_words: Annotated[
        str | None,
        Meta(description="File of words to drop, one per line.", extra={"file": True}),
    ] = None
    keep_words: Annotated[
        str | None,
        Meta(
            description="File of words to keep even if they are rare, one per line.",
            extra={"file": True},
        ),
    ] = None
    vocab: Annotated[
        str | None,
        Meta(
            description="File of the words to train (one per line, or a vocab.tsv), instead of"
            " those that --min-count chooses.",
            extra={"file": True},
        ),
    ] = None
    split: Annotated[
        Literal["all", "train", "dev", "test"],
        Meta(description="Part of a Stanford Sentiment Treebank folder to read."),
    ] = "all"
    text_field: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(
            description="Field of records or column of tables that holds the text.",
            extra={"default": "text"},
        ),
    ] = None
    documents: Annotated[
        Documents,
        Meta(
            description="What ends a document of plain text: each line, an empty line, or the file."
            " Windows never cross the end of a document."
        ),
    ] = "line"
    encoding_errors: Annotated[
        Literal["replace", "ignore", "strict"],
        Meta(
            description="Invalid UTF-8: replace it, ignore it (both are counted), or stop (strict)."
        ),
    ] = "replace"
    min_count: Annotated[Count, Meta(description="Drop words that occur less often than this.")] = 5
    max_vocab: Annotated[
        Annotated[int, Meta(ge=2)] | None,
        Meta(description="Keep at most this many words, the most frequent ones."),
    ] = None
    limit_tokens: Annotated[
        Count | None, Meta(description="Read only the first words of the corpus, up to this many.")
    ] = None
    memory: Annotated[
        float,
        Meta(
            ge=0.001,
            le=100_000,
            description="Memory in GiB for reading and for counting pairs; the rest goes to disk.",
            extra={"resume": "free"},
        ),
    ] = DEFAULT_MEMORY


def folds_by_default(tokenizer: str) -> bool:
    """Return whether upper case is folded by default."""
    return tokenizer in TOKENIZER_NAMES and tokenizer != "whitespace"


# The lengths of n-grams, as a user writes them.

#: Longer n-grams are mostly whole words, and would only fill the table.
LONGEST = 30
#: Instead of lengths: no subwords, whatever a configuration or --from says.
NO_SUBWORDS = "none"


def parse_lengths(text: str) -> tuple[int, int]:
    """Read "3-6": the lengths of the shortest and the longest n-gram.

    Raises UsageError for another form or an empty range.
    """
    found = re.fullmatch(r"([0-9]{1,6})-([0-9]{1,6})", text)
    if found is None:
        raise UsageError(
            f"subwords is {text!r}; give the lengths of the shortest and the longest n-gram,"
            " such as 3-6"
        )
    shortest, longest = int(found[1]), int(found[2])
    if shortest > longest:
        raise UsageError(f"subwords is {text!r}, an empty range; write {longest}-{shortest}")
    if shortest < 1 or longest > LONGEST:
        raise UsageError(f"subwords is {text!r}; lengths go from 1 to {LONGEST}")
    return shortest, longest
