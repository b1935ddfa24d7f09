import numpy as np
import pytest

from w2v_cli.errors import DataError
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
