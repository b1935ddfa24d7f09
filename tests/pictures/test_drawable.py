import matplotlib.figure
import numpy as np
import pytest

import w2v_cli
from w2v_cli.errors import DataError, UsageError


@pytest.fixture
def vectors():
    words = ["the", "king", "queen", "man", "woman", "rain", "snow"]
    matrix = np.random.default_rng(1).normal(size=(7, 5)).astype(np.float32)
    return w2v_cli.WordVectors(words, matrix, np.arange(70, 0, -10))


def shown(figure):
    return {text.get_text() for text in figure.axes[0].texts}


def test_vectors_draw_themselves_as_a_matplotlib_figure(vectors, tmp_path):
    figure = vectors.plot(["king", "queen", "rain"], title="mine", style="dark")
    assert isinstance(figure, matplotlib.figure.Figure)
    assert {"king", "queen", "rain"} <= shown(figure)
    figure.savefig(tmp_path / "words.svg")
    assert ">queen<" in (tmp_path / "words.svg").read_text()


def test_words_are_a_list_a_string_a_number_or_the_course_ones(vectors):
    assert {"king", "snow"} <= shown(w2v_cli.plot(vectors, "king, snow"))
    assert "the" not in shown(w2v_cli.plot(vectors, 3))
    assert {"king", "queen", "man", "woman", "rain", "snow"} <= shown(w2v_cli.plot(vectors))


def test_groups_are_a_mapping_or_a_number(vectors):
    assert "royal" in shown(vectors.plot(6, groups={"royal": ["king", "queen"]}))
    assert vectors.plot(6, groups=2).axes[0].collections


def test_what_cannot_be_drawn_is_refused(vectors):
    with pytest.raises(UsageError, match="--neighbors-of king"):
        vectors.plot("king")
    with pytest.raises(DataError):
        vectors.plot(["x", "y"])
    with pytest.raises(UsageError, match="no setting"):
        vectors.plot(5, perplexity=3)


def test_loaded_vectors_and_runs_can_be_drawn(vectors, tmp_path):
    vectors.save(tmp_path / "v.npz")
    loaded = w2v_cli.load(tmp_path / "v.npz")
    assert isinstance(loaded, w2v_cli.WordVectors)
    assert "king" in shown(loaded.plot(5))
    run = w2v_cli.Run(tmp_path / "run")
    vars(run)["vectors"] = loaded  # a cached property
    figure = run.plot(5)
    assert figure.axes[0].get_title(loc="left") == "run"


def test_vectors_make_a_page_that_a_notebook_shows(vectors, tmp_path):
    page = vectors.explore(6, title="mine", groups={"royal": ["king", "queen"]})
    assert list(page.data.words) == ["king", "queen", "man", "woman", "rain", "snow"]
    assert page.data.groups.names == ("royal",)
    page.save(tmp_path / "page.html")
    assert "mine" in (tmp_path / "page.html").read_text()
    frame = page._repr_html_()
    assert frame.startswith("<iframe")
    assert "<script" not in frame  # escaped inside the frame's source


def test_a_page_takes_several_methods_and_their_settings(vectors):
    pytest.importorskip("openTSNE")
    page = w2v_cli.explore(vectors, 6, methods=["pca", "tsne"], perplexity=2)
    assert [plane.name for plane in page.data.planes] == ["PCA", "t-SNE"]
    with pytest.raises(UsageError, match="no setting min_dist"):
        w2v_cli.explore(vectors, 6, methods=["pca", "tsne"], min_dist=0.1)
    with pytest.raises(UsageError, match="unknown method 'mds'"):
        w2v_cli.explore(vectors, 6, methods=["mds"])
