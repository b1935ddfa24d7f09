from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.text.tokenizers import Tokenizer
from w2v_cli.text.tokenizers import whitespace_tokenizer as whitespace
from w2v_cli.text.tokenizers import words_tokenizer as words


def test_words_drop_punctuation_and_keep_inner_apostrophes_and_hyphens():
    assert words.tokenize("Don’t shout, Jean-Luc! (It's 3.14)") == [
        "Don't", "shout", "Jean-Luc", "It's", "3", "14",
    ]  # fmt: skip
    assert words.tokenize("'quoted' -- well-") == ["quoted", "well"]
    assert words.tokenize("été Öl слово 東京") == ["été", "Öl", "слово", "東京"]


def test_lower_casing_is_a_choice():
    assert Tokenizer("words", True)("The Cat") == ["the", "cat"]
    assert Tokenizer("whitespace", False)("The  Cat .") == ["The", "Cat", "."]


@given(st.text())
def test_no_token_holds_white_space_or_is_empty(line):
    for token in words.tokenize(line) + whitespace.tokenize(line):
        assert token
        assert not any(character.isspace() for character in token)
