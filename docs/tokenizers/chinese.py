"""Chinese words, found by jieba: pip install jieba

w2v train chinese.txt --tokenizer chinese:words
"""

import logging

import jieba

jieba.setLogLevel(logging.WARNING)  # or it reports that it loads its dictionary


def words(line: str) -> list[str]:
    """Return the words without punctuation: `我喜欢猫。` → `我 喜欢 猫`."""
    return [word for word in jieba.cut(line) if any(map(str.isalnum, word))]
