"""Japanese words, found by MeCab: pip install fugashi unidic-lite

w2v train japanese.txt --tokenizer japanese:words
"""

from functools import cache

from fugashi import Tagger

#: Punctuation and white space, as UniDic calls them.
SKIPPED = {"補助記号", "空白"}


def words(line: str) -> list[str]:
    """Return the words as they stand: `猫が好きだった。` → `猫 が 好き だっ た`."""
    return [word.surface for word in tagger()(line) if word.feature.pos1 not in SKIPPED]


def base_forms(line: str) -> list[str]:
    """Return the words as a dictionary lists them: `猫が好きだった。` → `猫 が 好き だ た`."""
    return [
        (word.feature.orthBase or word.surface)
        for word in tagger()(line)
        if word.feature.pos1 not in SKIPPED
    ]


@cache
def tagger() -> Tagger:
    """Load the dictionary, once."""
    return Tagger()
