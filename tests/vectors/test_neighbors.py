import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.vectors import nearest
from w2v_cli.vectors.nearest import top_neighbors, top_scores, unit_rows


def naive_top(scores, n):
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:n]
    return order, [scores[i] for i in order]


@given(
    st.lists(st.integers(-3, 3), min_size=1, max_size=40),
    st.integers(0, 45),
    st.integers(1, 7),
)
def test_top_scores_equals_sorting_with_many_ties(values, n, group):
    scores = np.array(values, dtype=np.float32)
    n = min(n, len(values))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest, "_GROUP", group)
        places, best = top_scores(scores, n)
    expected_places, expected = naive_top(values, n)
    assert places.tolist() == expected_places
    assert best.tolist() == expected


def test_top_scores_equals_sorting_on_a_long_array():
    scores = np.random.default_rng(3).standard_normal(10_000, dtype=np.float32)
    places, best = top_scores(scores, 10)
    assert places.tolist() == np.argsort(-scores, kind="stable")[:10].tolist()
    np.testing.assert_array_equal(best, scores[places])


def test_neighbors_equal_a_loop_over_queries(monkeypatch):
    monkeypatch.setattr(nearest, "_BLOCK_SCORES", 150)  # several blocks of queries
    generator = np.random.default_rng(0)
    matrix = unit_rows(generator.standard_normal((40, 6), dtype=np.float32))
    exclude = [[i, (i * 7) % 40] for i in range(20)]
    ids, scores = top_neighbors(matrix, matrix[:20], 5, exclude)
    for i in range(20):
        cosines = [
            -np.inf if j in exclude[i] else float(matrix[j].astype(float) @ matrix[i])
            for j in range(40)
        ]
        expected, best = naive_top(cosines, 5)
        assert ids[i].tolist() == expected
        np.testing.assert_allclose(scores[i], best, rtol=1e-5)


def test_more_neighbors_than_words_gives_all_and_marks_the_excluded():
    matrix = np.eye(3, dtype=np.float32)
    ids, scores = top_neighbors(matrix, matrix[:1], 10, [[0]])
    assert ids.shape == (1, 3)
    assert ids[0].tolist() == [1, 2, 0]
    assert scores[0, -1] == -np.inf


@pytest.mark.parametrize("scale", [1.0, 1e-30, 1e30])
def test_unit_rows_have_length_one_at_any_scale(scale):
    matrix = np.random.default_rng(1).standard_normal((50, 9)).astype(np.float32)
    unit = unit_rows(matrix * np.float32(scale))
    np.testing.assert_allclose(np.linalg.norm(unit.astype(float), axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(unit, unit_rows(matrix), rtol=1e-5)


def test_a_row_of_zeros_stays_zero():
    matrix = np.array([[0, 0], [3, 4]], dtype=np.float32)
    np.testing.assert_allclose(unit_rows(matrix), [[0, 0], [0.6, 0.8]], rtol=1e-6)
