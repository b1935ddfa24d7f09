"""Thai words, found by PyThaiNLP: pip install pythainlp

w2v train thai.txt --tokenizer thai:words
"""

from pythainlp.tokenize import word_tokenize


def words(line: str) -> list[str]:
    """Return the words without punctuation: `ฉันรักแมว` → `ฉัน รัก แมว`."""
    found = word_tokenize(line, engine="newmm", keep_whitespace=False)
    return ["_".join(word.split()) for word in found if any(map(str.isalnum, word))]
