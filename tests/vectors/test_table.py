import numpy as np
import pytest

from w2v_cli.errors import DataError
from w2v_cli.vectors.table import VectorTable, decode_matrix, encode_matrix

MATRIX = np.random.default_rng(0).standard_normal((5, 4), dtype=np.float32)


def test_a_table_knows_its_words_and_its_first_ones():
    table = VectorTable(["a", "b", "c", "d", "e"], MATRIX, np.array([9, 7, 5, 3, 1]))
    assert (len(table), table.dim, table.ids["c"]) == (5, 4, 2)
    assert repr(table) == "<VectorTable: 5 words, 4 dimensions>"
    top = table.top(2)
    assert (top.words, top.counts.tolist()) == (["a", "b"], [9, 7])
    np.testing.assert_array_equal(top.matrix, MATRIX[:2])
    assert VectorTable(["a"], MATRIX[:1]).top(3).counts is None


@pytest.mark.parametrize("matrix", [MATRIX, MATRIX[0]])
def test_words_and_matrix_have_to_fit(matrix):
    with pytest.raises(DataError, match="2 words, but a matrix of shape"):
        VectorTable(["a", "b"], matrix)


@pytest.mark.parametrize("precision", ["float32", "float16", "int8"])
def test_a_matrix_survives_its_precision(precision):
    back = decode_matrix("file", encode_matrix(MATRIX, precision))
    largest = np.abs(MATRIX).max(axis=1, keepdims=True)
    bound = {"float32": 0, "float16": 2**-10, "int8": 1 / 253}[precision]
    assert (np.abs(back - MATRIX) <= bound * largest).all()
    assert back.dtype == np.float32
