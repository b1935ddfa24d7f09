import io
import sys
from collections import Counter

import numpy as np
import pytest
from chosen import settings_of
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.errors import DataError, RunError
from w2v_cli.text.encoded import fingerprint_of
from w2v_cli.text.prepare import open_corpus, prepare_corpus


def prepared(tmp_path, text, **settings):
    path = tmp_path / "text.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    folder = tmp_path / "corpus"
    folder.mkdir()
    chosen = settings_of(**{"min_count": 1, "paths": path, **settings})
    return prepare_corpus(chosen.corpus, folder), open_corpus(folder)


def documents(corpus):
    starts = [0, *corpus.document_ends[:-1]]
    words = corpus.vocabulary.words
    return [
        [words[i] for i in corpus.tokens[a:b]]
        for a, b in zip(starts, corpus.document_ends, strict=True)
    ]


def test_every_known_word_stands_in_its_document(tmp_path):
    summary, corpus = prepared(tmp_path, "A b a\n\nc, a rare\n", min_count=1)
    assert documents(corpus) == [["a", "b", "a"], ["c", "a", "rare"]]
    assert (summary.n_tokens, summary.n_kept, summary.n_documents) == (6, 6, 2)


def test_rare_words_are_left_out_but_counted_as_text(tmp_path):
    summary, corpus = prepared(tmp_path, "a b a\nrare\nb a\n", min_count=2)
    assert documents(corpus) == [["a", "b", "a"], ["b", "a"]]
    assert (summary.n_tokens, summary.n_kept, summary.n_distinct) == (6, 5, 3)
    assert corpus.n_tokens == 6


def test_limit_tokens_is_exact_and_cuts_inside_a_line(tmp_path):
    summary, corpus = prepared(tmp_path, "a b a b\nb a b a\n", limit_tokens=6)
    assert summary.n_tokens == 6
    assert documents(corpus) == [["a", "b", "a", "b"], ["b", "a"]]


def test_standard_input_is_read_once_and_used_twice(tmp_path, monkeypatch):
    stdin = io.TextIOWrapper(io.BytesIO(b"a b a b\n"))
    monkeypatch.setattr(sys, "stdin", stdin)
    (tmp_path / "corpus").mkdir()
    summary = prepare_corpus(settings_of(paths="-", min_count=1).corpus, tmp_path / "corpus")
    assert summary.n_tokens == 4
    assert sorted(p.name for p in (tmp_path / "corpus").iterdir()) == [
        "corpus.ends", "corpus.ids", "corpus.json", "vocab.tsv",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "\n\n", "... !!\n"])
def test_an_empty_corpus_is_an_error(tmp_path, text):
    with pytest.raises(DataError, match="the corpus is empty"):
        prepared(tmp_path, text)


def test_invalid_text_is_counted(tmp_path):
    summary, _ = prepared(tmp_path, b"a b\nb\xff a\n")
    assert summary.n_invalid == 1


def test_the_fingerprint_knows_words_order_and_documents(tmp_path):
    prints = set()
    for i, text in enumerate(["a b a\n", "a a b\n", "a b\na\n", "a c a\n"]):
        (tmp_path / str(i)).mkdir()
        prints.add(prepared(tmp_path / str(i), text)[0].fingerprint)
    assert len(prints) == 4


def test_a_damaged_cache_is_noticed(tmp_path):
    summary, _ = prepared(tmp_path, "a b a b\n")
    ids = tmp_path / "corpus" / "corpus.ids"
    ids.write_bytes(ids.read_bytes()[:-4])
    with pytest.raises(RunError, match="not whole"):
        open_corpus(tmp_path / "corpus")
    ids.write_bytes(np.array([1, 1, 1, 1], np.uint32).tobytes())
    assert fingerprint_of(tmp_path / "corpus") != summary.fingerprint


@given(st.lists(st.lists(st.sampled_from("abcde"), max_size=8), min_size=1, max_size=8))
def test_encoding_loses_and_invents_nothing(tmp_path_factory, lines):
    text = "\n".join(" ".join(line) for line in lines)
    if len(set(text.split())) < 2:
        return
    _, corpus = prepared(tmp_path_factory.mktemp("c"), text)
    assert documents(corpus) == [line for line in lines if line]
    counts = dict(zip(corpus.vocabulary.words, corpus.vocabulary.counts.tolist(), strict=True))
    assert counts == Counter(text.split())
