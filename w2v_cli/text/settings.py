"""What can be set about the corpus: where the text is, and how it becomes words. No NumPy here."""

import re
from typing import Annotated, Literal

from msgspec import Meta, Struct

from w2v_cli.errors import UsageError

#: The names in `tokenizers.TOKENIZERS`; here too, so that `--help` needs no NumPy.
TOKENIZER_NAMES = ("words", "whitespace", "characters", "uax29")
#: What the name of a user's function looks like.
_DOTTED = r"[^\W\d]\w*(\.[^\W\d]\w*)*"
FUNCTION_FORM = f"{_DOTTED}:{_DOTTED}"

#: What ends a document of plain text: each line, an empty line, or the file only.
Documents = Literal["line", "blank-line", "file"]

Count = Annotated[int, Meta(ge=1)]

#: GiB.
DEFAULT_MEMORY = 2.0


class CorpusSettings(Struct, frozen=True, kw_only=True):
    """Which text to read, and which of its words to keep."""

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
                " each letter or digit; uax29: Unicode word boundaries; or a function of yours."
            ),
            extra={"choices": TOKENIZER_NAMES, "form": "MODULE:FUNCTION"},
        ),
    ] = "words"
    lowercase: Annotated[
        bool,
        Meta(
            description="Fold upper case.",
            extra={"default": "no with tokenizer whitespace and with a function, else yes"},
        ),
    ]
    normalize: Annotated[
        Literal["nfc", "nfkc"] | None,
        Meta(description="Put the text into this Unicode normalisation form first."),
    ] = None
    fold_digits: Annotated[
        bool, Meta(description="Turn every decimal digit into 0, so that years share one word.")
    ] = False
    phrases: Annotated[
        Annotated[int, Meta(ge=0, le=10)],
        Meta(description="Join frequent pairs of words, such as new_york, in so many passes."),
    ] = 0
    stop_words: Annotated[
        str | None,
        Meta(description="A file of words to drop, one per line.", extra={"file": True}),
    ] = None
    keep_words: Annotated[
        str | None,
        Meta(
            description="A file of words to keep however rare they are, one per line.",
            extra={"file": True},
        ),
    ] = None
    vocab: Annotated[
        str | None,
        Meta(
            description="A file with the words to train, one per line or a vocab.tsv, instead of"
            " those that --min-count chooses.",
            extra={"file": True},
        ),
    ] = None
    split: Annotated[
        Literal["all", "train", "dev", "test"],
        Meta(description="Which sentences of a Stanford Sentiment Treebank folder to read."),
    ] = "all"
    text_field: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(
            description="The field of records, or the column of tables, that holds the text.",
            extra={"default": "text"},
        ),
    ] = None
    documents: Annotated[
        Documents,
        Meta(
            description="What ends a document of plain text: each line, an empty line, or the file."
            " Windows never cross its end."
        ),
    ] = "line"
    encoding_errors: Annotated[
        Literal["replace", "ignore", "strict"],
        Meta(description="Invalid UTF-8: replace or ignore it, and report how much; strict: stop."),
    ] = "replace"
    min_count: Annotated[Count, Meta(description="Drop words that occur less often.")] = 5
    max_vocab: Annotated[
        Annotated[int, Meta(ge=2)] | None,
        Meta(description="Keep only this many of the most frequent words."),
    ] = None
    limit_tokens: Annotated[
        Count | None, Meta(description="Read only this many words of the corpus.")
    ] = None
    memory: Annotated[
        float,
        Meta(
            gt=0,
            le=100_000,
            description="GiB for reading and for counting pairs; what does not fit spills to disk.",
            extra={"resume": "free"},
        ),
    ] = DEFAULT_MEMORY


def folds_by_default(tokenizer: str) -> bool:
    """Tell whether upper case is folded unless the user says otherwise."""
    return tokenizer in TOKENIZER_NAMES and tokenizer != "whitespace"


# The lengths of n-grams, as a user writes them.


#: Longer n-grams than this are whole words; they would only fill the table.
LONGEST = 30
#: In place of lengths: no subwords, whatever a file or a start says.
NO_SUBWORDS = "none"


def parse_lengths(text: str) -> tuple[int, int]:
    """Read "3-6": the shortest and the longest n-gram.

    Raises UsageError for anything else, or a range that is empty.
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
