"""The words that a file lists, with their vectors."""

import numpy as np
import pytest

from w2v_cli.errors import DataError, W2VWarning
from w2v_cli.vectors.table import VectorTable
from w2v_cli.vectors.word_vectors import choose_words, read_words

TABLE = VectorTable(["tea", "rain", "New York"], np.eye(3, dtype=np.float32), np.array([5, 4, 3]))


def test_words_stand_a_line_each_in_the_order_of_the_file(tmp_path):
    (tmp_path / "words").write_bytes("\ufeffrain\r\n\nNew York\n".encode())
    words = read_words(tmp_path / "words")
    found = choose_words(TABLE, words, "words")
    assert found.words == ["rain", "New York"]
    assert found.counts.tolist() == [4, 3]
    np.testing.assert_array_equal(found.matrix, np.eye(3)[1:])


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "no words"), (b"\xff", "byte 0 is not UTF-8"), (b"a\nb\na", "twice")],
)
def test_a_file_that_lists_no_words_is_refused(tmp_path, content, says):
    (tmp_path / "words").write_bytes(content)
    with pytest.raises(DataError, match=says):
        read_words(tmp_path / "words")
    with pytest.raises(DataError, match="name a file"):
        read_words(tmp_path / "none")


def test_words_without_a_vector_are_named():
    with pytest.warns(W2VWarning, match="2 of 3 words have no vector: a, b; they are left out"):
        assert choose_words(TABLE, ["a", "tea", "b"], "words").words == ["tea"]
    with pytest.raises(DataError, match="2 of 2 words have no vector: a, b; nothing to write"):
        choose_words(TABLE, ["a", "b"], "words")
