"""Sentences from Python: every form gives the same corpus, and what is none is named."""

import sys

import numpy as np
import pytest
from chosen import settings_of
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.errors import DataError, UsageError
from w2v_cli.text.prepare import open_corpus, prepare_corpus
from w2v_cli.text.sentences import open_sentences

TEXTS = ["A cat saw\nthe dog!", "", "The dog saw a cat."]
TOKENS = [["New York", "b", "b"], [], ["b", "New York", "É"]]


def corpus_of(data, folder, column="text", progress=None, **settings):
    chosen = settings_of(**{"min_count": 1, **settings}).corpus
    more = {} if progress is None else {"progress": progress}
    folder.mkdir(exist_ok=True)
    summary = prepare_corpus(chosen, folder, sentences=open_sentences(data, column), **more)
    return summary, open_corpus(folder)


def documents(corpus):
    starts = [0, *corpus.document_ends[:-1]]
    words = corpus.vocabulary.words
    return [
        [words[i] for i in corpus.tokens[a:b]]
        for a, b in zip(starts, corpus.document_ends, strict=True)
    ]


def test_texts_are_cut_into_words_as_a_file_would_be(tmp_path):
    (tmp_path / "text.txt").write_text("A cat saw the dog!\n\nThe dog saw a cat.\n")
    (tmp_path / "file").mkdir()
    chosen = settings_of(min_count=1, paths=tmp_path / "text.txt").corpus
    summary = prepare_corpus(chosen, tmp_path / "file")
    found, corpus = corpus_of(iter(TEXTS), tmp_path / "texts")
    assert found == summary
    assert documents(corpus)[0] == ["a", "cat", "saw", "the", "dog"]
    assert sorted(path.name for path in (tmp_path / "texts").iterdir()) == [
        *("corpus.ends", "corpus.ids", "corpus.json", "vocab.tsv")
    ]


def test_tokens_are_words_as_they_stand(tmp_path):
    summary, corpus = corpus_of(TOKENS, tmp_path / "corpus")
    assert documents(corpus) == [["New York", "b", "b"], ["b", "New York", "É"]]
    assert (summary.n_tokens, summary.n_documents, summary.n_distinct) == (6, 2, 3)
    assert corpus.vocabulary.words == ("b", "New York", "É")


@given(
    st.lists(st.lists(st.text(st.characters(exclude_characters="\n", codec="utf-8"), min_size=1))),
    st.integers(1, 3),
    st.integers(1, 7),
)
def test_tokens_come_back_in_their_places(tmp_path_factory, sentences, min_count, block):
    words = [word for sentence in sentences for word in sentence]
    kept = {word for word in words if words.count(word) >= min_count}
    expected = [[word for word in sentence if word in kept] for sentence in sentences]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("w2v_cli.text.sentences._BLOCK_TOKENS", block)
        folder = tmp_path_factory.mktemp("corpus")
        if len(kept) < 2:
            with pytest.raises(DataError):
                corpus_of(sentences, folder, min_count=min_count)
            return
        _, corpus = corpus_of(sentences, folder, min_count=min_count)
    assert documents(corpus) == [sentence for sentence in expected if sentence]


WALKS = [[3, 10, -1, 3], [10, 3, 3, 10]]


@pytest.mark.parametrize(
    "data",
    [
        WALKS,
        np.array(WALKS),
        np.array(WALKS, np.int8),
        [np.array(walk) for walk in WALKS],
        (tuple(map(np.int64, walk)) for walk in WALKS),
        [["3", 10, "-1", 3], [10, 3, 3, "10"]],
    ],
    ids=["lists", "array", "small array", "arrays", "generator", "strings too"],
)
def test_integers_become_words_by_their_decimal_form(tmp_path, data):
    _, corpus = corpus_of(data, tmp_path / "corpus")
    assert documents(corpus) == [["3", "10", "-1", "3"], ["10", "3", "3", "10"]]


def test_limits_hold_for_tokens_too(tmp_path):
    summary, corpus = corpus_of(WALKS, tmp_path / "one", limit_tokens=5)
    assert documents(corpus) == [["3", "10", "-1", "3"], ["10"]]
    assert summary.n_tokens == 5
    _, corpus = corpus_of(WALKS, tmp_path / "two", max_vocab=2)
    assert corpus.vocabulary.words == ("3", "10")


def tables():
    """The same two texts and two walks as a table of each kind that is installed."""
    columns = {"text": TEXTS, "walk": [WALKS[0], None, WALKS[1]]}

    def arrow():
        return pytest.importorskip("pyarrow").table(columns)

    def arrow_batch():
        return pytest.importorskip("pyarrow").RecordBatch.from_pydict(columns)

    def pandas():
        return pytest.importorskip("pandas").DataFrame(columns)

    def polars():
        return pytest.importorskip("polars").DataFrame(columns)

    def dataset():
        return pytest.importorskip("datasets").Dataset.from_dict(columns)

    def stream():
        return pytest.importorskip("datasets").Dataset.from_dict(columns).to_iterable_dataset()

    def rows():
        return [{"text": TEXTS[i], "walk": columns["walk"][i]} for i in range(3)]

    return [arrow, arrow_batch, pandas, polars, dataset, stream, rows]


