from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.text.settings import TOKENIZER_NAMES
from w2v_cli.text.tokenizers import TOKENIZERS, Tokenizer, split_by_uax29, split_characters


def test_the_settings_name_the_tokenizers_of_the_catalogue():
    assert tuple(TOKENIZERS) == TOKENIZER_NAMES


def test_characters_stand_alone_with_their_marks():
    assert split_characters("猫が AB-1, e\u0301!") == ["猫", "が", "A", "B", "1", "e\u0301"]
    assert split_characters("นี้") == ["นี้"]


def test_uax29_finds_the_words_of_the_standard():
    line = 'The quick ("brown") fox can’t jump 32.3 feet, right? 日本カタカナ'
    assert split_by_uax29(line) == [
        *"The quick brown fox can’t jump 32.3 feet right 日 本 カタカナ".split()
    ]


@given(st.text())
def test_uax29_loses_no_letter_and_gives_no_white_space(text):
    words = split_by_uax29(text)
    assert all(len(word.split()) == 1 for word in words)
    assert [c for word in words for c in word if c.isalnum()] == [c for c in text if c.isalnum()]


def test_text_is_normalised_then_lower_cased_then_its_digits_are_folded():
    line = "Ｃａｆｅ\u0301 ½ ١٩٨٤ 2,000"
    assert Tokenizer("words", True, "nfkc", True)(line) == ["café", "0", "0", "0000", "0", "000"]
    assert Tokenizer("words", False, "nfc")("Cafe\u0301") == ["Café"]
    assert Tokenizer("whitespace", False)(line) == line.split()
