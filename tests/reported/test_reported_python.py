"""Python never shows a raw TypeError or AttributeError for what a user can pass."""

import re

import numpy as np
import pytest

import w2v_cli
from reported.inputs import MATRIX, SETTINGS, WORDS
from w2v_cli import W2VError


@pytest.fixture
def vectors():
    return w2v_cli.WordVectors(list(WORDS), MATRIX.copy(), np.array([9, 7, 5, 3]))


def error_of(call, kinds=W2VError):
    """Return the error of a call, of the kinds that are right, or None."""
    try:
        call()
    except kinds as error:
        return error
    return None


def test_an_integer_is_a_row_as_in_gensim(vectors):
    """Right: row 0 is the first word, in every method that takes a word."""
    np.testing.assert_array_equal(vectors[0], vectors["king"])
    np.testing.assert_array_equal(vectors[np.int64(1)], vectors["queen"])
    np.testing.assert_array_equal(vectors[[0, 2]], vectors[["king", "man"]])
    np.testing.assert_array_equal(vectors.get_vector(0), vectors["king"])
    assert vectors.most_similar(0) == vectors.most_similar("king")
    assert vectors.similarity(0, 1) == vectors.similarity("king", "queen")
    assert vectors.neighbors(3) == vectors.neighbors("woman")
    assert vectors.analogy(0, 2, 3) == vectors.analogy("king", "man", "woman")
    assert vectors.odd_one_out([0, 1, 2]) == vectors.odd_one_out(["king", "queen", "man"])


def test_where_every_word_is_an_integer_an_integer_is_the_word():
    """Right: with the words 7, 0, 12 the key 0 is the word "0", which is row 1."""
    vectors = w2v_cli.WordVectors(["7", "0", "12"], MATRIX[:3].copy())
    np.testing.assert_array_equal(vectors[0], vectors["0"])
    np.testing.assert_array_equal(vectors[12], vectors["12"])
    assert vectors.similarity(7, 12) == vectors.similarity("7", "12")
    with pytest.raises(W2VError, match="1"):
        vectors[1]


def test_a_list_of_words_has_the_neighbours_of_all_or_is_refused(vectors):
    """Right: a result, or an error that names `neighbors_of` or `most_similar`."""
    error = error_of(lambda: vectors.neighbors(["king", "queen"]))
    assert error is None or re.search("neighbors_of|most_similar", str(error))


