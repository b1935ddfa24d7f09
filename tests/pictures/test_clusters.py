import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.pictures.clusters import MOST, central_words, cluster, silhouette


def balls(sizes, noise=0.05, dim=12, seed=3):
    rng = np.random.default_rng(seed)
    centers = np.linalg.qr(rng.normal(size=(dim, dim)))[0][: len(sizes)]
    truth = np.repeat(np.arange(len(sizes)), sizes)
    return centers[truth] + noise * rng.normal(size=(len(truth), dim)), truth


def silhouette_slowly(distances, labels):
    scores = []
    for i, own in enumerate(labels):
        others = [j for j in range(len(labels)) if labels[j] == own and j != i]
        if not others:
            scores.append(0.0)
            continue
        a = np.mean([distances[i, j] for j in others])
        b = min(
            np.mean([distances[i, j] for j in range(len(labels)) if labels[j] == k])
            for k in set(labels) - {own}
        )
        scores.append((b - a) / max(a, b))
    return np.mean(scores)


@given(st.integers(0, 10**6), st.integers(3, 12), st.integers(2, 4))
def test_the_silhouette_is_that_of_its_definition(seed, n, k):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, 3))
    labels = np.unique(np.concatenate([[0, 1], rng.integers(0, k, n - 2)]), return_inverse=True)[1]
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    assert silhouette(distances, labels) == pytest.approx(silhouette_slowly(distances, labels))


@pytest.mark.parametrize("sizes", [(9, 7), (10, 8, 6), (12, 9, 7, 5, 4)])
def test_clear_clusters_are_found_and_counted_largest_first(sizes):
    vectors, truth = balls(sizes)
    assert cluster(vectors).tolist() == truth.tolist()


def test_the_length_of_a_vector_does_not_matter():
    vectors, truth = balls((9, 7, 5))
    lengths = np.random.default_rng(1).uniform(0.1, 30, size=(21, 1))
    assert cluster(vectors * lengths).tolist() == truth.tolist()


def test_where_no_number_stands_out_there_are_as_many_as_colours():
    vectors = np.random.default_rng(1).normal(size=(200, 50))
    assert cluster(vectors).max() + 1 == MOST


def test_the_number_can_be_chosen():
    vectors, _ = balls((9, 7, 5))
    assert cluster(vectors, 2).max() == 1
    assert cluster(vectors, 1).max() == 0


@pytest.mark.parametrize(
    "vectors", [np.ones((9, 4)), np.zeros((9, 4)), np.eye(3), np.ones((1, 1)), -np.ones((30, 1))]
)
def test_words_that_cannot_be_told_apart_are_one_cluster(vectors):
    assert cluster(vectors).tolist() == [0] * len(vectors)


def test_words_beyond_the_sample_join_the_nearest_cluster():
    vectors, truth = balls((2500, 1500))
    order = np.random.default_rng(1).permutation(4000)
    assert (cluster(vectors[order]) == truth[order]).all()


def test_a_cluster_is_named_by_its_central_words():
    vectors = np.array([[1.0, 0], [0.9, 0.5], [0.9, -0.6], [0, 1], [0.1, 1]])
    names = central_words(list("abcde"), vectors, np.array([0, 0, 0, 1, 1]), n=2)
    assert names[0] == "a · b"
    assert set(names[1]) == {"d", " ", "·", "e"}


def test_long_names_are_fewer_words():
    names = central_words(["x" * 20, "y" * 20], np.eye(2) + 1, np.array([0, 0]))
    assert len(names[0]) == 20


def test_of_a_large_cluster_frequent_words_make_the_name():
    noise = np.linspace(1, 0.01, 150)[:, None]
    vectors = np.ones((150, 5)) + np.random.default_rng(1).normal(size=(150, 5)) * noise
    words = [f"w{i}" for i in range(150)]
    labels = np.zeros(150, dtype=np.int64)
    assert not set(central_words(words, vectors, labels)[0].split(" · ")) & set(words[:50])
    named = central_words(words, vectors, labels, np.arange(150)[::-1])[0].split(" · ")
    assert set(named) <= set(words[:50])
