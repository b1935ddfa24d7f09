"""What can be set about the corpus: where the text is, and how it becomes words."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

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
        Literal["words", "whitespace"],
        Meta(description="words: Unicode words without punctuation; whitespace: split at spaces."),
    ] = "words"
    lowercase: Annotated[
        bool, Meta(description="Fold upper case.", extra={"default": "yes with tokenizer words"})
    ]
    split: Annotated[
        Literal["all", "train", "dev", "test"],
        Meta(description="Which sentences of a Stanford Sentiment Treebank folder to read."),
    ] = "all"
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