@pytest.mark.parametrize("make", tables(), ids=lambda make: make.__name__)
def test_a_column_of_a_table_has_the_sentences(tmp_path, make):
    _, corpus = corpus_of(make(), tmp_path / "text")
    assert documents(corpus)[1] == ["the", "dog", "saw", "a", "cat"]
    _, corpus = corpus_of(make(), tmp_path / "walk", column="walk")
    assert len(documents(corpus)) == 2
    with pytest.raises(
        UsageError, match=r"no (column )?'other', only: text, walk; give text_field="
    ):
        corpus_of(make(), tmp_path / "other", column="other")


class Dataset:
    """What a Hugging Face dataset offers, as far as it is used."""

    column_names = ("id", "sentence")

    def __init__(self, rows):
        self.rows = rows

    def __iter__(self):
        raise AssertionError("columns that nobody wants are decoded")

    def select_columns(self, names):
        assert names == ["sentence"]
        return [{"sentence": sentence} for sentence in self.rows]


def test_a_dataset_is_told_by_what_it_offers(tmp_path):
    _, corpus = corpus_of(Dataset(TEXTS), tmp_path / "corpus", column="sentence")
    assert len(documents(corpus)) == 2


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ([], DataError, "there are no sentences"),
        (5, UsageError, "int 5 is not a collection of sentences; give texts"),
        (b"text", UsageError, "bytes b'text' is not a collection"),
        ({"train": ["a"]}, UsageError, "not a collection of sentences; choose one of its splits"),
        ({"a b", "c"}, UsageError, "a set has no order"),
        (np.zeros((2, 2, 2), int), UsageError, "an array of 3 dimensions"),
        ([b"a b"], DataError, "sentence 1 is bytes b'a b'"),
        ([1, 2, 3], DataError, "sentence 1 is int 1; each has to be a text or a list of tokens"),
        ([{"a", "b"}], DataError, "sentence 1 is set"),
        ([["a", "b"], "c"], DataError, "sentence 2 is str 'c'"),
        (["a", ["b"]], DataError, r"sentence 2 is list \['b'\], not a text like the first"),
        ([["a", 1.5]], DataError, "sentence 1, token 2 is float 1.5; tokens are strings or int"),
        ([["a", True]], DataError, "sentence 1, token 2 is bool True"),
        ([["a", None]], DataError, "sentence 1, token 2 is NoneType None"),
        ([[["a"]]], DataError, "sentence 1, token 1 is list"),
        ([["a"], ["b", ""]], DataError, "sentence 2, token 2 is empty"),
        ([["a"], ["b\nc"]], DataError, "sentence 2, token 1 has a line break"),
        ([[], []], DataError, "the sentences contain no words"),
        (["", " "], DataError, "the corpus is empty"),
        (np.ones((2, 2)), DataError, "sentence 1, token 1 is float 1.0"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path, data, error, message):
    with pytest.raises(error, match=message):
        corpus_of(data, tmp_path / "corpus")


def test_file_names_are_not_taken_for_sentences(tiny_text):
    with pytest.raises(UsageError, match="name files with paths="):
        open_sentences([str(tiny_text)])


def test_half_a_surrogate_pair_in_a_text_or_token(tmp_path):
    _, corpus = corpus_of(["a \ud800 b", "a b"], tmp_path / "texts")
    assert documents(corpus) == [["a", "b"], ["a", "b"]]
    with pytest.raises(DataError, match="sentence 1, token 2 is not valid Unicode"):
        corpus_of([["a", "\ud800"]], tmp_path / "tokens")


def test_too_many_distinct_tokens_are_an_error_and_not_a_full_memory(tmp_path):
    sentences = ([f"{i}-{k}" for k in range(1000)] for i in range(300))
    with pytest.raises(DataError, match=r"do not fit into 0.01 GiB; raise memory="):
        corpus_of(sentences, tmp_path / "corpus", memory=0.01)


def test_progress_counts_sentences_and_words(tmp_path, monkeypatch):
    monkeypatch.setattr("w2v_cli.text.sentences._BLOCK_TOKENS", 4)
    seen = []
    corpus_of(WALKS, tmp_path / "corpus", progress=lambda *report: seen.append(report))
    assert seen[:2] == [("reading sentences", 1, 2, 4), ("reading sentences", 2, 2, 8)]
    assert seen[2:] == [("numbering", 4, 8), ("numbering", 8, 8)]


def test_none_of_the_packages_is_imported():
    assert open_sentences(TOKENS).n == 3
    assert "torch" not in sys.modules
