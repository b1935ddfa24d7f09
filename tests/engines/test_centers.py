"""Centre vectors that are means of rows: the sparse forms against the equations."""

import numpy as np
import pytest

from w2v_cli.checks.engine_checks import groups_of
from w2v_cli.engines.base import Embeddings
from w2v_cli.engines.centers import PlainCenters, SubwordCenters, centers_of, subwords_of
from w2v_cli.engines.settings import ModelSettings
from w2v_cli.equations import mean_matrix
from w2v_cli.errors import DataError

WORDS = ("run", "running", "runner", "banana", "bananas", "</s>", "é", "日本語", "a")
HASHED = ModelSettings(subwords="2-4", ngrams="hashed", buckets=50)
EXPLICIT = ModelSettings(subwords="1-3", ngrams="explicit")


@pytest.fixture(params=[HASHED, EXPLICIT], ids=["hashed", "explicit"])
def model(request):
    return request.param


def test_rows_and_means_are_those_of_the_equations(model):
    centers = centers_of(model, WORDS)
    groups = groups_of(model, WORDS)
    found = [rows.tolist() for rows in np.split(centers.rows, centers.start[1:-1])]
    assert found == groups
    Z = np.random.default_rng(0).standard_normal((centers.n_rows, 3))
    S = mean_matrix(groups, len(Z))
    np.testing.assert_allclose(centers.embeddings(Z, Z).center, S @ Z)
    words = np.array([3, 0, 5])
    np.testing.assert_allclose(centers.of(Z, words), (S @ Z)[words])
    gradient = Z[:3]
    rows, values = centers.back(words, gradient)
    expected = S[words].T @ gradient
    np.testing.assert_allclose(values, expected[rows])
    assert not np.delete(expected, rows, axis=0).any()


def test_rows_are_found_for_given_vectors(model):
    centers = centers_of(model, WORDS)
    V = np.random.default_rng(1).standard_normal((len(WORDS), 3))
    Z = centers.rows_of(Embeddings(V, V))
    np.testing.assert_allclose(centers.embeddings(Z, V).center, V, atol=1e-12)
    S = mean_matrix(groups_of(model, WORDS), centers.n_rows)
    np.testing.assert_allclose(Z, np.linalg.pinv(S) @ V, atol=1e-8)  # the shortest rows


def test_rows_that_are_given_stay_as_they_are(model):
    centers = centers_of(model, WORDS)
    start = centers.start_vectors(3, seed=4)
    assert centers.rows_of(centers.embeddings(**start)) is start["center"]


def test_without_subwords_a_row_is_a_vector():
    centers = centers_of(ModelSettings(), WORDS)
    assert isinstance(centers, PlainCenters)
    start = centers.start_vectors(3, seed=4)
    assert centers.embeddings(**start).center is start["center"]


def test_only_buckets_of_known_words_have_rows():
    centers = centers_of(ModelSettings(subwords="3-6", ngrams="hashed", buckets=10**9), WORDS)
    assert isinstance(centers, SubwordCenters)
    assert centers.n_rows < 100


@pytest.mark.parametrize("model", [HASHED, EXPLICIT, ModelSettings(subwords="4-6", buckets=9)])
def test_a_vocabulary_whose_words_share_nothing_is_refused(model):
    with pytest.raises(DataError, match="omit --subwords"):
        subwords_of(model, ("a", "b"))
