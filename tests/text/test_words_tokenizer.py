from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.text.tokenizers import Tokenizer, split_at_spaces, split_words


def test_words_drop_punctuation_and_keep_inner_apostrophes_and_hyphens():
    assert split_words("Don’t shout, Jean-Luc! (It's 3.14)") == [
        "Don't", "shout", "Jean-Luc", "It's", "3", "14",
    ]  # fmt: skip
    assert split_words("'quoted' -- well-") == ["quoted", "well"]
    assert split_words("été Öl слово 東京") == ["été", "Öl", "слово", "東京"]


def test_lower_casing_is_a_choice():
    assert Tokenizer("words", True)("The Cat") == ["the", "cat"]
    assert Tokenizer("whitespace", False)("The  Cat .") == ["The", "Cat", "."]


@given(st.text())
def test_no_token_holds_white_space_or_is_empty(line):
    for token in split_words(line) + split_at_spaces(line):
        assert token
        assert not any(character.isspace() for character in token)
