"""Vectors of words that training has not seen, from a run's file and back."""

import numpy as np
import pytest

from w2v_cli.engines.centers import centers_of
from w2v_cli.engines.settings import ModelSettings
from w2v_cli.errors import DataError
from w2v_cli.storage.tensors import read_tensors, write_tensors
from w2v_cli.vectors.answers import UnknownWordError
from w2v_cli.vectors.run_vectors import read_run_vectors, write_run_vectors
from w2v_cli.vectors.word_vectors import load

WORDS = ["run", "running", "runner", "cunning"]
MODELS = {
    "hashed": ModelSettings(subwords="3-4", ngrams="hashed", buckets=997),
    "explicit": ModelSettings(subwords="3-4", ngrams="explicit"),
}


@pytest.fixture(params=MODELS)
def written(request, tmp_path):
    """(embeddings, file)."""
    centers = centers_of(MODELS[request.param], WORDS)
    rng = np.random.default_rng(0)
    Z = rng.standard_normal((centers.n_rows, 5)).astype(np.float32)
    embeddings = centers.embeddings(Z, Z[: len(WORDS)])
    file = tmp_path / "vectors.safetensors"
    write_run_vectors(file, WORDS, np.arange(4, 0, -1), embeddings)
    return embeddings, file


def test_what_is_written_is_read(written):
    embeddings, file = written
    found = read_run_vectors(file).embeddings
    assert found.subwords.subwords.rows(WORDS)[1].tolist() == (
        embeddings.subwords.subwords.rows(WORDS)[1].tolist()
    )
    np.testing.assert_array_equal(found.subwords.rows, embeddings.subwords.rows)
    np.testing.assert_array_equal(found.center, embeddings.center)


def test_an_unseen_word_is_the_mean_of_its_n_grams(written):
    embeddings, file = written
    vectors = load(file)
    assert "gunning" in vectors
    assert "gunning" not in vectors.ids
    subwords, Z = embeddings.subwords.subwords, embeddings.subwords.rows
    _, rows = subwords.rows(["gunning"])
    seen = Z[len(WORDS) + rows[rows >= 0]]
    np.testing.assert_allclose(vectors["gunning"], seen.sum(axis=0) / len(rows), rtol=1e-5)
    both = vectors[["gunning", "run"]]
    np.testing.assert_array_equal(both[0], vectors["gunning"])
    np.testing.assert_array_equal(both[1], vectors["run"])
    assert len(vectors.neighbors("gunning", n=4)) == 4


def test_a_word_without_a_known_n_gram_is_unknown(written):
    vectors = load(written[1])
    with pytest.raises(UnknownWordError, match="no n-gram that training has seen"):
        vectors["xyzzy"]


@pytest.mark.parametrize("kind", ["outside", "sum", "concat"])
def test_other_kinds_of_vectors_exist_for_known_words_only(written, kind):
    vectors = load(written[1], kind)
    assert vectors["run"] is not None
    with pytest.raises(UnknownWordError, match=f"no {kind} vectors for words .* use center"):
        vectors["gunning"]


@pytest.mark.parametrize("lost", ["rows", "ngram_buckets", "ngrams"])
def test_subwords_that_do_not_fit_their_rows_are_refused(written, tmp_path, lost):
    tensors, metadata = read_tensors(written[1])
    if lost not in tensors:
        pytest.skip("of the other kind")
    broken = tmp_path / "broken.safetensors"
    for spoiled in ({}, {lost: np.array(tensors[lost][: len(tensors[lost]) // 2])}):
        rest = {name: np.array(array) for name, array in tensors.items() if name != lost}
        write_tensors(broken, rest | spoiled, metadata)
        with pytest.raises(DataError, match="damaged"):
            read_run_vectors(broken)
