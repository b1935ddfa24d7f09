import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.corpus.vocabulary import build_vocabulary
from w2v_cli.errors import DataError


def test_ids_fall_with_frequency_and_ties_stand_in_word_order():
    vocabulary = build_vocabulary({"b": 2, "a": 2, "c": 5, "rare": 1}, min_count=2)
    assert vocabulary.words == ("c", "a", "b")
    assert vocabulary.counts.tolist() == [5, 2, 2]
    assert vocabulary.ids == {"c": 0, "a": 1, "b": 2}


@given(st.dictionaries(st.text(min_size=1), st.integers(1, 9), min_size=2), st.randoms())
def test_the_order_of_the_counts_does_not_matter(counts, random):
    items = list(counts.items())
    random.shuffle(items)
    vocabulary = build_vocabulary(dict(items))
    assert vocabulary.words == build_vocabulary(counts).words
    assert np.all(np.diff(vocabulary.counts) <= 0)
    assert dict(zip(vocabulary.words, vocabulary.counts.tolist(), strict=True)) == counts


def test_max_vocab_keeps_the_most_frequent():
    assert build_vocabulary({"a": 1, "b": 3, "c": 2}, max_vocab=2).words == ("b", "c")


def test_too_few_words_say_what_to_change():
    with pytest.raises(DataError, match="lower --min-count to 3"):
        build_vocabulary({"a": 3, "b": 2}, min_count=5)
    with pytest.raises(DataError, match="only 'a'"):
        build_vocabulary({"a": 3}, min_count=1)
