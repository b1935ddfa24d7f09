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


def test_a_part_with_subwords_answers_for_unseen_words(tmp_path, w2v):
    text = tmp_path / "text.txt"
    known = [
        stem + end for stem in ("run", "gun", "pun", "fun") for end in ("", "ner", "ning", "s")
    ]
    text.write_text((" ".join(known) + "\n") * 50)
    run, b, out = tmp_path / "run", tmp_path / "b.npz", tmp_path / "c.bin"
    w2v_cli.train(text, out=run, min_count=1, subwords="3-4", buckets=99, dim=5, epochs=2)
    trained = w2v_cli.load(run)
    words = [*known[:1:-1], "others"]  # another order, and not all
    other = w2v_cli.WordVectors(words, RNG.normal(size=(15, 3)).astype(np.float32))
    other.save(b)
    found = w2v_cli.blend(trained, other, weights=[1, 2], dim=6)
    assert found.words == [word for word in trained.words if word in words]
    # The way into the blend, by least squares, from known words and back to the unseen one.
    unit = unit_rows(np.stack([trained[word] for word in found.words]))
    both = np.hstack([unit, 2 * unit_rows(np.stack([other[word] for word in found.words]))])
    turn = np.linalg.pinv(both.astype(float)) @ found.matrix
    expected = unit_rows(trained["gunrunner"][None]) @ turn[:5]
    np.testing.assert_allclose(unit_rows(found["gunrunner"][None]), unit_rows(expected), atol=1e-3)
    assert "gunrunner" not in w2v_cli.blend(other, other)
    given = ("--weights", "1,2", "--dim", 6, "--format", "fasttext-bin")
    assert w2v("blend", run, b, "--out", out, *given).code == 0
    again = w2v_cli.load(out)
    np.testing.assert_allclose(again.matrix, found.matrix, atol=1e-5)
    np.testing.assert_allclose(again["gunrunner"], found["gunrunner"], atol=1e-5)
    result = w2v("blend", b, b, "--out", tmp_path / "d.bin", "--format", "fasttext-bin")
    assert result.code == 2
    assert "no subwords" in result.err
    assert not (tmp_path / "d.bin").exists()


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
