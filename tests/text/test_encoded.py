from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.vocabulary import build_vocabulary


def corpus_of(lengths, n_tokens=None):
    n = sum(lengths)
    ends = np.cumsum(lengths, dtype=np.int64)
    vocabulary = build_vocabulary({"a": 2, "b": 1})
    return EncodedCorpus(np.zeros(n, np.uint32), ends, n_tokens or n, vocabulary)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=20), st.integers(1, 40))
def test_blocks_cover_everything_and_cut_only_long_documents(lengths, size):
    corpus = corpus_of(lengths)
    cuts = corpus.blocks(size)
    assert cuts[0] == 0
    assert cuts[-1] == sum(lengths)
    assert np.all(np.diff(cuts) > 0)
    assert np.all(np.diff(cuts) <= size)
    starts = np.concatenate([[0], corpus.document_ends[:-1]])
    for cut in set(cuts[1:-1].tolist()) - set(corpus.document_ends.tolist()):
        inside = (starts < cut) & (cut < corpus.document_ends)
        document_start = starts[inside][0]
        assert document_start in cuts or cut - document_start >= size


@given(st.lists(st.integers(1, 9), min_size=1, max_size=9), st.integers(0, 50), st.integers(1, 9))
def test_raw_tokens_of_the_blocks_add_up(lengths, left_out, size):
    corpus = corpus_of(lengths, sum(lengths) + left_out)
    cuts = corpus.blocks(size)
    shares = [corpus.raw_tokens(int(a), int(b)) for a, b in pairwise(cuts)]
    assert sum(shares) == corpus.n_tokens


def test_document_of_numbers_the_documents():
    corpus = corpus_of([2, 1, 3])
    assert corpus.document_of(0, 6).tolist() == [0, 0, 1, 2, 2, 2]
    assert corpus.document_of(2, 4).tolist() == [1, 2]
