"""Blends: against a singular value decomposition, their bits, and bad input."""

import numpy as np
import pytest

import w2v_cli
from w2v_cli.errors import DataError, UsageError
from w2v_cli.vectors.blending import blend_tables
from w2v_cli.vectors.nearest import unit_rows
from w2v_cli.vectors.table import VectorTable

RNG = np.random.default_rng(3)
WORDS = [f"w{i}" for i in range(50)]
A = VectorTable(WORDS, RNG.normal(size=(50, 6)).astype(np.float32), np.arange(50, 0, -1))
B = VectorTable(WORDS[:9:-1], RNG.normal(size=(40, 4)).astype(np.float32))


def test_a_blend_is_the_svd_of_weighted_unit_rows():
    found = blend_tables([A, B], [1, 0.5])
    both = np.hstack([unit_rows(A.matrix[10:]), 0.5 * unit_rows(B.matrix[::-1])])
    u, s, _ = np.linalg.svd(both.astype(float), full_matrices=False)
    expected = (u * s)[:, :6]
    matrix = found.table.matrix
    np.testing.assert_allclose(matrix @ matrix.T, expected @ expected.T, atol=1e-5)
    np.testing.assert_allclose(np.abs(matrix), np.abs(expected), atol=1e-5)
    assert found.table.words == WORDS[10:]
    assert found.table.counts.tolist() == list(range(40, 0, -1))
    assert found.n_known == (50, 40)


def test_the_same_input_gives_the_same_bits():
    one, other = (blend_tables([A, B], dim=3).table.matrix for _ in range(2))
    assert one.tobytes() == other.tobytes()
    turned = VectorTable(A.words, A.matrix * np.float32(2), A.counts)  # rows become units again
    np.testing.assert_array_equal(blend_tables([turned, B], dim=3).table.matrix, one)


BAD = {
    "one part": ([A], {}, UsageError, "two runs or files"),
    "weights": ([A, B], {"weights": [1]}, UsageError, "1 weights for 2 parts"),
    "a weight of 0": ([A, B], {"weights": [1, 0]}, UsageError, "above 0"),
    "nan": ([A, B], {"weights": [1, np.nan]}, UsageError, "above 0"),
    "dim": ([A, B], {"dim": 11}, UsageError, "1 to 10 dimensions, not 11"),
    "no common word": (
        [A, VectorTable(["x"], np.ones((1, 2), np.float32))],
        {},
        DataError,
        "no word in common",
    ),
    "empty": (
        [A, VectorTable([], np.ones((0, 2), np.float32))],
        {},
        DataError,
        "no word in common",
    ),
    "not finite": (
        [A, VectorTable(["w3"], np.full((1, 2), np.inf, np.float32))],
        {},
        DataError,
        "part 2.*'w3'.*inf",
    ),
}


@pytest.mark.parametrize(("tables", "more", "error", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_named(tables, more, error, message):
    with pytest.raises(error, match=message):
        blend_tables(tables, **more)


def test_the_command_writes_what_python_returns(tmp_path, w2v):
    a, b, out = (tmp_path / name for name in ("a.npz", "b.vec", "c.safetensors"))
    w2v_cli.WordVectors.of(A).save(a)
    w2v_cli.WordVectors.of(B).save(b)
    result = w2v("blend", a, b, "--out", out, "--weights", "1,0.5", "--dim", 5)
    assert result.code == 0, result.err
    assert "a.npz: 50 words" in result.err
    assert "b.vec: 40 words" in result.err
    assert "40 words that all have, 5 dimensions" in result.err
    expected = w2v_cli.blend(a, w2v_cli.load(b), weights=[1, 0.5], dim=5)
    np.testing.assert_array_equal(w2v_cli.load(out).matrix, expected.matrix)
    assert w2v("blend", a, b, "--out", out).code == 2
    assert w2v("blend", a, b, "--out", a, "--force").code == 2
    assert w2v("blend", a, b, "--out", tmp_path / "d.npz", "--weights", "1;2").code == 2
    assert not (tmp_path / "d.npz").exists()
