"""gensim's names give gensim's answers."""

import numpy as np
import pytest

from w2v_cli.errors import DataError, UsageError
from w2v_cli.vectors.answers import UnknownWordError
from w2v_cli.vectors.gensim_names import GensimNames

WORDS = [f"w{i}" for i in range(50)]


@pytest.fixture(scope="module")
def ours():
    matrix = np.random.default_rng(3).normal(size=(50, 8)).astype(np.float32)
    return GensimNames(WORDS, matrix, np.arange(50, 0, -1))


@pytest.fixture(scope="module")
def theirs(ours):
    pytest.importorskip("gensim")
    return ours.to_gensim()


VECTOR = np.arange(8, dtype=np.float32) - 3
QUESTIONS = [
    ("most_similar", ("w1",), {"topn": 3}),
    ("most_similar", (), {"positive": ["w1", "w2"], "negative": ["w3"]}),
    ("most_similar", (), {"positive": [("w1", 2.0), "w2"], "negative": "w9", "topn": 4}),
    ("most_similar", (VECTOR,), {"topn": 3}),
    ("most_similar", ("w4",), {"restrict_vocab": 9, "topn": 20}),
    ("most_similar", ("w4",), {"topn": None}),
    ("similar_by_word", ("w5", 4), {}),
    ("similar_by_vector", (VECTOR,), {"topn": 4}),
    ("get_vector", ("w1",), {"norm": True}),
    ("get_mean_vector", (["w1", "w2", VECTOR, "no"], [1, -2, 0.5, 7]), {}),
    ("get_normed_vectors", (), {}),
    ("get_index", ("w7",), {}),
    ("get_index", ("no", -1), {}),
    ("get_vecattr", ("w7", "count"), {}),
    ("has_index_for", ("no",), {}),
    ("doesnt_match", (["w1", "w2", "w3", "w4"],), {}),
    ("similarity", ("w1", "w2"), {}),
    ("n_similarity", (["w1", "w2"], ["w3"]), {}),
    ("distance", ("w1", "w2"), {}),
    ("distances", ("w1", ["w3", "w4"]), {}),
    ("distances", (VECTOR,), {}),
    ("rank", ("w1", "w8"), {}),
    ("closer_than", ("w1", "w8"), {}),
]


def plain(answer):
    if isinstance(answer, list) and answer and isinstance(answer[0], tuple):
        words, scores = zip(*answer, strict=True)
        return list(words), pytest.approx(scores, abs=1e-5)
    if isinstance(answer, (np.ndarray, float, np.floating)):
        return pytest.approx(answer, abs=1e-5)
    return answer


@pytest.mark.parametrize(("name", "arguments", "options"), QUESTIONS)
def test_the_same_answer(ours, theirs, name, arguments, options):
    answer = getattr(ours, name)(*arguments, **options)
    expected = getattr(theirs, name)(*arguments, **options)
    if isinstance(expected, list) and expected and isinstance(expected[0], tuple):
        answer = [tuple(pair) for pair in answer]
        assert [word for word, _ in answer] == [word for word, _ in expected]
        assert [s for _, s in answer] == pytest.approx([s for _, s in expected], abs=1e-5)
    else:
        assert answer == plain(expected)


def test_the_same_attributes(ours, theirs):
    assert ours.index_to_key == theirs.index_to_key
    assert ours.key_to_index == theirs.key_to_index
    assert ours.vector_size == theirs.vector_size
    assert (ours.vectors == theirs.vectors).all()
    assert ours.wv is ours


def test_cosmul_is_the_analogy(ours):
    near = ours.most_similar_cosmul(positive=["w1", "w3"], negative=["w2"], topn=4)
    assert near == ours.analogy("w1", "w2", "w3", 4, method="mul")


def test_what_cannot_be_answered_says_why(ours):
    for ask, message in (
        (ours.most_similar, "needs a word"),
        (lambda: ours.most_similar(np.zeros(3)), "expected a vector of 8 numbers, got 3"),
        (lambda: ours.most_similar_cosmul(["w1"], []), "two positive words and one negative"),
        (lambda: ours.get_vecattr("w1", "sample_int"), "only 'count'"),
        (lambda: ours.get_mean_vector([]), "expected keys"),
    ):
        with pytest.raises(UsageError, match=message):
            ask()
    with pytest.raises(UnknownWordError, match="unknown word 'no'"):
        ours.most_similar("no")
    with pytest.raises(UnknownWordError):
        ours.get_index("no")
    with pytest.raises(DataError, match="without counts"):
        GensimNames(["a", "b"], np.eye(2, dtype=np.float32)).get_vecattr("a", "count")


def test_saved_as_word2vec_wrote_it(ours, tmp_path):
    from w2v_cli import load

    for binary in (False, True):
        ours.save_word2vec_format(tmp_path / f"v{binary}", binary=binary)
        found = load(tmp_path / f"v{binary}")
        assert found.words == WORDS
        assert found.most_similar("w1")[0].word == ours.most_similar("w1")[0].word
