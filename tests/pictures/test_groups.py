import numpy as np
import pytest

from w2v_cli.errors import DataError
from w2v_cli.pictures.draw import describe
from w2v_cli.pictures.projection import Projection, project
from w2v_cli.pictures.words import (
    CS224N_WORDS,
    default_groups,
    group_by_cluster,
    group_by_name,
    read_groups,
)


def test_the_words_of_the_course_have_the_course_groups():
    groups = default_groups(CS224N_WORDS, np.eye(len(CS224N_WORDS)))
    assert groups.names == ("praise", "blame", "royalty and gender", "weather", "drinks")
    assert [CS224N_WORDS[i] for i in groups.members(4)] == ["coffee", "tea"]
    assert (groups.labels >= 0).all()


def test_other_words_are_grouped_by_their_vectors():
    vectors = np.repeat(np.eye(3), 4, axis=0) + 0.01 * np.arange(12)[:, None]
    groups = default_groups([f"w{i}" for i in range(12)], vectors)
    assert groups.labels.tolist() == np.repeat([0, 1, 2], 4).tolist()
    assert len(groups.names) == 3


def test_words_that_form_no_clusters_have_no_groups():
    groups = group_by_cluster(["a", "b"], np.ones((2, 3)))
    assert groups.names == ()
    assert groups.labels.tolist() == [-1, -1]


def test_a_word_alone_is_no_group():
    vectors = np.repeat(np.eye(3), [4, 4, 1], axis=0) + 0.01 * np.arange(9)[:, None]
    groups = group_by_cluster(list("abcdefghi"), vectors, 3)
    assert groups.labels.tolist() == [0] * 4 + [1] * 4 + [-1]
    assert len(groups.names) == 2


def test_only_groups_with_words_are_kept_and_the_first_group_wins():
    groups = group_by_name(["tea", "x"], {"cold": ["ice"], "hot": ["tea"], "drinks": ["tea", "x"]})
    assert groups.names == ("hot", "drinks")
    assert groups.labels.tolist() == [0, 1]


def test_groups_are_read_from_a_file(tmp_path):
    path = tmp_path / "groups.txt"
    path.write_text("# mine\nhot drinks: tea, coffee\n\nweather: rain snow\nweather: hail\n")
    assert read_groups(path) == {
        "hot drinks": ("tea", "coffee"),
        "weather": ("rain", "snow", "hail"),
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [("tea coffee\n", "line 1"), (": tea\n", "line 1"), ("a:\n", "line 1"), ("", "no groups")],
)
def test_a_file_that_is_not_groups_is_refused(tmp_path, content, message):
    path = tmp_path / "groups.txt"
    path.write_text(content)
    with pytest.raises(DataError, match=message):
        read_groups(path)
    with pytest.raises(DataError, match="cannot read"):
        read_groups(tmp_path / "none")


def test_a_description_counts_as_a_reader_would():
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(9, 6)) + np.repeat(2 * np.eye(6)[:3], 3, axis=0)
    labels = [0, 0, 0, 1, 1, -1, 2, 2, -1]
    names = {"a": list("pqr"), "b": list("st"), "c": list("vw")}
    grouping = group_by_name(list("pqrstuvwx"), names)
    assert grouping.labels.tolist() == labels
    same, cosines = 0, []
    for i, row in enumerate(rows):
        to = {j: row @ rows[j] / np.linalg.norm(row) / np.linalg.norm(rows[j]) for j in range(9)}
        del to[i]
        cosines += to.values()
        same += labels[i] >= 0 and labels[max(to, key=to.get)] == labels[i]
    centred = np.linalg.svd(rows - rows.mean(axis=0), compute_uv=False) ** 2
    share, chance = centred[:2].sum() / centred.sum(), (6 + 2 + 2) / 8
    assert describe(rows, project(rows), grouping) == (
        f"PCA shows {share:.0%} of the variance; the mean cosine of two of the 9 words is"
        f" {np.mean(cosines):.2f}. In all 6 dimensions, the nearest of these words is of the same"
        f" group for {same} of 7 words (by chance: {chance:.1f})."
    )


def test_a_description_without_groups_or_shares():
    rows = np.array([[1.0, 0], [1, 0], [0, 0]])
    none = group_by_name(["a", "b", "c"], {})
    said = describe(rows, Projection(rows, np.zeros(2), "tsne", "cosine"), none)
    assert said == (
        "t-SNE has no share of the variance; the mean cosine of two of the 3 words is 0.33."
        " The words have no groups."
    )
