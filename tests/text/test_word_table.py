"""A table of words gives them back, by number and in their order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.text import word_table
from w2v_cli.text.word_table import table_of

WORDS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
    | st.sampled_from(["prefix00", "prefix00a", "prefix00é", "prefix00\0", "p", "p\0"]),
    unique=True,
    min_size=1,
)


@given(WORDS, st.integers(1, 4))
def test_words_come_back_by_number_and_in_order(words, part):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_table, "_PART", part)
        table = table_of(words)
        assert table.words(range(len(words))) == words
        assert [word for word, _ in table.in_order()] == sorted(words)