NAN = float("nan")
CALLS = {
    "v[99]": lambda v: v[99],
    "v[-9]": lambda v: v[-9],
    "v[1.5]": lambda v: v[1.5],
    "v[None]": lambda v: v[None],
    "v[nan]": lambda v: v[NAN],
    "v[[]]": lambda v: v[[]],
    "v[['king', None]]": lambda v: v[["king", None]],
    "v[('king', 0)]": lambda v: v[("king", 0)],
    "v[b'king']": lambda v: v[b"king"],
    "v[:2]": lambda v: v[:2],
    "v[True]": lambda v: v[True],
    "v[{}]": lambda v: v[{}],
    "v[np.array([0, 1])]": lambda v: v[np.array([0, 1])],
    "neighbors(None)": lambda v: v.neighbors(None),
    "neighbors([])": lambda v: v.neighbors([]),
    "neighbors([1, 2, 3])": lambda v: v.neighbors([1, 2, 3]),
    "neighbors(nan row)": lambda v: v.neighbors(np.array([NAN, 1])),
    "neighbors(matrix)": lambda v: v.neighbors(MATRIX),
    "neighbors(n='3')": lambda v: v.neighbors("king", "3"),
    "neighbors(n=None)": lambda v: v.neighbors("king", None),
    "neighbors(n=-1)": lambda v: v.neighbors("king", -1),
    "neighbors(n=2.5)": lambda v: v.neighbors("king", 2.5),
    "neighbors_of('king')": lambda v: v.neighbors_of("king"),
    "neighbors_of(3)": lambda v: v.neighbors_of(3),
    "neighbors_of([None])": lambda v: v.neighbors_of([None]),
    "most_similar(None)": lambda v: v.most_similar(None),
    "most_similar([0])": lambda v: v.most_similar([0]),
    "most_similar([None])": lambda v: v.most_similar([None]),
    "most_similar(positive=3.5)": lambda v: v.most_similar(3.5),
    "most_similar(topn='3')": lambda v: v.most_similar("king", topn="3"),
    "similarity(None)": lambda v: v.similarity("king", None),
    "similarity(list)": lambda v: v.similarity(["king"], ["queen"]),
    "similarity(rows)": lambda v: v.similarity(MATRIX[0], MATRIX[1]),
    "similarity(0, 99)": lambda v: v.similarity(0, 99),
    "analogy(None)": lambda v: v.analogy("king", None, "man"),
    "analogy(9, 9, 9)": lambda v: v.analogy(9, 9, 9),
    "odd_one_out(str)": lambda v: v.odd_one_out("king"),
    "odd_one_out(5)": lambda v: v.odd_one_out(5),
    "odd_one_out([None])": lambda v: v.odd_one_out(["king", None, "man"]),
    "doesnt_match(5)": lambda v: v.doesnt_match(5),
    "n_similarity(None)": lambda v: v.n_similarity(None, ["king"]),
    "distance(0, None)": lambda v: v.distance(0, None),
    "distances(0)": lambda v: v.distances(0),
    "get_index(0)": lambda v: v.get_index(0),
    "get_mean_vector(0)": lambda v: v.get_mean_vector(0),
    "get_mean_vector([0])": lambda v: v.get_mean_vector([0]),
    "rank(0, 1)": lambda v: v.rank(0, 1),
    "embed(None)": lambda v: v.embed(None),
    "embed(5)": lambda v: v.embed(5),
    "embed([1, 2])": lambda v: v.embed([1, 2]),
    "embed([b'king'])": lambda v: v.embed([b"king"]),
    "embed([[1, 2]])": lambda v: v.embed([[1, 2]]),
    "embed([['king', None]])": lambda v: v.embed([["king", None]]),
    "embed(dict)": lambda v: v.embed({"text": "king"}),
    "embed(weights='x')": lambda v: v.embed(["king"], weights="x"),
    "embed(tokenize=5)": lambda v: v.embed(["king"], tokenize=5),
    "top('2')": lambda v: v.top("2"),
    "top(None)": lambda v: v.top(None),
    "suggestions(0)": lambda v: v.suggestions(0),
    "save(None)": lambda v: v.save(None),
    "save(5)": lambda v: v.save(5),
    "save('')": lambda v: v.save(""),
    "save(format=5)": lambda v: v.save("o.txt", format=5),
    "save(precision=5)": lambda v: v.save("o.txt", precision=5),
    "plot(5.5)": lambda v: v.plot(5.5),
    "plot([None])": lambda v: v.plot([None]),
    "plot(nosuch=1)": lambda v: v.plot(["king", "queen"], nosuch=1),
    "explore([0])": lambda v: v.explore([0]),
    "load(None)": lambda v: w2v_cli.load(None),
    "load(5)": lambda v: w2v_cli.load(5),
    "load('')": lambda v: w2v_cli.load(""),
    "load([])": lambda v: w2v_cli.load([]),
    "load(vectors=5)": lambda v: w2v_cli.load("vec.txt", vectors=5),
    "train()": lambda v: w2v_cli.train(out="r"),
    "train(5)": lambda v: w2v_cli.train(5, out="r"),
    "train([1, 2])": lambda v: w2v_cli.train([1, 2], out="r"),
    "train([[1, 2]])": lambda v: w2v_cli.train([[1, 2]] * 9, out="r", **SETTINGS),
    "train([b'a b'])": lambda v: w2v_cli.train([b"a b"], out="r"),
    "train([])": lambda v: w2v_cli.train([], out="r"),
    "train([None])": lambda v: w2v_cli.train([None], out="r"),
    "train(dict)": lambda v: w2v_cli.train({"a": 1}, out="r"),
    "train(out=None)": lambda v: w2v_cli.train(["a b"], out=None),
    "train(out=5)": lambda v: w2v_cli.train(["a b"], out=5),
    "train(paths=5)": lambda v: w2v_cli.train(paths=5, out="r"),
    "train(paths=[5])": lambda v: w2v_cli.train(paths=[5], out="r"),
    "train(paths=None)": lambda v: w2v_cli.train(paths=[None], out="r"),
    "train(dim='x')": lambda v: w2v_cli.train(["a b"] * 9, out="r", dim="x"),
    "train(vector_size=5)": lambda v: w2v_cli.train(["a b"] * 9, out="r", vector_size=5),
    "train(config=5)": lambda v: w2v_cli.train(["a b"], out="r", config=5),
    "train(start_from=v)": lambda v: w2v_cli.train(["a b"] * 9, out="r", start_from=v),
    "train(start_from=5)": lambda v: w2v_cli.train(["a b"] * 9, out="r", start_from=5),
    "train(eval_files=5)": lambda v: w2v_cli.train(["a b"] * 9, out="r", eval_files=5),
    "train(tokenizer=5)": lambda v: w2v_cli.train(["a b"] * 9, out="r", tokenizer=5),
    "train(stop_words=[...])": lambda v: w2v_cli.train(["a b"] * 9, out="r", stop_words=["a"]),
    "WordVectors(short)": lambda v: w2v_cli.WordVectors(["a"], MATRIX),
    "WordVectors(list)": lambda v: w2v_cli.WordVectors(["a", "b"], [[1, 2], [3, 4]])["a"],
    "WordVectors(numbers)": lambda v: w2v_cli.WordVectors([1, 2, 3, 4], MATRIX)["a"],
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.filterwarnings("ignore")
def test_every_call_has_a_result_or_an_error_of_w2v(vectors, tmp_path, monkeypatch, call):
    """Right: whatever is passed, the error is a W2VError whose message is one line."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vec.txt").write_text("2 2\na 1 0\nb 0 1\n")
    error = error_of(lambda: CALLS[call](vectors))
    assert error is None or (str(error) and "\n" not in str(error))
    assert "object has no attribute" not in str(error)


#: Names of gensim 3 and 4 that word vectors had there.
FOREIGN = [
    "index2word", "index2entity", "vocab", "syn0", "syn0norm", "vectors_norm", "init_sims",
    "fill_norms", "word_vec", "most_similar_to_given", "evaluate_word_pairs", "accuracy",
    "evaluate_word_analogies", "wmdistance", "add_vector", "add_vectors", "get_vecattr_names",
    "relative_cosine_similarity", "words_closer_than", "similar_by_entity", "load_word2vec_format",
    "get_keras_embedding", "sort_by_descending_frequency", "index2key", "vocabulary",
    "corpus_count",
    "build_vocab", "train", "infer_vector", "get_sentence_vector", "get_word_vector", "get_words",
    "get_nearest_neighbors", "get_dimension",
]  # fmt: skip
#: And names of modules and models.
MODELS = [
    "Word2Vec", "FastText", "KeyedVectors", "Doc2Vec", "LineSentence", "PathLineSentences",
    "load_word2vec_format", "load_model", "train_unsupervised", "Phrases", "load_facebook_model",
]  # fmt: skip


def assert_points(error, *places):
    named = set(re.findall(r"[A-Za-z_]\w+", str(error)))
    offered = {name for place in places for name in dir(place) if not name.startswith("_")}
    assert named & offered, str(error)


@pytest.mark.parametrize("name", FOREIGN)
def test_names_of_gensim_point_to_the_new_ones(vectors, name):
    """Right: it works, or the error names what there is instead."""
    error = error_of(lambda: getattr(vectors, name), (W2VError, AttributeError))
    assert "object has no attribute" not in str(error)
    if error is not None:
        assert_points(error, vectors, w2v_cli)


@pytest.mark.parametrize("name", MODELS)
def test_models_of_gensim_and_fasttext_point_to_train_and_load(name):
    """Right: an AttributeError that names `train` or `load`, so that `hasattr` is False."""
    with pytest.raises(AttributeError) as raised:
        getattr(w2v_cli, name)
    assert_points(raised.value, w2v_cli)


def test_plain_spelling_mistakes_stay_attribute_errors(vectors):
    """Right: protocols that ask for names (copy, pickle, numpy) are told that there are none."""
    assert not hasattr(vectors, "nosuchname")
    assert not hasattr(vectors, "__array_interface__")
    assert not hasattr(w2v_cli, "nosuchname")
