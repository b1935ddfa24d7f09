import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.errors import DataError
from w2v_cli.text import encoded
from w2v_cli.text.encoded import EncodedCorpus, split_documents
from w2v_cli.text.vocabulary import Vocabulary


def corpus_of(documents):
    tokens = np.array([t for d in documents for t in d], np.uint32)
    ends = np.cumsum([len(d) for d in documents]).astype(np.int64)
    vocabulary = Vocabulary(("a", "b", "c"), np.array([3, 2, 1]))
    return EncodedCorpus(tokens, ends, 2 * len(tokens), vocabulary, "f")


def documents_of(corpus):
    return [tuple(d) for d in np.split(corpus.tokens, corpus.document_ends[:-1])]


@given(
    documents=st.lists(st.lists(st.integers(0, 2), max_size=5), min_size=3, max_size=20),
    share=st.floats(0.01, 0.6),
    seed=st.integers(0, 2**32),
)
def test_every_document_goes_to_one_side_whole(documents, share, seed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("held")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoded, "_BLOCK_TOKENS", 4)
        training, held = split_documents(corpus_of(documents), share, seed, folder)
    found = documents_of(training) + documents_of(held)
    assert sorted(found) == sorted(tuple(d) for d in documents)
    assert len(held.document_ends) == max(1, round(share * len(documents)))
    assert training.fingerprint != held.fingerprint


def test_the_seed_chooses(tmp_path):
    corpus = corpus_of([[i % 3, (i // 3) % 3, i // 9] for i in range(27)])
    first, again, other = (
        documents_of(split_documents(corpus, 0.3, seed, tmp_path / str(n))[1])
        for n, seed in enumerate([1, 1, 2])
    )
    assert first == again != other


def test_raw_words_are_shared_out_by_tokens(tmp_path):
    training, held = split_documents(corpus_of([[0, 1]] * 10), 0.2, 1, tmp_path)
    assert (training.n_tokens, held.n_tokens) == (32, 4 * 2)


def test_too_few_documents(tmp_path):
    with pytest.raises(DataError, match="omit --holdout"):
        split_documents(corpus_of([[0, 1, 2]]), 0.1, 1, tmp_path)
