import builtins

import numpy as np
import pytest

from w2v_cli.errors import MissingExtraError, UsageError
from w2v_cli.pictures.catalog import METHODS
from w2v_cli.pictures.projection import project

PACKAGES = {"tsne": "openTSNE", "umap": "umap"}


def clusters(n=40, seed=1):
    rng = np.random.default_rng(seed)
    centers = np.eye(8)[:4].repeat(n // 4, axis=0)
    return centers + 0.05 * rng.normal(size=(n, 8)), np.arange(4).repeat(n // 4)


# One test for both claims: umap compiles for half a minute in each process that uses it.
@pytest.mark.parametrize("method", METHODS)
def test_neighbours_stay_neighbours_and_the_same_seed_gives_the_same_points(method):
    if method in PACKAGES:
        pytest.importorskip(PACKAGES[method])
    rows, truth = clusters()
    first, second = (project(rows, method, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.points, second.points)
    assert first.explained.any() == (method == "pca")
    distances = np.linalg.norm(first.points[:, None] - first.points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (truth[distances.argmin(axis=1)] == truth).mean() > 0.9


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("rows", [np.ones((1, 3)), np.eye(3), np.ones((9, 4)), np.zeros((30, 2))])
def test_few_and_equal_words_have_points(method, rows):
    if method in PACKAGES:
        pytest.importorskip(PACKAGES[method])
    points = project(rows, method).points
    assert points.shape == (len(rows), 2)
    assert np.isfinite(points).all()


@pytest.mark.parametrize("method", PACKAGES)
def test_a_missing_package_is_named_with_its_extra(method, monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **options):
        if name == PACKAGES[method]:
            raise ImportError(name)
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=rf"\[{method}\]"):
        project(clusters()[0], method)


def test_unknown_methods_and_settings_are_refused():
    with pytest.raises(UsageError, match="pca, tsne, umap"):
        project(np.eye(3), "mds")
    with pytest.raises(UsageError, match="pca has no setting perplexity"):
        project(np.eye(3), "pca", perplexity=5)


def test_the_knobs_reach_the_method():
    pytest.importorskip("openTSNE")
    rows, _ = clusters()
    near, far = (project(rows, "tsne", perplexity=p).points for p in (2, 12))
    assert not np.allclose(near, far)


def test_the_cosine_ignores_lengths_and_is_the_default_beside_pca():
    rows, _ = clusters()
    scaled = rows * np.linspace(1, 9, 40)[:, None]
    np.testing.assert_allclose(
        project(scaled, metric="cosine").points, project(rows, metric="cosine").points, atol=1e-9
    )
    assert not np.allclose(project(scaled).points, project(rows).points)
    assert {name: method.metric for name, method in METHODS.items()} == {
        "pca": "euclidean",
        "tsne": "cosine",
        "umap": "cosine",
    }


@pytest.mark.parametrize("seed", range(5))
def test_turned_spaces_give_the_same_picture(seed):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(25, 8)) * np.linspace(3, 1, 8)
    turn = np.linalg.qr(rng.normal(size=(8, 8)))[0]
    np.testing.assert_allclose(project(rows).points, project(rows @ turn).points, atol=1e-9)
