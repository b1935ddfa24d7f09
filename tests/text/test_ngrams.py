"""N-grams and their hashes are fastText's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from w2v_cli.errors import UsageError
from w2v_cli.text.ngrams import hash_ngrams, hash_of, ngrams
from w2v_cli.text.settings import parse_lengths

WORDS = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=12)


def test_n_grams_stand_in_fasttexts_order_brackets_alone_left_out():
    assert ngrams("tea", 3, 6) == ["<te", "<tea", "<tea>", "tea", "tea>", "ea>"]
    assert ngrams("a", 1, 2) == ["<a", "a", "a>"]
    assert ngrams("a", 3, 6) == ["<a>"]
    assert ngrams("a", 4, 6) == []
    assert ngrams("aaaa", 2, 2) == ["<a", "aa", "aa", "aa", "a>"]
    assert ngrams("</s>", 3, 6) == []


def test_characters_are_code_points_not_bytes():
    assert ngrams("né", 2, 2) == ["<n", "né", "é>"]


#: Buckets of 1,000, as `get_subwords` of the fastText package reports them.
BY_FASTTEXT = {
    "tea": [8, 59, 191, 337, 757, 895],
    "né": [143, 91, 737],
    "日本語": [587, 581, 609, 559, 923, 355],
}


@pytest.mark.parametrize("word", BY_FASTTEXT)
def test_buckets_are_those_of_fasttext(word):
    found = [hash_of(ngram) % 1000 for ngram in ngrams(word, 3, 6)]
    assert found == BY_FASTTEXT[word]


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=6), st.integers(1, 4), st.integers(0, 4))
def test_many_words_at_once_have_the_hashes_of_each_n_gram(words, shortest, more):
    words = [*words, "</s>", "日本語", "é"]
    start, hashes = hash_ngrams(words, shortest, shortest + more)
    for i, word in enumerate(words):
        expected = [hash_of(ngram) for ngram in ngrams(word, shortest, shortest + more)]
        assert hashes[start[i] : start[i + 1]].tolist() == expected


def test_no_words_have_no_hashes():
    start, hashes = hash_ngrams([], 3, 6)
    assert start.tolist() == [0]
    assert len(hashes) == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("6-3", "write 3-6"),
        ("3", "such as 3-6"),
        ("", "such as 3-6"),
        ("3-6-9", "such as 3-6"),
        ("0-3", "from 1 to"),
        ("3-99", "from 1 to"),
        ("-3-6", "such as 3-6"),
        ("٣-٦", "such as 3-6"),
    ],
)
def test_a_range_that_is_none_is_refused_with_a_way_out(text, says):
    with pytest.raises(UsageError, match=says):
        parse_lengths(text)
    assert parse_lengths("3-6") == (3, 6)
