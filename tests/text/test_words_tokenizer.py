from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.text.tokenizers import Tokenizer, split_at_spaces, split_words


def test_words_drop_punctuation_and_keep_inner_apostrophes_and_hyphens():
    assert split_words("Don’t shout, Jean-Luc! (It's 3.14)") == [
        "Don't", "shout", "Jean-Luc", "It's", "3", "14",
    ]  # fmt: skip
    assert split_words("'quoted' -- well-") == ["quoted", "well"]
    assert split_words("été Öl слово 東京") == ["été", "Öl", "слово", "東京"]


def test_joiners_stay_inside_a_word_and_soft_hyphens_go():
    for word in ("می\u200cخواهم", "ශ්\u200dරී", "क्\u200dष", "ක\u200d්ෂ"):
        assert split_words(f"{word}, \u200c{word}\u200d \u200d") == [word, word]
    assert split_words("a\u200c\u200d\u200cb") == ["a\u200cb"]
    assert split_words("a\u200c-b a-\u200cb") == ["a", "b", "a", "b"]
    assert split_words("Hand\u00adschuh\u00ad \u00ad isn\u00ad'\u00adt") == ["Handschuh", "isn't"]


def test_lower_casing_is_a_choice():
    assert Tokenizer("words", True)("The Cat") == ["the", "cat"]
    assert Tokenizer("whitespace", False)("The  Cat .") == ["The", "Cat", "."]


@given(st.text())
def test_no_token_holds_white_space_or_is_empty(line):
    for token in split_words(line) + split_at_spaces(line):
        assert token
        assert not any(character.isspace() for character in token)
