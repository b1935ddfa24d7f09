from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.text.vocabulary import WordCounter

TOKENS = st.lists(st.lists(st.sampled_from(["a", "b", "é", "東", "x'y", "😀", "z"]), max_size=6))


@given(TOKENS, st.integers(1, 8))
def test_counts_are_exact_whatever_fits_in_memory(tmp_path_factory, pieces, most):
    folder = tmp_path_factory.mktemp("counts")
    counter = WordCounter(folder, most_in_memory=most)
    for tokens in pieces:
        counter.add(tokens)
    expected = Counter(token for tokens in pieces for token in tokens)
    assert dict(counter.totals()) == dict(expected)
    assert counter.n_tokens == expected.total()
    assert counter.n_distinct == len(expected)
    assert not list(folder.iterdir())
